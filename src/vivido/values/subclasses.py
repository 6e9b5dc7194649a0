"""How are enums, and the author's subclasses of built-in types, stored? By what they are made of.

An enum member is its name: ``{"$": "shop:Colour", "v": "RED"}``, in a field of that type ``"RED"``;
flags are ``"READ|WRITE"``. Of a subclass of `str`, `int`, `list` or another built-in, ``v`` is the
built-in value, and ``$attributes`` holds what was set on it.
"""

from collections.abc import Callable, Mapping
from enum import Enum, Flag
from functools import reduce
from operator import or_
from typing import Any, Final

from vivido.values.layout import (
    ATTRIBUTES,
    attributes_of,
    native_base,
    recomputed_in,
    set_attributes,
    slots_of,
    write_named,
)
from vivido.values.natives import same
from vivido.values.plan import Codec, Plan
from vivido.values.tags import tag_of
from vivido.values.unknown import Unknown
from vivido.values.wire import TAG, VALUE, Json, Refused, Room


def enum_plan(cls: type, _codec: Codec) -> Plan | None:
    """Return the plan of an enum."""
    if not issubclass(cls, Enum):
        return None
    tag = tag_of(cls)
    is_flag = issubclass(cls, Flag)
    name_of: Callable[[Any], str | int] = _flag_name if is_flag else _name
    member_of: Callable[[Any, Any], Enum] = _flag if is_flag else _member

    def bare(value: Any, _depth: int, _room: Room) -> Json:
        name = name_of(value)
        return name if isinstance(name, str) else {TAG: tag, VALUE: name}

    def tagged(value: Any, _depth: int, _room: Room) -> Json:
        return {TAG: tag, VALUE: name_of(value)}

    def from_bare(data: Json) -> Any:
        try:
            return member_of(cls, data)
        except (KeyError, ValueError):  # the member is gone
            return Unknown({TAG: tag, VALUE: data})

    def from_tagged(data: Json) -> Any:
        return from_bare(data[VALUE])

    return Plan(tag, str, bare, tagged, from_bare, from_tagged, same)


def _name(value: Enum) -> str:
    if type(value).__members__.get(value._name_) is not value:
        raise Refused(f"is {value!r}, which its enum does not list, so it cannot be stored")
    return value._name_


def _member(cls: type[Enum], name: Any) -> Enum:
    return cls.__members__[name]


def _flag_name(value: Flag) -> str | int:
    """Return the names of the flags that are set, or their number where the names do not say it."""
    names = "|".join(flag._name_ or "" for flag in value)
    try:
        named = _flag(type(value), names)
    except KeyError:
        named = None
    return names if named == value else int(value.value)


def _flag(cls: type[Flag], data: str | int) -> Flag:
    if isinstance(data, int):
        return cls(data)
    return reduce(or_, (cls.__members__[name] for name in data.split("|") if name), cls(0))


_REBUILT: Final[Mapping[type, tuple[Callable[[Any], Any], Callable[[type, Any], Any]]]] = {
    str: (str.__str__, str.__new__),
    int: (int.__index__, int.__new__),
    float: (float.__float__, float.__new__),
    bytes: (lambda value: bytes(memoryview(value)), bytes.__new__),
    tuple: (lambda value: tuple(tuple.__iter__(value)), tuple.__new__),
    frozenset: (lambda value: frozenset(frozenset.__iter__(value)), frozenset.__new__),
    list: (lambda value: list(list.__iter__(value)), lambda cls, base: _filled(cls, list, base)),
    set: (lambda value: set(set.__iter__(value)), lambda cls, base: _filled(cls, set, base)),
    dict: (lambda value: dict(dict.items(value)), lambda cls, base: _filled(cls, dict, base)),
}
"""By built-in type: value of a subclass → built-in value, and class with that → value."""


def subclass_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of a subclass, written in Python, of a built-in type."""
    base = native_base(cls)
    if base not in _REBUILT or cls is base:
        return None
    to_base, rebuild = _REBUILT[base]
    tag = tag_of(cls)
    slots = slots_of(cls)
    recomputed = recomputed_in(cls)

    def others_of(value: Any) -> dict[str, Any]:
        state = attributes_of(value, slots)
        return {name: item for name, item in state.items() if name not in recomputed}

    def tagged(value: Any, depth: int, room: Room) -> Json:
        room.take(depth, 1)
        written = {TAG: tag, VALUE: codec.write[base](to_base(value), depth + 1, room)}
        others = others_of(value)
        if others:
            written[ATTRIBUTES] = write_named(codec, value, others, depth + 1, room)
        return written

    def read(data: Json) -> Any:
        value = rebuild(cls, codec.read(data[VALUE]))
        set_attributes(value, slots, codec.read(data.get(ATTRIBUTES, {})))
        return value

    def copy(value: Any, depth: int, room: Room) -> Any:
        room.take(depth, 1)
        copied = rebuild(cls, codec.copy[base](to_base(value), depth + 1, room))
        set_attributes(copied, slots, codec.copy[dict](others_of(value), depth + 1, room))
        return copied

    return Plan(tag, object, tagged, tagged, read, read, copy)


def _filled(cls: type, base: Any, content: Any) -> Any:
    value = base.__new__(cls)
    (base.extend if base is list else base.update)(value, content)
    return value
