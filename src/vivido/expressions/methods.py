"""Which methods and attributes of Python's own types may an expression use, and under which rule?

What is not named here is not available: no `format`, no `translate`, nothing that reads files or
runs code.
"""

from __future__ import annotations

import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from uuid import UUID
from zoneinfo import ZoneInfo

from vivido.expressions import bounds, numerals
from vivido.expressions.rules import FREE, GROWS, Check, Rule

Rules = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a built-in type: attributes that are data, methods with their rules."""

    fields: frozenset[str] = frozenset()
    methods: Rules = field(default_factory=dict)


def _named(names: str, rule: Rule = FREE) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


def _checked(
    names: str, check: Check, *, grows: bool = False, changes: bool = False
) -> dict[str, Rule]:
    return _named(names, Rule(check=check, grows=grows, changes=changes))


def _changing(names: str, check: Check | None = None, rule: Rule | None = None) -> dict[str, Rule]:
    return _named(names, rule or Rule(check=check, changes=True))


_TEXT = {
    **_checked(
        "capitalize lower upper title swapcase removeprefix removesuffix", bounds.scan, grows=True
    ),
    **_checked("isalnum isalpha isascii isdigit islower isspace istitle isupper", bounds.scan),
    **_checked("strip lstrip rstrip", bounds.strip, grows=True),
    **_checked("find rfind index rindex count", bounds.search),
    **_checked("partition rpartition", bounds.search, grows=True),
    **_checked("startswith endswith", bounds.affix),
    **_checked("center ljust rjust zfill", bounds.pad),
    **_checked("expandtabs", bounds.expand_tabs),
    **_checked("replace", bounds.replace),
    **_checked("split rsplit", bounds.split),
    **_checked("splitlines", bounds.split_lines),
    **_checked("join", bounds.join),
}
_STR: Rules = {
    **_TEXT,
    **_checked("casefold", bounds.scan, grows=True),
    **_checked("isdecimal isidentifier isnumeric isprintable", bounds.scan),
    **_checked("encode", bounds.codec),
}
_BYTES: Rules = {
    **_TEXT,
    **_checked("decode", bounds.codec),
    **_checked("hex", bounds.scan, grows=True),
}

_ITEMS = _checked("index count", bounds.find_item)
_LIST: Rules = {
    **_ITEMS,
    **_checked("copy", bounds.copied),
    **_changing("append clear reverse"),
    **_changing("insert pop", bounds.shift),
    **_changing("remove", bounds.find_item),
    **_changing("extend", rule=Rule(eats=(1,), changes=True)),
    **_changing("sort", rule=Rule(check=bounds.ordering(0), callbacks=("key",), changes=True)),
}
_DEQUE: Rules = {
    **_ITEMS,
    **_checked("copy", bounds.copied),
    **_changing("append appendleft pop popleft clear reverse"),
    **_changing("insert rotate", bounds.shift),
    **_changing("remove", bounds.find_item),
    **_changing("extend extendleft", rule=Rule(eats=(1,), changes=True)),
}
_READ_DICT = {
    **_named("keys values items"),
    **_checked("get", bounds.key),
    **_checked("copy", bounds.copied),
}
_DICT: Rules = {
    **_READ_DICT,
    **_changing("popitem clear"),
    **_changing("pop setdefault", bounds.key),
    **_changing("update", bounds.pairs()),
}
_COUNTER: Rules = {
    **_DICT,
    **_checked("most_common", bounds.ordering(0)),
    **_checked("total", bounds.copied),
    **_named("elements"),
    **_changing("update subtract", bounds.members()),
}
_READ_SET = {
    **_checked("copy", bounds.copied),
    **_checked(
        "union intersection difference symmetric_difference issubset issuperset isdisjoint",
        bounds.members(0),
        grows=True,
    ),
}
_SET: Rules = {
    **_READ_SET,
    **_changing("add discard remove", bounds.key),
    **_changing("pop clear"),
    **_changing(
        "update intersection_update difference_update symmetric_difference_update", bounds.members()
    ),
}
_DATE = "ctime isocalendar isoformat isoweekday replace toordinal weekday"
_FORMATTED = Rule(check=bounds.format_spec(1))


def _known(fields: str = "", methods: Rules | None = None) -> Known:
    return Known(frozenset(fields.split()), methods or {})


KNOWN: dict[type, Known] = {
    type(None): Known(),
    bool: _known(
        "real imag numerator denominator", _named("bit_length conjugate as_integer_ratio")
    ),
    int: _known(
        "real imag numerator denominator",
        {
            **_named("bit_length bit_count conjugate as_integer_ratio is_integer"),
            **_checked("to_bytes", numerals.to_bytes),
        },
    ),
    float: _known("real imag", _named("as_integer_ratio conjugate hex is_integer")),
    complex: _known("real imag", _named("conjugate")),
    str: Known(methods=_STR),
    bytes: Known(methods=_BYTES),
    bytearray: Known(methods=_BYTES),
    list: Known(methods=_LIST),
    tuple: Known(methods=_ITEMS),
    range: _known("start stop step", _ITEMS),
    slice: _known("start stop step", _named("indices")),
    dict: Known(methods=_DICT),
    types.MappingProxyType: Known(methods=_READ_DICT),
    defaultdict: Known(methods=_DICT),
    OrderedDict: Known(methods={**_DICT, **_changing("move_to_end", bounds.key)}),
    Counter: Known(methods=_COUNTER),
    set: Known(methods=_SET),
    frozenset: Known(methods=_READ_SET),
    deque: _known("maxlen", _DEQUE),
    type({}.keys()): Known(methods=_checked("isdisjoint", bounds.members(0))),
    type({}.items()): Known(methods=_checked("isdisjoint", bounds.members(0))),
    type({}.values()): Known(),
    Decimal: _known(
        "real imag",
        {
            **_named(
                "adjusted as_tuple compare conjugate copy_abs copy_negate copy_sign exp fma "
                "is_finite is_infinite is_nan is_normal is_qnan is_signed is_snan is_subnormal "
                "is_zero ln log10 logb max max_mag min min_mag next_minus next_plus next_toward "
                "normalize number_class quantize remainder_near same_quantum scaleb sqrt "
                "to_eng_string to_integral to_integral_exact to_integral_value"
            ),
            **_checked("as_integer_ratio", numerals.written_out),
        },
    ),
    Fraction: _known(
        "numerator denominator real imag",
        _named("limit_denominator as_integer_ratio is_integer conjugate"),
    ),
    date: _known("year month day", {**_named(_DATE), **_named("strftime", _FORMATTED)}),
    datetime: _known(
        "year month day hour minute second microsecond tzinfo fold",
        {
            **_named(_DATE),
            **_named("astimezone date dst time timestamp timetz tzname utcoffset"),
            **_named("strftime", _FORMATTED),
        },
    ),
    time: _known(
        "hour minute second microsecond tzinfo fold",
        {**_named("dst isoformat replace tzname utcoffset"), **_named("strftime", _FORMATTED)},
    ),
    type(date.min.isocalendar()): _known("year week weekday", _ITEMS),
    timedelta: _known("days seconds microseconds", _named("total_seconds")),
    timezone: Known(methods=_named("dst fromutc tzname utcoffset")),
    ZoneInfo: _known("key", _named("dst fromutc tzname utcoffset")),
    UUID: _known(
        "bytes bytes_le clock_seq clock_seq_hi_variant clock_seq_low fields hex int is_safe node "
        "time time_hi_version time_low time_mid urn variant version"
    ),
    PurePath: _known(
        "anchor drive name parent parents parts root stem suffix suffixes",
        _named(
            "as_posix as_uri is_absolute is_relative_to joinpath relative_to with_name with_stem "
            "with_suffix",
            GROWS,
        ),
    ),
    types.SimpleNamespace: Known(),
    types.GenericAlias: Known(),
}

MUTATING = frozenset(
    name for known in KNOWN.values() for name, rule in known.methods.items() if rule.changes
)
METHODS = frozenset(name for known in KNOWN.values() for name in known.methods)
