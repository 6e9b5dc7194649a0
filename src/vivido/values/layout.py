"""Which named parts has an instance of a class, and how are they written, read and copied?

Used for dataclasses, named tuples and models alike. Declared fields stand at the root of the JSON
object, each bare where its value is of exactly the declared type; whatever else an instance holds
is under ``$attributes``. A field that the instance has lost is named in ``$absent``, so that
reading does not give it its default, as it does for a field that is younger than what was stored.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MemberDescriptorType
from typing import Any, Final, TypeAlias

from vivido.values.plan import Codec, Slot
from vivido.values.text import is_clean
from vivido.values.wire import TAG, Json, Refused, Room

ATTRIBUTES: Final = "$attributes"
ABSENT: Final = "$absent"

State: TypeAlias = Mapping[str, Any]
"""Attributes of an instance, by name."""

Slots: TypeAlias = Mapping[str, MemberDescriptorType]

_HEAP_TYPE: Final = 1 << 9  # Py_TPFLAGS_HEAPTYPE: set of classes made by a class statement
_TYPING: Final = frozenset({"typing", "_typing"})


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The declared fields of a class, in order, and what reading supplies where one is missing.

    `recomputed` are attributes that are not stored: cached properties, and what `typing` notes.
    """

    codec: Codec
    fields: tuple[tuple[str, Slot], ...]
    names: frozenset[str]
    defaults: Mapping[str, Callable[[State], Any]]  # each is given the fields before it
    recomputed: frozenset[str]

    def write(
        self, value: object, state: State, into: dict[str, Json], depth: int, room: Room
    ) -> None:
        """Write all parts of `value` into its JSON object, which is at `depth`."""
        room.take(depth, len(state))
        name = ""
        written = 0
        try:
            for name, slot in self.fields:
                if name in state:
                    into[name] = slot.write(state[name], depth + 1, room)
                    written += 1
        except Refused as refused:
            refused.within(f".{name}", value)
            raise
        if written != len(self.fields):
            into[ABSENT] = [name for name, _ in self.fields if name not in state]
        if written != len(state):
            self._write_others(value, state, into, depth, room)

    def read(self, data: Json) -> dict[str, Any]:
        """Return all parts of an instance from its JSON object."""
        state = {name: slot.read(data[name]) for name, slot in self.fields if name in data}
        if len(state) != len(self.fields):
            state = self._with_defaults(state, data.get(ABSENT, ()))
        others = data.get(ATTRIBUTES)
        if others is not None:
            state.update(self.codec.read(others))
        return state

    def copy(self, value: object, state: State, depth: int, room: Room) -> dict[str, Any]:
        """Return copies of all parts of `value`."""
        if self.recomputed & state.keys():
            state = {name: item for name, item in state.items() if name not in self.recomputed}
        return copy_named(self.codec, value, state, depth, room)

    def _write_others(
        self, value: object, state: State, into: dict[str, Json], depth: int, room: Room
    ) -> None:
        others = {
            name: item
            for name, item in state.items()
            if name not in self.names and name not in self.recomputed
        }
        if others:
            into[ATTRIBUTES] = write_named(self.codec, value, others, depth + 1, room)

    def _with_defaults(self, state: dict[str, Any], absent: Iterable[str]) -> dict[str, Any]:
        full: dict[str, Any] = {}
        for name, _ in self.fields:
            if name in state:
                full[name] = state[name]
            elif name in self.defaults and name not in absent:
                full[name] = self.defaults[name](full)
        return full


def write_named(codec: Codec, value: object, parts: State, depth: int, room: Room) -> Json:
    """Write parts of `value` that have names but no declared types; refusals say ``.name``."""
    if TAG in parts or not all(map(is_clean, parts)):
        return codec.write[dict](dict(parts), depth, room)
    room.take(depth, len(parts))
    written: dict[str, Json] = {}
    name = ""
    try:
        for name, item in parts.items():
            written[name] = codec.write[type(item)](item, depth + 1, room)
    except Refused as refused:
        refused.within(f".{name}", value)
        raise
    return written


def copy_named(codec: Codec, value: object, parts: State, depth: int, room: Room) -> dict[str, Any]:
    """Copy parts of `value` that have names; refusals say ``.name``."""
    room.take(depth, len(parts))
    copies = codec.copy
    copied: dict[str, Any] = {}
    name = ""
    try:
        for name, item in parts.items():
            copied[name] = copies[type(item)](item, depth + 1, room)
    except Refused as refused:
        refused.within(f".{name}", value)
        raise
    return copied


def recomputed_in(cls: type) -> frozenset[str]:
    """Return the names of attributes that an instance gets again by itself."""
    return frozenset(
        name
        for base in cls.__mro__
        for name, member in vars(base).items()
        if isinstance(member, cached_property)
    ) | {"__orig_class__"}


def slots_of(cls: type) -> Slots:
    """Return the slots of a class and its bases, by the name under which they are stored."""
    return {
        name: member
        for base in reversed(cls.__mro__)
        if is_python_class(base)
        for name, member in vars(base).items()
        if isinstance(member, MemberDescriptorType)
    }


def attributes_of(value: object, slots: Slots) -> State:
    """Return what is set on an instance, in its slots or elsewhere."""
    if not slots:
        return getattr(value, "__dict__", {})
    state = dict(getattr(value, "__dict__", {}))
    for name, slot in slots.items():
        try:
            state[name] = slot.__get__(value)
        except AttributeError:  # nothing was put there
            continue
    return state


def set_attributes(value: object, slots: Slots, state: State) -> None:
    """Set attributes where they are kept; `__setattr__` and properties do not run."""
    if not slots:
        if state:
            value.__dict__.update(state)
        return
    for name, item in state.items():
        if name in slots:
            slots[name].__set__(value, item)
        else:
            value.__dict__[name] = item


def is_python_class(cls: type) -> bool:
    """Tell whether a class was made by a class statement: its state is all in attributes."""
    return bool(cls.__flags__ & _HEAP_TYPE) or cls.__module__ in _TYPING


def native_base(cls: type) -> type:
    """Return the nearest base that is not a Python class: `object` for most."""
    return next(base for base in cls.__mro__ if not is_python_class(base))
