"""What of a value is open to an expression, and what is closed?"""

from __future__ import annotations

import logging
import subprocess
import threading
import warnings
from collections import UserDict
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from vivido.errors import ExpressionError, ExpressionLimit, RecordedError
from vivido.expressions import Meter, compile_expression


def evaluate(text: str, **variables: Any) -> Any:
    """The value of an expression over these variables."""
    return compile_expression(text)(variables)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that names of pydantic's are shadowed

    class Shadowing(BaseModel):
        """A model with names that pydantic has too."""

        copy: int = 5  # type: ignore[assignment]
        items: int = 6

        def json(self) -> str:  # type: ignore[override]
            """A method of the author's that is called as pydantic's."""
            return "own"


class Text(str):
    """A kind of text with a method of its own."""

    __slots__ = ()

    def shout(self) -> str:
        """A method of the author's."""
        return self.upper() + "!"


class Closed(UserDict[str, int]):
    """Of no kind that expressions know, and callable."""

    def __call__(self, x: int) -> int:
        """Code of the author's."""
        return x


class Slotted(Exception):
    """An exception that holds a callable and a list."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.upper = call


class CallableError(Exception):
    """An exception that can be called."""

    def __call__(self, x: int) -> int:
        """Code of the author's."""
        return x + 1


def test_the_fields_of_the_author_win() -> None:
    """A field or method of a model's own is open, whatever pydantic has by that name."""
    model = Shadowing()
    assert evaluate("m.copy, m.items, m.json()", m=model) == (5, 6, "own")


@pytest.mark.parametrize("name", ["dict", "parse_obj", "model_fields", "model_config", "schema"])
def test_what_pydantic_adds_is_closed(name: str) -> None:
    """The rest of pydantic's own names is not available."""
    with pytest.raises(ExpressionError, match=f"'{name}' of a Shadowing is not available"):
        evaluate(f"m.{name}", m=Shadowing())
    with pytest.raises(ExpressionError, match="is not available"):
        evaluate(f"m.{name}()", m=Shadowing())


def test_a_mapping_proxy_is_read_as_a_dict() -> None:
    """Read-only mappings have the reading methods."""
    assert evaluate("m.get('a'), list(m.items())", m=MappingProxyType({"a": 1})) == (1, [("a", 1)])


def test_what_contains_itself_has_no_end() -> None:
    """A list that holds itself is not walked through for ever."""
    xs: list[Any] = [1]
    xs.append(xs)
    for text in ("repr(xs)", "[xs, xs]", "xs == [1, [1]]", "{(1, xs): 2}"):
        with pytest.raises(ExpressionLimit):
            evaluate(f"{text} if (lambda: True)() else 0", xs=xs)


def test_a_namespace_is_open() -> None:
    """Attributes of a namespace can be read."""
    assert evaluate("m.a", m=SimpleNamespace(a=1)) == 1


def test_a_recorded_error_reads_as_the_original() -> None:
    """The stand-in of an exception whose class is gone gives its attributes."""
    error = RecordedError("shop:Declined", "no", attributes={"code": 5})
    assert evaluate("e.code, str(e), e.args", e=error) == (5, "no", ())


def test_other_objects_are_closed() -> None:
    """What is no kind of value has no attributes for an expression."""
    with pytest.raises(ExpressionError, match="'data' of a UserDict is not available"):
        evaluate("m.data", m=UserDict())
    with pytest.raises(AttributeError, match="'UserDict' object has no attribute 'nope'"):
        evaluate("m.nope", m=UserDict())


def test_kinds_of_text_keep_the_methods_of_text() -> None:
    """A subclass of a built-in type has the methods of that type, under their rules."""
    assert evaluate("s.upper(), s[0]", s=Text("ab")) == ("AB", "a")
    with pytest.raises(ExpressionError, match="'shout' of a Text is not available"):
        evaluate("s.shout()", s=Text("ab"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x.format", "write an f-string"),
        ("getattr(x, 'translate')", "use it in a step"),
        ("getattr(xs, 'append')", "'append' of a list changes it"),
        ("getattr(x, '_' + 'y')", "it begins with _"),
        ("x.encode('rot13')", "use 'utf-8'"),
        ("x % 1", "write an f-string"),
        ("iter(len, 1)", "write a loop"),
        ("type('X', (), {})", "it takes one argument"),
        ("f(1)", "cannot be called in a workflow"),
        ("m(1)", "'setLevel' of a RootLogger is not available"),
        ("c(1)", "cannot be called in a workflow"),
        ("k()", "cannot be called in a workflow"),
        ("u(1)", "cannot be called in a workflow"),
        ("u.data()", "'data' of a Closed is not available"),
    ],
)
def test_run_time_refusals_say_what_to_do(text: str, message: str) -> None:
    """What only a value can show is refused with a way out."""
    source = text if text != "x.format" else "getattr(x, 'format')"
    with pytest.raises(ExpressionError, match=message):
        evaluate(
            source,
            x="abc",
            xs=[1],
            f=subprocess.call,
            m=logging.getLogger().setLevel,
            c=UserDict.fromkeys,
            k=threading.Lock,
            u=Closed(),
        )


def test_fields_that_can_be_called() -> None:
    """A callable field is called under the rule of what it holds; callables of the author's run."""
    assert evaluate("e.call(' x ')", e=Slotted("a".join)) == " axa "
    assert evaluate("e.call('12')", e=Slotted(int)) == 12
    assert evaluate("e(1)", e=CallableError()) == 2
    with pytest.raises(ExpressionError, match="the attribute '__class__' is not available"):
        evaluate("e.call(1, '__class__')", e=Slotted(getattr))


def test_methods_passed_on_keep_their_rules() -> None:
    """A method that is read as a value is bounded when it is called by something else."""
    assert evaluate("list(map(x.count, 'ab'))", x="abba") == [2, 2]
    with pytest.raises(ExpressionError, match="more work than an expression may"):
        evaluate("list(map(x.zfill, [10 ** 9]))", x="1")


def test_methods_of_the_author_passed_on(shop: Any) -> None:
    """A method of a model may be passed on; it runs as the author's code."""
    order = shop.variables()["order"]
    assert evaluate("(i.cost if i else None)()", i=order.items[0]) == 3
    assert evaluate("f(5)", f=_Own.make) == 5


class _Own:
    @classmethod
    def make(cls, x: int) -> int:
        return x


def test_methods_that_could_not_be_foreseen_are_noted() -> None:
    """A method of the author's that bears the name of a built-in one is noted when it runs."""

    class Cart(Exception):
        def count(self) -> int:
            return 3

        def total(self) -> int:
            return 4

    Cart.total.__vivido_pure__ = True  # type: ignore[attr-defined]
    for text, noted in (("c.count()", True), ("c.total()", False), ("'aa'.count('a')", False)):
        meter = Meter()
        expression = compile_expression(text)
        expression({"c": Cart()}, meter)
        assert (text, expression.impure, meter.impure) == (text, False, noted)


def test_a_missing_method_is_found_before_its_arguments_are_evaluated() -> None:
    """As in Python, `x.nope(1 / 0)` complains about `nope`."""
    with pytest.raises(AttributeError):
        evaluate("x.nope(1 / 0)", x=1)
    with pytest.raises(AttributeError):
        evaluate("x.nope(1 / 0, 2)", x=1)
