"""What does ``(17 + 4) * 2 / 3`` come to? Read and worked out here, never evaluated as code."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal

Operation = Callable[[Decimal, Decimal], Decimal]
OPERATIONS: dict[type[ast.operator], Operation] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
LONGEST = 200  # letters: nobody asks for more


class BadSum(Exception):
    """It is no sum, or it has no result."""


def work_out(text: str) -> Decimal:
    """Return what a sum comes to. Raises `BadSum`."""
    if len(text) > LONGEST:
        raise BadSum(f"a sum of {len(text)} letters is too long")
    try:
        result = _value(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise BadSum(f"{text!r} is no sum") from None
    except ArithmeticError:
        raise BadSum(f"{text!r} has no result") from None
    if not result.is_finite():
        raise BadSum(f"{text!r} is too large")
    return result


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_value(left), _value(right))
        case _:
            raise BadSum(f"{ast.unparse(node)!r} is no sum")
