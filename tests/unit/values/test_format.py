"""What does stored data look like? People read it, and later versions must go on reading it."""

import ipaddress
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag
from fractions import Fraction
from math import inf, nan
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, NamedTuple, NewType, Optional
from uuid import UUID
from zoneinfo import ZoneInfo

import pydantic
import pytest
from pydantic import BaseModel, ConfigDict, PrivateAttr
from pydantic_core import TzInfo
from typing_extensions import TypeAliasType

from vivido import values

HERE = __name__


class Colour(Enum):
    """An enum."""

    RED = 1


class Access(Flag):
    """Flags."""

    READ = 1
    WRITE = 2


class Pair(NamedTuple):
    """A named tuple."""

    left: Decimal
    right: Any


@dataclass
class Line:
    """A dataclass."""

    sku: str
    amount: Decimal = Decimal(1)
    tags: list[str] = field(default_factory=list)


class Item(BaseModel):
    """A model."""

    sku: str
    price: Decimal = Decimal(0)


class Gift(Item):
    """Its subclass."""

    note: str | None = None


class Order(BaseModel):
    """A model of models."""

    model_config = ConfigDict(extra="allow")

    id: str
    items: list[Item]
    at: datetime | None = None
    _tries: int = PrivateAttr(default=0)


class Name(str):
    """Text of a class of its own."""

    __slots__ = ("origin",)


def named(text: str, origin: Any) -> Name:
    """Return text with an attribute."""
    name = Name(text)
    name.origin = origin
    return name


def order() -> Order:
    """Return an order with a field unset, one value too many and a private attribute."""
    filled = Order(id="o1", items=[Item(sku="a"), Gift(sku="b", price=Decimal("2.50"))], by="web")  # type: ignore[call-arg]
    filled._tries = 2  # noqa: SLF001 - the state of a test's own class
    return filled


TAGGED = [
    (None, None),
    (True, True),
    (3, 3),
    (2**63, {"$": "int", "v": "9223372036854775808"}),
    (-(2**2001), {"$": "int", "v": hex(-(2**2001))}),
    (1.5, 1.5),
    (nan, {"$": "float", "v": "nan"}),
    (-inf, {"$": "float", "v": "-inf"}),
    ("é", "é"),
    ("\udc80\\", {"$": "str", "escaped": "\\udc80\\\\"}),
    ([1, [None]], [1, [None]]),
    ({"a": {"b": 1}}, {"a": {"b": 1}}),
    ({"$": 1}, {"$": "dict", "v": [["$", 1]]}),
    ({1: "a"}, {"$": "dict", "v": [[1, "a"]]}),
    ((1, "a"), {"$": "tuple", "v": [1, "a"]}),
    ({3, 10, 1}, {"$": "set", "v": [1, 3, 10]}),
    (frozenset({"b"}), {"$": "frozenset", "v": ["b"]}),
    (deque([1], 2), {"$": "deque", "v": [[1], 2]}),
    (OrderedDict(b=1), {"$": "odict", "v": [["b", 1]]}),
    (defaultdict(list, a=[1]), {"$": "defaultdict", "v": ["list", [["a", [1]]]]}),
    (defaultdict(None), {"$": "defaultdict", "v": [None, []]}),
    (Counter("aa"), {"$": "collections:Counter", "v": {"a": 2}}),
    (b"\x00\xff", {"$": "bytes", "v": "AP8="}),
    (bytearray(b"a"), {"$": "bytearray", "v": "YQ=="}),
    (Decimal("1.50"), {"$": "decimal", "v": "1.50"}),
    (Fraction(1, 3), {"$": "fraction", "v": [1, 3]}),
    (complex(1, -0.5), {"$": "complex", "v": [1.0, -0.5]}),
    (range(1, 9, 2), {"$": "range", "v": [1, 9, 2]}),
    (date(2026, 1, 2), {"$": "date", "v": "2026-01-02"}),
    (time(1, 2), {"$": "time", "v": "01:02:00"}),
    (time(1, 2, tzinfo=UTC, fold=1), {"$": "time", "v": "01:02:00[fold=1]+00:00"}),
    (timedelta(1, 2, 3), {"$": "timedelta", "v": "P1DT2.000003S"}),
    (timedelta(seconds=-1), {"$": "timedelta", "v": "P-1DT86399S"}),
    (UUID(int=1), {"$": "uuid", "v": "00000000-0000-0000-0000-000000000001"}),
    (Path("a/b"), {"$": "path", "v": "a/b"}),
    (PurePosixPath("/a"), {"$": "posixpath", "v": "/a"}),
    (PureWindowsPath("c:/a"), {"$": "windowspath", "v": "c:\\a"}),
    (Path("\udce9"), {"$": "path", "v": {"$": "str", "escaped": "\\udce9"}}),
    (ipaddress.ip_address("::1"), {"$": "ipv6address", "v": "::1"}),
    (ZoneInfo("Europe/Berlin"), {"$": "zone", "v": "[Europe/Berlin]"}),
    (UTC, {"$": "timezone", "v": "+00:00"}),
    (TzInfo(0), {"$": "offset", "v": "Z"}),
    (
        pydantic.HttpUrl("https://example.org"),
        {"$": "pydantic.networks:HttpUrl", "v": "https://example.org/"},
    ),
    (Colour.RED, {"$": f"{HERE}:Colour", "v": "RED"}),
    (Access.READ | Access.WRITE, {"$": f"{HERE}:Access", "v": "READ|WRITE"}),
    (Access(0), {"$": f"{HERE}:Access", "v": ""}),
    (Pair(Decimal(1), {2}), {"$": f"{HERE}:Pair", "left": "1", "right": {"$": "set", "v": [2]}}),
    (Line("a"), {"$": f"{HERE}:Line", "sku": "a", "amount": "1", "tags": []}),
    (named("x", 1), {"$": f"{HERE}:Name", "v": "x", "$attributes": {"origin": 1}}),
    (
        order(),
        {
            "$": f"{HERE}:Order",
            "id": "o1",
            "items": [
                {"sku": "a", "price": "0", "$unset": ["price"]},
                {
                    "$": f"{HERE}:Gift",
                    "sku": "b",
                    "price": "2.50",
                    "note": None,
                    "$unset": ["note"],
                },
            ],
            "at": None,
            "$extra": {"by": "web"},
            "$private": {"_tries": 2},
            "$unset": ["at"],
        },
    ),
]


