"""What becomes of stored values when their classes change, move or go?"""

import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, Flag
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from vivido import values
from vivido.errors import NeedsAttention, RecordedError, ValueNotStorable
from vivido.values import Unknown


class Item(BaseModel):
    """A model as it is now: with more fields than when its values were stored."""

    model_config = ConfigDict(extra="forbid")

    sku: str
    price: Decimal = Decimal(2)
    tags: list[str] = Field(default_factory=list)
    label: str = Field(default_factory=lambda data: data["sku"])
    needed: int
    _tries: int = PrivateAttr(default=1)
    _unset: int = PrivateAttr()


@dataclass
class Line:
    """A dataclass with more fields than then."""

    sku: str
    amount: Decimal = Decimal(1)
    tags: list[str] = field(default_factory=list)


class Pair(NamedTuple):
    """A named tuple with one more item than then."""

    left: Decimal
    right: int = 7


class Colour(Enum):
    """An enum that has lost a member."""

    RED = 1


class Access(Flag):
    """Flags that have lost one."""

    READ = 1


GONE = {
    "$": "gone.shop:Order",
    "id": "o1",
    "total": "1.50",
    "lines": [
        {"$": "gone.shop:Line", "amount": {"$": "str", "v": "x"}},
        {"$": "decimal", "v": "1"},
    ],
    "$unset": ["total"],
}


def test_a_value_whose_class_is_gone_is_kept_whole() -> None:
    """It is a mapping of what was stored, and is stored again as it was."""
    found = values.decode([GONE, 1])
    assert type(found[0]) is Unknown
    assert found[0].tag == "gone.shop:Order"
    assert found[0]["id"] == "o1"
    assert values.encode(found) == [GONE, 1]
    assert values.encode(values.copy(found)) == [GONE, 1]
    assert values.encode(found)[0]["lines"] is not found[0]["lines"]


def test_a_value_whose_class_is_gone_says_so() -> None:
    """Reading an attribute of it names the class and the way out."""
    found = values.decode(GONE)
    with pytest.raises(AttributeError, match=r"'gone.shop:Order'.*import its module") as caught:
        found.total  # noqa: B018 - the reading is what fails
    assert caught.value.name == "total"
    assert repr(found).startswith("Unknown({'$': 'gone.shop:Order'")


def test_only_json_is_put_into_a_value_whose_class_is_gone() -> None:
    """What could not be told from stored data is refused."""
    found = values.decode(GONE)
    found["id"] = Decimal(1)
    for take in (values.encode, values.copy):
        with pytest.raises(ValueNotStorable, match="only JSON can be kept, not Decimal"):
            take(found)


