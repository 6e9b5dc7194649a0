"""What do Python's operators do here? The same, once it is known that the result can be made.

Every function takes the operands and the meter. Sums of sizes are charged, products are bounded
beforehand.
"""

from __future__ import annotations

import ast
import operator
from collections import deque
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vivido.errors import ExpressionError
from vivido.expressions.meter import FRACTION_BITS, INT_BITS, Meter, too_large
from vivido.expressions.weighing import SHORT, charge_compare, charge_hash, extent, is_flat, metered

Binary = Callable[[Any, Any, Meter], Any]
Unary = Callable[[Any, Meter], Any]

_SMALL_BITS = 62
_SMALL = 1 << _SMALL_BITS
# Sums and products of these have a fixed size; so have those with an int, which becomes one of
# them.
_FIXED = frozenset({float, Decimal, complex, datetime, date, timedelta})
_BOUND_INT = f"{INT_BITS:,} bits"


def _linear(native: Callable[[Any, Any], Any]) -> Binary:
    """An operator whose result is at most as large as its operands together."""

    def apply(left: Any, right: Any, meter: Meter) -> Any:
        kind = type(left)
        if kind is int and type(right) is int:
            result = native(left, right)
            if not -_SMALL < result < _SMALL:
                meter.charge(extent(result))
            return result
        if kind not in _FIXED:
            charge_operands(left, right, meter)
        return native(left, right)

    return apply


def _quadratic(native: Callable[[Any, Any], Any]) -> Binary:
    """A division: for long integers it takes the product of their lengths."""

    def apply(left: Any, right: Any, meter: Meter) -> Any:
        kind = type(left)
        if kind is int and type(right) is int:
            if not -_SMALL < left < _SMALL:
                charge_division(left, right, meter)
        elif kind not in _FIXED:
            charge_operands(left, right, meter)
        return native(left, right)

    return apply


def charge_operands(left: Any, right: Any, meter: Meter) -> None:
    """Pay for going through both operands."""
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        _bound_fractions(left, right)
    meter.charge(extent(left) + extent(right))


def charge_division(left: int, right: int, meter: Meter) -> None:
    """Pay for dividing one integer by another."""
    meter.charge(extent(left) + (left.bit_length() * right.bit_length() >> 15))


add = _linear(operator.add)
subtract = _linear(operator.sub)
bit_or = _linear(operator.or_)
bit_and = _linear(operator.and_)
bit_xor = _linear(operator.xor)
matrix_multiply = _linear(operator.matmul)
divide = _quadratic(operator.truediv)
floor_divide = _quadratic(operator.floordiv)
_modulo = _quadratic(operator.mod)


def multiply(left: Any, right: Any, meter: Meter) -> Any:
    """`left * right`: products of long integers and repetition of sequences are bounded."""
    if type(left) in _FIXED or (type(right) in _FIXED and type(left) is int):
        return left * right
    bound_product(left, right, meter)
    return left * right


def bound_product(left: Any, right: Any, meter: Meter) -> None:
    """Refuse a product that would be too large, charge for any other."""
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() + right.bit_length()
        if bits > _SMALL_BITS:
            bound_bits(bits, meter)
    elif isinstance(left, int):
        _bound_repetition(right, left, meter)
    elif isinstance(right, int):
        _bound_repetition(left, right, meter)
    else:
        _bound_fractions(left, right)


def _bound_repetition(sequence: Any, times: int, meter: Meter) -> None:
    if isinstance(sequence, (str, bytes, bytearray)):
        meter.charge(max(times, 0) * len(sequence) >> 3)
    elif isinstance(sequence, (list, tuple, deque)):
        meter.charge(max(times, 0) * len(sequence))
    elif isinstance(sequence, Fraction):
        _bound_fractions(sequence, times)


def bound_bits(bits: int, meter: Meter) -> None:
    """Refuse an integer of so many bits, or charge for the work of making it."""
    if bits > INT_BITS:
        too_large(f"an integer of {bits:,} bits", _BOUND_INT)
    meter.charge(bits >> 3)


def _bound_fractions(left: Any, right: Any) -> None:
    for value in (left, right):
        if isinstance(value, Fraction):
            bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        elif isinstance(value, int):
            bits = value.bit_length()
        else:
            continue
        if bits > FRACTION_BITS:
            too_large(f"arithmetic on a fraction of {bits:,} bits", f"{FRACTION_BITS:,} bits")


def remainder(left: Any, right: Any, meter: Meter) -> Any:
    """`left % right`; text is formatted by f-strings only."""
    if isinstance(left, (str, bytes, bytearray)):
        raise ExpressionError(
            f"% formats no {type(left).__name__} in a workflow; write an f-string"
        )
    return _modulo(left, right, meter)


