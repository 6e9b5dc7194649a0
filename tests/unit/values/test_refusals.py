"""Which values are refused, and does the error say where, what and what to do instead?"""

import asyncio
import io
import re
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr, SecretStr, create_model

from vivido import values
from vivido.errors import ValueNotStorable
from vivido.values import wire

Take = Callable[..., Any]
BOTH: list[Take] = [values.encode, values.copy]


class Bare:
    """A class of which nobody knows what its state is."""


class Item(BaseModel):
    """A model that may hold anything."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="allow")

    lock: Any = None
    _client: Any = PrivateAttr(default=None)


@dataclass(slots=True)
class Node:
    """A dataclass that can refer back."""

    parent: "Node | None" = None
    children: "list[Node] | None" = None
    notes: Any = None


class Pair(NamedTuple):
    """A named tuple."""

    left: Any
    right: Any


class Ordered(OrderedDict[str, int]):
    """A subclass of a built-in that is not restored."""


class Slow(tzinfo):
    """A zone of a class of its own."""

    def utcoffset(self, _: datetime | None) -> timedelta:
        """Return an offset."""
        return timedelta(hours=1)


class Colour(Enum):
    """An enum."""

    RED = 1


class Ghost(Enum):
    """An enum that makes members up."""

    KNOWN = 1

    @classmethod
    def _missing_(cls, value: object) -> "Ghost":
        """Return a member that is not listed."""
        ghost = object.__new__(cls)
        ghost._name_, ghost._value_ = "GHOST", value
        return ghost


def holding(client: Any) -> Item:
    """Return a model with a private attribute."""
    item = Item()
    item._client = client  # noqa: SLF001 - the state of a test's own class
    return item


def refusal(take: Take, value: Any) -> str:
    """Return what the error says when a step's result cannot be stored."""
    with pytest.raises(ValueNotStorable) as caught:
        take(value, name="result")
    return str(caught.value)


PLACES: list[tuple[Callable[[Any], Any], str]] = [
    (lambda part: part, "result"),
    (lambda part: [1, part], "result[1]"),
    (lambda part: ({"a": part},), "result[0]['a']"),
    (lambda part: {1: part}, "result[1]"),
    (lambda part: {("x",): {"$": part}}, "result[('x',)]['$']"),
    (lambda part: Item(lock=[part]), "result.lock[0]"),
    (lambda part: Item(other=part), "result.other"),
    (holding, "result._client"),
    (lambda part: Node(notes=part), "result.notes"),
    (lambda part: Node(children=[Node(), Node(notes=part)]), "result.children[1].notes"),
    (lambda part: Pair(1, part), "result.right"),
    (lambda part: OrderedDict(a=part), "result[0][1]"),
    (lambda part: [part] * 2, "result[0]"),
]


@pytest.mark.parametrize("take", BOTH)
@pytest.mark.parametrize(("place", "way"), PLACES, ids=[way for _, way in PLACES])
def test_the_error_names_the_way(take: Take, place: Callable[[Any], Any], way: str) -> None:
    """However deep it is, the message begins with the way to what cannot be stored."""
    assert refusal(take, place(Bare())) == (
        f"{way} is of the type {__name__}.Bare, which cannot be stored: make its class a dataclass"
        " or a pydantic model, or return only what is needed of it"
    )


DECLARED: list[tuple[Any, Any, str]] = [
    (list[Decimal], [Decimal(1), Bare()], "result[1]"),
    (dict[str, Decimal], {"a": Bare()}, "result['a']"),
    (dict[Decimal, Decimal], {Decimal(1): Bare()}, "result[Decimal('1')]"),
    (tuple[int, Decimal], (1, Bare()), "result[1]"),
    (list[Pair], [Pair(Bare(), 1)], "result[0].left"),
    (Decimal, Bare(), "result"),
]


