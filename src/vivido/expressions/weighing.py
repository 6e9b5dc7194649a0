"""How large is a value? What an operation would walk through is charged before it walks.

A few lists within one another, each holding the next one twice, are a tree of any size one likes:
comparing, hashing, printing or storing them must be paid for by what they unfold to, not by the
memory they take.
"""

from __future__ import annotations

import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator, Sized
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import chain
from pathlib import PurePath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from vivido.expressions.meter import Meter, exhausted, too_large

# Types whose values are compared, hashed and printed in a bounded time.
_FLAT: set[type] = {
    bool, complex, date, datetime, Decimal, float, Fraction, int, range, time, timedelta, timezone,
    UUID, ZoneInfo, type(None), type(...), type(NotImplemented), types.BuiltinFunctionType,
    types.FunctionType, type,
}  # fmt: skip
_NOT_FLAT: set[type] = {dict, frozenset, list, set, tuple, str, bytes}
_FLAT_BASES = (Enum, PurePath, type)

# Containers with a length that says how long it takes to go through them.
_SIZED: tuple[type[Any], ...] = (
    bytes, bytearray, deque, dict, frozenset, list, range, set, str, tuple,
    type({}.keys()), type({}.values()), type({}.items()),
)  # fmt: skip
_HASHED_SLOT = 4  # a set or dict takes about this many times the memory of a list
_BOOKKEEPING = frozenset({"__dict__", "__weakref__", "__pydantic_fields_set__"})
LEVELS = 1_000  # Python prints and compares nothing that is nested as deeply
NODES = 1_000_000  # what the value of an expression may unfold to
_LEAVES = frozenset({bool, float, int, str, date, datetime, Decimal, type(None)})
_MODULUS = sys.hash_info.modulus
_COLLIDING = frozenset({complex, Decimal, Fraction, range, UUID})
_TEXT = frozenset({str, bytes})
_PLAIN = frozenset({dict, frozenset, list, set, tuple})
SHORT = 256  # text up to here is not worth charging for


def is_flat(kind: type) -> bool:
    """Whether values of this type have no parts to walk through."""
    if kind in _FLAT:
        return True
    if kind in _NOT_FLAT:
        return False
    flat = issubclass(kind, _FLAT_BASES)
    (_FLAT if flat else _NOT_FLAT).add(kind)
    return flat


def extent(value: Any) -> int:
    """Units of fuel for one more object of this size; its parts are not looked at."""
    if type(value) is int:
        return value.bit_length() >> 6
    if isinstance(value, (str, bytes, bytearray)):
        return len(value) >> 3
    if isinstance(value, (dict, set, frozenset)):
        return _HASHED_SLOT * len(value)
    if isinstance(value, (list, tuple, deque)):
        return len(value)
    if isinstance(value, Fraction):
        return 50 + (value.numerator.bit_length() + value.denominator.bit_length())
    return 1


class Tree(NamedTuple):
    """What a value unfolds to: objects, characters of text, levels."""

    nodes: int
    characters: int
    levels: int


def unfold(value: Any, most: int) -> Tree | None:
    """Measure a value as a tree; None if it has more than `most` nodes, 8 characters being one.

    Level by level, so that the counting is done by loops in C. What contains itself has no end.
    """
    nodes = characters = levels = 0
    level: list[Any] = [value]
    while level and levels <= LEVELS:
        nodes, levels = nodes + len(level), levels + 1
        below: list[Any] = []
        room = most - nodes
        kinds: set[type] = {*map(type, level)}
        for kind in kinds:
            if is_flat(kind):
                continue
            members = [item for item in level if type(item) is kind]
            if kind in _TEXT:
                characters += _lengths(members)
                room -= characters >> 3
            else:
                room -= _collect(kind, members, below, room)
            if room < 0:
                return None
        level = below
    return None if level else Tree(nodes, characters, levels)


def _collect(kind: type, members: list[Any], below: list[Any], room: int) -> int:
    """Put what is within values of one type into `below`; how much it is, or would be."""
    if kind in _PLAIN:
        size = _lengths(members) * (2 if kind is dict else 1)
        if size <= room:
            below.extend(chain.from_iterable(members))
            if kind is dict:
                below.extend(chain.from_iterable(map(dict.values, members)))
        return size
    size = 0
    for member in members:
        if size <= room:
            inside = parts(member)
            size += len(inside)
            below.extend(inside)
    return size


def _lengths(sized: list[Any]) -> int:
    return sum(map(len, sized))


