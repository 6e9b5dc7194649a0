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
import operator
import pathlib
import random
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
from vivido.expressions import arithmetic, bounds, functions, numerals, operators
from vivido.expressions.access import read
from vivido.expressions.meter import Meter, too_large
from vivido.expressions.rules import FREE, Check, Rule, Table, table
from vivido.expressions.weighing import extent, metered, weigh

Args = list[Any]
Named = dict[str, Any]

# Modules whose constants (pi, ascii_letters, NAMESPACE_DNS, ROUND_HALF_UP) mean the same
# everywhere.
CONSTANTS = frozenset(
    {"calendar", "cmath", "datetime", "decimal", "http", "math", "string", "uuid"}
)


# json


def _dumps(meter: Meter, args: Args, named: Named) -> None:
    if "cls" in named:
        raise ExpressionError("json.dumps(cls=…) is not available in a workflow; use default=")
    indent = named.get("indent")
    for width in (indent, *(named.get("separators") or ())):
        bounds.indentation(width)
    tree = weigh(args, meter)
    if indent is not None:
        meter.charge(tree.nodes * tree.levels)


def _loads(meter: Meter, args: Args, named: Named) -> None:
    if "cls" in named:
        raise ExpressionError("json.loads(cls=…) is not available in a workflow; use object_hook=")
    if args and isinstance(args[0], (str, bytes, bytearray)):
        meter.charge(len(args[0]))


_HOOKS = ("object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant")
_JSON: Table = {
    json.dumps: Rule(params=("obj",), check=_dumps, callbacks=("default",), grows=True),
    json.loads: Rule(params=("s",), check=_loads, callbacks=_HOOKS, cost=4),
}


# datetime


_DATE = 200  # characters of a date, and of its format


def _strptime(_: Meter, args: Args, __: Named) -> None:
    for value in args:
        if isinstance(value, str) and len(value) > _DATE:
            too_large(f"a date of {len(value):,} characters", f"{_DATE}")


def _now(meter: Meter, tz: Any = None) -> datetime:
    return datetime.fromtimestamp(meter.ambient.now(), tz)


def _utcnow(meter: Meter) -> datetime:
    return datetime.fromtimestamp(meter.ambient.now(), UTC).replace(tzinfo=None)


def _today(meter: Meter) -> date:
    return date.fromtimestamp(meter.ambient.now())  # noqa: DTZ012  # naive, as date.today() is


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000) * 1_000


_DATES: Table = {
    **dict.fromkeys((date, datetime, clock_time, timedelta, timezone), FREE),
    ZoneInfo: Rule(cost=1_000),  # looks for a file
    **table(date, "fromisocalendar fromisoformat fromordinal fromtimestamp"),
    **table(
        datetime, "combine fromisocalendar fromisoformat fromordinal fromtimestamp utcfromtimestamp"
    ),
    **table(clock_time, "fromisoformat"),
    datetime.strptime: Rule(check=_strptime, cost=1_000),
    datetime.now: Rule(instead=_now, pure=False),
    datetime.today: Rule(instead=_now, pure=False),
    datetime.utcnow: Rule(instead=_utcnow, pure=False),
    date.today: Rule(instead=_today, pure=False),
    calendar.isleap: FREE,
    calendar.monthrange: FREE,
}

_MONOTONIC_NS = Rule(instead=lambda meter: _nanoseconds(meter.ambient.monotonic()), pure=False)
_CLOCK: Table = {
    time.time: Rule(instead=lambda meter: meter.ambient.now(), pure=False),
    time.time_ns: Rule(instead=lambda meter: _nanoseconds(meter.ambient.now()), pure=False),
    time.monotonic: Rule(instead=lambda meter: meter.ambient.monotonic(), pure=False),
    time.perf_counter: Rule(instead=lambda meter: meter.ambient.monotonic(), pure=False),
    time.monotonic_ns: _MONOTONIC_NS,
    time.perf_counter_ns: _MONOTONIC_NS,
}