@pytest.mark.parametrize(
    ("declared", "value", "way"), DECLARED, ids=[str(it[0]) for it in DECLARED]
)
def test_the_error_names_the_way_through_declared_places(
    declared: Any, value: Any, way: str
) -> None:
    """Declared types change nothing about the message."""
    with pytest.raises(ValueNotStorable) as caught:
        values.encode(value, declared, name="result")
    assert str(caught.value).startswith(f"{way} is of the type {__name__}.Bare")


async def later() -> None:
    """Wait for nothing."""


def running() -> Iterator[int]:
    """Yield one."""
    yield 1


def closed_coroutine() -> Any:
    """Return a coroutine that nobody has to await any more."""
    coroutine = later()
    coroutine.close()
    return coroutine


ADVICE = [
    (threading.Lock(), "make it in the step that uses it"),
    (threading.Event(), "make it in the step that uses it"),
    (asyncio.Queue(), "make it in the step that uses it"),
    (io.StringIO(), "keep its path, and open it in the step that uses it"),
    (closed_coroutine(), "await it, and keep its result"),
    (running(), "use list(...)"),
    (iter([1]), "use list(...)"),
    ({}.keys(), "use list(...)"),
    (MappingProxyType({}), "use dict(...)"),
    (memoryview(b""), "use bytes(...)"),
    (len, "keep what it returns instead"),
    (running, "name the function in the workflow instead of keeping it in a value"),
    (Bare, "keep its name, or an enum, instead of the class"),
    (Colour, "keep its name, or an enum, instead of the class"),
    (io, "import it where it is used"),
    (re.compile("a"), "keep its text and compile it in the step"),
    (SecretStr("x"), "keep secrets out of values, and read them in the step"),
    (Slow(), "use zoneinfo.ZoneInfo('Area/City') or datetime.timezone"),
    (Ordered(), "use collections.OrderedDict"),
    (type("Money", (Decimal,), {})(1), "use decimal.Decimal"),
    (type("Moment", (datetime,), {})(1, 1, 1), "use datetime.datetime"),
]


