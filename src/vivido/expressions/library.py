"""Which functions and classes of the standard library may an expression call, and under which rule?

Found by the object itself, so that `import math`, `from math import sqrt` and a name of the
author's for it are one.
"""

from __future__ import annotations

import base64
import calendar
import collections
import copy
import dataclasses
import functools
import itertools
import json
import math
import operator
import pathlib
import random
import statistics
import time
import typing
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock_time
from decimal import Decimal
from fractions import Fraction
from types import FunctionType
from typing import Any
from zoneinfo import ZoneInfo

from vivido.errors import ExpressionError
from vivido.expressions import bounds, functions, operators
from vivido.expressions.access import read
from vivido.expressions.meter import FRACTION_BITS, Meter, too_large
from vivido.expressions.rules import FREE, Check, Rule
from vivido.expressions.texts import bound_writing
from vivido.expressions.weighing import extent, metered, weigh

Args = list[Any]
Named = dict[str, Any]
Table = dict[Callable[..., Any], Rule]

# Modules whose constants (pi, ascii_letters, NAMESPACE_DNS, ROUND_HALF_UP) mean the same
# everywhere.
CONSTANTS = frozenset(
    {"calendar", "cmath", "datetime", "decimal", "http", "math", "string", "uuid"}
)


def _table(module: Any, names: str, rule: Rule = FREE) -> Table:
    return {getattr(module, name): rule for name in names.split() if hasattr(module, name)}


# math


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
    if len(args) == 2 and isinstance(args[0], int) and isinstance(args[1], int):
        args = [args[0], min(args[1], args[0] - args[1])]
    _choices(meter, args, named)


def _all_divided(meter: Meter, args: Args, _: Named) -> None:
    bits = sum(value.bit_length() for value in args if isinstance(value, int))
    if bits > 64:
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
    **_table(
        math,
        "acos acosh asin asinh atan atan2 atanh cbrt copysign cos cosh degrees erf erfc exp exp2 expm1 fabs fma fmod "
        "frexp gamma isclose isfinite isinf isnan ldexp lgamma log log10 log1p log2 modf nextafter pow radians "
        "remainder sin sinh sqrt tan tanh ulp",
    ),
    **_table(math, "ceil floor trunc", Rule(check=bounds.whole)),
    **_table(math, "gcd lcm isqrt", Rule(check=_all_divided)),
    **_table(math, "fsum hypot", Rule(eats=(0,))),
    **_table(math, "dist sumprod", Rule(eats=(0, 1))),
    math.factorial: Rule(check=_factorial),
    math.perm: Rule(check=_choices),
    math.comb: Rule(check=_combinations),
    math.prod: Rule(instead=_product),
}


# statistics


def _samples(meter: Meter, args: Args, _: Named) -> None:
    if args and hasattr(args[0], "__iter__"):
        args[0] = items = list(metered(args[0], meter, 30))
        for item in items:
            bound_writing(item)
            if isinstance(item, int) and item.bit_length() > FRACTION_BITS:
                too_large(
                    f"statistics of a number of {item.bit_length():,} bits", f"{FRACTION_BITS:,}"
                )


_STATISTICS = _table(
    statistics,
    "fmean geometric_mean harmonic_mean mean median median_grouped median_high median_low mode multimode pstdev "
    "pvariance quantiles stdev variance",
    Rule(check=_samples),
)


# json


def _dumps(meter: Meter, args: Args, named: Named) -> None:
    if "cls" in named:
        raise ExpressionError("json.dumps(cls=…) is not available in a workflow; use default=")
    indent = named.get("indent")
    if isinstance(indent, (int, str)) and (indent if isinstance(indent, int) else len(indent)) > 16:
        too_large(f"an indentation of {indent!r:.40}", "16")
    separators = named.get("separators")
    if separators is not None and any(len(text) > 16 for text in separators):
        too_large("a separator of so many characters", "16")
    before = meter.fuel
    weigh(args, meter)
    if indent is not None:
        meter.charge(before - meter.fuel)


def _loads(meter: Meter, args: Args, named: Named) -> None:
    if "cls" in named:
        raise ExpressionError("json.loads(cls=…) is not available in a workflow; use object_hook=")
    if args and isinstance(args[0], (str, bytes, bytearray)):
        meter.charge(len(args[0]))


_HOOKS = ("object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant")
_JSON: Table = {
    json.dumps: Rule(check=_dumps, callbacks=("default",), grows=True),
    json.loads: Rule(check=_loads, callbacks=_HOOKS, cost=4),
}


# datetime


def _strptime(_: Meter, args: Args, __: Named) -> None:
    for value in args:
        if isinstance(value, str) and len(value) > 200:
            too_large(f"a date of {len(value):,} characters", "200")


