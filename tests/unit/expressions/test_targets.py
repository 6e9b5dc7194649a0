"""Does an assignment, an addition in place, a deletion do what Python's statement does?"""

from __future__ import annotations

import ast
from typing import Any

import pytest

from vivido.errors import ExpressionError, ExpressionLimit
from vivido.expressions import (
    Binding,
    ExpressionRefused,
    Meter,
    Scope,
    compile_expression,
    compile_target,
)

ASSIGN = r"""
new = 1
i = s
a, b = 1, 2
a, b = 'xy'
a, b = (x for x in xs[:2])
a, *b = xs
*a, b = xs
a, *b, c = [1, 2]
(a, [b, *c]) = (1, [2, 3, 4])
[a, b] = {1: 2, 3: 4}
a, = [1]
xs[0] = 9
xs[-1], xs[0] = 1, 2
xs[1:] = [7, 8, 9]
xs[:] = (x for x in range(3))
xs[::2] = [5, 6]
d['a'] = 2
d['z'], d[(1, 2)] = 3, 4
d['b'][0] = 5
ys[1][0], new = 1, 2
order.note = 'hi'
order.items[0].quantity = 3
p.x, p.y = p.y, p.x
i, xs[0] = 2, i
q[0] = 5
a, b = 1
a, b = None
a, b = 1, 2, 3
a, b = [1]
a, b = range(10 ** 9)
a, *b, c = [1]
(a, b), c = 1, 2
xs[10] = 1
xs['a'] = 1
xs[0:1] = 5
xs[::2] = [1]
t[0] = 1
s[0] = 'x'
i[0] = 1
d[[]] = 1
pair.a = 5
i.x = 5
s.upper = 5
now.year = 5
st.x = 1
order.nope = 1
n.x = 1
missing[0] = 1
missing.x = 1
st[0] = 1
"""

AUGMENT = r"""
i += 1
i -= f
i *= 3
i /= 2
i //= 2
i %= 4
i **= 2
i <<= 2
i >>= 1
i |= 8
i &= 3
i ^= 1
f += i
s += 'x'
s *= 2
t += (1,)
dec += 1
xs += [1]
xs += 'ab'
xs += (x for x in range(2))
xs *= 2
st |= {9}
st -= {1}
st &= {1}
st ^= {5}
d |= {'q': 1}
d |= [('q', 1)]
q += [5]
counts += counts
xs[0] += 5
d['a'] += 1
d['b'] += [3]
d['b'][0] -= 1
order.total += 1
p.x *= 4
ys[0][0] += 1
xs[:2] += [7]
now += timedelta(1)
xs += 5
xs *= 'a'
i += 'a'
i @= 2
missing += 1
d['zz'] += 1
xs[9] += 1
t[0] += 1
t2[0] += [1]
st |= [1]
s -= 'a'
order.nope += 1
i.x += 1
i <<= -1
n += 1
"""

DELETE = r"""
i
i, s
(i, [s])
xs[0]
xs[1:]
xs[::2]
d['a']
d['b'][0]
order.note
p.x
q[0]
ys[0][1], ys[1]
missing
d['zz']
xs[9]
t[0]
s[0]
i.real
order.nope
d[[]]
n.x
"""


def after(act: Any, variables: dict[str, Any]) -> tuple[Any, ...]:
    """The error, if any, and all variables afterwards."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  # whichever it is, Python's is the same
        return type(error).__name__, str(error), shown(variables)
    return (shown(variables),)


def shown(variables: dict[str, Any]) -> str:
    """All variables as text, objects by their attributes."""
    return repr({name: getattr(value, "__dict__", value) for name, value in variables.items()})


def python(statement: str, shop: Any) -> tuple[Any, ...]:
    """What Python's own statement does."""
    names, variables = dict(shop.names), {**shop.variables(), "t2": ([1], 2)}
    return after(lambda: exec(statement, names, variables), variables)  # noqa: S102  # Python


