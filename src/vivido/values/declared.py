"""How is a value written in a place whose type is declared? Bare, if it is of exactly that type.

A slot is unambiguous because a value of any other type is tagged there, and so are text, lists and
dicts where the bare form of the declared type looks like them: a str in a field declared as Decimal
is ``{"$": "str", "v": "1.5"}``. None is always null. Where a type says nothing (``Any``, unions of
several types, abstract classes), values are written as anywhere.
"""

from collections import abc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Final, NewType, Union, get_args, get_origin

from vivido.values.plan import Codec, Slot
from vivido.values.series import SERIES, Series, in_order
from vivido.values.text import is_clean
from vivido.values.wire import TAG, Json, Refused, Room, Writer, shown

_LISTS: Final = frozenset({list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable})
_DICTS: Final = frozenset({dict, abc.Mapping, abc.MutableMapping})
_SETS: Final = frozenset({set, abc.Set, abc.MutableSet})
_SERIES: Final = {kind.cls: kind for kind in SERIES}
_CONCRETE: Final[dict[Any, type]] = {Path: type(Path()), PurePath: type(PurePath())}


def slot_of(declared: Any, codec: Codec) -> Slot:
    """Return how values are written and read where `declared` is the type."""
    try:
        known = codec.slots.get(declared)
    except TypeError:  # metadata of Annotated need not be hashable
        return _Maker(codec).slot(declared)
    if known is None:
        known = codec.slots[declared] = _Maker(codec).slot(declared)
    return known


class _Maker:
    """Makes one slot with those inside it; a type that contains itself is as ``Any`` in there."""

    def __init__(self, codec: Codec, *, within: tuple[Any, ...] = ()) -> None:
        self._codec = codec
        self._within = within

    def slot(self, declared: Any) -> Slot:
        """Return the slot of a declared type."""
        plain = _unwrapped(declared)
        if plain in self._within:
            return any_slot(self._codec)
        if get_origin(plain) is None:
            return self._class_slot(plain)
        inside = _Maker(self._codec, within=(*self._within, plain))
        return inside.generic_slot(get_origin(plain), get_args(plain))

    def generic_slot(self, origin: Any, arguments: tuple[Any, ...]) -> Slot:
        """Return the slot of a parametrised type, such as ``list[Order]``."""
        if origin is tuple and arguments:
            return self._tuple_slot(arguments)
        if origin in _LISTS:
            return _list_slot(self.slot(arguments[0]), self._codec)
        if origin in _DICTS:
            return self._dict_slot(*arguments)
        if origin in _SETS or origin is frozenset:
            kind = _SERIES[frozenset if origin is frozenset else set]
            return _series_slot(kind, self.slot(arguments[0]), self._codec)
        return any_slot(self._codec)

    def _tuple_slot(self, arguments: tuple[Any, ...]) -> Slot:
        if arguments[1:] == (...,):
            return _series_slot(_SERIES[tuple], self.slot(arguments[0]), self._codec)
        return _tuple_slot([self.slot(argument) for argument in arguments], self._codec)

    def _class_slot(self, declared: Any) -> Slot:
        if not isinstance(declared, type) or declared in {Any, object}:
            return any_slot(self._codec)
        cls = _CONCRETE.get(declared, declared)
        return (
            any_slot(self._codec) if self._codec.is_native(cls) else _class_slot(cls, self._codec)
        )

    def _dict_slot(self, key: Any, item: Any) -> Slot:
        """Return the slot of a dict: an object where keys are text, a list of pairs elsewhere."""
        if _unwrapped(key) is str:
            return _object_slot(self.slot(item), self._codec)
        keys = self.slot(key)
        # By identity: what metadata makes unhashable may be in there.
        is_number = any(_unwrapped(key) is number for number in (int, float, bool))
        if keys is any_slot(self._codec) and not is_number:
            return keys
        return _pairs_slot(keys, self.slot(item), self._codec)


def any_slot(codec: Codec) -> Slot:
    """Return the slot of a place whose type says nothing."""
    known = codec.slots.get(Any)
    if known is None:
        write = codec.write
        known = codec.slots[Any] = Slot(
            lambda value, depth, room: write[type(value)](value, depth, room), codec.read
        )
    return known


def _unwrapped(declared: Any) -> Any:
    """Return the type in which values are, without what annotations put around it."""
    while True:
        origin = get_origin(declared)
        if origin in {Annotated, Final, ClassVar}:
            declared = get_args(declared)[0]
        elif origin in {Union, UnionType}:
            others = [argument for argument in get_args(declared) if argument is not NoneType]
            if len(others) != 1:
                return Any
            declared = others[0]
        elif isinstance(declared, NewType):
            declared = declared.__supertype__
        elif type(declared).__name__ == "TypeAliasType":  # typing's from 3.12, or its backport
            declared = declared.__value__
        else:
            return declared