def weigh(value: Any, meter: Meter, node: int = 2) -> Tree:
    """Charge for everything within a value, as often as it is reached: `node` units for each."""
    tree = unfold(value, meter.fuel // node)
    if tree is None:
        exhausted()
    meter.charge(node * tree.nodes + (tree.characters >> 2))
    return tree


def bound_tree(value: Any) -> None:
    """Refuse a value that could not be stored: a few objects may unfold to any number."""
    if not is_flat(type(value)) and unfold(value, NODES) is None:
        too_large(f"a value of more than {NODES:,} parts", f"{NODES:,} parts")


def parts(value: Any) -> list[Any]:
    """What is directly within a value."""
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    inside: list[Any] = []
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        inside.extend(value)
    elif isinstance(value, BaseException):
        inside.extend(value.args)
    fields = getattr(value, "__dict__", None)
    if isinstance(fields, dict):
        inside.extend(fields.values())
    slots = (name for name in _slots(type(value)) if hasattr(value, name))
    inside.extend(getattr(value, name) for name in slots)
    return inside


_SLOTS: dict[type, tuple[str, ...]] = {}


def _slots(kind: type) -> tuple[str, ...]:
    """The slots of a class and its bases, found once."""
    slots = _SLOTS.get(kind)
    if slots is None:
        names: list[str] = []
        for base in kind.__mro__:
            declared = base.__dict__.get("__slots__", ())
            names.extend((declared,) if isinstance(declared, str) else declared)
        slots = _SLOTS[kind] = tuple(name for name in names if name not in _BOOKKEEPING)
    return slots


def charge_walk(value: Any, meter: Meter) -> None:
    """Pay for going through a value once, as a comparison does."""
    kind = type(value)
    if kind is str or kind is bytes:
        if len(value) > SHORT:
            meter.charge(len(value) >> 5)
    elif kind is tuple and _LEAVES.issuperset(map(type, value)):  # the usual composite key
        meter.charge(len(value))
        for part in value:
            if type(part) is str:
                meter.charge(len(part) >> 5)
    elif not is_flat(kind):
        weigh(value, meter)


def charge_hash(key: Any, meter: Meter) -> None:
    """Pay for hashing a value, and for comparing it with those that have the same hash."""
    charge_walk(key, meter)
    if _may_collide(key):
        _charge_collisions(key, meter)


def _may_collide(key: Any) -> bool:
    """Whether it is easy to find many keys with the hash of this one.

    Hashes of text differ from process to process; those of numbers are their remainder by a prime.
    """
    kind = type(key)
    if kind is int:
        return not -_MODULUS < key < _MODULUS
    if kind is tuple:
        return any(map(_may_collide, key))
    return kind in _COLLIDING or not (is_flat(kind) or kind in _TEXT)


def _charge_collisions(key: Any, meter: Meter) -> None:
    """Pay for every other key with the same hash: n such keys take the square of n."""
    if meter.buckets is None:
        meter.buckets = {}
    try:
        same = meter.buckets.setdefault(hash(key), [])
    except TypeError:
        return  # Python says that it is not hashable
    meter.charge(4 + 4 * len(same))
    if key not in same:
        same.append(key)


def charge_compare(left: Any, right: Any, meter: Meter) -> None:
    """Pay for comparing two values, however they are nested."""
    if is_flat(type(left)) or is_flat(type(right)):
        return
    if isinstance(left, (str, bytes)) or isinstance(right, (str, bytes)):
        if isinstance(left, Sized) and isinstance(right, Sized):
            meter.charge(min(len(left), len(right)) >> 5)
        return
    weigh(min(left, right, key=_length), meter)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, Sized) else 1


def metered(source: Any, meter: Meter, weight: int = 3) -> Any:
    """`source` as something that native code may go through to its end: each item costs `weight`.

    What cannot be iterated is returned as it is, so that Python says so in its own words.
    """
    if isinstance(source, _SIZED):
        meter.charge(weight * len(source))
        return source
    return metered_lazily(source, meter, weight)


def metered_lazily(source: Any, meter: Meter, weight: int = 3) -> Any:
    """As `metered`, for native code that may stop early: each item is paid for when it is taken."""
    if isinstance(source, types.GeneratorType):
        return source  # its own rounds are paid for
    try:
        items = iter(source)
    except TypeError:
        return source
    return _paid(items, meter, weight)


def _paid(items: Iterable[Any], meter: Meter, weight: int) -> Iterator[Any]:
    for item in items:
        meter.fuel -= weight
        if meter.fuel < 0:
            exhausted()
        yield item