@pytest.mark.parametrize("statement", ASSIGN.strip().splitlines())
def test_assignments_are_those_of_python(statement: str, shop: Any) -> None:
    """Each assignment leaves the variables, or raises the error, that Python's does."""
    text, _, value = statement.partition(" = ")
    env = {**shop.variables(), "t2": ([1], 2)}
    target = compile_target(text, shop.scope)

    def assign() -> None:
        target.assign(env, compile_expression(value, shop.scope)(env))

    assert after(assign, env) == python(statement, shop)


@pytest.mark.parametrize("statement", AUGMENT.strip().splitlines())
def test_additions_in_place_are_those_of_python(statement: str, shop: Any) -> None:
    """Each augmented assignment changes in place, or makes a new value, as Python's does."""
    text, op, value = statement.split(" ", 2)
    env = {**shop.variables(), "t2": ([1], 2)}
    target = compile_target(text, shop.scope)
    expression = compile_expression(value, shop.scope)
    assert after(lambda: target.augment(env, op, expression), env) == python(statement, shop)


@pytest.mark.parametrize("text", DELETE.strip().splitlines())
def test_deletions_are_those_of_python(text: str, shop: Any) -> None:
    """Each deletion leaves the variables, or raises the error, that Python's does."""
    env = {**shop.variables(), "t2": ([1], 2)}
    target = compile_target(text, shop.scope)
    assert after(lambda: target.delete(env), env) == python(f"del {text}", shop)


def test_a_change_in_place_is_seen_through_every_name(shop: Any) -> None:
    """`xs += …` changes the list itself, `s += …` makes a new text."""
    env = {"xs": [1], "s": "a"}
    xs = env["xs"]
    compile_target("xs", shop.scope).augment(env, "+=", compile_expression("[2]"))
    compile_target("s", shop.scope).augment(env, "+", compile_expression("'b'"))
    assert (env, env["xs"] is xs) == ({"xs": [1, 2], "s": "ab"}, True)


def test_the_value_is_evaluated_after_the_place_is_found() -> None:
    """As in Python, `d[k] += f()` reads `d[k]` before it calls `f`."""
    order: list[str] = []

    def note(name: str, value: Any) -> Any:
        order.append(name)
        return value

    scope = Scope({"note": Binding(note)})
    env = {"d": {"k": 1}}
    target = compile_target("d[note('key', 'k')]", scope)
    target.augment(env, "+", compile_expression("note('value', 2)", scope))
    assert (order, env) == (["key", "value"], {"d": {"k": 3}})


def test_what_a_target_binds_changes_and_reads() -> None:
    """A target says which variables it gives a value, which it changes, which it reads."""
    target = compile_target("a, b.c[i], *d")
    assert (target.binds, target.mutates, target.names, target.text) == (
        {"a", "d"},
        {"b"},
        {"b", "i"},
        "a, b.c[i], *d",
    )
    assert (target.impure, target.calls_own) == (False, False)
    assert repr(target) == "<Target a, b.c[i], *d>"


