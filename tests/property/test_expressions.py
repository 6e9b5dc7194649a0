"""Do expressions mean what Python means, and does none of them get past its bounds?"""

from __future__ import annotations

import ast
import datetime as dt
import json
import math
from decimal import Decimal
from enum import Enum
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from vivido.errors import ExpressionLimit
from vivido.expressions import (
    Binding,
    ExpressionRefused,
    Meter,
    Scope,
    compile_expression,
    compile_pattern,
    compile_target,
)


class Color(Enum):
    """A plain enum."""

    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    """A model."""

    sku: str
    price: Decimal
    quantity: int = 1


NAMES: dict[str, Any] = {
    "Color": Color,
    "Item": Item,
    "Decimal": Decimal,
    "json": json,
    "math": math,
    "datetime": dt,
}


def variables() -> dict[str, Any]:
    """New values for all variables."""
    return {
        "i": 7,
        "j": -2,
        "f": 2.5,
        "s": "abc",
        "n": None,
        "xs": [3, 1, 2],
        "ts": ["b", "a"],
        "d": {"a": 1, "b": 2},
        "t": (1, 2),
        "items": [Item(sku="a", price="1.5"), Item(sku="b", price="2", quantity=3)],
        "dec": Decimal("1.25"),
        "color": Color.RED,
        "day": dt.date(2026, 1, 2),
    }


SCOPE = Scope(
    {name: Binding(value) for name, value in NAMES.items()}, variables=frozenset(variables())
)

# A grammar of text: mostly well typed, so that most of what it makes has a value.
numbers = st.deferred(lambda: NUMBERS)
texts = st.deferred(lambda: TEXTS)
lists = st.deferred(lambda: LISTS)
truths = st.deferred(lambda: TRUTHS)
anything = st.deferred(lambda: numbers | texts | lists | truths | DICTS | ATOMS)