def _now(meter: Meter, tz: Any = None) -> datetime:
    return datetime.fromtimestamp(meter.ambient.now(), tz)


def _utcnow(meter: Meter) -> datetime:
    return datetime.fromtimestamp(meter.ambient.now(), UTC).replace(tzinfo=None)


def _today(meter: Meter) -> date:
    return date.fromtimestamp(meter.ambient.now())


_DATES: Table = {
    **dict.fromkeys((date, datetime, clock_time, timedelta, timezone), FREE),
    ZoneInfo: Rule(cost=1_000),  # looks for a file
    **_table(date, "fromisocalendar fromisoformat fromordinal fromtimestamp"),
    **_table(
        datetime, "combine fromisocalendar fromisoformat fromordinal fromtimestamp utcfromtimestamp"
    ),
    **_table(clock_time, "fromisoformat"),
    datetime.strptime: Rule(check=_strptime, cost=1_000),
    datetime.now: Rule(instead=_now, pure=False),
    datetime.today: Rule(instead=_now, pure=False),
    datetime.utcnow: Rule(instead=_utcnow, pure=False),
    date.today: Rule(instead=_today, pure=False),
    calendar.isleap: FREE,
    calendar.monthrange: FREE,
}

_CLOCK: Table = {
    time.time: Rule(instead=lambda meter: meter.ambient.now(), pure=False),
    time.time_ns: Rule(instead=lambda meter: int(meter.ambient.now() * 1e9), pure=False),
    time.monotonic: Rule(instead=lambda meter: meter.ambient.monotonic(), pure=False),
    time.perf_counter: Rule(instead=lambda meter: meter.ambient.monotonic(), pure=False),
    time.monotonic_ns: Rule(instead=lambda meter: int(meter.ambient.monotonic() * 1e9), pure=False),
    time.perf_counter_ns: Rule(
        instead=lambda meter: int(meter.ambient.monotonic() * 1e9), pure=False
    ),
}


# random, uuid


def _drawn(name: str, check: Check | None = None, *, changes: bool = False) -> Rule:
    def draw(meter: Meter, *args: Any, **named: Any) -> Any:
        return getattr(meter.ambient.random, name)(*args, **named)

    return Rule(check=check, instead=draw, pure=False, grows=True, cost=25, changes=changes)


def _many(meter: Meter, args: Args, named: Named) -> None:
    for count in (*args[1:], named.get("k")):
        if isinstance(count, int):
            meter.charge(4 * max(count, 0))
    for value in (*args, *named.values()):
        if hasattr(value, "__len__"):
            meter.charge(len(value))


def _bits(meter: Meter, args: Args, _: Named) -> None:
    if args and isinstance(args[0], int):
        operators.bound_bits(args[0], meter)


def _byte_count(meter: Meter, args: Args, _: Named) -> None:
    if args and isinstance(args[0], int):
        operators.bound_bits(8 * args[0], meter)


def _uuid4(meter: Meter) -> uuid.UUID:
    return uuid.UUID(int=meter.ambient.random.getrandbits(128), version=4)


_RANDOM: Table = {
    **{
        getattr(random, name): _drawn(name)
        for name in (
            "betavariate choice expovariate gammavariate gauss lognormvariate normalvariate paretovariate randint "
            "random randrange triangular uniform vonmisesvariate weibullvariate"
        ).split()
    },
    random.choices: _drawn("choices", _many),
    random.sample: _drawn("sample", _many),
    random.shuffle: _drawn("shuffle", _many, changes=True),
    random.getrandbits: _drawn("getrandbits", _bits),
    random.randbytes: _drawn("randbytes", _byte_count),
    uuid.uuid4: Rule(instead=_uuid4, pure=False, cost=40),
    uuid.UUID: Rule(cost=8),
    uuid.uuid3: Rule(check=lambda meter, args, _: meter.charge(sum(map(extent, args))), cost=8),
    uuid.uuid5: Rule(check=lambda meter, args, _: meter.charge(sum(map(extent, args))), cost=8),
}


# numbers, collections, iterators


def _factory(_: Meter, args: Args, __: Named) -> None:
    made = args[0] if args else None
    plain = made in (None, list, dict, set, int, str, float, bool, tuple, collections.Counter)
    if not plain and not isinstance(made, FunctionType):
        raise ExpressionError(f"defaultdict({made!r}) is not available in a workflow; use a lambda")