def power(left: Any, right: Any, meter: Meter) -> Any:
    """`left ** right`, bounded by the length of the result."""
    bound_power(left, right, meter)
    return left**right


def bound_power(base: Any, exponent: Any, meter: Meter) -> None:
    """Refuse a power that would be too large, charge for any other."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        exponent = exponent.numerator
    if not isinstance(exponent, int):
        return
    if isinstance(base, Fraction):
        _bound_fractions(base, base)
        bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent)
        bound_bits(bits, meter)
    elif isinstance(base, int) and exponent > 0 and base not in (0, 1, -1):
        bound_bits(base.bit_length() * exponent, meter)


def shift_left(left: Any, right: Any, meter: Meter) -> Any:
    """`left << right`, bounded by the length of the result."""
    if isinstance(left, int) and isinstance(right, int) and left and right > 0:
        bound_bits(left.bit_length() + right, meter)
    return left << right


def shift_right(left: Any, right: Any, meter: Meter) -> Any:
    """`left >> right`: never longer than what is shifted."""
    meter.charge(extent(left))
    return left >> right


BINARY: dict[type[ast.operator], Binary] = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: multiply,
    ast.Div: divide,
    ast.FloorDiv: floor_divide,
    ast.Mod: remainder,
    ast.Pow: power,
    ast.LShift: shift_left,
    ast.RShift: shift_right,
    ast.BitOr: bit_or,
    ast.BitAnd: bit_and,
    ast.BitXor: bit_xor,
    ast.MatMult: matrix_multiply,
}


def _unary(native: Callable[[Any], Any]) -> Unary:
    def apply(value: Any, meter: Meter) -> Any:
        if type(value) not in _FIXED:
            meter.charge(extent(value))
        return native(value)

    return apply


UNARY: dict[type[ast.unaryop], Unary] = {
    ast.USub: _unary(operator.neg),
    ast.UAdd: _unary(operator.pos),
    ast.Invert: _unary(operator.invert),
    ast.Not: lambda value, _: not value,
}


def _comparison(native: Callable[[Any, Any], Any]) -> Binary:
    def apply(left: Any, right: Any, meter: Meter) -> Any:
        if not is_flat(type(left)):
            if type(left) is str and len(left) <= SHORT:
                return native(left, right)
            charge_compare(left, right, meter)
        return native(left, right)

    return apply


def contains(item: Any, container: Any, meter: Meter) -> Any:
    """`item in container`, paid for by what has to be searched."""
    if hasattr(type(container), "__contains__"):
        bound_search(item, container, meter)
        return item in container
    if not hasattr(type(container), "__iter__"):
        return item in container  # Python says that it cannot
    return any(other is item or equal(other, item, meter) for other in metered(container, meter))


def bound_search(item: Any, container: Any, meter: Meter) -> None:
    """Charge for looking an item up in a container, or for going through it."""
    if isinstance(container, (str, bytes)):
        if isinstance(item, (str, bytes)):
            charge_text_search(container, item, meter)
    elif isinstance(container, range):
        if type(item) is not int:  # then it is compared with every number of the range
            meter.charge(2 * len(container))
    elif isinstance(container, (list, tuple, deque)):
        meter.charge(len(container) >> 1)
        if not is_flat(type(item)):
            _charge_comparisons(item, container, meter)
    else:
        charge_hash(item, meter)


def _charge_comparisons(item: Any, container: Any, meter: Meter) -> None:
    if isinstance(item, (str, bytes)):
        meter.charge(len(item) * len(container) >> 6)
        return
    for other in container:
        charge_compare(item, other, meter)


def charge_text_search(text: Any, wanted: Any, meter: Meter) -> None:
    """Charge for the worst case of looking for one text in another."""
    if len(text) > SHORT:
        meter.charge(len(text) * min(len(wanted) + 1, 128) >> 7)


equal = _comparison(operator.eq)

COMPARE: dict[type[ast.cmpop], Binary] = {
    ast.Eq: equal,
    ast.NotEq: _comparison(operator.ne),
    ast.Lt: _comparison(operator.lt),
    ast.LtE: _comparison(operator.le),
    ast.Gt: _comparison(operator.gt),
    ast.GtE: _comparison(operator.ge),
    ast.Is: lambda left, right, _: left is right,
    ast.IsNot: lambda left, right, _: left is not right,
    ast.In: contains,
    ast.NotIn: lambda left, right, meter: not contains(left, right, meter),
}