# random, uuid


def _drawn(name: str, params: tuple[str, ...] = (), check: Check | None = None) -> Rule:
    def draw(meter: Meter, *args: Any, **named: Any) -> Any:
        return getattr(meter.ambient.random, name)(*args, **named)

    changes = name == "shuffle"
    return Rule(params, check, grows=True, cost=25, pure=False, changes=changes, instead=draw)


def _many(meter: Meter, args: Args, named: Named) -> None:
    for value in (*args, *named.values()):
        if isinstance(value, int):
            meter.charge(4 * max(value, 0))
        elif hasattr(value, "__len__"):
            meter.charge(len(value))


def _bits(unit: int) -> Check:
    """So many bits, or bytes."""

    def check(meter: Meter, args: Args, _: Named) -> None:
        for count in args[:1]:
            if isinstance(count, int):
                operators.bound_bits(unit * count, meter)

    return check


def _extents(meter: Meter, args: Args, _: Named) -> None:
    for value in args:
        meter.charge(extent(value))


def _uuid4(meter: Meter) -> uuid.UUID:
    return uuid.UUID(int=meter.ambient.random.getrandbits(128), version=4)


_DRAWN = (
    "betavariate choice expovariate gammavariate gauss lognormvariate normalvariate paretovariate "
    "randint random randrange triangular uniform vonmisesvariate weibullvariate"
)
_RANDOM: Table = {
    **{getattr(random, name): _drawn(name) for name in _DRAWN.split()},
    random.choices: _drawn("choices", check=_many),
    random.sample: _drawn("sample", check=_many),
    random.shuffle: _drawn("shuffle", check=_many),
    random.getrandbits: _drawn("getrandbits", ("k",), _bits(1)),
    random.randbytes: _drawn("randbytes", ("n",), _bits(8)),
    uuid.uuid4: Rule(instead=_uuid4, pure=False, cost=40),
    uuid.UUID: Rule(cost=8),
    uuid.uuid3: Rule(params=("namespace", "name"), check=_extents, cost=8),
    uuid.uuid5: Rule(params=("namespace", "name"), check=_extents, cost=8),
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
    Decimal: Rule(params=("value",), check=numerals.read_decimal, cost=2),
    Decimal.from_float: FREE,
    Fraction: Rule(
        params=("numerator", "denominator"), check=numerals.read_fraction, grows=True, cost=60
    ),
    collections.Counter: Rule(check=bounds.members(0), cost=4),
    collections.defaultdict: Rule(check=bounds.both(_factory, bounds.pairs(1)), cost=4),
    collections.OrderedDict: Rule(check=bounds.pairs(0), cost=8),
    collections.deque: Rule(params=("iterable", "maxlen"), eats=(0,), cost=16),
    dict.fromkeys: Rule(check=bounds.members(0)),
    int.from_bytes: Rule(params=("bytes", "byteorder"), check=numerals.from_bytes),
    float.fromhex: Rule(check=numerals.read_int),
    bytes.fromhex: Rule(check=numerals.read_int),
    **table(itertools, "chain pairwise zip_longest repeat count"),
    itertools.chain.from_iterable: functions.lazy(0),
    itertools.islice: functions.lazy(0),
    itertools.groupby: Rule(("iterable", "key"), functions.lazy(0).check, callbacks=(1, "key")),
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
    base64.b64encode: Rule(params=("s",), check=bounds.scan, grows=True),
    base64.b64decode: Rule(params=("s",), check=bounds.scan, grows=True),
    copy.copy: Rule(check=bounds.weighed, cost=30),
    copy.deepcopy: Rule(check=bounds.weighed),
    dataclasses.replace: Rule(cost=20),
    dataclasses.asdict: Rule(check=bounds.weighed),
    dataclasses.astuple: Rule(check=bounds.weighed),
    typing.cast: Rule(instead=lambda _, __, value, /: value),
}

RULES: Table = {
    **functions.RULES,
    **arithmetic.RULES,
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