def test_keys_of_variables_are_resolved() -> None:
    """A target writes under the key of a variable, not under its name."""
    env: dict[str, Any] = {"main.b": [0]}
    target = compile_target("a, b[0]", Scope(resolve=lambda name: f"main.{name}"))
    target.assign(env, (1, 2))
    assert env == {"main.a": 1, "main.b": [2]}
    assert (target.binds, target.mutates) == ({"main.a"}, {"main.b"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1", "syntax"),
        ("f()", "syntax"),
        ("a + b", "syntax"),
        ("a = b", "syntax"),
        ("a; b", "syntax"),
        ("*a, *b", "syntax"),
        ("a.__class__", "underscore"),
        ("a._x", "underscore"),
        ("__builtins__", "underscore"),
        ("a.format", "format"),
        ("RATES['eur']", "constant"),
        ("prices.vat", "constant"),
        ("Order.items", "constant"),
        ("Color.RED", "constant"),
        ("a =", "syntax"),
        ("[open('x')][0]", "builtin"),
    ],
)
def test_targets_out_of_bounds_are_refused(text: str, reason: str, shop: Any) -> None:
    """What is no target, and what belongs to the module, is refused when it is compiled."""
    with pytest.raises(ExpressionRefused) as refused:
        compile_target(text, shop.scope)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("cls['x'] = 1", "the items of the class 'Color' cannot be changed in a workflow"),
        ("model.model_fields = 1", "'model_fields' of a Order is not available in a workflow"),
    ],
)
def test_changes_of_classes_are_refused_at_run_time(
    statement: str, message: str, shop: Any
) -> None:
    """A class that turns up as a value is not changed."""
    text, _, value = statement.partition(" = ")
    env = {"cls": shop.names["Color"], "model": shop.variables()["order"]}
    with pytest.raises(ExpressionError, match=message):
        compile_target(text).assign(env, compile_expression(value)(env))


@pytest.mark.parametrize(
    "statement",
    [
        "xs[:] = range(10 ** 9)",
        "[a,*b] = range(10 ** 9)",
        "xs += range(10 ** 9)",
        "xs *= 10 ** 9",
        "s *= 10 ** 10",
        "i **= 10 ** 9",
        "i <<= 10 ** 10",
        "d[deep] = 1",
        "d |= ((x, x) for x in range(10 ** 9))",
        "q += range(10 ** 9)",
    ],
)
def test_assignments_are_bounded(statement: str, shop: Any) -> None:
    """What an assignment would make is bounded as in an expression."""
    deep: Any = 1
    for _ in range(60):
        deep = (deep, deep)
    env = {**shop.variables(), "deep": deep}
    text, op, value = statement.split(" ", 2)
    target, expression = compile_target(text, shop.scope), compile_expression(value, shop.scope)

    def change() -> None:
        if op == "=":
            target.assign(env, expression(env))
        else:
            target.augment(env, op, expression, Meter())

    with pytest.raises(ExpressionLimit):
        change()


def test_deep_recursion_is_a_limit() -> None:
    """Python's own recursion error, in code of the author's, becomes a limit that can be caught."""

    class Endless(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            self[key] = value

    with pytest.raises(ExpressionLimit, match="nested too deeply"):
        compile_target("a['x']").assign({"a": Endless()}, 1)


def test_a_tree_is_compiled_too() -> None:
    """A target may come as a node of a syntax tree; one that is no target is refused."""
    env: dict[str, Any] = {}
    target = compile_target(ast.parse("(a, b)", mode="eval").body)
    target.assign(env, (1, 2))
    assert (env, target.text) == ({"a": 1, "b": 2}, "(a, b)")
    with pytest.raises(ExpressionRefused, match="cannot be assigned to"):
        compile_target(ast.parse("f()", mode="eval").body)


def test_wrong_use_is_a_value_error() -> None:
    """An augmented tuple and an unknown operator are mistakes of the caller."""
    one = compile_expression("1")
    with pytest.raises(ValueError, match="cannot be the target of an augmented assignment"):
        compile_target("a, b").augment({}, "+", one)
    with pytest.raises(ValueError, match="'and' is no operator"):
        compile_target("a").augment({}, "and", one)


def test_an_error_of_the_environment_passes() -> None:
    """A KeyError that is not about the variable, as from decoding, is not taken for unbound."""

    class Broken(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise KeyError("decoding failed")

        __delitem__ = __getitem__

    with pytest.raises(KeyError, match="decoding failed"):
        compile_target("a").augment(Broken(), "+", compile_expression("1"))
    with pytest.raises(KeyError, match="decoding failed"):
        compile_target("a").delete(Broken())
    with pytest.raises(KeyError, match="decoding failed"):
        compile_expression("a")(Broken())
