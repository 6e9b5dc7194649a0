"""Values are judged as isinstance would judge them, and never changed."""

import enum
import typing
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, Protocol, TypeVar

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from vivido.authoring.conformance import anything, check_of

T = TypeVar("T")
Bounded = TypeVar("Bounded", bound=int)


class Item(BaseModel):
    """A model."""

    price: int


class Special(Item):
    """A model below it."""


class Page(BaseModel, Generic[T]):
    """A generic model."""

    rows: list[T]


class Box(Generic[T]):
    """A generic class that is no model."""


class Rows(list[T], Generic[T, Bounded]):
    """A list whose last parameter is not about its items."""


@dataclass
class Point:
    """A dataclass."""

    x: int


class Pair(NamedTuple):
    """A named tuple."""

    a: int


class Colour(enum.Enum):
    """An enum."""

    RED = 1


class Number(enum.IntEnum):
    """An enum of integers."""

    ONE = 1


class Options(typing.TypedDict, total=False):
    """A typed dict; `size` is required."""

    size: typing.Required[int]
    name: str


class Later(typing.TypedDict):
    """A typed dict with a name that is not known."""

    a: "Missing"  # type: ignore[name-defined]  # noqa: F821  the point of it


class Shape(Protocol):
    """A protocol that isinstance does not know."""

    area: int


Order = NewType("Order", int)
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str")
Cell = TypeAliasType("Cell", int | None)

FITS: list[tuple[Any, Any]] = [
    (int, 1),
    (int, True),
    (int, Number.ONE),
    (int, 2**70),
    (float, 1),
    (float, float("nan")),
    (complex, 1.5),
    (str, "a"),
    (None, None),
    (type(None), None),
    (object, 1),
    (Any, 1),
    (date, datetime(2020, 1, 1)),  # noqa: DTZ001  a value like any other
    (Item, Special(price=1)),
    (Item, Item.model_construct(price="not looked at again")),  # type: ignore[arg-type]
    (Page[int], Page(rows=[])),
    (Page[int], Page[int](rows=[])),
    (Box[int], Box()),
    (Rows[str, int], Rows(["a"])),
    (Point, Point("not looked at")),  # type: ignore[arg-type]
    (Pair, Pair(1)),
    (Colour, Colour.RED),
    (Path, Path("/a")),
    (ValueError, UnicodeError()),
    (list, [1, "a"]),
    (list[int], [1, True]),
    (list[Any], [1, "a"]),
    (list[Item], [Special(price=1)]),
    (set[int], {1}),
    (frozenset[str], frozenset("a")),
    (deque[int], deque([1])),
    (Counter[str], Counter("a")),
    (Sequence[int], (1, 2)),
    (Sequence[str], "text"),
    (Iterable[int], ["not looked at"]),
    (dict[str, int], OrderedDict(a=1)),
    (Mapping[str, Item], {"a": Item(price=1)}),
    (tuple[int, str], (1, "a")),
    (tuple[int, ...], ()),
    (tuple[()], ()),
    (tuple, (1,)),
    (tuple[int, *tuple[str, ...]], (1, "a", "b")),
    (tuple[int, typing.Unpack[tuple[str, ...]]], (1, "a", "b")),  # noqa: UP044  the older spelling
    (Later, {"a": object()}),
    (int | Shape, "not judged"),
    (int | None, None),
    (int | str, True),
    (typing.Optional[Item], Item(price=1)),  # noqa: UP045  written so by some
    (Literal[1, "a"], "a"),
    (Annotated[int, Field(gt=0)], 3),
    (Annotated[int, "a comment"], 0),
    (Annotated[Box[int], "no validator"], Box()),
    (Options, {"size": 1}),
    (Options, {"size": 1, "name": "a", "more": 2}),
    (Order, 1),
    (T, object()),
    (Bounded, 1),
    (Shape, 1),
    (Callable[[int], int], len),
    (type[Item], Special),
    (Cell, None),
    ("not resolved", 1),
    (typing.NoReturn, 1),
]

