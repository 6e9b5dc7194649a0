"""What does an expression say of itself: what it reads, changes, hands over; is it pure?"""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import random
import time
import uuid
from collections import ChainMap
from typing import Any

import pytest
from pydantic import BaseModel, Field, PrivateAttr, field_validator

from vivido.expressions import Binding, Expression, Scope, compile_expression


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1", set()),
        ("a", {"a"}),
        ("a.b[c](d, *e, f=g, **h)", {"a", "c", "d", "e", "g", "h"}),
        ("[x for x in xs if x > y]", {"xs", "y"}),
        ("[x for x in x]", {"x"}),
        ("[y for x in xs for y in x]", {"xs"}),
        ("(lambda a, b=c: a + b + d)(e)", {"c", "d", "e"}),
        ("f'{a:{b}}'", {"a", "b"}),
        ("(y := a) + y", {"a", "y"}),
        ("len(a)", {"a"}),
        ("{a: b for a in c}", {"b", "c"}),
        ("LIMIT + RATES['eur']", set()),
    ],
)
def test_names_are_the_variables_read(text: str, names: set[str], shop: Any) -> None:
    """Locals of comprehensions and lambdas, bindings and builtins are no variables."""
    assert shop.compile(text).names == names


def test_variables_win_over_bindings_and_builtins() -> None:
    """A workflow may call a variable `len`, or by the name of something of its module."""
    scope = Scope({"a": Binding(1)}, variables=frozenset({"a", "len", "print"}))
    expression = compile_expression("a + len + print", scope)
    assert expression({"a": 2, "len": 3, "print": 4}) == 9


def test_bindings_win_over_builtins() -> None:
    """A function of the author's that is called `max` is the one that is called."""
    assert compile_expression("max(1, 2)", Scope({"max": Binding(lambda *_: 0)}))({}) == 0


def test_locals_win_over_variables() -> None:
    """The name that a comprehension or lambda binds hides the variable within it only."""
    expression = compile_expression("[[a for a in b], a, (lambda a: a)(5)]")
    assert expression({"a": 1, "b": [2]}) == [[2], 1, 5]


def test_keys_are_resolved() -> None:
    """Variables are read by their keys, also from inside comprehensions and lambdas."""
    scope = Scope(resolve=lambda name: f"block.{name}")
    expression = compile_expression("a + (lambda: a + sum(a for _ in [1]))()", scope)
    assert (expression({"block.a": 2}), expression.names) == (6, {"block.a"})


def test_any_mapping_is_an_environment() -> None:
    """Variables may lie in layers, or be decoded when they are read."""
    assert compile_expression("a + b")(ChainMap({"a": 1}, {"b": 2})) == 3


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("a", UnboundLocalError, "cannot access local variable 'a' where it is not associated"),
        ("(lambda: a)()", NameError, "cannot access free variable 'a' where it is not associated"),
        ("b", NameError, "name 'b' is not defined"),
        ("[b for _ in [1]]", NameError, "name 'b' is not defined"),
        ("[x for y in [1] for x in [x]]", UnboundLocalError, "cannot access local variable 'x'"),
        (
            "[x for x in [(lambda: z)() for _ in [1] for z in [z]]]",
            UnboundLocalError,
            "variable 'z'",
        ),
        ("[x for _ in [1] for x in [(lambda: z)()] for z in [1]]", NameError, "free variable 'z'"),
    ],
)
def test_a_variable_without_a_value(text: str, error: type[Exception], message: str) -> None:
    """Reading it raises Python's own error, by where it is read."""
    with pytest.raises(error, match=message) as raised:
        compile_expression(text, Scope(variables=frozenset({"a"})))({})
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("text", "mutates"),
    [
        ("xs.append(1)", {"xs"}),
        ("xs.sort(key=len)", {"xs"}),
        ("d.setdefault(k, []).append(v)", {"d"}),
        ("order.items[0].tags.add(x)", {"order"}),
        ("(a or b).update(c)", {"a", "b"}),
        ("(a if c else b).pop()", {"a", "b"}),
        ("[x.pop() for x in xs]", {"xs"}),
        ("[y.pop() for x in xs for y in x]", {"xs"}),
        ("[x.append(z) for x, z in zip(a, b)]", {"a", "b"}),
        ("sorted(xs).pop()", set()),
        ("sorted(xs)[0].pop()", {"xs"}),
        ("list(xs).append(1)", set()),
        ("xs.copy().append(1)", set()),
        ("next(iter(xs)).append(1)", {"xs"}),
        ("[a, b][0].append(1)", {"a", "b"}),
        ("{'k': a}['k'].append(1)", {"a"}),
        ("(a + b)[0].append(1)", {"a", "b"}),
        ("[*a][0].append(1)", {"a"}),
        ("(y := a).append(1)", {"a", "y"}),
        ("[x for x in a][0].append(1)", {"a"}),
        ("list(x for x in a)[0].append(1)", {"a"}),
        ("random.shuffle(xs)", {"xs"}),
        ("xs.index(1) + xs.count(2)", set()),
        ("'a'.join(xs)", set()),
        ("1 .real", set()),
        ("[1].append(2)", set()),
    ],
)
def test_what_may_be_changed(text: str, mutates: set[str], shop: Any) -> None:
    """A mutating method is followed back to the variables that its object may be a part of."""
    assert shop.compile(text).mutates == mutates


