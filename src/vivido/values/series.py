"""How are collections stored that JSON has not? Each is a list of parts, and made again from it.

``(1, 2)`` is ``{"$": "tuple", "v": [1, 2]}``. A kind is no more than its tag and the two functions
between a value and its parts; parts are values, so whatever can be stored can be in them.
"""

import builtins
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import orjson

from vivido.values.natives import each, same
from vivido.values.plan import Codec, Plan
from vivido.values.wire import TAG, VALUE, Json, Refused, Room, Writer

_SORTABLE: Final = ({int}, {str})
_FACTORIES: Final = ("list", "dict", "set", "int", "str", "float", "bool", "tuple", "frozenset")


@dataclass(frozen=True, slots=True)
class Series:
    """Values that are a list of parts.

    `unordered`: the parts have no order, so they are stored in one of their own: equal values are
    stored alike. `holds_values`: it has values of other kinds in it, which `copy` must copy; else
    its copy is the value itself.
    """

    tag: str
    cls: type
    parts: Callable[[Any], Collection[Any]]
    build: Callable[[list[Any]], Any]
    unordered: bool = False
    holds_values: bool = True


def _whole(value: Any) -> Any:
    return value


def _pairs(value: Mapping[Any, Any]) -> Collection[list[Any]]:
    return [[key, item] for key, item in value.items()]


def _defaultdict_parts(value: defaultdict[Any, Any]) -> list[Any]:
    factory = value.default_factory
    if factory is None:
        return [None, _pairs(value)]
    name = getattr(factory, "__name__", "")
    if name not in _FACTORIES or getattr(builtins, name) is not factory:
        raise Refused(
            f"has the default_factory {factory!r}, and only one of {', '.join(_FACTORIES)} can be"
            " stored: use dict(...)"
        )
    return [name, _pairs(value)]


def _build_defaultdict(parts: list[Any]) -> defaultdict[Any, Any]:
    name, pairs = parts
    if name is not None and name not in _FACTORIES:
        raise ValueError(f"unknown default_factory {name!r}")
    return defaultdict(None if name is None else getattr(builtins, name), pairs)


def _fraction(parts: list[Any]) -> Fraction:
    numerator, denominator = parts
    return Fraction(numerator, denominator)


SERIES: Final = (
    Series("tuple", tuple, _whole, tuple),
    Series("set", set, _whole, set, unordered=True),
    Series("frozenset", frozenset, _whole, frozenset, unordered=True),
    Series(
        "deque",
        deque,
        lambda value: [list(value), value.maxlen],
        lambda parts: deque(parts[0], parts[1]),
    ),
    Series("odict", OrderedDict, _pairs, OrderedDict),
    Series("defaultdict", defaultdict, _defaultdict_parts, _build_defaultdict),
    Series(
        "range",
        range,
        lambda value: [value.start, value.stop, value.step],
        lambda parts: range(*parts),
        holds_values=False,
    ),
    Series(
        "fraction",
        Fraction,
        lambda value: [value.numerator, value.denominator],
        _fraction,
        holds_values=False,
    ),
    Series(
        "complex",
        complex,
        lambda value: [value.real, value.imag],
        lambda parts: complex(*parts),
        holds_values=False,
    ),
)


def series_plans(codec: Codec) -> Mapping[type, Plan]:
    """Return the plans of these collections."""
    return {kind.cls: _plan(kind, codec) for kind in SERIES}


def in_order(written: list[Json]) -> list[Json]:
    """Return what is written of an unordered collection in an order of its own."""
    kinds = set(map(type, written))
    return sorted(written) if kinds in _SORTABLE else sorted(written, key=_text)


def _text(data: Json) -> bytes:
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def _plan(kind: Series, codec: Codec) -> Plan:
    bare = _writer(kind, codec)
    build = kind.build

    def tagged(value: Any, depth: int, room: Room) -> Json:
        return {TAG: kind.tag, VALUE: bare(value, depth + 1, room)}

    def from_bare(data: Json) -> Any:
        return build([codec.read(item) for item in data])

    def from_tagged(data: Json) -> Any:
        return from_bare(data[VALUE])

    return Plan(kind.tag, list, bare, tagged, from_bare, from_tagged, _copier(kind, codec))


def _writer(kind: Series, codec: Codec) -> Writer:
    def bare(value: Any, depth: int, room: Room) -> Json:
        parts = kind.parts(value)
        room.take(depth, len(parts))
        written = each(parts, codec.write, depth + 1, room, value)
        return in_order(written) if kind.unordered else written

    return bare


def _copier(kind: Series, codec: Codec) -> Writer:
    if not kind.holds_values:
        return same

    def copy(value: Any, depth: int, room: Room) -> Any:
        parts = kind.parts(value)
        room.take(depth, len(parts))
        return kind.build(each(parts, codec.copy, depth + 1, room, value))

    return copy
