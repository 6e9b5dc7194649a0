"""What does everybody else get of a value (events, HTTP, JavaScript, forms)? JSON without any tags.

It follows pydantic: models by alias, with their serializers and computed fields; Decimal as text,
moments in ISO 8601, enums by value, bytes in base64, collections as lists, and null for floats that
JSON has not. It cannot be read back: what an execution keeps is encoded, never dumped like this.
"""

from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any, Final

from pydantic_core import PydanticSerializationError, to_jsonable_python

from vivido.values.advice import advice
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
    kind = type(value)
    if value is None or kind in _SCALARS:
        return _plain_scalar(value)
    if kind is dict or isinstance(value, Unknown):
        return _plain_dict(value, depth, room)
    if isinstance(value, list | tuple):
        return _plain_list(value, depth, room)
    if isinstance(value, set | frozenset):
        return in_order(_plain_list(value, depth, room))
    if isinstance(value, BaseException):
        return {"type": type_names(value)[0], "message": str(value)}
    return to_plain(_by_pydantic(value), depth + 1, room)


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
            plain[key if type(key) is str else _key(key)] = to_plain(item, depth + 1, room)
    except Refused as refused:
        refused.within(f"[{shown(key)}]", value)
        raise
    return plain


def _key(key: Any) -> str:
    """Return a key as pydantic would write it."""
    (text,) = _by_pydantic({key: None})
    return str(text)


def _by_pydantic(value: Any) -> Json:
    try:
        return to_jsonable_python(
            value, by_alias=True, bytes_mode="base64", serialize_as_any=True, fallback=_fallback
        )
    except UnicodeEncodeError:
        raise Refused(_HALF_A_PAIR) from None
    except (PydanticSerializationError, ValueError, RecursionError) as failure:
        raise Refused(f"of the type {type(value).__qualname__} has no JSON: {failure}") from None


def _fallback(value: Any) -> Json:
    """Dump what pydantic does not know and we do; it reports what this raises."""
    if isinstance(value, BaseException):
        return to_plain(value, 0, Room())
    if isinstance(value, complex | range):
        return str(value) if isinstance(value, complex) else list(value)
    raise ValueError(advice(type(value)))
