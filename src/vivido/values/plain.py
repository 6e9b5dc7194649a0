"""What does everybody else get of a value (events, HTTP, JavaScript, forms)? JSON without any tags.

It follows pydantic: models by alias, with their serializers and computed fields; Decimal as text,
moments in ISO 8601, enums by value, bytes in base64, collections as lists (a range as its three
numbers), and null for floats that JSON has not. It cannot be read back: what an execution keeps is
encoded, never dumped like this.
"""

from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import tzinfo
from fractions import Fraction
from math import isfinite
from pathlib import PurePath
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from vivido.values.advice import advice
from vivido.values.exceptions import message_of
from vivido.values.natives import fits, int_text
from vivido.values.series import in_order
from vivido.values.tags import type_names
from vivido.values.text import is_clean
from vivido.values.unknown import Unknown
from vivido.values.wire import TAG, Json, Refused, Room, shown

_SCALARS: Final = frozenset({str, int, float, bool})
_HALF_A_PAIR: Final = "is text with half a surrogate pair, which JSON cannot hold: replace it"


def to_plain(value: Any, depth: int, room: Room) -> Json:
    """Return a value as JSON without tags; raises `Refused` for what has no such form."""
    if value is None or type(value) in _SCALARS:
        return _plain_scalar(value)
    if isinstance(value, dict):
        return _plain_dict(value, depth, room)
    if isinstance(value, list | tuple | deque):
        return _plain_list(value, depth, room)
    if isinstance(value, set | frozenset):
        return in_order(_plain_list(value, depth, room))
    return to_plain(_dumped(value), depth + 1, room)


def _dumped(value: Any) -> Any:
    """Return a value as something nearer to JSON."""
    if isinstance(value, str):  # of a subclass, or an enum
        return str.__str__(value)
    if isinstance(value, range):  # not its items: there may be more than memory holds
        return [value.start, value.stop, value.step]
    if isinstance(value, BaseException):
        message = message_of(value).encode(errors="replace").decode()
        return {"type": type_names(value)[0], "message": message}
    return _by_pydantic(value)


def _plain_scalar(value: Any) -> Json:
    match value:
        case str() if not is_clean(value):
            raise Refused(_HALF_A_PAIR)
        case float() if not isfinite(value):
            return None
        case int() if not fits(value):
            return int_text(value)
    return value


def _plain_list(value: Collection[Any], depth: int, room: Room) -> list[Json]:
    room.take(depth, len(value))
    plain: list[Json] = []
    try:
        for item in value:
            plain.append(to_plain(item, depth + 1, room))  # noqa: PERF401 - its length tells …
    except Refused as refused:
        refused.within(f"[{len(plain)}]", value)  # … which item was refused
        raise
    return plain


def _plain_dict(value: Mapping[Any, Any], depth: int, room: Room) -> dict[str, Json]:
    room.take(depth, len(value))
    plain: dict[str, Json] = {}
    key: Any = None
    try:
        for key, item in value.items():
            if isinstance(value, Unknown) and key.startswith(TAG):
                continue
            plain[_key(key)] = to_plain(item, depth + 1, room)
    except Refused as refused:
        refused.within(f"[{shown(key)}]", value)
        raise
    return plain


def _key(key: Any) -> str:
    """Return a key as text: ``1`` is ``"1"``, None ``"null"``, ``(1, 2)`` ``"[1,2]"``."""
    plain = to_plain(key, 0, Room())
    return plain if type(plain) is str else orjson.dumps(plain).decode()


def _by_pydantic(value: Any) -> Json:
    """Return a value as pydantic dumps it, or where it cannot, its parts to be tried one by one."""
    try:
        return to_jsonable_python(
            value, by_alias=True, bytes_mode="base64", serialize_as_any=True, fallback=_fallback
        )
    except UnicodeEncodeError:
        return _parts(value, _HALF_A_PAIR)
    except Exception:  # noqa: BLE001 - pydantic's, ours, and whatever an author's serializer raises
        return _parts(value, advice(type(value)))


def _fallback(value: Any) -> Json:
    """Dump what pydantic does not know and we do."""
    if isinstance(value, BaseException | range):
        return to_plain(value, 0, Room())
    if isinstance(value, complex):  # known to pydantic itself since 2.10
        return str(value).strip("()")
    if isinstance(value, Fraction | tzinfo | PurePath):
        return str(value)
    raise Refused(advice(type(value)))


def _parts(value: Any, refusal: str) -> Mapping[str, Any]:
    """Return the fields of a value that pydantic could not dump as a whole, or refuse it."""
    if isinstance(value, BaseModel):
        try:
            return value.model_dump(by_alias=True, serialize_as_any=True, warnings=False)
        except Exception as failure:  # noqa: BLE001 - as above
            raise Refused(f"has no JSON: {failure}") from None
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise Refused(refusal)
