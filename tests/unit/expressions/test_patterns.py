"""Does a pattern match, and capture, as Python's `case` does?"""

from __future__ import annotations

import ast
from typing import Any

import pytest

from vivido.errors import ExpressionLimit
from vivido.expressions import Binding, ExpressionRefused, Scope, compile_pattern

PATTERNS = r"""
1
-1
1.0
-1 + 2j
'paid'
'a' 'b'
b'x'
None
True
x
_
1 | 2
1 | 'paid' | None
1 as x
(1 | 2) as x
Color.RED
Color.RED | Color.BLUE
Level.HIGH
Mode.FAST
Point()
Point(1, 2)
Point(1, y)
Point(x=1, y=q)
Point(a, y=b)
Point(x=1 | 2)
Order(id='o1', items=[first, *_])
Order(items=[Item(sku=s), Item(quantity=k)])
DeclinedError(code=5)
Exception(args=(first, *rest))
Pair(a, b)
Pair(b='b')
int()
int(n)
str(n)
str() | int()
float(n)
list([a, b])
dict({'a': a})
tuple((a, _))
bool(b)
[]
[a]
[a, b]
[a, *rest]
[*_]
[*_, a]
[a, *_, b]
(a, b)
[[a, *_], *_]
[1, 2]
{}
{'a': 1}
{'a': a, 'b': [b, *_]}
{'a': a, **rest}
{'zz': _}
{Color.RED: a}
{'a': _, 'b': {}}
object()
Point(1, 2, 3)
Point(1, x=1)
Order(1)
int(1, 2)
int(real=r)
KeyError(args=a)
Point(nope=1)
Exception()
Item() | Order()
[Point(), Point()]
"""

VALUES = r"""
1
True
0
-1
1.0
-1 + 2j
2
'paid'
'ab'
b'x'
None
Color.RED
Color.BLUE
Level.HIGH
'fast'
Point(1, 2)
Point(3)
Pair(1, 'b')
(1, 'b')
order
order.items[0]
DeclinedError(5, 'x')
KeyError('k')
[]
[1]
[1, 2]
[1, 2, 3]
(1, 2)
[[1, 2], 3]
[Point(1), Point(2)]
range(2)
'xy'
{}
{'a': 1}
{'a': 1, 'b': [2]}
{'a': 1, 'b': {}}
{Color.RED: 1}
{1, 2}
2.5
"""


def python(pattern: str, value: Any, names: dict[str, Any]) -> Any:
    """What Python captures, None if it does not match, or its error."""
    found: dict[str, Any] = {}
    source = f"match value:\n case {pattern}:\n  matched = True"
    try:
        exec(source, {**names, "value": value}, found)  # noqa: S102  # Python
    except TypeError as error:
        return str(error)
    return {k: repr(v) for k, v in found.items() if k != "matched"} if found else None


@pytest.mark.parametrize("pattern", PATTERNS.strip().splitlines())
def test_patterns_match_as_in_python(pattern: str, shop: Any) -> None:
    """Each pattern matches the same values with the same captures, or raises the same error."""
    for text in VALUES.strip().splitlines():
        value = shop.value(text)
        try:
            captures = compile_pattern(pattern, shop.scope).match({}, value)
            ours = None if captures is None else {k: repr(v) for k, v in captures.items()}
        except TypeError as error:
            ours = str(error)
        assert (text, ours) == (text, python(pattern, value, shop.names))


def test_values_of_variables_match() -> None:
    """A dotted name of a variable is compared with its present value."""
    pattern = compile_pattern("p.limit", Scope())

    class Limits(Exception):
        limit = 3

    assert (pattern.match({"p": Limits()}, 3), pattern.match({"p": Limits()}, 4)) == ({}, None)
    assert pattern.names == {"p"}


