"""Which functions of `math` and `statistics` may an expression call, and under which rule?"""

from __future__ import annotations

import math
import statistics
from typing import Any

from vivido.expressions import numerals, operators
from vivido.expressions.meter import FRACTION_BITS, Meter, too_large
from vivido.expressions.rules import Rule, Table, table
from vivido.expressions.texts import bound_writing
from vivido.expressions.weighing import charge_hash, metered

Args = list[Any]
Named = dict[str, Any]


def _factorial(meter: Meter, args: Args, _: Named) -> None:
    number = args[0] if args else 0
    if isinstance(number, int):
        operators.bound_bits(max(number, 0) * number.bit_length(), meter)


def _choices(meter: Meter, args: Args, _: Named) -> None:
    if args and isinstance(args[0], int):
        number = args[0]
        taken = args[1] if len(args) > 1 else number
        if isinstance(taken, int) and 0 <= taken <= number:
            operators.bound_bits(min(taken, number) * number.bit_length(), meter)


def _combinations(meter: Meter, args: Args, named: Named) -> None:
    number, taken = (*args, None, None)[:2]
    if isinstance(number, int) and isinstance(taken, int):
        args = [number, min(taken, number - taken)]
    _choices(meter, args, named)


def _all_divided(meter: Meter, args: Args, _: Named) -> None:
    bits = sum(value.bit_length() for value in args if isinstance(value, int))
    operators.bound_bits(bits, meter)
    meter.charge(bits * bits >> 14)


def _product(meter: Meter, *args: Any, **named: Any) -> Any:
    if len(args) != 1 or named.keys() - {"start"} or not hasattr(args[0], "__iter__"):
        return math.prod(*args, **named)
    result = named.get("start", 1)
    for item in metered(args[0], meter):
        result = operators.multiply(result, item, meter)
    return result


_MATH: Table = {
    **table(
        math,
        "acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh degrees erf erfc exp exp2 "
        "expm1 fabs fma fmod frexp gamma isclose isfinite isinf isnan ldexp lgamma log log10 log1p "
        "log2 modf nextafter pow radians remainder sin sinh sqrt tan tanh ulp",
    ),
    **table(math, "ceil floor trunc", Rule(check=numerals.whole)),
    **table(math, "gcd lcm isqrt", Rule(check=_all_divided)),
    **table(math, "fsum hypot", Rule(eats=(0,))),
    **table(math, "dist sumprod", Rule(eats=(0, 1))),
    math.factorial: Rule(check=_factorial),
    math.perm: Rule(check=_choices),
    math.comb: Rule(check=_combinations),
    math.prod: Rule(instead=_product),
}


def _samples(meter: Meter, args: Args, _: Named) -> None:
    if args and hasattr(args[0], "__iter__"):
        args[0] = items = list(metered(args[0], meter, 30))
        for item in items:
            bound_writing(item)
            charge_hash(item, meter)  # to find the most common, they are counted
            if isinstance(item, int) and item.bit_length() > FRACTION_BITS:
                too_large(
                    f"statistics of a number of {item.bit_length():,} bits", f"{FRACTION_BITS:,}"
                )


_STATISTICS = table(
    statistics,
    "fmean geometric_mean harmonic_mean mean median median_grouped median_high median_low mode "
    "multimode pstdev pvariance quantiles stdev variance",
    Rule(params=("data",), check=_samples),
)


RULES: Table = {**_MATH, **_STATISTICS}
