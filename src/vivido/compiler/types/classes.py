"""What a class tells of its instances.

Their fields, whether there are others, whether they can change.

Nothing of the author's is called to find out.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
import typing
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vivido.compiler.types.kinds import Type, from_annotation

_OPEN_ATTRIBUTES = ("__getattr__", "__getattribute__")
_SCALARS: tuple[type, ...] = (
    type(None), bool, int, float, complex, str, bytes, range, slice, type, type(Ellipsis),
    Decimal, Fraction, UUID, date, time, datetime, timedelta, tzinfo, ZoneInfo, PurePath, enum.Enum,
    types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
)  # fmt: skip


@functools.lru_cache(maxsize=1024)
def hints(owner: Any) -> dict[str, Any]:
    """The resolved annotations of a function or class.

    Those that cannot be resolved are left out.
    """
    try:
        return typing.get_type_hints(owner, include_extras=False)
    except Exception:  # noqa: BLE001 - an annotation is any expression of the author's
        raw = getattr(owner, "__annotations__", {})
        return {name: hint for name, hint in raw.items() if not isinstance(hint, str)}


def fields(cls: type) -> dict[str, Type] | None:
    """The declared fields of a model, dataclass or named tuple, with their types.

    None for other classes.
    """
    if issubclass(cls, BaseModel):
        return {name: from_annotation(field.annotation) for name, field in cls.model_fields.items()}
    if dataclasses.is_dataclass(cls):
        known = hints(cls)
        return {f.name: from_annotation(known.get(f.name, Any)) for f in dataclasses.fields(cls)}
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        known = hints(cls)
        return {name: from_annotation(known.get(name, Any)) for name in cls._fields}
    return None


def member(cls: type, name: str) -> Any:
    """What the class defines under a name (a plain function, for a method); None if nothing."""
    found = static_attribute(cls, name)
    return getattr(found, "__func__", found)


def static_attribute(cls: type, name: str) -> Any:
    """What the class or a base defines under a name, as it stands there; None if nothing."""
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def closed(cls: type) -> bool:
    """Whether the class itself tells all attributes that its instances have."""
    if _own_getattr(cls):
        return False
    if issubclass(cls, BaseModel):
        return cls.model_config.get("extra") != "allow"
    if dataclasses.is_dataclass(cls) or issubclass(cls, enum.Enum):
        return True
    if issubclass(cls, BaseException):
        return False  # exceptions are given attributes freely, `__notes__` for one
    return cls.__module__ in ("builtins", "datetime", "decimal", "uuid", "fractions") or (
        issubclass(cls, tuple) and hasattr(cls, "_fields")
    )


def refuses_new_attributes(cls: type) -> bool:
    """Whether assigning to an attribute that the class does not declare raises an error."""
    if issubclass(cls, BaseModel):
        return cls.model_config.get("extra") != "allow"
    return not hasattr(cls, "__dict__") or cls.__module__ == "builtins" or frozen(cls)


def _own_getattr(cls: type) -> bool:
    """Whether the class answers for attributes that are not there, by a function of its own."""
    return any(
        isinstance(vars(base).get(hook), types.FunctionType)
        for base in cls.__mro__
        if base is not BaseModel
        for hook in _OPEN_ATTRIBUTES
    )


def subclass_has(cls: type, name: str) -> bool:
    """Whether a subclass that is loaded has the attribute."""
    if cls.__module__ == "builtins":
        return False
    below: list[type] = cls.__subclasses__()
    return any(
        hasattr(sub, name) or name in (fields(sub) or {}) or subclass_has(sub, name)
        for sub in below
    )


def is_scalar(cls: type) -> bool:
    """Whether its instances are plain single values: numbers, texts, moments, enums, None."""
    return issubclass(cls, _SCALARS)


def is_number(cls: type) -> bool:
    """Whether its instances are single values that cannot be iterated over."""
    return is_scalar(cls) and not issubclass(cls, str | bytes | range)


def is_enum(cls: type) -> bool:
    """Whether there is one object for each of its values."""
    return issubclass(cls, enum.Enum | bool | type(None))


def frozen(cls: type) -> bool:
    """Whether the class forbids to assign to its fields."""
    if issubclass(cls, BaseModel):
        return bool(cls.model_config.get("frozen")) and cls.model_config.get("extra") != "allow"
    if dataclasses.is_dataclass(cls):
        params = getattr(cls, "__dataclass_params__", None)
        return bool(params and params.frozen)
    return issubclass(cls, tuple) and hasattr(cls, "_fields")
