"""How do operators, comparisons, conditions and f-strings become closures?"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from vivido.expressions.context import Context, Run
from vivido.expressions.meter import Meter
from vivido.expressions.operators import BINARY, COMPARE, UNARY, Binary
from vivido.expressions.refused import refused
from vivido.expressions.texts import ascii_of, format_value, repr_of, text_of


def lower_constant(node: ast.Constant, _: Context) -> Run:
    """A literal."""
    value = node.value
    return lambda _e, _m: value


def lower_binary(node: ast.BinOp, context: Context) -> Run:
    """`a + b` and its like."""
    if isinstance(node.op, ast.Mod) and _is_text(node.left):
        raise refused(
            node, "% formats no text in an expression", reason="percent", hint="write an f-string"
        )
    context.facts.multiplies |= isinstance(node.op, ast.Mult)
    left, right, apply = context.lower(node.left), context.lower(node.right), BINARY[type(node.op)]
    return lambda e, m: apply(left(e, m), right(e, m), m)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
    )


def lower_unary(node: ast.UnaryOp, context: Context) -> Run:
    """`-a`, `not a`."""
    operand, apply = context.lower(node.operand), UNARY[type(node.op)]
    if isinstance(node.op, ast.Not):
        return lambda e, m: not operand(e, m)
    return lambda e, m: apply(operand(e, m), m)


def lower_boolean(node: ast.BoolOp, context: Context) -> Run:
    """`a and b`, `a or b`: the last value looked at."""
    *first, last = (context.lower(value) for value in node.values)
    stops_at = isinstance(node.op, ast.Or)

    def decide(e: Any, m: Meter) -> Any:
        for run in first:
            value = run(e, m)
            if bool(value) is stops_at:
                return value
        return last(e, m)

    return decide


def lower_condition(node: ast.IfExp, context: Context) -> Run:
    """`a if test else b`."""
    test, body, orelse = (
        context.lower(node.test),
        context.lower(node.body),
        context.lower(node.orelse),
    )
    return lambda e, m: body(e, m) if test(e, m) else orelse(e, m)


def lower_comparison(node: ast.Compare, context: Context) -> Run:
    """`a < b`, `a < b < c`."""
    first = context.lower(node.left)
    rest = [
        (COMPARE[type(op)], context.lower(right))
        for op, right in zip(node.ops, node.comparators, strict=True)
    ]
    return _compare_two(first, *rest[0]) if len(rest) == 1 else _compare_chain(first, rest)


def _compare_two(left: Run, apply: Binary, right: Run) -> Run:
    return lambda e, m: apply(left(e, m), right(e, m), m)


def _compare_chain(first: Run, rest: list[tuple[Binary, Run]]) -> Run:
    def compare(e: Any, m: Meter) -> Any:
        left, result = first(e, m), True
        for apply, run in rest:
            right = run(e, m)
            result = apply(left, right, m)
            if not result:
                break
            left = right
        return result

    return compare


def lower_walrus(node: ast.NamedExpr, context: Context) -> Run:
    """`(name := value)`: binds a variable of the workflow."""
    if context.locals:
        raise refused(
            node,
            "a walrus within a comprehension or lambda is not available",
            reason="walrus",
            hint="write a loop",
        )
    key, value = context.scope.resolve(node.target.id), context.lower(node.value)
    context.facts.binds.add(key)
    context.facts.multiplies = True

    def bind(e: Any, m: Meter) -> Any:
        e[key] = result = value(e, m)
        return result

    return bind


_CONVERSIONS: dict[int, Callable[[Any, Meter], str]] = {
    ord("s"): text_of,
    ord("r"): repr_of,
    ord("a"): ascii_of,
}


def lower_text(node: ast.JoinedStr, context: Context) -> Run:
    """An f-string."""
    parts = [context.lower(part) for part in node.values]

    def join(e: Any, m: Meter) -> str:
        text = "".join([part(e, m) for part in parts])
        m.charge(len(text) >> 3)
        return text

    return join


def lower_field(node: ast.FormattedValue, context: Context) -> Run:
    """`{value!r:spec}` of an f-string."""
    value = context.lower(node.value)
    convert = _CONVERSIONS.get(node.conversion)
    if node.format_spec is None and convert is None:
        return lambda e, m: format_value(value(e, m), "", m)
    spec = context.lower(node.format_spec) if node.format_spec is not None else None

    def write(e: Any, m: Meter) -> str:
        found = value(e, m)
        if convert is not None:
            found = convert(found, m)
        return format_value(found, "" if spec is None else spec(e, m), m)

    return write
