"""What is known of a value by its type.

Its attributes and items, whether it can change, where it fits.

Doubt counts for the author: what is unknown has every attribute and fits everywhere. Only where a
change could be seen does doubt count against: what is unknown may change.
"""

from __future__ import annotations

import enum
import fractions
import functools
from collections import abc, deque
from decimal import Decimal
from typing import Any

from vivido.compiler.types.classes import (
    closed,
    fields,
    frozen,
    hints,
    is_scalar,
    static_attribute,
    subclass_has,
)
from vivido.compiler.types.kinds import (
    NONE,
    UNKNOWN,
    ClassItself,
    Instance,
    OneOf,
    Type,
    Unknown,
    from_annotation,
    members,
    one_of,
    without_none,
)

MUTABLE_BUILTINS: tuple[type, ...] = (list, dict, set, bytearray, deque)
_NUMERIC_TOWER: dict[type, tuple[type, ...]] = {
    float: (int,),
    complex: (int, float),
    bytes: (bytearray, memoryview),
}


def attribute(kind: Type, name: str) -> Type | None:
    """The type of an attribute; None only if no value of this type can have it."""
    found = [_attribute(member, name) for member in members(kind) if member != NONE] or [
        _attribute(kind, name)
    ]
    present = [each for each in found if each is not None]
    return one_of(present) if present else None


def _attribute(kind: Type, name: str) -> Type | None:  # noqa: PLR0911  one case a kind
    if isinstance(kind, ClassItself):
        return _class_attribute(kind.cls, name)
    if not isinstance(kind, Instance):
        return UNKNOWN
    declared = fields(kind.cls) or {}
    if name in declared:
        return declared[name]
    static = static_attribute(kind.cls, name)
    if isinstance(static, property) and static.fget is not None:
        return from_annotation(hints(static.fget).get("return", Any))
    if isinstance(static, functools.cached_property):
        return from_annotation(hints(static.func).get("return", Any))
    if static is not None or hasattr(kind.cls, name):
        return UNKNOWN
    return None if closed(kind.cls) and not subclass_has(kind.cls, name) else UNKNOWN


def _class_attribute(cls: type, name: str) -> Type | None:
    if issubclass(cls, enum.Enum) and name in cls.__members__:
        return Instance(cls)
    if hasattr(cls, name) or name in getattr(cls, "__annotations__", {}):
        return UNKNOWN
    return None if closed(cls) or issubclass(cls, enum.Enum) else UNKNOWN


def attribute_names(kind: Type) -> list[str]:
    """All public names that a value of this type is known to have, to suggest from."""
    names: set[str] = set()
    for member in members(kind):
        if isinstance(member, Instance | ClassItself):
            names.update(fields(member.cls) or {}, dir(member.cls))
            if isinstance(member, ClassItself) and issubclass(member.cls, enum.Enum):
                names.update(member.cls.__members__)
    return sorted(name for name in names if not name.startswith("_"))


def item(kind: Type, index: object = None) -> Type:
    """The type of `value[index]`; `index` is the constant, if it is one."""
    return one_of(_item(member, index) for member in members(without_none(kind)))


def _item(kind: Type, index: object) -> Type:  # noqa: PLR0911  one case a kind
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
        return kind.args[-1] if len(kind.args) > 1 else UNKNOWN
    return kind.args[0] if len(kind.args) == 1 else UNKNOWN


def element(kind: Type) -> Type | None:
    """The type of what iteration gives.

    None if a value of this type is known not to be iterable.
    """
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


def immutable(kind: Type) -> bool:
    """Whether no value of this type can change, nor anything inside it."""
    return _immutable(kind, frozenset())


def _immutable(kind: Type, around: frozenset[type]) -> bool:  # noqa: PLR0911  one case a kind
    if isinstance(kind, OneOf):
        return all(_immutable(member, around) for member in kind.members)
    if isinstance(kind, ClassItself):
        return True
    if not isinstance(kind, Instance):
        return False
    cls = kind.cls
    if cls in around or is_scalar(cls):
        return True
    inside = around | {cls}
    if cls in (tuple, frozenset):
        return bool(kind.args) and all(_immutable(arg, inside) for arg in kind.args)
    below: list[type] = cls.__subclasses__()
    if not frozen(cls) or any(not _immutable(Instance(sub), inside) for sub in below):
        return False
    return all(_immutable(field, inside) for field in (fields(cls) or {}).values())


def changes_in_place(kind: Type) -> bool:
    """Whether `x += y` may change a value of this type instead of making a new one."""
    if isinstance(kind, OneOf):
        return any(changes_in_place(member) for member in kind.members)
    if isinstance(kind, Instance):
        return (
            not is_scalar(kind.cls)
            and not issubclass(kind.cls, tuple | frozenset)
            and not immutable(kind)
        )
    return isinstance(kind, Unknown)


def assignable(value: Type, target: Type) -> bool:
    """Whether a value may be used where `target` is asked for; doubt counts as yes."""
    if isinstance(target, OneOf):
        return all(
            any(assignable(each, member) for member in target.members) for each in members(value)
        )
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


def arithmetic_result(left: type, right: type) -> Type:
    """What `+ - * / // %` gives for classes beyond int, float and text, where that is plain."""
    if left is right and left in (Decimal, fractions.Fraction):
        return Instance(left)
    for number in (Decimal, fractions.Fraction):
        if {left, right} == {number, int}:
            return Instance(number)
    return UNKNOWN
