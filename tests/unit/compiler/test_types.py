"""What is known of values by annotations: types, attributes, items, whether they can change."""

from __future__ import annotations

import functools
import typing
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, Protocol, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict

from vivido.compiler import types
from vivido.compiler.types import (
    NONE,
    UNKNOWN,
    ClassItself,
    Instance,
    OneOf,
    Type,
    assignable,
    describe,
    from_annotation,
    immutable,
)

Number = NewType("Number", int)
T = TypeVar("T")
INT, STR = Instance(int), Instance(str)


class Color(Enum):
    """One object for each value."""

    RED = 1


class Readable(Protocol):
    """Asks for a method."""

    def read(self) -> str:
        """Something."""


@dataclass(frozen=True)
class Point:
    """Cannot change."""

    x: int
    color: Color = Color.RED


@dataclass(frozen=True)
class Route:
    """Cannot be assigned to, but holds a list."""

    points: list[Point]


@dataclass(frozen=True)
class Chain:
    """Holds its own kind."""

    rest: Chain | None = None


class Frozen(BaseModel):
    """A model that cannot change."""

    model_config = ConfigDict(frozen=True)
    name: str


class Loose(BaseModel):
    """A model that may be given anything more."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str


class Pair(NamedTuple):
    """A tuple with names."""

    left: int
    right: list[int]


class Guessing:
    """Answers for every attribute."""

    def __getattr__(self, name: str) -> str:
        return name


class Lazy(BaseModel):
    """Has computed attributes."""

    @property
    def short(self) -> int:
        """A property."""
        return 1

    @functools.cached_property
    def long(self) -> list[int]:
        """A property that is kept."""
        return [1]


class Later(Lazy):
    """A subclass with one more field."""

    extra: int = 0


@dataclass
class Odd:
    """Has an annotation that means nothing."""

    here: int
    there: Nowhere  # type: ignore[name-defined]  # noqa: F821


ANNOTATIONS: list[tuple[Any, Type, str]] = [
    (int, INT, "int"),
    (None, NONE, "None"),
    (Any, UNKNOWN, "Any"),
    (object, UNKNOWN, "Any"),
    (T, UNKNOWN, "Any"),
    (Readable, UNKNOWN, "Any"),
    (Callable[[int], str], UNKNOWN, "Any"),
    (Number, INT, "int"),
    (Annotated[int, "x"], INT, "int"),
    (int | None, OneOf((INT, NONE)), "int | None"),
    (Optional[str], OneOf((STR, NONE)), "str | None"),  # noqa: UP045 - as some still write
    (int | Any, UNKNOWN, "Any"),
    (Literal["a", "b"], STR, "str"),
    (Literal["a", 1], OneOf((STR, INT)), "str | int"),
    (list[int], Instance(list, (INT,)), "list[int]"),
    (dict[str, list[int]], Instance(dict, (STR, Instance(list, (INT,)))), "dict[str, list[int]]"),
    (tuple[int, str], Instance(tuple, (INT, STR)), "tuple[int, str]"),
    (tuple[int, ...], Instance(tuple, (INT,), uniform=True), "tuple[int, ...]"),
    (type[Point], ClassItself(Point), "type[Point]"),
    (type[T], UNKNOWN, "Any"),
    (Sequence[int], Instance(Sequence, (INT,)), "Sequence[int]"),
    (typing.Final[int], INT, "int"),
    (typing.Unpack[tuple[int]], UNKNOWN, "Any"),
    (Color, Instance(Color), "Color"),
]


@pytest.mark.parametrize(("annotation", "kind", "text"), ANNOTATIONS)
def test_annotations(annotation: Any, kind: Type, text: str) -> None:
    """Each annotation has a type, and each type a text."""
    assert from_annotation(annotation) == kind
    assert describe(kind) == text


def test_unions_are_flat() -> None:
    """A union of unions is one; of nothing, nothing is known."""
    assert types.one_of([INT, OneOf((INT, NONE))]) == OneOf((INT, NONE))
    assert types.one_of([]) == UNKNOWN
    assert types.without_none(OneOf((INT, NONE))) == INT
    assert types.without_none(NONE) == NONE


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, True),
        (str | None, True),
        (Decimal, True),
        (Color, True),
        (Point, True),
        (Chain, True),
        (Frozen, True),
        (tuple[int, Point], True),
        (frozenset[str], True),
        (type[Point], True),
        (Route, False),
        (Loose, False),
        (list[int], False),
        (tuple[list[int], int], False),
        (tuple, False),
        (Any, False),
        (Pair, False),
        (int | list[int], False),
        (Lazy, False),
    ],
)
def test_what_cannot_change(annotation: Any, expected: bool) -> None:
    """Immutable is what cannot change, nor anything in it."""
    assert immutable(from_annotation(annotation)) is expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, False),
        (str, False),
        (tuple[int, ...], False),
        (Point, False),
        (list[int], True),
        (Any, True),
        (deque[int], True),
        (int | list[int], True),
        (int | None, False),
        (type[Point], False),
    ],
)
def test_what_is_added_to_in_place(annotation: Any, expected: bool) -> None:
    """`+=` changes some values and makes new ones of others."""
    assert types.changes_in_place(from_annotation(annotation)) is expected


@pytest.mark.parametrize(
    ("annotation", "name", "expected"),
    [
        (Point, "x", INT),
        (Point, "y", None),
        (Pair, "left", INT),
        (Pair, "middle", None),
        (Lazy, "short", INT),
        (Lazy, "long", Instance(list, (INT,))),
        (Lazy, "extra", UNKNOWN),
        (Lazy, "nothing", None),
        (Loose, "anything", UNKNOWN),
        (Guessing, "anything", UNKNOWN),
        (ValueError, "anything", UNKNOWN),
        (str, "upper", UNKNOWN),
        (str, "uper", None),
        (Point | None, "x", INT),
        (Point | str, "x", INT),
        (None, "x", None),
        (Any, "x", UNKNOWN),
        (type[Color], "RED", Instance(Color)),
        (type[Color], "GREEN", None),
        (type[Point], "color", UNKNOWN),
        (type[Guessing], "anything", UNKNOWN),
        (Odd, "here", UNKNOWN),
    ],
)
def test_attributes(annotation: Any, name: str, expected: Type | None) -> None:
    """None only where no value of the type can have it."""
    assert types.attribute(from_annotation(annotation), name) == expected


def test_names_to_suggest_from() -> None:
    """Fields, methods and members, but nothing private."""
    assert {"x", "color"} <= set(types.attribute_names(Instance(Point)))
    assert "RED" in types.attribute_names(ClassItself(Color))
    assert types.attribute_names(UNKNOWN) == []


@pytest.mark.parametrize(
    ("annotation", "item", "element"),
    [
        (list[int], INT, INT),
        (list, UNKNOWN, UNKNOWN),
        (dict[str, int], INT, STR),
        (dict, UNKNOWN, UNKNOWN),
        (str, STR, STR),
        (bytes, INT, INT),
        (range, INT, INT),
        (tuple[int, str], INT, OneOf((INT, STR))),
        (list[int] | None, INT, INT),
        (int, UNKNOWN, None),
        (Any, UNKNOWN, UNKNOWN),
        (type[Color], UNKNOWN, Instance(Color)),
        (type[Point], UNKNOWN, UNKNOWN),
    ],
)
def test_items(annotation: Any, item: Type, element: Type | None) -> None:
    """What `value[0]` gives, and what iteration gives; None if it gives nothing."""
    kind = from_annotation(annotation)
    assert types.item(kind, 0) == item
    assert types.element(kind) == element


@pytest.mark.parametrize(
    ("value", "target", "expected"),
    [
        (int, int, True),
        (bool, int, True),
        (int, float, True),
        (float, int, False),
        (str, int, False),
        (int, Decimal, False),
        (None, int, False),
        (None, int | None, True),
        (int | str, int, True),
        (int | str, bytes, False),
        (int, int | str, True),
        (Any, int, True),
        (int, Any, True),
        (list[int], Sequence[int], True),
        (list[int], Iterable[str], False),
        (list[int], list[str], False),
        (list, list[str], True),
        (tuple[int, str], tuple[int, str], True),
        (tuple[int], tuple[int, str], False),
        (tuple[int, ...], tuple[int, int], True),
        (Later, Lazy, True),
        (Lazy, Later, False),
        (type[Later], type[Lazy], True),
        (type[Point], type[Lazy], False),
        (Point, type[Point], False),
        (type[Point], Any, True),
        (bytearray, bytes, True),
    ],
)
def test_where_values_fit(value: Any, target: Any, expected: bool) -> None:
    """Doubt counts as yes; a union fits if a part of it does."""
    assert assignable(from_annotation(value), from_annotation(target)) is expected


def test_arithmetic() -> None:
    """What operators give beyond int, float and text."""
    assert types.arithmetic_result(Decimal, int) == Instance(Decimal)
    assert types.arithmetic_result(Decimal, Decimal) == Instance(Decimal)
    assert types.arithmetic_result(Decimal, str) == UNKNOWN


def test_new_attributes() -> None:
    """Models and frozen classes refuse them, plain classes do not."""
    assert [types.refuses_new_attributes(cls) for cls in (Lazy, Loose, Point, Odd, str)] == [
        True,
        False,
        True,
        False,
        True,
    ]
