"""How is a value assigned, added in place, deleted: names, attributes, items, slices, unpacking?"""

from __future__ import annotations

import ast
import operator
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from vivido.errors import ExpressionLimit
from vivido.expressions.bounds import paired
from vivido.expressions.containers import lower_index
from vivido.expressions.context import Context
from vivido.expressions.expression import Expression, new_context
from vivido.expressions.meter import Meter
from vivido.expressions.operators import BINARY, bound_product
from vivido.expressions.parsing import bounded, parse_target
from vivido.expressions.places import Attribute, Item, Place, Variable
from vivido.expressions.refused import refused
from vivido.expressions.roots import roots
from vivido.expressions.scope import Scope
from vivido.expressions.statics import find, refuse_format, refuse_underscore
from vivido.expressions.unpacking import Store, unpacker
from vivido.expressions.weighing import extent, metered

Env = MutableMapping[str, Any]
Open = Callable[[Any, Meter], Place]


class Target:
    """A compiled target of an assignment.

    `binds`: keys of the variables that it gives a value, `mutates`: of those whose value is
    changed in place, `names`: of those that it reads on its way. `impure` and `calls_own` are as
    for an `Expression`.
    """

    __slots__ = (
        "_open",
        "_parts",
        "_store",
        "binds",
        "calls_own",
        "impure",
        "mutates",
        "names",
        "text",
    )

    def __init__(self, node: ast.expr, text: str, context: Context) -> None:
        self.text = text
        self._store = _store(node, context)
        self._parts = [_opener(part, context) for part in _leaves(node)]
        self._open = None if isinstance(node, (ast.Tuple, ast.List)) else self._parts[0]
        facts = context.facts
        self.names = frozenset(facts.reads)
        self.binds = frozenset(facts.binds)
        self.mutates = frozenset(facts.mutates)
        self.impure = facts.impure
        self.calls_own = facts.calls_own

    def assign(self, env: Env, value: Any, meter: Meter | None = None) -> None:
        """`target = value`; raises what Python raises."""
        try:
            self._store(env, value, meter or Meter())
        except (RecursionError, MemoryError) as error:
            raise self._limit(error) from None

    def augment(self, env: Env, op: str, value: Expression, meter: Meter | None = None) -> None:
        """`target op= value`, in place where Python does so; `op` as `"+"` or `"+="`."""
        if self._open is None:
            raise ValueError(f"{self.text!r} cannot be the target of an augmented assignment")
        apply, meter = _in_place(op), meter or Meter()
        try:
            place = self._open(env, meter)
            current = place.get(meter)
            place.set(apply(current, value(env, meter), meter), meter)
        except (RecursionError, MemoryError) as error:
            raise self._limit(error) from None

    def delete(self, env: Env, meter: Meter | None = None) -> None:
        """`del target`; the parts of a tuple one after another."""
        meter = meter or Meter()
        try:
            for open_ in self._parts:
                open_(env, meter).delete(meter)
        except (RecursionError, MemoryError) as error:
            raise self._limit(error) from None

    def _limit(self, error: RecursionError | MemoryError) -> ExpressionLimit:
        return ExpressionLimit(f"{self.text:.200} is nested too deeply, or too large: {error}")

    def __repr__(self) -> str:
        return f"<Target {self.text:.200}>"


def compile_target(source: str | ast.expr, scope: Scope | None = None) -> Target:
    """Compile what may stand to the left of `=` or after `del`; raises `ExpressionRefused`."""
    node = parse_target(source) if isinstance(source, str) else bounded(source)
    text = source if isinstance(source, str) else ast.unparse(source)
    return Target(node, text, new_context(scope, node))


# Where a target is


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of nested tuples and lists, from left to right."""
    match node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _leaves(part)
        case ast.Starred(value=inner):
            yield from _leaves(inner)
        case _:
            yield node


def _store(node: ast.expr, context: Context) -> Store:
    if not isinstance(node, (ast.Tuple, ast.List)):
        return _storer(_opener(node, context))
    stars = [place for place, part in enumerate(node.elts) if isinstance(part, ast.Starred)]
    if len(stars) > 1:
        raise refused(node, "multiple starred expressions in assignment", reason="syntax")
    plain = [part.value if isinstance(part, ast.Starred) else part for part in node.elts]
    return unpacker([_store(part, context) for part in plain], stars[0] if stars else None)


def _storer(open_: Open) -> Store:
    return lambda e, value, m: open_(e, m).set(value, m)


def _opener(node: ast.expr, context: Context) -> Open:
    match node:
        case ast.Name(id=name):
            return _variable(node, name, context)
        case ast.Attribute(value=owner, attr=name):
            if name.startswith("_"):
                refuse_underscore(node)
            refuse_format(node)
            _note_change(node, owner, context)
            run = context.lower(owner)
            return lambda e, m: Attribute(run(e, m), name)
        case ast.Subscript(value=owner, slice=key):
            _note_change(node, owner, context)
            run, index = context.lower(owner), lower_index(key, context)
            return lambda e, m: Item(run(e, m), index(e, m))
        case _:
            raise refused(node, f"{ast.unparse(node)!r} cannot be assigned to", reason="target")


def _variable(node: ast.expr, name: str, context: Context) -> Open:
    if name.startswith("__"):
        raise refused(node, f"the name {name!r} belongs to Python", reason="underscore")
    key, known = context.scope.resolve(name), name in context.scope.variables
    context.facts.binds.add(key)
    return lambda e, _: Variable(e, name, key, known)


def _note_change(node: ast.expr, owner: ast.expr, context: Context) -> None:
    """Learn whose value is changed; a constant of the author's module never is."""
    root = owner
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    if find(root, context) is not None:
        raise refused(
            node,
            f"{ast.unparse(root)} is a constant and is not changed by a workflow",
            reason="constant",
            hint="copy it into a variable first",
        )
    context.facts.mutates |= roots(owner, context)


# In place

_IN_PLACE: dict[str, tuple[type[ast.operator], Callable[[Any, Any], Any]]] = {
    "+": (ast.Add, operator.iadd),
    "-": (ast.Sub, operator.isub),
    "*": (ast.Mult, operator.imul),
    "/": (ast.Div, operator.itruediv),
    "//": (ast.FloorDiv, operator.ifloordiv),
    "%": (ast.Mod, operator.imod),
    "**": (ast.Pow, operator.ipow),
    "<<": (ast.LShift, operator.ilshift),
    ">>": (ast.RShift, operator.irshift),
    "|": (ast.BitOr, operator.ior),
    "&": (ast.BitAnd, operator.iand),
    "^": (ast.BitXor, operator.ixor),
    "@": (ast.MatMult, operator.imatmul),
}


def _in_place(symbol: str) -> Callable[[Any, Any, Meter], Any]:
    """The operator: it changes its left operand if that can be changed, or makes a new value."""
    try:
        kind, native = _IN_PLACE[symbol.removesuffix("=")]
    except KeyError:
        raise ValueError(f"{symbol!r} is no operator of augmented assignments") from None
    special, otherwise = f"__{native.__name__}__", BINARY[kind]

    def apply(current: Any, value: Any, meter: Meter) -> Any:
        if not hasattr(type(current), special):
            try:
                return otherwise(current, value, meter)
            except TypeError:
                return native(current, value)  # raises it again, with "+=" in its message
        if kind is ast.Mult:
            bound_product(current, value, meter)
        elif isinstance(current, (list, deque)):
            value = metered(value, meter)
        elif isinstance(current, dict) and not hasattr(value, "keys"):
            value = paired(value, meter)
        else:
            meter.charge(extent(value))
        return native(current, value)

    return apply
