"""Values on their way: between steps, into branches and children, and who owns them."""

import math
import random
import uuid
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from vivido import map_each, parallel, pure, sleep, step, workflow
from vivido.model.journal import Kind
from vivido.testing import simulate
from vivido.testing.faults import Fault
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check


class Colour(Enum):
    """An enum."""

    RED = "r"
    DARK = ("d", 1)


class Level(IntEnum):
    """An enum that is a number."""

    LOW = 1


class Rights(Flag):
    """Flags."""

    READ = 1
    WRITE = 2


class Point(NamedTuple):
    """A named tuple."""

    x: int
    y: float = 0.5


class Item(BaseModel):
    """A model with an alias, a private attribute and room for more."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)
    sku: str = Field(alias="SKU")
    price: Decimal
    _seen: int = PrivateAttr(default=0)


class Gift(Item):
    """A subclass where the base is declared."""

    ribbon: Colour = Colour.RED


@dataclass
class Basket:
    """A dataclass with everything in it."""

    items: list[Item]
    anything: Any = None
    tags: set[str] = field(default_factory=set)


def gift() -> Gift:
    """Make a gift that has been looked at, with a field nobody declared."""
    made = Gift(SKU="g", price=Decimal("1.10"), note="extra")
    made._seen = 3  # noqa: SLF001
    return made


HARD: dict[str, Any] = {
    "nan": math.nan,
    "infinity": -math.inf,
    "zero": -0.0,
    "big": 2**200,
    "text": "ü\U0001f600\x00\ud800",
    "bytes": b"\x00\xff",
    "tuple": (1, (2, [3])),
    "set": {1, "a", (2, 3)},
    "frozen": frozenset({1}),
    "keys": {1: "a", "1": "b", (2, 3): {"$": "x"}},
    "decimal": Decimal("1.100"),
    "fraction": Fraction(1, 3),
    "complex": complex(1, -0.0),
    "datetime": datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    "offset": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    "naive": datetime(2026, 1, 1, 0, 0, 0, 7),  # noqa: DTZ001
    "date": date(2026, 1, 1),
    "time": time(1, 2, 3, tzinfo=UTC),
    "timedelta": timedelta(days=-1, microseconds=3),
    "uuid": UUID(int=5),
    "path": PurePosixPath("a/b"),
    "enum": [Colour.RED, Colour.DARK, Level.LOW, Rights.READ | Rights.WRITE],
    "named": Point(1),
    "model": gift(),
    "dataclass": Basket([Item(sku="i", price=Decimal(2)), gift()], anything=Point(2), tags={"t"}),
    "class": Colour,
    "collections": [deque([1, 2], maxlen=3), OrderedDict(a=1), Counter("aab")],
    "exception": ValueError("x", 1),
    "range": range(1, 10, 3),
}


@step
def same(value: Any) -> Any:
    """Give back what it was given."""
    return value


@workflow
def around(value: Any) -> list[Any]:
    """Carry a value through everything that writes it down."""
    got = same(value)

    def one(i: int) -> Any:
        sleep("1s")
        return same(got) if i else got

    rows = map_each(one, [0, 1])
    both = parallel(same(rows), around_child(got))
    return [got, rows, both]


@workflow
def around_child(value: Any) -> Any:
    """A child execution that gives back what it was given."""
    return same(value)


SHAPES: list[tuple[type | tuple[type, ...], Any]] = [
    ((float, complex), repr),
    ((list, tuple, deque), lambda value: [shape(one) for one in value]),
    (dict, lambda value: [(shape(key), shape(one)) for key, one in value.items()]),
    (Item, lambda value: (value.model_dump(), value._seen, value.model_extra)),  # noqa: SLF001
    (Basket, lambda value: (shape(value.items), shape(value.anything), value.tags)),
    (datetime, lambda value: (value.isoformat(), value.fold, str(value.tzinfo))),
    (object, lambda value: value),
]


def shape(value: Any) -> Any:
    """Return what must be equal, types and all; also where `==` says no."""
    return type(value), next(of(value) for kind, of in SHAPES if isinstance(value, kind))


@pytest.mark.parametrize("name", [name for name in HARD if name not in ("class", "exception")])
def test_hard_values_arrive_as_they_were_sent(name: str) -> None:
    """Through arguments, results, variables, branches, waits and child executions; with hops."""
    run = simulate(around, {"value": HARD[name]})
    got, rows, both = run.output
    expected = shape(HARD[name])
    assert [shape(one) for one in (got, *rows, *both[0], both[1])] == [expected] * 6
    hops = World().run(around, {"value": HARD[name]}, goes_on_inline=never)
    assert shape(hops.outcome[1]) == shape(run.output)


@workflow
def carries_an_error(n: int) -> list[Any]:
    """Errors are values too."""
    got = same(ValueError("x", n))
    return [type(got).__name__, got.args, str(got)]


def test_errors_are_values() -> None:
    """They can be given, kept and returned."""
    assert simulate(carries_an_error, 3).output == ["ValueError", ("x", 3), "('x', 3)"]


# ------------------------------------------------------------------ who owns them
@step
def spoil(rows: list[Any], basket: Basket) -> int:
    """Change what it is given."""
    rows.append("spoilt")
    basket.items.clear()
    basket.anything = rows
    return len(rows)


@pure
def doubled(rows: list[int]) -> list[int]:
    """Change an argument within the driver."""
    rows.extend(rows)
    return list(rows)


def noted(rows: list[int]) -> int:
    """Change it, and not be pure."""
    rows.append(0)
    return len(rows)


@workflow
def owned(n: int) -> list[Any]:
    """Steps get copies."""
    rows: list[Any] = [n]
    basket = Basket([gift()])
    first = spoil(rows, basket)
    second = spoil(rows, basket)
    return [rows, len(basket.items), basket.anything, first, second]


@workflow
def branches_own(n: int) -> list[Any]:
    """Branches get copies of what they read, and of their items."""
    rows = [[n], [n + 1]]

    def one(row: list[int]) -> list[int]:
        row.append(9)
        return row

    return [map_each(one, rows), rows]


def test_what_a_step_changes_is_its_own() -> None:
    """No variable of the workflow changes, as in a plain call."""
    run = simulate(owned, 1)
    assert run.output == owned(1) == [[1], 1, None, 2, 2]


def test_what_a_branch_changes_is_its_own() -> None:
    """The list that it was mapped over stays as it was."""
    run = simulate(branches_own, 1)
    assert run.output == branches_own(1) == [[[1, 9], [2, 9]], [[1], [2]]]


# ------------------------------------------------------------------ recorded before the next effect
@step
def left(n: int) -> str:
    """One arm."""
    return "left"


@step
def right(n: int) -> str:
    """The other."""
    return "right"


calls = iter(range(1_000))


def counter() -> int:
    """Give something else at each call."""
    return next(calls)


@workflow
def by_chance(n: int) -> list[Any]:
    """Take arms by what comes out differently each time."""
    taken = []
    for _ in range(n):
        now = datetime.now(UTC)
        if random.random() < 0.5:  # noqa: S311, SIM108
            arm = left(n)
        else:
            arm = right(n)
        taken.append([arm, now.year, str(uuid.uuid4()), counter()])
    return taken


@workflow
def draws(n: int) -> float:
    """Give a step what was drawn for it."""
    return same(random.random() + n)  # noqa: S311


@pytest.mark.parametrize("inline", [None, never], ids=["inline", "hops"])
def test_no_fault_lets_both_arms_run(inline: Any) -> None:
    """What was drawn is recorded before the step that depends on it."""
    calm = World().run(by_chance, 2, goes_on_inline=inline)
    for kind in ("crash before", "crash after"):
        for at in range(1, calm.calls + 2):
            result = World(Fault(kind, at)).run(by_chance, 2, goes_on_inline=inline)
            assert (kind, at, check(result)) == (kind, at, [])
            arms = [row[0] for row in result.outcome[1]]
            assert sorted(name for name, _ in result.bodies) == sorted(arms)


def test_arguments_that_were_drawn_are_kept() -> None:
    """They are evaluated once, and recorded before the step runs."""
    run = simulate(draws, 0)
    assert [entry.kind for entry in run.history] == [Kind.SET, Kind.END]
    assert run.output in run.history[0].record.data["vars"].values()


# ------------------------------------------------------------------ many nodes without a record
@workflow
def busy(n: int) -> int:
    """A loop that needs nothing from outside."""
    total = 0
    for i in range(n):
        total += i
    return total


@pytest.mark.parametrize(("n", "sets"), [(100, 0), (499, 0), (2_000, 3)])
def test_a_long_walk_is_recorded_now_and_then(n: int, sets: int) -> None:
    """Once in about a thousand nodes, so that a crash costs no more than that."""
    run = simulate(busy, n)
    assert run.output == sum(range(n))
    assert [entry.kind for entry in run.history] == [Kind.SET] * sets + [Kind.END]


@pytest.mark.parametrize("at", range(1, 8))
def test_a_long_walk_goes_on_where_it_was(at: int) -> None:
    """After a crash between its records."""
    result = World(Fault("crash after", at)).run(busy, 3_000, goes_on_inline=never)
    assert (check(result), result.outcome) == ([], ("succeeded", sum(range(3_000)), None))
    assert len(result.records[EXECUTION]["r"]) >= 4


@workflow
def grows(n: int) -> list[int]:
    """A list that gets longer, step by step."""
    rows: list[int] = []
    for i in range(n):
        row = same(i)
        rows.append(row)
    return rows


def test_a_list_that_grows_is_recorded_item_by_item() -> None:
    """Not as a whole each time: a step at position 30 writes what a step at position 3 writes."""
    run = simulate(grows, 30)
    assert run.output == list(range(30))
    more = [entry.record.data.get("more") for entry in run.history if entry.kind is Kind.OK]
    assert more[1:] == [{"rows": [i]} for i in range(1, 29)]
