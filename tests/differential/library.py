"""What do generated programs call? Steps that leave a trace, classes with state, helpers, chance.

Every effect is told to `TRACE`, which both sides of the comparison read: the plain call and the
engine. Whatever a step does depends on its arguments alone, so that both sides agree when right.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pydantic import BaseModel
from tests.differential.script import chance

from vivido import pure, step, step_context

log = logging.getLogger("differential")


@dataclass(frozen=True, slots=True)
class Effect:
    """One run of one step's body: its name, its arguments as text, its idempotency key."""

    step: str
    arguments: str
    key: str


TRACE: list[Effect] = []
MOST = 120  # effects of a program that is compared


class TooLong(BaseException):
    """A program has so many effects that others teach more in the time."""


def _trace(step_name: str, *arguments: object) -> None:
    if len(TRACE) > MOST:
        raise TooLong
    shown = ", ".join(map(repr, arguments))
    TRACE.append(Effect(step_name, shown, step_context().idempotency_key))


class Kind(Enum):
    """What an order is."""

    SMALL = "small"
    LARGE = "large"


class Item(BaseModel):
    """A model, with a list in it."""

    name: str
    amount: int = 1
    tags: list[str] = []


@dataclass
class Order:
    """A dataclass, with a model and a dict in it."""

    id: str
    total: int = 0
    kind: Kind = Kind.SMALL
    item: Item | None = None
    notes: dict[str, int] = field(default_factory=dict)


@dataclass
class Box:
    """An object of lists."""

    best: list[int]
    rows: list[list[int]] = field(default_factory=list)


class Refused(Exception):
    """An error with an attribute."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class Declined(Refused):
    """A special case, to be caught by its base as well."""


ERRORS = (KeyError, Refused)
LIMIT = 3
TABLE = {"a": 1, "b": 2, "c": 3}


# ---------------------------------------------------------------- steps
@step
def plus(a: int, b: int = 1, *, c: int = 0) -> int:
    """A sum, bounded."""
    _trace("plus", a, b, c)
    return (a + b + c) % 1_000


@step
def echo(x: Any = None) -> Any:
    """What it gets; of a type that nobody knows."""
    _trace("echo", x)
    return x


@step
def odd(n: int) -> bool:
    """Whether it is odd."""
    _trace("odd", n)
    return n % 2 == 1


@step
def risky(n: int) -> int:
    """Fails for every third number, in one of two ways."""
    _trace("risky", n)
    if n % 3 == 0:
        raise (Declined if n % 2 else Refused)(n)
    return n


@step
def found(table: dict[str, int], key: str) -> int:
    """Fails with KeyError where there is none."""
    _trace("found", table, key)
    return table[key]


@step
def some(n: int) -> list[int]:
    """Up to four numbers."""
    _trace("some", n)
    return [n % 7 + i for i in range(n % 5)]


@step
def table(n: int) -> dict[str, int]:
    """A small table."""
    _trace("table", n)
    return {"abc"[i]: (n + i) % 9 for i in range(n % 4)}


@step
def text(*parts: object, loud: bool = False) -> str:
    """A text of everything, not too long."""
    _trace("text", *parts, loud)
    shown = "-".join(map(str, parts))[-30:]
    return shown.upper() if loud else shown


@step
def order(n: int, **options: Any) -> Order:
    """An order, as far as possible with an item."""
    _trace("order", n, sorted(options.items()))
    item = Item(name=f"i{n}", amount=n, tags=["x"] * (n % 3)) if n % 2 else None
    kind = Kind.LARGE if n > 5 else Kind.SMALL
    return Order(**{"id": f"o{n}", "total": n, "kind": kind, "item": item, **options})


@step
def pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Both."""
    _trace("pair", a, b)
    return a, b


@step
def undo(n: int, result: int) -> None:
    """The compensation of `reserve`."""
    _trace("undo", n, result)


@step(compensate=undo)
def reserve(n: int) -> int:
    """A step that can be undone."""
    _trace("reserve", n)
    return n + 100


@step
async def aplus(a: int, b: int = 1) -> int:
    """A sum that is awaited."""
    _trace("aplus", a, b)
    return (a + b) % 1_000


@step
async def arisky(n: int) -> int:
    """Fails for every third number."""
    _trace("arisky", n)
    if n % 3 == 0:
        raise Refused(n)
    return n


# ---------------------------------------------------------------- the author's own functions
@pure
def double(n: int) -> int:
    """Always the same for the same number."""
    return n * 2 % 1_000


@pure
def shout(text: str) -> str:
    """Always the same for the same text."""
    return text.upper()


def tally(n: int) -> int:
    """A function of the author's that is not marked: here it gives the same each time."""
    return n + 7


def dice(sides: int) -> int:
    """A function of the author's that gives something else each time."""
    return int(chance() * sides)


def strict(n: int) -> int:
    """A function of the author's that raises."""
    if n % 4 == 0:
        raise ValueError(f"strict about {n}")
    return n


@pure
def same(value: list[int]) -> list[int]:
    """Gives back the very object that it gets."""
    return value


def put(target: list[int], n: int) -> None:
    """Changes what it is given."""
    target.append(n)
