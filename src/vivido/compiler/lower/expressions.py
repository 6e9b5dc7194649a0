"""How are effects lifted out of an expression without changing what Python would do?

`value` emits the nodes that must come first and gives back the remainder: an expression without
effects, with the definition's names. Parts that are evaluated one after another go through
`sequence`; what `keeping` finds to matter is evaluated before an effect that stands behind it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vivido.compiler.lower import choices, keeping
from vivido.compiler.lower.changes import CHANGING_METHODS
from vivido.compiler.lower.rewriting import held, rewrite
from vivido.compiler.lower.split import Part, Role, split
from vivido.compiler.symbols import COMPREHENSIONS
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


@dataclass(frozen=True, slots=True)
class Into:
    """The result is assigned to this target, which can be evaluated at that moment."""

    target: ast.expr


@dataclass(frozen=True, slots=True)
class Fresh:
    """The result is needed once, for the rest of the statement."""


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Nobody needs the result."""


Sink = Into | Fresh | Nowhere


def value(  # noqa: PLR0911  one case a kind
    low: Lowerer, node: ast.expr, role: Role = "value"
) -> ast.expr:
    """Emit the effects of an expression; the remainder gives its value."""
    if not low.lifts(node):
        return rewrite(low, node)
    performed = perform(low, node, Fresh())
    if performed is not None:
        return performed
    match node:
        case ast.NamedExpr(target=target, value=inner):
            into(low, ast.copy_location(ast.Name(target.id, ast.Store()), target), inner)
            name = ast.copy_location(ast.Name(target.id, ast.Load()), target)
            return rewrite(low, name)
        case ast.BoolOp():
            return choices.short_circuit(low, node)
        case ast.Compare() if len(node.ops) > 1:
            return choices.chain(low, node)
        case ast.Call() if (consumed := low.consumed_generator(node)) is not None:
            return consumed
        case ast.Lambda():
            return rewrite(low, node)
    if isinstance(node, COMPREHENSIONS):
        return low.over_items(node) or low.comprehension(node)
    return _one_after_another(low, node, role)


def perform(low: Lowerer, node: ast.expr, sink: Sink) -> ast.expr | None:
    """Emit what gives its result to a sink by itself; None if the expression is of no such kind."""
    match node:
        case ast.Call() if (effect := low.effect(node)) is not None:
            return low.perform(effect, node, sink)
        case ast.Await(value=inner):
            return low.awaited(inner, sink)
        case ast.IfExp() if low.lifts(node):
            return choices.choose(low, node, sink)
        case _:
            return None


def into(low: Lowerer, target: ast.expr, node: ast.expr) -> None:
    """Assign the value of an expression to a simple target."""
    if perform(low, node, Into(target)) is not None:
        return
    collects = isinstance(node, COMPREHENSIONS) and low.loops(node)
    if collects and isinstance(target, ast.Name) and low.may_build(target.id, node):
        low.comprehension(node, into=target)
        return
    low.assign(target, value(low, node), node)


def discard(low: Lowerer, node: ast.expr) -> None:
    """Evaluate an expression for its effects alone."""
    if isinstance(node, ast.Constant) or perform(low, node, Nowhere()) is not None:
        return
    match node:
        case ast.BoolOp(op=op, values=[*tests, last]) if low.lifts(last):
            choices.guarded(low, op, tests, last)
        case _ if isinstance(node, COMPREHENSIONS) and low.loops(node):
            low.comprehension(node, wanted=False)
        case _:
            rest = value(low, node)
            if not keeping.stable(low, rest, ()):
                low.emit(nodes.Do(id="", line=node.lineno, value=low.text(rest)))


def sequence(
    low: Lowerer, parts: Sequence[Part], *, also_lift: bool = False, method: str | None = None
) -> list[ast.expr]:
    """Remainders of expressions that Python evaluates one after another.

    With `also_lift` what may not be evaluated twice is kept as well: the engine evaluates the
    arguments of an effect again after a crash. `method` is what is called on the first part.
    """
    last = max((i for i, part in enumerate(parts) if _emits(low, part, also_lift)), default=-1)
    done: list[ast.expr] = []
    for index, part in enumerate(parts):
        role = "changed" if index == 0 and method in CHANGING_METHODS else part.role
        rest = value(low, part.expression, role)
        later = [other.expression for other in parts[index + 1 : last + 1]]
        once = also_lift and low.once(rest)
        if once and role != "changed":
            rest = keeping.keep(low, rest)
        elif once or later:
            rest = keeping.before(low, Part(rest, role), later)
            if index == 0 and method is not None:
                keeping.touch_method(low, rest, method)
        done.append(rest)
    return done


def _emits(low: Lowerer, part: Part, also_lift: bool) -> bool:  # noqa: FBT001  passed on
    return low.lifts(part.expression) or (also_lift and low.once(rewrite(low, part.expression)))


def _one_after_another(low: Lowerer, node: ast.expr, role: Role) -> ast.expr:
    taken = split(node)
    if taken is None:
        low.report.add(
            "V211",
            node,
            "An effect cannot stand in this expression.",
            "give its result a name first",
        )
        return ast.copy_location(ast.Constant(None), node)
    method = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = node.func.attr
    parts = list(taken.parts)
    if role == "changed" and isinstance(node, ast.Attribute | ast.Subscript):
        parts[0] = Part(parts[0].expression, "changed")  # a part of it is
    return ast.copy_location(taken.build(sequence(low, parts, method=method)), node)


_WORDS: dict[type[ast.expr], str] = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
    ast.JoinedStr: "text",
    ast.Compare: "test",
    ast.BoolOp: "test",
}


def word_for(node: ast.expr) -> str:
    """A name for a temporary: what the expression is called, or its kind."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
            return word_for(inner)
        case _:
            return _WORDS.get(type(node), "value")


__all__ = [
    "Fresh", "Into", "Nowhere", "Sink", "discard", "held", "into", "perform", "sequence", "value",
    "word_for",
]  # fmt: skip