@pytest.mark.parametrize(("value", "data"), TAGGED, ids=[repr(value) for value, _ in TAGGED])
def test_what_a_value_is_stored_as(value: Any, data: Any) -> None:
    """A value that stands for itself has a tag wherever JSON does not say what it is."""
    assert values.encode(value) == data
    assert repr(values.decode(data)) == repr(value)


MOMENTS = [
    (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05"),  # noqa: DTZ001
    (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "2026-01-02T03:04:05.000006+00:00"),
    (datetime(2026, 1, 2, tzinfo=TzInfo(0)), "2026-01-02T00:00:00Z"),
    (datetime(2026, 1, 2, tzinfo=TzInfo(3600)), "2026-01-02T00:00:00+01:00[pydantic]"),
    (datetime(2026, 1, 2, tzinfo=ZoneInfo("UTC")), "2026-01-02T00:00:00[UTC]"),
    (
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        "2026-10-25T02:30:00[fold=1][Europe/Berlin]",
    ),
    (
        datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1), "CET")),
        "2026-01-02T00:00:00+01:00[name=CET]",
    ),
]


@pytest.mark.parametrize(("moment", "text"), MOMENTS, ids=[text for _, text in MOMENTS])
def test_how_moments_are_written(moment: datetime, text: str) -> None:
    """A moment is ISO 8601, and what Python knows beyond it stands in brackets."""
    assert values.encode(moment, datetime) == text
    assert repr(values.decode(text, datetime)) == repr(moment)


Price = NewType("Price", Decimal)
Alias = TypeAliasType("Alias", list[Decimal])

