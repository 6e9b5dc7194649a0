"""Python values as JSON that says by itself what it is, and back, exactly.

JSON's own values stay as they are. Anything else is an object with one tag, ``"$"``, at its root::

    {"$": "shop:Order", "id": "o1", "total": "9.90", "lines": [{"sku": "a", "amount": "9.90"}]}

The tag is ``"module:Qualname"`` of a class, or a short name of a built-in kind (``decimal``,
``set``, ``error``). Fields have no tags where the value is of exactly the declared type. Decoding
restores state: no validator and no `__init__` runs, and nothing is imported. So values cross
processes as they are, people can read what is stored, and the class of a value may be gone by then
(`Unknown`, `vivido.errors.RecordedError`).

`encode`, `copy` and `plain` raise `vivido.errors.ValueNotStorable`, which names the way to the part
that cannot be stored. Which kinds there are: `vivido.values.codec`.
"""

from hashlib import sha256
from reprlib import Repr
from types import NoneType
from typing import Any, Final, TypeVar

import orjson

from vivido.errors import NeedsAttention
from vivido.values.codec import CODEC
from vivido.values.declared import slot_of
from vivido.values.exceptions import keep_traceback, traceback_text
from vivido.values.plain import to_plain
from vivido.values.tags import type_names
from vivido.values.unknown import Unknown
from vivido.values.wire import BoundPassed, Json, Refused, Room

__all__ = [
    "Json",
    "Unknown",
    "copy",
    "decode",
    "digest",
    "dumps",
    "encode",
    "find_class",
    "is_storable",
    "keep_traceback",
    "loads",
    "plain",
    "register",
    "traceback_text",
    "type_names",
]

_EXCERPT: Final = Repr()
_EXCERPT.maxstring = 100
_SCALARS: Final = frozenset({NoneType, bool, int, float, str})
_NO_ROOM: Final = Room()  # scalars take none
_UNREADABLE: Final = (
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    AttributeError,
    RecursionError,
    Refused,
)

_Value = TypeVar("_Value")
_Class = TypeVar("_Class", bound=type)


def encode(value: Any, declared: Any = None, *, name: str = "value") -> Json:
    """Return a value as self-describing JSON, made of fresh lists and dicts.

    With `declared`, the type of the place where it goes, the JSON is shorter, and `decode` must be
    given the same. `name` is what errors call the value: ``"result"`` in ``result.items[3].lock``.
    Raises `ValueNotStorable`.
    """
    kind = type(value)
    try:
        if declared is None:
            return CODEC.write[kind](value, 0, _NO_ROOM if kind in _SCALARS else Room())
        return slot_of(declared, CODEC).write(value, 0, Room())
    except Refused as refused:
        raise refused.as_error(name) from None
    except RecursionError:
        raise _too_deep().as_error(name) from None


def decode(data: Json, declared: Any = None) -> Any:
    """Return the value that `encode` was given; nothing of `data` is shared with it.

    A value whose class is gone becomes `Unknown`, an exception `RecordedError`. Raises
    `NeedsAttention` where the data cannot be read: where it was not made by `encode`, or a class
    has changed so much that its old values are no use.
    """
    try:
        return CODEC.read(data) if declared is None else slot_of(declared, CODEC).read(data)
    except _UNREADABLE as failure:
        raise NeedsAttention(
            f"stored data {_excerpt(data)} cannot be read ({type(failure).__name__}: {failure}):"
            " use a version of the classes named there that can, or supply the value"
        ) from failure


def dumps(value: Any, declared: Any = None, *, name: str = "value") -> bytes:
    """Return a value as JSON text; raises `ValueNotStorable`, as `encode` does."""
    return orjson.dumps(encode(value, declared, name=name))


def loads(data: bytes | str, declared: Any = None) -> Any:
    """Return the value that `dumps` was given; raises `NeedsAttention`, as `decode` does."""
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as failure:
        raise NeedsAttention(f"stored data {_excerpt(data)} is not JSON: {failure}") from failure
    return decode(parsed, declared)


def copy(value: _Value, *, name: str = "value") -> _Value:
    """Return an equal value that shares nothing that can change: decode(encode(value)), quicker.

    Raises `ValueNotStorable` for the same values as `encode`.
    """
    if type(value) in _SCALARS:
        return value
    try:
        copied: _Value = CODEC.copy[type(value)](value, 0, Room())
    except Refused as refused:
        raise refused.as_error(name) from None
    except RecursionError:
        raise _too_deep().as_error(name) from None
    return copied


def plain(value: Any, *, name: str = "value") -> Json:
    """Return a value as JSON for others, without tags: see `vivido.values.plain`.

    Raises `ValueNotStorable` where pydantic has no JSON for it either.
    """
    try:
        return to_plain(value, 0, Room())
    except Refused as refused:
        raise refused.as_error(name) from None
    except RecursionError:
        raise _too_deep().as_error(name) from None


def digest(data: Json) -> str:
    """Return 64 hexadecimal digits (SHA-256) that are equal for equal encoded values.

    The order of keys in objects plays no part, as it plays none when Python compares dicts.
    """
    return sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def register(cls: _Class) -> _Class:
    """Let stored values name this class, and return it; needed where its module is not loaded.

    Raises `ValueNotStorable` for a class whose values are not storable.
    """
    try:
        plan = CODEC.required_plan(cls)
    except Refused as refused:
        raise refused.as_error(f"a value of {cls.__qualname__}") from None
    CODEC.adopt(plan, cls)
    return cls


def is_storable(cls: type) -> bool:
    """Tell whether values of exactly this class can be stored, so far as the class tells."""
    try:
        return CODEC.plan_of(cls) is not None
    except Refused:
        return False


def find_class(tag: str) -> type | None:
    """Return the class that a name in stored data means, if it can be found here."""
    return CODEC.names.resolve(tag)


def _too_deep() -> BoundPassed:
    return BoundPassed(
        "is nested too deeply for the stack of the caller, and cannot be stored: make it flatter"
    )


def _excerpt(data: Json) -> str:
    return _EXCERPT.repr(data)
