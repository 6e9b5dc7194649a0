"""How are the types stored that JSON has itself? As they are, where JSON keeps them exactly.

Escaped are integers of more than 64 bits, floats that are not finite, text with lone surrogates,
and dicts with other keys than text, or with the key of our tags.
"""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from types import NoneType
from typing import Any, Final

from vivido.values.plan import Codec, Plan
from vivido.values.text import TEXT_TAG, is_clean, read_text_tagged, write_text, write_text_tagged
from vivido.values.wire import TAG, VALUE, Json, Reader, Refused, Room, Writer, shown

_INT_BOUND: Final = 2**63
# Python bounds the digits of decimal text (640 at the least); beyond, it is hexadecimal.
_DECIMAL_BITS: Final = 2000


def natives(codec: Codec) -> Mapping[type, Plan]:
    """Return the plans of JSON's own types; their tagged form is the escaped one."""
    return {
        NoneType: _scalar("None", same, same, _whole),
        bool: _scalar("bool", same, same, _whole),
        int: _scalar("int", write_int, _write_int_tagged, _read_int_tagged),
        float: _scalar("float", write_float, _write_float_tagged, _read_float_tagged),
        str: _scalar(TEXT_TAG, write_text, write_text_tagged, read_text_tagged, shape=str),
        list: _list_plan(codec),
        dict: _dict_plan(codec),
    }


def same(value: Any, _depth: int, _room: Room) -> Any:
    """Copy what cannot change, and write what JSON has: the value itself."""
    return value


def each(
    items: Iterable[Any], table: Mapping[type, Writer], depth: int, room: Room, holder: object
) -> list[Any]:
    """Write, or copy, items one after another with what `table` has for their classes."""
    done: list[Any] = []
    try:
        for item in items:
            done.append(table[type(item)](item, depth, room))  # noqa: PERF401 - its length tells …
    except Refused as refused:
        refused.within(f"[{len(done)}]", holder)  # … which item was refused
        raise
    return done


def fits(value: int) -> bool:
    """Tell whether 64 bits hold an integer, so that JSON keeps it."""
    return -_INT_BOUND <= value < _INT_BOUND


def int_text(value: int) -> str:
    """Return an integer as text that ``int(text, 0)`` reads, whatever its size."""
    return str(value) if value.bit_length() <= _DECIMAL_BITS else hex(value)


def write_int(value: int, depth: int, room: Room) -> Json:
    """Return an integer as it is where 64 bits hold it."""
    if -_INT_BOUND <= value < _INT_BOUND:  # not fits(): this is where all integers pass
        return value
    return _write_int_tagged(value, depth, room)


def write_float(value: float, depth: int, room: Room) -> Json:
    """Return a finite float as it is: both sides of JSON print and read the shortest exact text."""
    return value if isfinite(value) else _write_float_tagged(value, depth, room)


def _write_int_tagged(value: int, _depth: int, _room: Room) -> Json:
    return {TAG: "int", VALUE: int_text(value)}


def _read_int_tagged(data: Json) -> int:
    return int(data[VALUE], 0)


def _write_float_tagged(value: float, _depth: int, _room: Room) -> Json:
    return {TAG: "float", VALUE: repr(value)}


def _read_float_tagged(data: Json) -> float:
    return float(data[VALUE])


def _whole(data: Json) -> Any:
    return data


def _scalar(
    tag: str, bare: Writer, tagged: Writer, from_tagged: Reader, *, shape: type = object
) -> Plan:
    return Plan(tag, shape, bare, tagged, _whole, from_tagged, same)


def _list_plan(codec: Codec) -> Plan:
    def bare(value: list[Any], depth: int, room: Room) -> Json:
        room.take(depth, len(value))
        return each(value, codec.write, depth + 1, room, value)

    def tagged(value: list[Any], depth: int, room: Room) -> Json:
        return {TAG: "list", VALUE: bare(value, depth + 1, room)}

    def from_tagged(data: Json) -> list[Any]:
        return [codec.read(item) for item in data[VALUE]]

    def copy(value: list[Any], depth: int, room: Room) -> list[Any]:
        room.take(depth, len(value))
        return each(value, codec.copy, depth + 1, room, value)

    return Plan("list", list, bare, tagged, codec.read, from_tagged, copy)


def _dict_plan(codec: Codec) -> Plan:
    tagged = _dict_tagged(codec)

    def from_tagged(data: Json) -> dict[Any, Any]:
        return {codec.read(key): codec.read(item) for key, item in data[VALUE]}

    return Plan(
        "dict", dict, _dict_bare(codec, tagged), tagged, codec.read, from_tagged, _dict_copy(codec)
    )


def _dict_bare(codec: Codec, tagged: Writer) -> Writer:
    write = codec.write

    def bare(value: dict[Any, Any], depth: int, room: Room) -> Json:
        room.take(depth, len(value))
        written: dict[str, Json] = {}
        key: Any = None
        try:
            for key, item in value.items():
                if type(key) is not str or key == TAG or not (key.isascii() or is_clean(key)):
                    break
                written[key] = write[type(item)](item, depth + 1, room)
            else:
                return written
        except Refused as refused:
            refused.within(f"[{shown(key)}]", value)
            raise
        return tagged(value, depth, room)

    return bare


def _dict_tagged(codec: Codec) -> Writer:
    write = codec.write

    def tagged(value: dict[Any, Any], depth: int, room: Room) -> Json:
        room.take(depth + 2, len(value))
        pairs: list[list[Json]] = []
        key: Any = None
        try:
            for key, item in value.items():
                written = write[type(key)](key, depth + 3, room)
                pairs.append([written, write[type(item)](item, depth + 3, room)])
        except Refused as refused:
            refused.within(f"[{shown(key)}]", value)
            raise
        return {TAG: "dict", VALUE: pairs}

    return tagged


def _dict_copy(codec: Codec) -> Callable[[dict[Any, Any], int, Room], dict[Any, Any]]:
    copies = codec.copy

    def copy(value: dict[Any, Any], depth: int, room: Room) -> dict[Any, Any]:
        room.take(depth, len(value))
        copied: dict[Any, Any] = {}
        key: Any = None
        try:
            for key, item in value.items():
                owned = key if type(key) is str else copies[type(key)](key, depth + 1, room)
                copied[owned] = copies[type(item)](item, depth + 1, room)
        except Refused as refused:
            refused.within(f"[{shown(key)}]", value)
            raise
        return copied

    return copy
