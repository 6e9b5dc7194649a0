"""What the random programs call: classes, functions of the author's, steps."""

from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from pydantic import BaseModel

from vivido import step

__all__ = [
    "Any", "Box", "Card", "Order", "OrderedDict", "Pair", "copied", "copy", "defaultdict", "deque",
    "eff", "first", "fresh", "n", "next_of", "pick", "put", "replace", "same", "see",
]  # fmt: skip


@dataclass
class Box:
    """Holds anything."""

    value: Any = None


class Card(BaseModel):
    """A model of lists."""

    items: list[int]
    rest: list[list[int]]


class Pair(NamedTuple):
    """Cannot change, but what it holds can."""

    x: int
    y: list[int]


@dataclass
class Order:
    """Has properties that give parts of it, and itself."""

    items: list[int]
    rest: list[list[int]]

    @property
    def first(self) -> list[int]:
        """A part."""
        return self.items

    @property
    def again(self) -> Order:
        """All of it."""
        return self

    def add(self, number: int) -> int:
        """A method that changes nothing."""
        return number + len(self.items)


def same(value: Any) -> Any:
    """Gives back what it is given."""
    return value


def next_of(values: Any) -> Any:
    """Gives a part of what it is given."""
    return values[0]


def first(values: Any, other: Any) -> Any:
    """Gives a part of the one or all of the other."""
    for value in values:
        return value
    return other


def fresh(values: Any) -> list[int]:
    """Gives something new."""
    return list(values)


def pick(one: Any, other: Any) -> Any:
    """Gives either."""
    return one if len(one) > len(other) else other


def copied(order: Any) -> Order:
    """Gives something new that holds the same parts."""
    return Order(order.items, order.rest)


def put(values: Any, number: int) -> Any:
    """Changes what it is given: never accepted where that could be seen."""
    values.append(number)
    return values


def n() -> int:
    """A number for tests: the machine has another one each time."""
    return 0


@step
def eff(number: int) -> int:
    """A step inside an expression: the machine hops before it."""
    return number


@step
def see(*values: Any) -> None:
    """A step that shows values."""
