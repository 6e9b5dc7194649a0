"""How are dataclasses and named tuples stored? By field, in an object with the name of the class.

``{"$": "shop:Line", "sku": "a1", "amount": "2.50"}``. They are made again without `__init__`, so no
default, check or `__post_init__` of the class changes what was stored.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from vivido.values.declared import slot_of
from vivido.values.hints import declared_types
from vivido.values.layout import (
    Layout,
    State,
    attributes_of,
    native_base,
    recomputed_in,
    set_attributes,
    slots_of,
)
from vivido.values.plan import Codec, Plan, Slot
from vivido.values.tags import tag_of
from vivido.values.wire import TAG, Json, Refused, Room


def dataclass_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of a dataclass, pydantic's too."""
    if not dataclasses.is_dataclass(cls) or native_base(cls) is not object:
        return None
    fields = dataclasses.fields(cls)
    defaults: dict[str, Callable[[State], Any]] = {}
    for field in fields:
        if field.default_factory is not dataclasses.MISSING:
            defaults[field.name] = _made_by(field.default_factory)
        elif field.default is not dataclasses.MISSING:
            defaults[field.name] = _always(field.default)
    layout = _layout(cls, codec, [field.name for field in fields], defaults)
    slots = slots_of(cls)

    def restore(state: State) -> Any:
        value = object.__new__(cls)
        set_attributes(value, slots, state)
        return value

    return _plan(cls, layout, lambda value: attributes_of(value, slots), restore)


def namedtuple_plan(cls: type, codec: Codec) -> Plan | None:
    """Return the plan of a named tuple, made by `typing.NamedTuple` or by `collections`."""
    names = getattr(cls, "_fields", None)
    if not issubclass(cls, tuple) or not isinstance(names, tuple):
        return None
    given = getattr(cls, "_field_defaults", {})
    defaults = {name: _always(item) for name, item in given.items()}
    layout = _layout(cls, codec, names, defaults)

    def state_of(value: tuple[Any, ...]) -> State:
        if len(value) != len(names):
            raise Refused(f"has {len(value)} items instead of {len(names)} and cannot be stored")
        return {
            **getattr(value, "__dict__", {}),
            **dict(zip(names, tuple.__iter__(value), strict=True)),
        }

    def restore(state: State) -> Any:
        value = tuple.__new__(cls, [state[name] for name in names])
        if len(state) > len(names):
            value.__dict__.update((name, state[name]) for name in state.keys() - layout.names)
        return value

    return _plan(cls, layout, state_of, restore)


def _layout(
    cls: type, codec: Codec, names: "list[str] | tuple[str, ...]", defaults: Mapping[str, Any]
) -> Layout:
    types = declared_types(cls)
    fields: tuple[tuple[str, Slot], ...] = tuple(
        (name, slot_of(types.get(name, Any), codec)) for name in names
    )
    return Layout(codec, fields, frozenset(names), defaults, recomputed_in(cls))


def _plan(
    cls: type,
    layout: Layout,
    state_of: Callable[[Any], State],
    restore: Callable[[State], Any],
) -> Plan:
    tag = tag_of(cls)

    def bare(value: Any, depth: int, room: Room) -> Json:
        written: dict[str, Json] = {}
        layout.write(value, state_of(value), written, depth, room)
        return written

    def tagged(value: Any, depth: int, room: Room) -> Json:
        written: dict[str, Json] = {TAG: tag}
        layout.write(value, state_of(value), written, depth, room)
        return written

    def read(data: Json) -> Any:
        return restore(layout.read(data))

    def copy(value: Any, depth: int, room: Room) -> Any:
        return restore(layout.copy(value, state_of(value), depth, room))

    return Plan(tag, dict, bare, tagged, read, read, copy)


def _always(value: Any) -> Callable[[State], Any]:
    return lambda _: value


def _made_by(factory: Callable[[], Any]) -> Callable[[State], Any]:
    return lambda _: factory()