MISFITS: list[tuple[Any, Any, str]] = [
    (int, "1", "it is '1' (str), where int is wanted"),
    (int, 1.0, "it is 1.0 (float), where int is wanted"),
    (float, Decimal(1), "it is Decimal('1') (Decimal), where float is wanted"),
    (Decimal, 1, "it is 1 (int), where Decimal is wanted"),
    (str, None, "it is None, where str is wanted"),
    (None, 0, "it is 0 (int), where None is wanted"),
    (Item, {"price": 1}, "it is {'price': 1} (dict), where Item is wanted"),
    (Special, Item(price=1), "it is Item(price=1) (Item), where Special is wanted"),
    (Page[int], Item(price=1), "it is Item(price=1) (Item), where Page is wanted"),
    (Point, {"x": 1}, "it is {'x': 1} (dict), where Point is wanted"),
    (Pair, (1,), "it is (1,) (tuple), where Pair is wanted"),
    (Colour, 1, "it is 1 (int), where Colour is wanted"),
    (date, "2020-01-01", "it is '2020-01-01' (str), where date is wanted"),
    (list[int], (1,), "it is (1,) (tuple), where list is wanted"),
    (list[int], [1, "2"], "[1] is '2' (str), where int is wanted"),
    (list[list[int]], [[], ["a"]], "[1][0] is 'a' (str), where int is wanted"),
    (set[int], {"a"}, "[0] is 'a' (str), where int is wanted"),
    (dict[str, int], {"a": "b"}, "['a'] is 'b' (str), where int is wanted"),
    (dict[str, int], {1: 1}, ".keys() is 1 (int), where str is wanted"),
    (dict[str, int], [("a", 1)], "it is [('a', 1)] (list), where dict is wanted"),
    (tuple[int, str], (1,), "it is (1,) (tuple), where a tuple of 2 is wanted"),
    (tuple[int, str], (1, 2), "[1] is 2 (int), where str is wanted"),
    (tuple[int, ...], (1, "a"), "[1] is 'a' (str), where int is wanted"),
    (int | None, "a", "it is 'a' (str), where int | None is wanted"),
    (list[int] | None, ["a"], "[0] is 'a' (str), where int is wanted"),
    (Literal[1, 2], 3, "it is 3 (int), where 1 or 2 is wanted"),
    (Literal["a"], 1, "it is 1 (int), where 'a' is wanted"),
    (Annotated[int, Field(gt=0)], "1", "it is '1' (str), where int is wanted"),
    (
        Annotated[int, Field(gt=0)],
        0,
        "it is 0 (int), where Input should be greater than 0 is wanted",
    ),
    (
        Options,
        {"name": "a"},
        "it is {'name': 'a'} (dict), where Options, a dict with size is wanted",
    ),
    (Options, {"size": "a"}, "['size'] is 'a' (str), where int is wanted"),
    (Order, "a", "it is 'a' (str), where int is wanted"),
    (Bounded, "a", "it is 'a' (str), where int is wanted"),
    (Callable[[int], int], 1, "it is 1 (int), where Callable is wanted"),
    (Cell, "a", "it is 'a' (str), where int | None is wanted"),
]


@pytest.mark.parametrize(("hint", "value"), FITS, ids=repr)
def test_what_fits(hint: object, value: object) -> None:
    """What isinstance and PEP 484 would take is taken."""
    assert check_of(hint)(value) is None


@pytest.mark.parametrize(("hint", "value", "sentence"), MISFITS, ids=repr)
def test_what_does_not_fit(hint: object, value: object, sentence: str) -> None:
    """The first place that does not fit is named, with what is there and what is wanted."""
    assert str(check_of(hint)(value)) == sentence


def test_alias_that_names_itself() -> None:
    """A recursive alias is followed as deep as the value goes."""
    assert check_of(Json)({"a": ["b", {"c": "d"}]}) is None


def test_nothing_to_judge() -> None:
    """Where nothing can be refused, the check is known to be idle."""
    assert [check_of(hint) is anything for hint in (Any, object, T, "text", int)] == [
        True,
        True,
        True,
        True,
        False,
    ]


def test_values_are_left_alone() -> None:
    """A check reads a value and changes nothing in it."""
    value = [OrderedDict(a=Item(price=1))]
    assert check_of(list[dict[str, Item]])(value) is None
    assert value == [OrderedDict(a=Item(price=1))]
    assert type(value[0]) is OrderedDict