@pytest.mark.parametrize(
    ("text", "lends", "own"),
    [
        ("double(a)", {"a"}, True),
        ("double(x=a.b[0])", {"a"}, True),
        ("order.cost()", {"order"}, True),
        ("order.cost(a, x=b)", {"order", "a", "b"}, True),
        ("order.items[0].cost()", {"order"}, True),
        ("max(xs, key=double)", set(), True),
        ("len(a)", set(), False),
        ("order.model_copy()", set(), False),
        ("Order(id=a)", set(), False),
        ("e.add_note('x')", set(), False),
        ("double(RATES)", set(), True),
    ],
)
def test_what_is_handed_to_the_author(text: str, lends: set[str], own: bool, shop: Any) -> None:
    """Variables whose values go to code of the author's are named, for it may change them."""
    expression = shop.compile(text)
    assert (expression.lends, expression.calls_own) == (lends, own)


class Plain(BaseModel):
    """Built from its fields and nothing else."""

    a: int = 1
    tags: list[str] = Field(default_factory=list)
    _seen: set[int] = PrivateAttr(default_factory=set)


class Outer(BaseModel):
    """A model with a model."""

    inner: Plain = Field(default_factory=Plain)


class Stamped(BaseModel):
    """The clock takes part."""

    at: dt.datetime = Field(default_factory=dt.datetime.now)  # noqa: TID251  # what is tested


class Named(BaseModel):
    """Code of the author's takes part."""

    id: str = Field(default_factory=lambda: "x")


class Hidden(BaseModel):
    """The clock takes part in a private attribute."""

    _at: float = PrivateAttr(default_factory=time.time)  # noqa: TID251  # what is tested


class Checked(BaseModel):
    """A validator takes part."""

    a: int = 1

    @field_validator("a")
    @classmethod
    def check(cls, value: int) -> int:
        """Code of the author's."""
        return value


class Built(BaseModel):
    """Code of the author's runs afterwards."""

    def model_post_init(self, _: Any, /) -> None:
        """Code of the author's."""


@dataclasses.dataclass
class Record:
    """Built from its fields and nothing else."""

    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class StampedRecord:
    """Random numbers take part."""

    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)  # noqa: TID251  # what is tested


@dataclasses.dataclass
class CheckedRecord:
    """Code of the author's runs afterwards."""

    def __post_init__(self) -> None:
        """Code of the author's."""


def marked() -> int:
    """A function that is marked as pure."""
    return 1


marked.__vivido_pure__ = True  # type: ignore[attr-defined]


@dataclasses.dataclass
class Marked:
    """A factory that is marked as pure."""

    a: int = dataclasses.field(default_factory=marked)


class PlainError(Exception):
    """Nothing of its own."""


class Worker:
    """Not of a kind that expressions know."""

    @classmethod
    def make(cls) -> int:
        """A class method of the author's."""
        return 5


OWN = (
    Plain, Outer, Stamped, Named, Hidden, Checked, Built, Record, StampedRecord, CheckedRecord,
    Marked, PlainError, Worker, marked,
)  # fmt: skip
SCOPE = Scope(
    {
        **{own.__name__: Binding(own) for own in OWN},
        **{module.__name__: Binding(module) for module in (dt, random, time, uuid)},
        "helper": Binding(lambda *_: 0),
        "quick": Binding(lambda *_: 0, pure=True),
    }
)


@pytest.mark.parametrize(
    ("text", "impure"),
    [
        ("a + 1", False),
        ("Plain(a=1)", False),
        ("Outer()", False),
        ("Plain.model_validate(a)", False),
        ("Stamped()", True),
        ("Stamped.model_validate(a)", True),
        ("Named()", True),
        ("Hidden()", True),
        ("Checked(a=1)", True),
        ("Built()", True),
        ("Record()", False),
        ("StampedRecord()", True),
        ("CheckedRecord()", True),
        ("Marked()", False),
        ("PlainError('x')", False),
        ("ValueError('x')", False),
        ("Worker.make()", True),
        ("helper(a)", True),
        ("quick(a)", False),
        ("marked()", False),
        ("map(helper, xs)", True),
        ("map(quick, xs)", False),
        ("[helper][0](1)", True),
        ("a.method()", True),
        ("a.upper()", False),
        ("datetime.datetime.now()", True),
        ("datetime.datetime.now(datetime.timezone.utc)", True),
        ("datetime.date.today()", True),
        ("datetime.datetime(2026, 1, 1)", False),
        ("time.time()", True),
        ("time.monotonic_ns()", True),
        ("random.random()", True),
        ("random.shuffle(xs)", True),
        ("uuid.uuid4()", True),
        ("uuid.uuid5(uuid.NAMESPACE_DNS, 'x')", False),
        ("sorted(xs, key=lambda _: random.random())", True),
        ("[uuid.uuid4() for _ in xs]", True),
        ("1 if a else time.time()", True),
        ("f'{time.time()}'", True),
    ],
)
def test_what_may_differ_when_it_is_evaluated_again(text: str, impure: bool) -> None:
    """The clock, random numbers and code of the author's that is not marked make it impure."""
    assert compile_expression(text, SCOPE).impure is impure


def test_walrus_binds_a_variable() -> None:
    """A walrus writes to the environment, even where the name means something else outside."""
    expression = compile_expression("(LIMIT := a + 1) * LIMIT", Scope({"LIMIT": Binding(5)}))
    env = {"a": 1}
    assert (expression(env), env, expression.binds) == (4, {"a": 1, "LIMIT": 2}, {"LIMIT"})


def test_a_tree_is_compiled_too() -> None:
    """An expression may come as a node of a syntax tree; its text is written out when asked for."""
    expression = compile_expression(ast.parse("a+ (1)", mode="eval").body)
    assert (expression({"a": 1}), expression.text) == (2, "a + 1")
    assert repr(expression) == "<Expression a + 1>"
    assert isinstance(expression, Expression)


def test_text_is_kept_as_it_is() -> None:
    """The text of an expression is what was given."""
    assert compile_expression(" a+1 ").text == " a+1 "
