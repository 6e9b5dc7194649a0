"""How do parts of an expression that are not always evaluated become `if`s?

`and` and `or`, conditional expressions, comparisons of three and more.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower import expressions, keeping
from vivido.compiler.lower.rewriting import held, rewrite
from vivido.compiler.lower.split import Part
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.expressions import Sink
    from vivido.compiler.lower.lowerer import Lowerer


def short_circuit(low: Lowerer, node: ast.BoolOp) -> ast.expr:
    """`a and step(b)`: the operands up to the last effect are nested `if`s over one temporary."""
    first, *others = node.values
    if not any(map(low.lifts, others)):  # the first operand is always evaluated
        rests = [low.value(first), *(rewrite(low, operand) for operand in others)]
        return ast.copy_location(ast.BoolOp(node.op, rests), node)
    count = max(1, _plain(low, node.values))
    start = low.value(_joined(node, node.values[:count]))
    result = low.fresh("and" if isinstance(node.op, ast.And) else "or")
    target = held(result, node, ast.Store())
    low.assign_lowered(target, start, first)
    _rest(low, node, target, node.values[count:])
    return held(result, node)


def _plain(low: Lowerer, operands: Sequence[ast.expr]) -> int:
    """How many operands stand in front of the first effect."""
    return next((i for i, operand in enumerate(operands) if low.lifts(operand)), len(operands))


def _joined(node: ast.BoolOp, operands: list[ast.expr]) -> ast.expr:
    if len(operands) == 1:
        return operands[0]
    return ast.copy_location(ast.BoolOp(node.op, operands), node)


def _rest(low: Lowerer, node: ast.BoolOp, target: ast.Name, operands: list[ast.expr]) -> None:
    if not operands:
        return
    count = max(1, _plain(low, operands))
    with low.branching() as body:
        low.into(target, _joined(node, operands[:count]))
        _rest(low, node, target, operands[count:])
    test = _wanted(node.op, held(target.id, node))
    low.emit(nodes.If(id="", line=node.lineno, test=low.text(test), then=body))


def _wanted(op: ast.boolop, test: ast.expr) -> ast.expr:
    """Whether the next operand of `and`, or of `or`, is evaluated."""
    if isinstance(op, ast.And):
        return test
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def guarded(low: Lowerer, op: ast.boolop, tests: list[ast.expr], last: ast.expr) -> None:
    """`ready and step(x)` as a statement."""
    whole = ast.copy_location(ast.BoolOp(op, tests), tests[0]) if len(tests) > 1 else tests[0]
    test = _wanted(op, low.settled(whole))
    with low.branching() as body:
        low.discard(last)
    low.emit(nodes.If(id="", line=last.lineno, test=low.text(test), then=body))


def choose(low: Lowerer, node: ast.IfExp, sink: Sink) -> ast.expr:
    """`step(a) if ready else b`."""
    test = low.settled(node.test)
    if isinstance(sink, expressions.Fresh):
        sink = expressions.Into(held(low.fresh(_word(low, node)), node, ast.Store()))
    before = low.bound
    bodies, bounds = [], []
    for arm in (node.body, node.orelse):
        low.bound = before
        with low.collecting() as body:
            if isinstance(sink, expressions.Into):
                low.into(sink.target, arm)
            else:
                low.discard(arm)
        bodies.append(body)
        bounds.append(low.bound)
    low.bound = low.both(*bounds)
    low.emit(
        nodes.If(id="", line=node.lineno, test=low.text(test), then=bodies[0], orelse=bodies[1])
    )
    if isinstance(sink, expressions.Into) and isinstance(sink.target, ast.Name):
        return held(sink.target.id, node)
    return ast.copy_location(ast.Constant(None), node)


def _word(low: Lowerer, node: ast.IfExp) -> str:
    words = [low.word_for(arm) for arm in (node.body, node.orelse)]
    return next((word for word in words if word != "value"), "value")


def chain(low: Lowerer, node: ast.Compare) -> ast.expr:
    """`a < step(b) < c`: each operand behind the second is evaluated only if all before it hold."""
    operands = [node.left, *node.comparators]
    if not any(map(low.lifts, operands[2:])):
        left, right = low.in_order(operands[:2])
        rest = [rewrite(low, operand) for operand in operands[2:]]
        return ast.copy_location(ast.Compare(left, node.ops, [right, *rest]), node)
    left = keeping.before(low, Part(low.value(operands[0])), operands[1:2])
    right = keeping.before(low, Part(low.value(operands[1])), operands[2:])
    target = held(low.fresh("test"), node, ast.Store())
    first = ast.copy_location(ast.Compare(left, node.ops[:1], [right]), node)
    low.assign_lowered(target, first, node)
    _compare(low, node, target, right, 1)
    return held(target.id, node)


def _compare(low: Lowerer, node: ast.Compare, target: ast.Name, left: ast.expr, index: int) -> None:
    if index == len(node.ops):
        return
    with low.branching() as body:
        right = low.value(node.comparators[index])
        later = node.comparators[index + 1 :]
        if later:
            right = keeping.before(low, Part(right), later)
        compared = ast.copy_location(ast.Compare(left, [node.ops[index]], [right]), node)
        low.assign_lowered(target, compared, node)
        _compare(low, node, target, right, index + 1)
    test = low.text(held(target.id, node))
    low.emit(nodes.If(id="", line=node.lineno, test=test, then=body))
