"""How long a number would this call read or make? Looked at before it does.

Each function is the check of a rule, as those of `bounds` are.
"""

from __future__ import annotations

from fractions import Fraction

from vivido.expressions.bounds import Args, Named, at, codec
from vivido.expressions.meter import DECIMAL_DIGITS, INT_BITS, Meter, too_large
from vivido.expressions.operators import bound_bits
from vivido.expressions.texts import bound_writing
from vivido.expressions.weighing import extent, metered

TEXT_DIGITS = 1 << 14  # characters of a text that is read as a number
_SIGN_DIGITS_EXPONENT = 3  # what a Decimal can be made of


def read_int(meter: Meter, args: Args, named: Named) -> None:
    """`int(…)`: of text, of a number with an exponent."""
    value = at(args, 0, named)
    if isinstance(value, (str, bytes, bytearray)):
        if len(value) > TEXT_DIGITS:
            too_large(f"a number of {len(value):,} characters", f"{TEXT_DIGITS:,}")
        meter.charge(len(value))
    else:
        whole(meter, args, named)


def whole(meter: Meter, args: Args, _: Named) -> None:
    """A function that makes an integer of its first argument."""
    if args:
        bound_writing(args[0])
        if isinstance(args[0], Fraction):
            meter.charge(extent(args[0]))


def read_decimal(_: Meter, args: Args, named: Named) -> None:
    """`Decimal(…)`: of text, of a number, of a tuple of sign, digits and exponent."""
    value = at(args, 0, named, "value")
    if isinstance(value, (tuple, list)) and len(value) == _SIGN_DIGITS_EXPONENT:
        value = value[1]
    digits = 0
    if isinstance(value, (str, tuple, list)):
        digits = len(value)
    elif isinstance(value, int):
        digits = value.bit_length() // 4
    if digits > DECIMAL_DIGITS:
        too_large(f"a Decimal of {digits:,} digits or more", f"{DECIMAL_DIGITS:,}")


def read_fraction(meter: Meter, args: Args, named: Named) -> None:
    """`Fraction(…)`: of text with an exponent, of a Decimal."""
    for value in (*args, *named.values()):
        bound_writing(value)
        if isinstance(value, str):
            if len(value) > DECIMAL_DIGITS:
                too_large(f"a fraction of {len(value):,} characters", f"{DECIMAL_DIGITS:,}")
            _, _, exponent = value.lower().partition("e")
            digits = exponent.strip().lstrip("+-").replace("_", "").lstrip("0")
            if len(digits) > len("999"):
                too_large(f"a fraction with the exponent {exponent[:20]!r}", "999")
        elif isinstance(value, int):
            meter.charge(value.bit_length() >> 3)


def rounding(_: Meter, args: Args, named: Named) -> None:
    """`round(…)`: places beyond all digits would be computed digit by digit."""
    places = at(args, 1, named, "ndigits")
    number = at(args, 0, named, "number")
    if places is None:
        bound_writing(number)
    elif isinstance(places, int) and not isinstance(number, float) and abs(places) > DECIMAL_DIGITS:
        too_large(f"rounding to {places:,} places", f"{DECIMAL_DIGITS:,}")


def count_of_bytes(meter: Meter, args: Args, named: Named) -> None:
    """`bytes(…)`: a number is a length."""
    source = at(args, 0, named)
    if isinstance(source, int):
        meter.charge(max(source, 0) >> 3)
    elif isinstance(source, str):
        codec(meter, [source, *args[1:]], named)
    elif args:
        args[0] = metered(source, meter)


def to_bytes(meter: Meter, args: Args, named: Named) -> None:
    """`number.to_bytes(length)`."""
    length = at(args, 1, named, "length", 1)
    if isinstance(length, int):
        meter.charge(max(length, 0) >> 3)


def from_bytes(meter: Meter, args: Args, named: Named) -> None:
    """`int.from_bytes(…)`."""
    data = at(args, 0, named, "bytes")
    if isinstance(data, (bytes, bytearray, list, tuple)):
        bound_bits(8 * len(data), meter)
    elif args and hasattr(data, "__iter__"):
        args[0] = list(metered(data, meter, INT_BITS >> 3))


def written_out(_: Meter, args: Args, __: Named) -> None:
    """A method that unfolds the exponent of its object."""
    bound_writing(args[0])
