"""What is known of a value before anything runs: a small algebra of types, with "unknown" in it.

A type is known where the author wrote it (annotations of parameters, fields and results, literals, constructors)
and unknown everywhere else. What is unknown is never wrong: deep typing belongs to mypy. Classes are the real ones,
since the module of a workflow is imported; nothing of the author's is called to look at them.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import fractions
import functools
import pathlib
import types
import typing
import uuid
import zoneinfo
from collections import abc, deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of `cls` or a subclass of it; `args` are the types of its items where they are known.

    Of a tuple, `args` are its places, unless `uniform`: then it has any number of items of the one type.
    """

    cls: type
    args: tuple[Type, ...] = ()
    uniform: bool = False


@dataclass(frozen=True, slots=True)
class ClassItself:
    """The class itself, as in `Order(…)` or `isinstance(x, Order)`."""

    cls: type


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several types."""

    members: tuple[Type, ...]


Type = Unknown | Instance | ClassItself | OneOf

UNKNOWN = Unknown()
NONE = Instance(type(None))

_SCALARS: tuple[type, ...] = (
    type(None), bool, int, float, complex, str, bytes, Decimal, fractions.Fraction, uuid.UUID, range, slice,
    datetime.date, datetime.time, datetime.datetime, datetime.timedelta, datetime.tzinfo, zoneinfo.ZoneInfo,
    pathlib.PurePath, enum.Enum, type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type(Ellipsis),
)  # fmt: skip
_NUMERIC_TOWER: dict[type, tuple[type, ...]] = {float: (int,), complex: (int, float), bytes: (bytearray, memoryview)}
_OPEN_ATTRIBUTES = ("__getattr__", "__getattribute__")


# ------------------------------------------------------------------ from what the author wrote
def from_annotation(annotation: Any) -> Type:  # noqa: ANN401 - annotations are any object
    """The type that a resolved annotation describes; what cannot be told is unknown."""
    if annotation is None:
        return NONE
    if annotation is Any:  # a class, since 3.11
        return UNKNOWN
    if isinstance(annotation, typing.NewType):
        return from_annotation(annotation.__supertype__)
    origin = typing.get_origin(annotation)
    if origin is not None:
        return _from_generic(origin, typing.get_args(annotation))
    if isinstance(annotation, type) and annotation is not object and not getattr(annotation, "_is_protocol", False):
        return Instance(annotation)
    return UNKNOWN


def _from_generic(origin: Any, args: tuple[Any, ...]) -> Type:  # noqa: ANN401
    if origin in (typing.Union, types.UnionType):
        return one_of(from_annotation(arg) for arg in args)
    if origin is typing.Literal:
        return one_of(Instance(type(arg)) for arg in args)
    if origin in (typing.Annotated, typing.Final, typing.ClassVar, typing.Required, typing.NotRequired):
        return from_annotation(args[0]) if args else UNKNOWN
    if origin is type:
        inner = from_annotation(args[0]) if args else UNKNOWN
        return ClassItself(inner.cls) if isinstance(inner, Instance) else UNKNOWN
    if origin is tuple:
        uniform = len(args) == 2 and args[1] is Ellipsis
        return Instance(tuple, tuple(map(from_annotation, args[:1] if uniform else args)), uniform=uniform)
    if origin in (abc.Callable, abc.Awaitable, abc.Coroutine) or getattr(origin, "_is_protocol", False):
        return UNKNOWN
    if isinstance(origin, type):
        return Instance(origin, tuple(map(from_annotation, args)))
    return UNKNOWN


def one_of(members: abc.Iterable[Type]) -> Type:
    """The union: flat, without doubles; unknown if any part is."""
    flat: dict[Type, None] = {}
    for member in members:
        if isinstance(member, Unknown):
            return UNKNOWN
        flat.update(dict.fromkeys(member.members if isinstance(member, OneOf) else (member,)))
    if not flat:
        return UNKNOWN
    return next(iter(flat)) if len(flat) == 1 else OneOf(tuple(flat))


def members(kind: Type) -> tuple[Type, ...]:
    """The alternatives of a type: itself, if it is no union."""
    return kind.members if isinstance(kind, OneOf) else (kind,)


def without_none(kind: Type) -> Type:
    """The type once `None` is excluded; `None` alone stays."""
    return one_of(member for member in members(kind) if member != NONE) if isinstance(kind, OneOf) else kind


@functools.lru_cache(maxsize=1024)
def hints(owner: Any) -> dict[str, Any]:  # noqa: ANN401
    """The resolved annotations of a function or class; those that cannot be resolved are left out."""
    try:
        return typing.get_type_hints(owner, include_extras=False)
    except Exception:  # noqa: BLE001 - an annotation is any expression of the author's
        raw = getattr(owner, "__annotations__", {})
        return {name: hint for name, hint in raw.items() if not isinstance(hint, str)}


# ------------------------------------------------------------------ attributes
def fields(cls: type) -> dict[str, Type] | None:
    """The declared fields of a model, dataclass or named tuple, with their types; None for other classes."""
    if issubclass(cls, BaseModel):
        return {name: from_annotation(field.annotation) for name, field in cls.model_fields.items()}
    if dataclasses.is_dataclass(cls):
        known = hints(cls)
        return {f.name: from_annotation(known.get(f.name, Any)) for f in dataclasses.fields(cls)}
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        known = hints(cls)
        return {name: from_annotation(known.get(name, Any)) for name in cls._fields}
    return None


def attribute(kind: Type, name: str) -> Type | None:
    """The type of an attribute; None only if no value of this type can have it."""
    found = [_attribute(member, name) for member in members(kind) if member != NONE] or [_attribute(kind, name)]
    present = [each for each in found if each is not None]
    return one_of(present) if present else None


def _attribute(kind: Type, name: str) -> Type | None:
    if isinstance(kind, ClassItself):
        return _class_attribute(kind.cls, name)
    if not isinstance(kind, Instance):
        return UNKNOWN
    declared = fields(kind.cls) or {}
    if name in declared:
        return declared[name]
    static = _static(kind.cls, name)
    if isinstance(static, property) and static.fget is not None:
        return from_annotation(hints(static.fget).get("return", Any))
    if isinstance(static, functools.cached_property):
        return from_annotation(hints(static.func).get("return", Any))
    if static is not None or hasattr(kind.cls, name):
        return UNKNOWN
    return None if closed(kind.cls) and not _subclass_has(kind.cls, name) else UNKNOWN


def _class_attribute(cls: type, name: str) -> Type | None:
    if issubclass(cls, enum.Enum) and name in cls.__members__:
        return Instance(cls)
    if hasattr(cls, name) or name in getattr(cls, "__annotations__", {}):
        return UNKNOWN
    return None if closed(cls) or issubclass(cls, enum.Enum) else UNKNOWN


def _static(cls: type, name: str) -> Any:  # noqa: ANN401
    return next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), None)


def member(cls: type, name: str) -> Any:
    """What the class defines under a name (a plain function, for a method); None if nothing."""
    found = _static(cls, name)
    return getattr(found, "__func__", found)


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


def _subclass_has(cls: type, name: str) -> bool:
    if cls.__module__ == "builtins":
        return False
    below: list[type] = cls.__subclasses__()
    return any(hasattr(sub, name) or name in (fields(sub) or {}) or _subclass_has(sub, name) for sub in below)


def attribute_names(kind: Type) -> list[str]:
    """All public names that a value of this type is known to have, to suggest from."""
    names: set[str] = set()
    for member in members(kind):
        if isinstance(member, Instance | ClassItself):
            names.update(fields(member.cls) or {}, dir(member.cls))
            if isinstance(member, ClassItself) and issubclass(member.cls, enum.Enum):
                names.update(member.cls.__members__)
    return sorted(name for name in names if not name.startswith("_"))


# ------------------------------------------------------------------ items
def item(kind: Type, index: object = None) -> Type:
    """The type of `value[index]`; `index` is the constant, if it is one."""
    return one_of(_item(member, index) for member in members(without_none(kind)))


def _item(kind: Type, index: object) -> Type:
    if not isinstance(kind, Instance):
        return UNKNOWN
    if issubclass(kind.cls, str | bytes):
        return Instance(str if issubclass(kind.cls, str) else int)
    if issubclass(kind.cls, range):
        return Instance(int)
    if kind.cls is tuple and not kind.uniform and kind.args:
        if isinstance(index, int) and -len(kind.args) <= index < len(kind.args):
            return kind.args[index]
        return one_of(kind.args)
    if issubclass(kind.cls, abc.Mapping):
        return kind.args[1] if len(kind.args) == 2 else UNKNOWN
    return kind.args[0] if len(kind.args) == 1 else UNKNOWN


def element(kind: Type) -> Type | None:
    """The type of what iteration gives; None if a value of this type is known not to be iterable."""
    found = [_element(member) for member in members(without_none(kind))]
    present = [each for each in found if each is not None]
    return one_of(present) if present else None


def _element(kind: Type) -> Type | None:
    if isinstance(kind, ClassItself):
        return Instance(kind.cls) if issubclass(kind.cls, enum.Enum) else UNKNOWN
    if not isinstance(kind, Instance):
        return UNKNOWN
    if issubclass(kind.cls, abc.Mapping):
        return kind.args[0] if kind.args else UNKNOWN
    if not hasattr(kind.cls, "__iter__") and not hasattr(kind.cls, "__getitem__"):
        return None
    return _item(kind, None)


# ------------------------------------------------------------------ questions
def immutable(kind: Type) -> bool:
    """Whether no value of this type can change, nor anything inside it."""
    return _immutable(kind, frozenset())


def _immutable(kind: Type, around: frozenset[type]) -> bool:
    if isinstance(kind, OneOf):
        return all(_immutable(member, around) for member in kind.members)
    if isinstance(kind, ClassItself):
        return True
    if not isinstance(kind, Instance):
        return False
    cls = kind.cls
    if cls in around or issubclass(cls, _SCALARS):
        return True
    inside = around | {cls}
    if cls in (tuple, frozenset):
        return bool(kind.args) and all(_immutable(arg, inside) for arg in kind.args)
    if not frozen(cls) or any(not _immutable(Instance(below), inside) for below in cls.__subclasses__()):
        return False
    return all(_immutable(field, inside) for field in (fields(cls) or {}).values())


def is_scalar(cls: type) -> bool:
    """Whether its instances are plain single values: numbers, texts, moments, enums, None."""
    return issubclass(cls, _SCALARS)


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


def changes_in_place(kind: Type) -> bool:
    """Whether `x += y` may change a value of this type instead of making a new one."""
    if isinstance(kind, OneOf):
        return any(changes_in_place(member) for member in kind.members)
    if isinstance(kind, Instance):
        return not issubclass(kind.cls, (*_SCALARS, tuple, frozenset)) and not immutable(kind)
    return isinstance(kind, Unknown)


def assignable(value: Type, target: Type) -> bool:
    """Whether a value may be used where `target` is asked for; doubt counts as yes."""
    if isinstance(target, OneOf):
        return all(any(assignable(each, member) for member in target.members) for each in members(value))
    if isinstance(value, OneOf):
        # A union fits if one part does: the others may have been ruled out by a test before.
        return any(assignable(member, target) for member in value.members)
    if isinstance(value, Unknown) or isinstance(target, Unknown):
        return True
    if isinstance(target, ClassItself) or isinstance(value, ClassItself):
        return isinstance(value, ClassItself) and (
            not isinstance(target, ClassItself) or _subclass(value.cls, target.cls)
        )
    if not _subclass(value.cls, target.cls):
        return target.cls in _NUMERIC_TOWER and issubclass(value.cls, _NUMERIC_TOWER[target.cls])
    return _arguments_fit(value, target)


def _arguments_fit(value: Instance, target: Instance) -> bool:
    if value.cls is tuple and target.cls is tuple and not value.uniform and not target.uniform:
        if value.args and target.args and len(value.args) != len(target.args):
            return False
        return all(map(assignable, value.args, target.args))
    if value.uniform != target.uniform or len(value.args) != len(target.args):
        return True  # a list as a Sequence, a tuple as an Iterable: items are not compared
    return all(map(assignable, value.args, target.args))


def _subclass(cls: type, other: type) -> bool:
    try:
        return issubclass(cls, other)
    except TypeError:  # a protocol with data members, a parametrised class
        return True


def describe(kind: Type) -> str:
    """The type as an author would write it."""
    match kind:
        case Unknown():
            return "Any"
        case OneOf(parts):
            return " | ".join(describe(part) for part in parts)
        case ClassItself(cls):
            return f"type[{cls.__name__}]"
        case Instance(cls, args, uniform):
            name = "None" if cls is type(None) else cls.__name__
            inner = [describe(arg) for arg in args] + (["..."] if uniform else [])
            return f"{name}[{', '.join(inner)}]" if inner else name


def arithmetic_result(left: type, right: type) -> Type:
    """What `+ - * / // %` gives for classes beyond int, float and text, where that is plain."""
    if left is right and left in (Decimal, fractions.Fraction):
        return Instance(left)
    for number in (Decimal, fractions.Fraction):
        if {left, right} == {number, int}:
            return Instance(number)
    return UNKNOWN


def sequence_of(cls: type, inner: Type) -> Instance:
    """`cls[inner]`, or plain `cls` if nothing is known of the items."""
    return Instance(cls, (inner,)) if not isinstance(inner, Unknown) else Instance(cls)


MUTABLE_BUILTINS: tuple[type, ...] = (list, dict, set, bytearray, deque)