def _beside(codec: Codec, shape: Callable[[], type | None]) -> Writer:
    """Return what writes a value of another type where a bare one has the given JSON type."""

    def write(value: Any, depth: int, room: Room) -> Json:
        kind = type(value)
        if kind in {str, list, dict} and kind is shape():
            return codec.escaped(value, depth, room)
        return codec.write[kind](value, depth, room)

    return write


def _class_slot(cls: type, codec: Codec) -> Slot:
    # The plan is asked for when a value comes, so that classes may contain each other.
    def shape() -> type | None:
        plan = codec.plan_of(cls)
        return None if plan is None else plan.shape

    write_bare, write_beside = codec.write_bare, _beside(codec, shape)

    def write(value: Any, depth: int, room: Room) -> Json:
        if type(value) is cls:
            return write_bare[cls](value, depth, room)
        return write_beside(value, depth, room)

    def read(data: Json) -> Any:
        if data is None:
            return None
        kind = type(data)
        if kind is dict and TAG in data:
            return codec.read(data)
        plan = codec.plan_of(cls)
        return plan.from_bare(data) if plan is not None and plan.shape is kind else codec.read(data)

    return Slot(write, read)


def _list_slot(item: Slot, codec: Codec) -> Slot:
    if item is any_slot(codec):
        return item

    def write(value: Any, depth: int, room: Room) -> Json:
        if type(value) is not list:
            return codec.write[type(value)](value, depth, room)
        room.take(depth, len(value))
        return _each_in(value, item.write, depth + 1, room)

    def read(data: Json) -> Any:
        return [item.read(part) for part in data] if type(data) is list else codec.read(data)

    return Slot(write, read)


def _each_in(value: Iterable[Any], write: Writer, depth: int, room: Room) -> list[Json]:
    written: list[Json] = []
    try:
        for item in value:
            written.append(write(item, depth, room))  # noqa: PERF401 - its length tells …
    except Refused as refused:
        refused.within(f"[{len(written)}]", value)  # … which item was refused
        raise
    return written


def _object_slot(item: Slot, codec: Codec) -> Slot:
    if item is any_slot(codec):
        return item

    def write(value: Any, depth: int, room: Room) -> Json:
        if type(value) is not dict or not all(map(_is_plain_key, value)):
            return codec.write[type(value)](value, depth, room)
        room.take(depth, len(value))
        written: dict[str, Json] = {}
        key = ""
        try:
            for key, part in value.items():
                written[key] = item.write(part, depth + 1, room)
        except Refused as refused:
            refused.within(f"[{shown(key)}]", value)
            raise
        return written

    def read(data: Json) -> Any:
        if type(data) is dict and TAG not in data:
            return {key: item.read(part) for key, part in data.items()}
        return codec.read(data)

    return Slot(write, read)


def _is_plain_key(key: Any) -> bool:
    return type(key) is str and key != TAG and (key.isascii() or is_clean(key))


def _pairs_slot(key: Slot, item: Slot, codec: Codec) -> Slot:
    write_beside = _beside(codec, lambda: list)

    def write(value: Any, depth: int, room: Room) -> Json:
        if type(value) is not dict:
            return write_beside(value, depth, room)
        room.take(depth + 1, len(value))
        written: list[Json] = []
        name: Any = None
        try:
            for name, part in value.items():
                written.append(
                    [key.write(name, depth + 2, room), item.write(part, depth + 2, room)]
                )
        except Refused as refused:
            refused.within(f"[{shown(name)}]", value)
            raise
        return written

    def read(data: Json) -> Any:
        if type(data) is list:
            return {key.read(name): item.read(part) for name, part in data}
        return codec.read(data)

    return Slot(write, read)


def _series_slot(kind: Series, item: Slot, codec: Codec) -> Slot:
    write_beside = _beside(codec, lambda: list)

    def write(value: Any, depth: int, room: Room) -> Json:
        found = type(value)
        if found is not kind.cls:
            return write_beside(value, depth, room)
        room.take(depth, len(value))
        written = _each_in(value, item.write, depth + 1, room)
        return in_order(written) if kind.unordered else written

    def read(data: Json) -> Any:
        if type(data) is not list:
            return codec.read(data)
        return kind.build([item.read(part) for part in data])

    return Slot(write, read)


def _tuple_slot(items: Sequence[Slot], codec: Codec) -> Slot:
    """Return the slot of a tuple of which each item has a type of its own."""
    write_beside = _beside(codec, lambda: list)

    def write(value: Any, depth: int, room: Room) -> Json:
        if type(value) is not tuple or len(value) != len(items):
            return write_beside(value, depth, room)
        room.take(depth, len(value))
        following = iter(items)
        return _each_in(
            value, lambda part, *place: next(following).write(part, *place), depth + 1, room
        )

    def read(data: Json) -> Any:
        if type(data) is not list:
            return codec.read(data)
        return tuple(slot.read(part) for slot, part in zip(items, data, strict=True))

    return Slot(write, read)