def test_a_class_that_appears_later_makes_the_value_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What could not be found once is looked for again."""
    data = {"$": "late.shop:Line", "sku": "a", "amount": "1"}
    assert type(values.decode(data)) is Unknown
    late = ModuleType("late.shop")
    late.Line = Line  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "late.shop", late)
    assert values.decode(data) == Line("a", Decimal(1))


@pytest.mark.parametrize(
    "tag",
    [
        "os:system",
        "sys:modules",
        "subprocess:Popen",
        "builtins:eval",
        "eval",
        "object",
        "tests:",
        ":",
        "",
        "decimal:Decimal.from_float",
        f"{__name__}:Line.__init__",
        f"{__name__}:test_a_value",
        "pydantic:BaseModel.x[int]",
        f"{__name__}:Line[nothing:Here",
        f"{__name__}:Line[int]",
        f"{__name__}:Item[int]",
        f"{__name__}:Item[nothing:Here]",
        "list[int]",
    ],
)
def test_a_tag_makes_nothing_but_values(tag: str) -> None:
    """Nothing but a class whose values are storable is ever made from stored data."""
    assert type(values.decode({"$": tag, "v": 1})) is Unknown


def test_nothing_is_imported() -> None:
    """A module that is not loaded is not loaded for a tag."""
    assert "this" not in sys.modules
    assert type(values.decode({"$": "this:Zen"})) is Unknown
    assert "this" not in sys.modules


def test_fields_younger_than_the_data_get_their_defaults() -> None:
    """A field that was not stored has its default and counts as not given."""
    item = values.decode({"$": f"{__name__}:Item", "sku": "a", "needed": 1})
    assert item == Item.model_construct(
        _fields_set={"sku", "needed"}, sku="a", needed=1, price=Decimal(2), tags=[], label="a"
    )
    assert item.model_fields_set == {"sku", "needed"}
    assert item._tries == 1  # noqa: SLF001 - the state of a test's own class
    assert values.decode({"$": f"{__name__}:Line", "sku": "a"}) == Line("a")
    assert values.decode({"$": f"{__name__}:Pair", "left": "1"}) == Pair(Decimal(1), 7)


def test_fields_older_than_the_class_are_left_out() -> None:
    """A stored field that the class has no more is not given to its instance."""
    item = values.decode({"$": f"{__name__}:Line", "sku": "a", "old": 1})
    assert vars(item) == {"sku": "a", "amount": Decimal(1), "tags": []}


def test_values_beside_the_fields_are_kept_where_they_are_not_allowed_any_more() -> None:
    """Extra values of a model that has become strict are still there."""
    item = values.decode({"$": f"{__name__}:Item", "sku": "a", "needed": 1, "$extra": {"more": 2}})
    assert item.model_extra == {"more": 2}
    assert item.more == 2


@pytest.mark.parametrize(
    "data",
    [
        {"$": "decimal", "v": "one"},
        {"$": "decimal"},
        {"$": "datetime", "v": "2026-13-01T00:00:00"},
        {"$": "datetime", "v": "2026-01-01T00:00:00[Mars/Olympus]"},
        {"$": "timedelta", "v": "1h"},
        {"$": "timezone", "v": "x"},
        {"$": "timezone", "v": ""},
        {"$": "defaultdict", "v": ["eval", []]},
        {"$": "dict", "v": 3},
        {"$": ["list"]},
        {"$": "error", "cause": 3, "type": "ValueError"},
        {"$": f"{__name__}:Pair"},
    ],
    ids=str,
)
def test_data_that_makes_no_sense_is_an_operators_matter(data: Any) -> None:
    """The error shows the data and says what may be done."""
    with pytest.raises(NeedsAttention, match="cannot be read") as caught:
        values.decode({"x": data})
    assert str(data)[:50] in str(caught.value)
    with pytest.raises(NeedsAttention, match="is not JSON"):
        values.loads(b"{")


def test_data_that_never_ends_is_an_operators_matter() -> None:
    """Data deeper than the codec writes is an error, not a crash."""
    data: Any = 0
    for _ in range(5_000):
        data = [data]
    with pytest.raises(NeedsAttention, match="RecursionError"):
        values.decode(data)


def test_members_that_are_gone_are_kept() -> None:
    """A member that an enum has no more is kept by its name, bare or tagged."""
    for cls, name in ((Colour, "GREEN"), (Access, "READ|GONE")):
        data = {"$": f"{__name__}:{cls.__name__}", "v": name}
        assert values.encode(values.decode(data)) == data
        assert values.encode(values.decode([name], list[cls])) == [data]  # type: ignore[valid-type]


def test_a_class_defined_again_takes_the_place_of_the_first() -> None:
    """After a reload, stored values are of the new class as soon as it is registered."""

    def define() -> type:
        @dataclass
        class Local:
            x: int

        return Local

    old, new = define(), define()
    data = values.encode(old(1))  # type: ignore[call-arg]
    assert type(values.decode(data)) is old
    assert values.register(new) is new
    assert type(values.decode(data)) is new
    assert values.find_class(data["$"]) is new


SHOP = """
    from __future__ import annotations
    from dataclasses import dataclass
    from decimal import Decimal
    from typing import TYPE_CHECKING, Generic, TypeVar
    from pydantic import BaseModel
    if TYPE_CHECKING:
        from nowhere import Thing

    T = TypeVar("T")

    class Order(BaseModel):
        lines: list[Line]
        next: Order | None = None

    class Line(BaseModel):
        amount: Decimal

    @dataclass
    class Box:
        weight: Decimal
        things: list[Thing]
        inner: Box | None = None

    class Page(BaseModel, Generic[T]):
        rows: list[T]

    class Declined(Exception):
        def __init__(self, *, code):
            super().__init__("declined")
            self.code = code

    def sample():
        box = Box(Decimal("1.50"), [Decimal(2)], Box(Decimal(3), []))
        order = Order(lines=[Line(amount=Decimal(1))], next=Order(lines=[]))
        return [[order, box], Page[Line](rows=order.lines), Page[dict[str, int | None]](rows=[]),
                Declined(code=Decimal(4))]
"""
WRITE = "import newshop; from vivido import values; print(values.dumps(newshop.sample()).decode())"
READ = """
    import sys
    from vivido import values
    data = sys.stdin.read()
    gone = values.loads(data)
    kinds = [type(value).__name__ for value in gone]
    assert kinds == ["list", "Unknown", "Unknown", "RecordedError"]
    assert gone[3].code == 4 and "newshop" not in sys.modules
    import newshop
    found = values.loads(data)
    assert found[:3] == newshop.sample()[:3], found
    assert type(found[1]) is newshop.Page[newshop.Line]
    assert type(found[3]) is newshop.Declined and found[3].code == 4
    assert values.dumps(found).decode() == data.strip()
"""


def test_another_process_reads_the_same_values(tmp_path: Path) -> None:
    """A process that has made none of the classes' instances reads them, once it has the module."""
    (tmp_path / "newshop.py").write_text(dedent(SHOP), "utf-8")

    def run(code: str, given: str = "") -> str:
        done = subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", dedent(code)],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path)},  # not what other tests have put on sys.path
        )
        assert done.stderr == ""
        return done.stdout

    assert run(READ, run(WRITE)) == ""


def test_an_exception_whose_class_is_gone_is_recorded() -> None:
    """Its name, bases, message, arguments and attributes stay."""
    data = {
        "$": "error",
        "type": "gone.shop:Declined",
        "bases": ["gone.shop:ShopError", "ValueError", "Exception", "BaseException"],
        "message": "no",
        "args": [{"$": "tuple", "v": [1]}],
        "attributes": {"code": 4},
        "notes": ["n"],
        "cause": {"$": "error", "type": "KeyError", "bases": [], "message": "'k'", "args": ["k"]},
        "traceback": "somewhere",
    }
    found = values.decode(data)
    assert type(found) is RecordedError
    assert (str(found), found.args, found.code) == ("no", ((1,),), 4)
    assert values.type_names(found) == [data["type"], *data["bases"]]
    assert type(found.__cause__) is KeyError
    assert values.traceback_text(found) == "somewhere"
    again = values.encode(found)
    cause = again.pop("cause")
    assert {**again, "cause": data["cause"]} == data
    assert cause["bases"] == ["LookupError", "Exception", "BaseException"]