def test_what_a_pattern_binds() -> None:
    """A pattern says which variables it captures, by their keys."""
    scope = Scope(resolve=lambda name: f"main.{name}")
    pattern = compile_pattern("[a, {'k': b, **c}, *d] | [a, {'k': b, **c}, 1, *d]", scope)
    assert pattern.binds == {"main.a", "main.b", "main.c", "main.d"}
    assert pattern.match({}, [1, {"k": 2, "z": 3}]) == {
        "main.a": 1,
        "main.b": 2,
        "main.c": {"z": 3},
        "main.d": [],
    }
    assert repr(compile_pattern("1")) == "<Pattern 1>"


def test_a_failed_alternative_captures_nothing() -> None:
    """What the first alternative captured before it failed is forgotten."""
    assert compile_pattern("[a, 1] | [_, a]").match({}, [5, 6]) == {"a": 6}


def test_a_tree_is_compiled_too() -> None:
    """A pattern may come as a node of a syntax tree."""
    tree = ast.parse("match x:\n case [1, a]: pass").body[0]
    assert isinstance(tree, ast.Match)
    pattern = compile_pattern(tree.cases[0].pattern)
    assert (pattern.match({}, [1, 2]), pattern.text) == ({"a": 2}, "[1, a]")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("x if x", "syntax"),
        ("x: pass\n case y", "syntax"),
        ("", "syntax"),
        ("1, *_, 2, *_", "syntax"),
        ("f()", "pattern"),
        ("Point(__class__=x)", "underscore"),
        ("x.__class__", "underscore"),
        ("x:\n  import os\n case y", "syntax"),
        ("[" * 120 + "]" * 120, "too-deep"),
    ],
)
def test_patterns_out_of_bounds_are_refused(pattern: str, reason: str, shop: Any) -> None:
    """What is no pattern, or looks where nobody should, is refused when it is compiled."""
    with pytest.raises(ExpressionRefused) as refused:
        compile_pattern(pattern, shop.scope)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("pattern", "names", "message"),
    [
        ("C()", {"C": 5}, "called match pattern must be a class"),
        ("C(1)", {"C": type("C", (), {"__match_args__": 5})}, "must be a tuple"),
        ("C(1)", {"C": type("C", (), {"__match_args__": (5,)})}, "must be strings"),
        ("C(1)", {"C": type("C", (), {"__match_args__": ()})}, "accepts 0 positional"),
    ],
)
def test_odd_classes_raise_as_in_python(pattern: str, names: dict[str, Any], message: str) -> None:
    """A class pattern that cannot be used raises Python's TypeError."""
    scope = Scope({name: Binding(value) for name, value in names.items()})
    value = names["C"]() if isinstance(names["C"], type) else 1
    with pytest.raises(TypeError, match=message):
        compile_pattern(pattern, scope).match({}, value)


def test_a_key_twice_is_an_error() -> None:
    """Two equal keys of a mapping pattern, known only at run time, are Python's ValueError."""
    with pytest.raises(ValueError, match="checks duplicate key"):
        compile_pattern("{k.a: 1, k.b: 2}").match({"k": _Keys()}, {1: 1})


class _Keys(Exception):
    a = 1
    b = 1


def test_matching_is_bounded() -> None:
    """Comparing what unfolds to 2 to the power of 60 is refused, and so is a long capture."""
    left: Any = 1
    right: Any = 1
    for _ in range(60):
        left, right = (left, left), (right, right)
    with pytest.raises(ExpressionLimit):
        compile_pattern("k.value").match({"k": _Box(right)}, left)
    with pytest.raises(ExpressionLimit):
        compile_pattern("[*rest]").match({}, range(10**9))


class _Box(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


def test_deep_recursion_is_a_limit() -> None:
    """Python's own recursion error becomes a limit that can be caught."""

    class Endless(Exception):
        @property
        def deeper(self) -> Any:
            return self.deeper

    with pytest.raises(ExpressionLimit, match="goes too deep"):
        compile_pattern("Exception(deeper=1)", Scope()).match({}, Endless())