DECLARED = [
    (Decimal("1.50"), Decimal, "1.50"),
    (Decimal("1.50"), Optional[Decimal], "1.50"),  # noqa: UP045 - both spellings
    (None, Decimal | None, None),
    (Decimal("1.50"), Annotated[Decimal, ["anything"]], "1.50"),
    (Decimal("1.50"), Price, "1.50"),
    (Decimal("1.50"), Decimal | int, {"$": "decimal", "v": "1.50"}),
    (Decimal("1.50"), Any, {"$": "decimal", "v": "1.50"}),
    (Decimal("1.50"), "unknown", {"$": "decimal", "v": "1.50"}),
    ("1.50", Decimal, {"$": "str", "v": "1.50"}),
    (15, Decimal, 15),
    (2**70, int, {"$": "int", "v": str(2**70)}),
    (Colour.RED, Colour, "RED"),
    (Access.READ, Access, "READ"),
    (Path("a"), Path, "a"),
    (Path("\udce9"), Path, {"$": "path", "v": {"$": "str", "escaped": "\\udce9"}}),
    (b"a", bytes, "YQ=="),
    ((1, Decimal(2)), tuple[int, Decimal], [1, "2"]),
    ((1,), tuple[int, Decimal], {"$": "tuple", "v": [1]}),
    ((1, 2), tuple, [1, 2]),
    ([1], tuple[int, ...], {"$": "list", "v": [1]}),
    ({Decimal(2), Decimal(1)}, set[Decimal], ["1", "2"]),
    ([Decimal(1), "1"], list[Decimal], ["1", {"$": "str", "v": "1"}]),
    ([Decimal(1)], Alias, ["1"]),
    ({"a": Decimal(1)}, dict[str, Decimal], {"a": "1"}),
    ({"$": b"a"}, dict[str, bytes], {"$": "dict", "v": [["$", {"$": "bytes", "v": "YQ=="}]]}),
    ({1: Decimal(1)}, dict[int, Decimal], [[1, "1"]]),
    ({date(2026, 1, 2): 1}, dict[date, int], [["2026-01-02", 1]]),
    ([1], dict[int, int], {"$": "list", "v": [1]}),
    (Item(sku="a", price=Decimal(1)), Item, {"sku": "a", "price": "1"}),
    ({"sku": "a"}, Item, {"$": "dict", "v": [["sku", "a"]]}),
    ([Gift(sku="a", price=Decimal(1), note="")], list[Item],
     [{"$": f"{HERE}:Gift", "sku": "a", "price": "1", "note": ""}]),
    (Pair(Decimal(1), 2), Pair, {"left": "1", "right": 2}),
    (Line("a"), Line, {"sku": "a", "amount": "1", "tags": []}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "declared", "data"),
    DECLARED,
    ids=[f"{value!r} as {as_}" for value, as_, _ in DECLARED],
)
def test_what_a_declared_type_makes_shorter(value: Any, declared: Any, data: Any) -> None:
    """A value of exactly the declared type has no tag; another has one where it could mislead."""
    assert values.encode(value, declared) == data
    assert repr(values.decode(data, declared)) == repr(value)


def test_an_annotation_that_is_not_understood_says_nothing() -> None:
    """A name that only type checkers see takes no other field with it."""

    @dataclass
    class Local:
        amount: Decimal
        thing: "Nowhere"  # type: ignore[name-defined] # noqa: F821 - the point
        later: "Decimal"

    value = Local(Decimal(1), Decimal(2), Decimal(3))
    data = values.encode(value)
    assert [*data.values()][1:] == ["1", {"$": "decimal", "v": "2"}, "3"]
    assert values.decode(data) == value


def test_a_type_that_contains_itself_has_an_end() -> None:
    """An alias may be recursive, as ``type Tree = list[Tree]`` of Python 3.12 is."""
    tree = type("TypeAliasType", (), {})()
    tree.__value__ = list[tree]
    value = [[], [Decimal(1)]]
    assert values.decode(values.encode(value, tree), tree) == value


def test_equal_values_have_equal_digests() -> None:
    """Neither the order of keys nor that of a set counts, and nothing else is left out."""
    digest = values.digest(values.encode({"a": {1, 2}, "b": 2}))
    assert values.digest(values.encode({"b": 2, "a": {2, 1}})) == digest
    assert (
        len({values.digest(values.encode(value)) for value in (1, 1.0, True, "1", (1,), [1])}) == 6
    )
