"""The types themselves: an instance of a class, a class, one of several, or unknown.

Classes are the real ones, since the module of a workflow is imported.
"""

from __future__ import annotations

import types
import typing
from collections import abc
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of `cls` or a subclass of it.

    `args` are the types of its items where they are known.

    Of a tuple, `args` are its places, unless `uniform`: then it has any number of items of the one
    type.
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


def from_annotation(annotation: Any) -> Type:
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
    if (
        isinstance(annotation, type)
        and annotation is not object
        and not getattr(annotation, "_is_protocol", False)
    ):
        return Instance(annotation)
    return UNKNOWN


def _from_generic(origin: Any, args: tuple[Any, ...]) -> Type:  # noqa: PLR0911  one case a kind
    if origin in (typing.Union, types.UnionType):
        return one_of(from_annotation(arg) for arg in args)
    if origin is typing.Literal:
        return one_of(Instance(type(arg)) for arg in args)
    if origin in (
        typing.Annotated,
        typing.Final,
        typing.ClassVar,
        typing.Required,
        typing.NotRequired,
    ):
        return from_annotation(args[0]) if args else UNKNOWN
    if origin is type:
        inner = from_annotation(args[0]) if args else UNKNOWN
        return ClassItself(inner.cls) if isinstance(inner, Instance) else UNKNOWN
    if origin is tuple:
        uniform = args[-1:] == (Ellipsis,)
        return Instance(
            tuple, tuple(map(from_annotation, args[:1] if uniform else args)), uniform=uniform
        )
    if origin in (abc.Callable, abc.Awaitable, abc.Coroutine) or getattr(
        origin, "_is_protocol", False
    ):
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
    return (
        one_of(member for member in members(kind) if member != NONE)
        if isinstance(kind, OneOf)
        else kind
    )


def sequence_of(cls: type, inner: Type) -> Instance:
    """`cls[inner]`, or plain `cls` if nothing is known of the items."""
    return Instance(cls, (inner,)) if not isinstance(inner, Unknown) else Instance(cls)


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
