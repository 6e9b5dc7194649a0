"""The JSON of a caller becomes arguments, or a message that names what does not fit."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

import pytest
from pydantic import BaseModel, ConfigDict, Field

from vivido import Workflow, workflow
from vivido.errors import UsageError


class Item(BaseModel):
    """A part of the input."""

    sku: str
    price: Decimal


class Order(BaseModel):
    """The input."""

    model_config = ConfigDict(populate_by_name=True)
    id: str
    items: list[Item] = []
    at: datetime | None = Field(default=None, alias="when")


class Rush(Order):
    """A special order."""

    by: str = "noon"


class Settings(BaseModel):
    """A model that nothing need be said about."""

    settings: int = 1


@dataclass
class Point:
    """A dataclass."""

    x: float
    point: str = ""
    tags: set[str] = field(default_factory=set)


class Named(TypedDict, total=False):
    """A typed dict."""

    named: int


@workflow
def nothing() -> None:
    """Take nothing."""


@workflow
def one(order: Order) -> None:
    """Take one."""


@workflow
def maybe(order: Order | None = None) -> None:
    """Take one, or none."""


@workflow
def number(n: int = 3) -> None:
    """Take a number, or none."""


@workflow
def loose(order) -> None:  # type: ignore[no-untyped-def]
    """Take anything."""


@workflow
def table(rows: dict[str, Any]) -> None:
    """Take a dict."""


@workflow
def settings(settings: Settings) -> None:
    """Take a model with a field of the same name."""


@workflow
def point(point: Point) -> None:
    """Take a dataclass with a field of the same name."""


@workflow
def named(named: Named | None) -> None:
    """Take a typed dict with a key of the same name."""


@workflow
def two(order: Order, gift: bool = False) -> None:  # noqa: FBT002  as authors write it
    """Take one, and perhaps another."""


@workflow
def several(a: int, b: list[Point], notes: list[str] = []) -> None:  # noqa: B006  the point of it
    """Take several."""


@workflow
def rest(a: int, *more: Decimal, **others: Decimal) -> None:
    """Take all kinds."""


@workflow
def gathered(*more: int) -> None:
    """Take a list."""


WHEN = datetime(2024, 5, 1, tzinfo=UTC)
READ: list[tuple[Workflow[..., Any], Any, dict[str, Any]]] = [
    (nothing, None, {}),
    (nothing, {}, {}),
    (one, {"id": "1"}, {"order": Order(id="1")}),
    (one, {"order": {"id": "1"}}, {"order": Order(id="1")}),
    (one, Order(id="1"), {"order": Order(id="1")}),
    (one, {"order": Order(id="1")}, {"order": Order(id="1")}),
    (one, Rush(id="1"), {"order": Rush(id="1")}),
    (
        one,
        {"id": "1", "when": "2024-05-01T00:00:00Z", "items": [{"sku": "a", "price": "1.50"}]},
        {"order": Order(id="1", at=WHEN, items=[Item(sku="a", price=Decimal("1.50"))])},
    ),
    (maybe, None, {"order": None}),
    (maybe, {"id": "1"}, {"order": Order(id="1")}),
    (maybe, {"order": None}, {"order": None}),
    (number, None, {"n": 3}),
    (number, {}, {"n": 3}),
    (number, 5, {"n": 5}),
    (number, {"n": 5}, {"n": 5}),
    (number, "5", {"n": 5}),
    (loose, 5, {"order": 5}),
    (loose, {"a": 1}, {"order": {"a": 1}}),
    (loose, {"order": 1}, {"order": 1}),
    (table, {"a": 1}, {"rows": {"a": 1}}),
    (table, {"rows": {"a": 1}}, {"rows": {"rows": {"a": 1}}}),
    (table, {}, {"rows": {}}),
    (settings, {"settings": 5}, {"settings": Settings(settings=5)}),
    (settings, {}, {"settings": Settings()}),
    (point, {"x": 1, "tags": ["a"]}, {"point": Point(1, tags={"a"})}),
    (named, {"named": 5}, {"named": {"named": 5}}),
    (two, {"order": {"id": "1"}}, {"order": Order(id="1"), "gift": False}),
    (two, {"order": {"id": "1"}, "gift": True}, {"order": Order(id="1"), "gift": True}),
    (two, Order(id="1"), {"order": Order(id="1"), "gift": False}),
    (
        several,
        {"b": [{"x": 1}], "a": 1},
        {"a": 1, "b": [Point(1)], "notes": []},
    ),
    (rest, {"a": 1}, {"a": 1, "more": (), "others": {}}),
    (
        rest,
        {"a": 1, "more": ["2"], "others": {"b": "3"}},
        {"a": 1, "more": (Decimal(2),), "others": {"b": Decimal(3)}},
    ),
    (rest, {"a": 1, "c": "4"}, {"a": 1, "more": (), "others": {"c": Decimal(4)}}),
    (rest, 1, {"a": 1, "more": (), "others": {}}),
    (gathered, {"more": [1, "2"]}, {"more": (1, 2)}),
    (gathered, None, {"more": ()}),
]


@pytest.mark.parametrize(
    ("made", "value", "expected"), READ, ids=lambda value: getattr(value, "name", repr(value))
)
def test_input(made: Workflow[..., Any], value: object, expected: dict[str, Any]) -> None:
    """The sole argument or a dict of all parameters is read, validated, and filled up."""
    bound = made.bind_input(value)
    assert bound == expected
    assert {name: type(item) for name, item in bound.items()} == {
        name: type(item) for name, item in expected.items()
    }


def test_values_that_fit_are_kept() -> None:
    """An object that is what the parameter asks for is not rebuilt."""
    order = Rush.model_construct(id=5)  # type: ignore[arg-type]
    assert one.bind_input(order)["order"] is order


def test_defaults_are_fresh() -> None:
    """No execution sees what another made of a default."""
    several.bind_input({"a": 1, "b": []})["notes"].append("x")
    assert several.bind_input({"a": 1, "b": []})["notes"] == []


REFUSED: list[tuple[Workflow[..., Any], Any, str]] = [
    (nothing, 5, "workflow 'nothing' takes no input, and got 5: leave it out"),
    (one, None, "order: None: Input should be a valid dictionary or instance of Order"),
    (one, {}, "order.id: Field required"),
    (one, "text", "order: 'text': Input should be a valid dictionary or instance of Order"),
    (one, {"id": "1", "items": [{"sku": "a", "price": "x"}]}, "order.items[0].price: 'x': Input"),
    (number, "x", "n: 'x': Input should be a valid integer"),
    (
        two,
        {"id": "1"},
        "there is no parameter 'id'; 'order' is missing: give a dict of order, gift",
    ),
    (two, {"ordr": {}}, "there is no parameter 'ordr' (did you mean 'order'?)"),
    (two, {"order": {"id": "1"}, "gift": 5}, "gift: 5: Input should be a valid boolean"),
    (two, {"order": {}, "gift": "x"}, "order.id: Field required; gift: 'x': Input"),
    (two, {5: 1}, "there is no parameter 5"),
    (several, 5, "takes several parameters, and got 5: give a dict of a, b, notes"),
    (several, [1, 2], "takes several parameters, and got [1, 2]"),
    (several, {"b": [{"x": "a"}]}, "'a' is missing"),
    (several, {"a": 1, "b": [{}] * 9}, "b[4].x: Field required; and 4 more: correct it"),
    (rest, {"a": 1, "more": 5}, "more: 5 is no list"),
    (rest, {"a": 1, "others": [1]}, "others: [1] is no dict"),
    (rest, {"a": 1, 5: 1}, "there is no parameter 5"),
    (rest, {"a": 1, "others": {"b": "3"}, "c": 1}, "there is no parameter 'c'"),
]


@pytest.mark.parametrize(
    ("made", "value", "sentence"), REFUSED, ids=lambda value: getattr(value, "name", repr(value))
)
def test_input_that_does_not_fit(made: Workflow[..., Any], value: object, sentence: str) -> None:
    """The message names the workflow, each field and value, and what to do."""
    with pytest.raises(UsageError) as caught:
        made.bind_input(value)
    assert sentence in str(caught.value)
    assert f"workflow {made.name!r}" in str(caught.value)


def test_type_that_nothing_builds() -> None:
    """A parameter that pydantic knows no way to build takes only what is one already."""

    class Handle:
        """No model."""

    @workflow
    def work(handle: list[Handle]) -> None:
        """Take it."""

    handle = Handle()
    assert work.bind_input([handle]) == {"handle": [handle]}
    with pytest.raises(UsageError, match="handle"):
        work.bind_input(["text"])