@pytest.mark.parametrize("take", BOTH)
@pytest.mark.parametrize(("value", "what_to_do"), ADVICE, ids=[repr(value) for value, _ in ADVICE])
def test_the_error_says_what_to_do(take: Take, value: Any, what_to_do: str) -> None:
    """What people put into values by mistake has an advice of its own."""
    message = refusal(take, value)
    assert message.startswith("result is of the type ")
    assert message.endswith(f", which cannot be stored: {what_to_do}")


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A generic model."""

    rows: list[T]


class Slotted(BaseModel):
    """A model with state where pydantic does not look."""

    __slots__ = ("hidden",)


def test_a_zone_of_another_class_is_refused() -> None:
    """A moment is refused for its zone, with what to use."""
    assert refusal(values.encode, [datetime(2026, 1, 1, tzinfo=Slow())]) == (
        f"result[0] has a time zone of the type {__name__}.Slow, which cannot be stored:"
        " use zoneinfo.ZoneInfo('Area/City') or datetime.timezone"
    )


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (defaultdict(lambda: 1), "has the default_factory <function"),
        (Page[Literal["a"]](rows=["a"]), "has no name by which it could be found again"),
        (Slotted(), "is a model with __slots__ (hidden)"),
        (create_model("Odd", **{"$x": (int, 1)})(), "is a model with a field named '$x'"),
        (tuple.__new__(Pair, (1, 2, 3)), "has 3 items instead of 2"),
        (Ghost(7), "which its enum does not list"),
    ],
    ids=["factory", "literal", "slots", "field", "items", "member"],
)
def test_what_could_not_be_found_again_is_refused(value: Any, part: str) -> None:
    """A value of which something would be lost is refused, never stored in part."""
    assert part in refusal(values.encode, [value])


def test_a_generic_model_without_a_name_is_stored_where_it_is_declared() -> None:
    """A declared place needs no name for the class."""
    page = Page[Literal["a"]](rows=["a"])
    data = values.encode(page, Page[Literal["a"]])
    assert data == {"rows": ["a"]}
    assert values.decode(data, Page[Literal["a"]]) == page


def nested(levels: int, make: Callable[[Any], Any]) -> Any:
    """Return a value so many levels deep."""
    value: Any = 0
    for _ in range(levels):
        value = make(value)
    return value


@pytest.mark.parametrize("take", [*BOTH, values.plain])
@pytest.mark.parametrize(
    "make", [lambda value: [value], lambda value: {"a": value}, lambda value: (value,)]
)
def test_depth_is_bounded(take: Take, make: Callable[[Any], Any]) -> None:
    """A hundred levels pass, thousands are refused, and the way is cut in the middle."""
    assert take(nested(100, make)) is not None
    message = refusal(take, nested(5_000, make))
    assert message.endswith(
        "is nested more than 200 levels deep and cannot be stored: make it flatter"
    )
    assert len(message) < 200
    assert "…" in message


def test_what_is_deep_enough_is_also_text() -> None:
    """The JSON of whatever passes the bound on depth can be written."""
    for make in (lambda value: [value], lambda value: (value,), lambda value: {1: value}):
        levels = next(n for n in range(300) if not accepted(nested(n + 1, make)))
        assert values.loads(values.dumps(nested(levels, make))) == nested(levels, make)


def accepted(value: Any) -> bool:
    """Tell whether a value is stored."""
    try:
        values.encode(value)
    except ValueNotStorable:
        return False
    return True


def in_itself() -> list[tuple[Any, str]]:
    """Return values that contain themselves, each with what is said of it."""
    xs: list[Any] = [1]
    xs.append({"a": xs})
    d: dict[Any, Any] = {}
    d["me"] = d
    root = Node()
    root.children = [Node(), Node(parent=root)]
    item = Item()
    item.lock = (item,)
    chain: list[Any] = [{"end": xs}]
    return [
        (xs, "result[1]['a'] is result again"),
        (d, "result['me'] is result again"),
        (root, "result.children[1].parent is result again"),
        (item, "result.lock[0] is result again"),
        (chain, "result[0]['end'][1]['a'] is result[0]['end'] again"),
    ]


@pytest.mark.parametrize("take", BOTH)
@pytest.mark.parametrize(("value", "what"), in_itself(), ids=[what for _, what in in_itself()])
def test_a_value_in_itself_is_refused(take: Take, value: Any, what: str) -> None:
    """The error names where the value comes back, and which part it is."""
    assert refusal(take, value) == (
        f"{what}, and a value that contains itself cannot be stored:"
        " keep an id there instead of the object"
    )


@pytest.mark.parametrize("take", [*BOTH, values.plain])
def test_shared_parts_do_not_expand_without_end(
    take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty lists that stand for 10**12 items are refused at the bound on items."""
    monkeypatch.setattr(wire, "MAX_PARTS", 10_000)
    value: Any = [0]
    for _ in range(40):
        value = [value, value]
    assert "is where the value passes 10,000 items in all" in refusal(take, value)


@pytest.mark.parametrize("take", [*BOTH, values.plain])
def test_a_stack_that_is_nearly_full_is_no_crash(take: Take) -> None:
    """A caller deep in its own recursion gets the same kind of error."""

    def deeper(value: Any) -> Any:
        try:
            return deeper(value)
        except RecursionError:
            return refusal(take, value)

    assert "nested too deeply for the stack" in deeper(nested(190, lambda value: [value]))


def test_registering_what_cannot_be_stored_is_an_error() -> None:
    """A class is refused when it is registered, not when the first value comes."""
    assert values.is_storable(Item)
    assert not values.is_storable(Bare)
    assert not values.is_storable(Slotted)
    with pytest.raises(ValueNotStorable, match="a value of Bare is of the type"):
        values.register(Bare)


def test_time_in_utc_is_fine() -> None:
    """The zones that are named in the advice are accepted."""
    for zone in (UTC, ZoneInfo("Europe/Berlin")):
        moment = datetime(2026, 1, 1, tzinfo=zone)
        assert values.decode(values.encode(moment)) == moment