def filled(template: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A template with a part in each of its places."""
    return st.builds(template.format, **parts)


operators = st.sampled_from(["+", "-", "*", "//", "%", "/", "&", "|", "^"])
comparisons = st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "is", "in", "not in"])
ATOMS = st.sampled_from(
    ["i", "j", "f", "s", "n", "xs", "ts", "d", "t", "dec", "color", "day", "items"]
)
NUMBERS = (
    st.sampled_from(
        ["i", "j", "f", "dec", "0", "1", "2.0", "-3", "True", "len(xs)", "items[0].price"]
    )
    | filled("({a} {op} {b})", a=numbers, b=numbers, op=operators)
    | filled("({a} if {c} else {b})", a=numbers, b=numbers, c=truths)
    | filled("abs({a})", a=numbers)
    | filled("-{a}", a=numbers)
    | filled("round({a}, 1)", a=numbers)
    | filled("int({a})", a=numbers)
    | filled("({a}) ** 2", a=numbers)
    | filled("max({a}, {b})", a=numbers, b=numbers)
    | filled("sum({a})", a=lists)
    | filled("len({a})", a=lists | texts)
    | filled("{a}[{b}]", a=lists, b=numbers)
    | filled("{a}.count({b})", a=lists, b=numbers)
    | filled("(lambda x, y={b}: x - y)({a})", a=numbers, b=numbers)
    | filled("d.get({a}, {b})", a=texts, b=numbers)
    | filled("sum(x.price * x.quantity for x in items if x.quantity > {a})", a=numbers)
    | filled("math.floor({a})", a=numbers)
)
TEXTS = (
    st.sampled_from(["s", "'x'", "''", "'é'", "ts[0]", "items[0].sku", "color.value", "str(day)"])
    | filled("({a} + {b})", a=texts, b=texts)
    | filled("{a} * {b}", a=texts, b=numbers)
    | filled("f'{{{a}}}-{{{b}!r}}'", a=numbers, b=numbers)
    | filled("f'{{{a}:>8.3}}'", a=numbers)
    | filled("{a}.upper()", a=texts)
    | filled("{a}.replace({b}, {c})", a=texts, b=texts, c=texts)
    | filled("{a}.join({b})", a=texts, b=lists)
    | filled("{a}[{b}:{c}]", a=texts, b=numbers, c=numbers)
    | filled("str({a})", a=anything)
    | filled("repr({a})", a=anything)
    | filled("json.dumps({a}, default=str)", a=anything)
    | filled("type({a}).__name__", a=anything)
)
LISTS = (
    st.sampled_from(["xs", "ts", "t", "[]", "list(d)", "d.values()", "range(3)"])
    | filled("[{a}, {b}]", a=anything, b=anything)
    | filled("[*{a}, {b}]", a=lists, b=anything)
    | filled("({a},)", a=anything)
    | filled("({a} + {b})", a=lists, b=lists)
    | filled("{a}[{b}:]", a=lists, b=numbers)
    | filled("sorted({a}, key=lambda x: str(x), reverse={b})", a=lists, b=truths)
    | filled("[x for x in {a} if {c}]", a=lists, c=truths)
    | filled("[(x, y) for x in {a} for y in {b}]", a=lists, b=lists)
    | filled("list(map(lambda x: {b}, {a}))", a=lists, b=anything)
    | filled("list(zip({a}, {b}))", a=lists, b=lists)
    | filled("list(enumerate({a}))", a=lists)
    | filled("[*reversed({a})]", a=lists)
    | filled("list({a})", a=lists | texts)
)
TRUTHS = (
    st.sampled_from(["True", "False", "n is None", "color is Color.RED", "'a' in d"])
    | filled("{a} {op} {b}", a=numbers, b=numbers, op=comparisons)
    | filled("({a} < {b} <= {c})", a=numbers, b=numbers, c=numbers)
    | filled("({a} {op} {b})", a=anything, b=anything, op=comparisons)
    | filled("({a} and {b})", a=anything, b=anything)
    | filled("({a} or {b})", a=anything, b=anything)
    | filled("(not {a})", a=anything)
    | filled("any(x == {b} for x in {a})", a=lists, b=anything)
    | filled("all({a})", a=lists)
    | filled("isinstance({a}, (int, str))", a=anything)
)
DICTS = (
    filled("{{{a}: {b}}}", a=anything, b=anything)
    | filled("{{**d, {a}: {b}}}", a=texts, b=anything)
    | filled("{{str(k): v for k, v in d.items() if {a}}}", a=truths)
    | filled("dict.fromkeys({a})", a=lists)
    | filled("{{{a}, {b}}}", a=anything, b=anything)
)


def outcome(act: Any) -> tuple[Any, ...]:
    """The value with its type, or the type of the error and what it says."""
    try:
        value = act()
    except Exception as error:  # noqa: BLE001  # whichever it is, Python's is the same
        return type(error), str(error)
    return type(value), repr(value)


def unless_refused(compiled: Any) -> Any:
    """What was compiled, or None if it is refused with a reason; anything else is a failure."""
    try:
        return compiled()
    except ExpressionRefused as refused:
        return None if refused.reason else refused


@given(anything)
@settings(max_examples=250, suppress_health_check=list(HealthCheck))
@example("(lambda x, y=(0 / 0): x)(1)")
@example("[x for x in xs if x > i]")
@example("-3 ** 2")
def test_any_expression_gives_what_python_gives(text: str) -> None:
    """The same value of the same type, or the same error in the same words."""
    ours = outcome(lambda: compile_expression(text, SCOPE)(variables()))
    assume(ours[0] not in {ExpressionLimit, ExpressionRefused})
    theirs = outcome(lambda: eval(text, {**NAMES, **variables()}))  # noqa: S307  # Python
    assert ours == theirs


@given(st.lists(anything, min_size=1, max_size=3))
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_evaluating_changes_nothing(expressions: list[str]) -> None:
    """What reads variables leaves them as they were, and says which it reads."""
    text = f"[{', '.join(expressions)}]"
    env = variables()
    expression = unless_refused(lambda: compile_expression(text, SCOPE))
    assume(expression is not None)
    outcome(lambda: expression(env))
    assert repr(env) == repr(variables())
    assert (expression.mutates, expression.impure) == (frozenset(), False)
    needed = {name: value for name, value in env.items() if name in expression.names}
    assert outcome(lambda: expression(needed)) == outcome(lambda: expression(env))


# Anything that looks like Python, and much that does not.
WORDS = """
    i j f s n xs ts d t dec color day items x y _ __class__ len sum str list dict sorted map range
    max json math Color Item getattr type lambda for in if else and or not is async await yield None
    True
    0 1 9 99999 1e9 'a' "b" f'{i}' b'' ( ) [ ] { } , : . = := + - * ** / // % @ << >> & | ^ ~ < > ==
    != ... # ; .append .format .join ['a'] *[ 0x
"""
TOKENS = st.sampled_from([*WORDS.split(), " ", "\n", "\\", "\x00", "(x for x in xs)"])


@given(st.lists(TOKENS, max_size=25).map("".join) | st.text(max_size=30))
@settings(max_examples=250, suppress_health_check=list(HealthCheck))
def test_any_text_is_refused_or_ends(text: str) -> None:
    """Any text is refused, or gives a value or an ordinary error, within its fuel."""
    for compiled, use in (
        (compile_expression, lambda made: made(variables(), Meter(50_000))),
        (compile_target, lambda made: made.assign(variables(), [1, 2], Meter(50_000))),
        (compile_pattern, lambda made: made.match(variables(), [1, 2], Meter(50_000))),
    ):
        made = unless_refused(lambda compiled=compiled: compiled(text, SCOPE))
        if made is not None:
            outcome(lambda use=use, made=made: use(made))


def _trees() -> st.SearchStrategy[ast.expr]:
    names = st.sampled_from(
        ["i", "xs", "s", "d", "x", "sum", "list", "range", "str", "Color", "__import__"]
    )
    leaves = st.builds(ast.Name, names, st.just(ast.Load())) | st.builds(
        ast.Constant, st.sampled_from([0, 1, -1, 10**6, 2.5, "a", "ab" * 50, None, True, b"x", ...])
    )

    def grown(inner: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
        some = st.lists(inner, max_size=3)
        operator = st.sampled_from([ast.Add, ast.Mult, ast.Pow, ast.LShift, ast.Mod, ast.Sub])
        compared = st.sampled_from([ast.Lt, ast.Eq, ast.In, ast.Is])
        attributes = st.sampled_from(
            ["append", "join", "format", "real", "items", "__class__", "x"]
        )
        clause = st.builds(
            ast.comprehension,
            st.just(ast.Name("x", ast.Store())),
            inner,
            st.lists(inner, max_size=1),
            st.just(0),
        )
        return st.one_of(
            st.builds(lambda a, o, b: ast.BinOp(a, o(), b), inner, operator, inner),
            st.builds(lambda a, o, b: ast.Compare(a, [o()], [b]), inner, compared, inner),
            st.builds(lambda a, n: ast.Attribute(a, n, ast.Load()), inner, attributes),
            st.builds(lambda a, b: ast.Subscript(a, b, ast.Load()), inner, inner),
            st.builds(lambda a, b: ast.Call(a, b, []), inner, some),
            st.builds(lambda a: ast.List(a, ast.Load()), some),
            st.builds(lambda a: ast.Tuple(a, ast.Load()), some),
            st.builds(lambda a, b: ast.Dict([*a[:1]], [b][: len(a[:1])]), some, inner),
            st.builds(lambda a, c: ast.ListComp(a, [c]), inner, clause),
            st.builds(lambda a, c: ast.GeneratorExp(a, [c]), inner, clause),
            st.builds(lambda a: ast.Lambda(_ONE, a), inner),
            st.builds(ast.IfExp, inner, inner, inner),
            st.builds(lambda a: ast.Starred(a, ast.Load()), inner),
            st.builds(lambda a: ast.JoinedStr([ast.FormattedValue(a, -1, None)]), inner),
        )

    return st.recursive(leaves, grown, max_leaves=25)


_ONE = ast.arguments([], [ast.arg("x")], None, [], [], None, [])


@given(_trees())
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_any_tree_is_refused_or_ends(tree: ast.expr) -> None:
    """Any syntax tree, also one that no text gives, is refused or ends within its fuel."""
    meter = Meter(100_000)
    located = ast.fix_missing_locations(tree)
    expression = unless_refused(lambda: compile_expression(located, SCOPE))
    if expression is not None:
        outcome(lambda: expression(variables(), meter))


def _targets(parts: list[str], star: int | None) -> str:
    plain = list(parts)
    if star is not None and star < len(plain):
        plain[star] = f"*{plain[star]}"
    return f"[{', '.join(plain)}]"


@given(
    st.recursive(
        st.sampled_from(["a", "b", "c", "xs[0]", "d['k']", "e.note"]),
        lambda inner: st.builds(
            _targets,
            st.lists(inner, min_size=1, max_size=3),
            st.none() | st.integers(0, 2),
        ),
        max_leaves=6,
    ),
    st.recursive(
        st.integers(0, 9) | st.none() | st.text("ab", max_size=3),
        lambda inner: st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple),
        max_leaves=8,
    ),
)
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
def test_any_unpacking_does_what_python_does(target: str, value: Any) -> None:
    """Nested tuples and stars take a value apart as Python does, or fail in the same words."""

    def run(act: Any) -> tuple[Any, ...]:
        env = {"xs": [0], "d": {}, "e": ValueError()}
        result = outcome(lambda: act(env))
        return result, repr(env), vars(env["e"])

    ours = run(lambda env: compile_target(target).assign(env, value))
    theirs = run(lambda env: exec(f"{target} = value", {"value": value}, env))  # noqa: S102  # Python
    assert ours == theirs