def _selections(native: Callable[..., Iterable[tuple[Any, ...]]]) -> Rule:
    def select(meter: Meter, *args: Any, **named: Any) -> Iterator[tuple[Any, ...]]:
        repeat = named.get("repeat", 1)
        meter.charge(repeat if isinstance(repeat, int) else 0)
        collected = [list(metered(arg, meter)) if hasattr(arg, "__iter__") else arg for arg in args]
        for chosen in native(*collected, **named):
            meter.charge(3 + len(chosen))
            yield chosen

    return Rule(instead=select)


_COLLECTIONS: Table = {
    Decimal: Rule(check=bounds.read_decimal, cost=2),
    Decimal.from_float: FREE,
    Fraction: Rule(check=bounds.read_fraction, grows=True, cost=4),
    collections.Counter: Rule(check=bounds.members(0), cost=4),
    collections.defaultdict: Rule(check=bounds.both(_factory, bounds.pairs(1)), cost=4),
    collections.OrderedDict: Rule(check=bounds.pairs(0), cost=8),
    collections.deque: Rule(eats=(0,), cost=16),
    dict.fromkeys: Rule(check=bounds.members(0)),
    int.from_bytes: Rule(check=bounds.from_bytes),
    float.fromhex: Rule(check=bounds.read_int),
    bytes.fromhex: Rule(check=bounds.read_int),
    **_table(itertools, "chain pairwise zip_longest repeat count"),
    itertools.chain.from_iterable: functions.lazy(0),
    itertools.islice: functions.lazy(0),
    itertools.groupby: Rule(check=functions.lazy(0).check, callbacks=(1, "key")),
    itertools.takewhile: Rule(check=functions.lazy(1).check, callbacks=(0,)),
    itertools.dropwhile: Rule(check=functions.lazy(1).check, callbacks=(0,)),
    itertools.starmap: Rule(callbacks=(0,)),
    itertools.product: _selections(itertools.product),
    itertools.combinations: _selections(itertools.combinations),
    itertools.permutations: _selections(itertools.permutations),
    functools.reduce: Rule(callbacks=(0,), eats=(1,)),
}


def _itemgetter(meter: Meter, *keys: Any) -> Callable[[Any], Any]:
    native = operator.itemgetter(*keys)

    def get(value: Any) -> Any:
        found = native(value)
        meter.charge(extent(found))
        return found

    return get


def _attrgetter(_: Meter, *names: Any) -> Callable[[Any], Any]:
    operator.attrgetter(*names)  # complains about what is no name
    paths = [name.split(".") for name in names]
    for name in itertools.chain.from_iterable(paths):
        if name.startswith("_"):
            raise ExpressionError(
                f"the attribute {name!r} is not available in a workflow: it begins with _"
            )

    def get(value: Any) -> Any:
        found = tuple(functools.reduce(read, path, value) for path in paths)
        return found if len(found) > 1 else found[0]

    return get


def _operator(native: str, guarded: operators.Binary) -> Table:
    return {getattr(operator, native): Rule(instead=lambda meter, a, b, /: guarded(a, b, meter))}


_OPERATORS: Table = {
    operator.itemgetter: Rule(instead=_itemgetter),
    operator.attrgetter: Rule(instead=_attrgetter),
    **_operator("add", operators.add),
    **_operator("sub", operators.subtract),
    **_operator("mul", operators.multiply),
    **_operator("truediv", operators.divide),
    **_operator("floordiv", operators.floor_divide),
    **_operator("mod", operators.remainder),
    **_operator("or_", operators.bit_or),
    **_operator("and_", operators.bit_and),
}

_OTHERS: Table = {
    pathlib.PurePath: FREE,
    pathlib.PurePosixPath: FREE,
    pathlib.Path: FREE,
    base64.b64encode: Rule(check=bounds.scan, grows=True),
    base64.b64decode: Rule(check=bounds.scan, grows=True),
    copy.copy: Rule(check=bounds.weighed, cost=10),
    copy.deepcopy: Rule(check=bounds.weighed),
    dataclasses.replace: Rule(cost=20),
    dataclasses.asdict: Rule(check=bounds.weighed),
    dataclasses.astuple: Rule(check=bounds.weighed),
    typing.cast: Rule(instead=lambda _, __, value, /: value),
}

RULES: Table = {
    **functions.RULES,
    **_MATH,
    **_STATISTICS,
    **_JSON,
    **_DATES,
    **_CLOCK,
    **_RANDOM,
    **_COLLECTIONS,
    **_OPERATORS,
    **_OTHERS,
}


def rule_for(callee: Any) -> Rule | None:
    """The rule of something of Python's own, if an expression may call it."""
    if isinstance(callee, typing.NewType):
        return FREE
    try:
        return RULES.get(callee)
    except TypeError:  # not hashable, so none of them
        return None
