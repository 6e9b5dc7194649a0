"""Which names and variables do the expressions of these tests find? Those of a small shop."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import fractions
import functools
import itertools
import json
import math
import operator
import random
import statistics
import string
import time
import uuid
from collections.abc import Callable
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any, NamedTuple, NewType, TypedDict

import pytest
from pydantic import BaseModel

from vivido.expressions import Binding, Expression, Scope, compile_expression


class Color(Enum):
    """A plain enum."""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    """An enum of numbers."""

    LOW = 1
    HIGH = 2


class Mode(StrEnum):
    """An enum of text."""

    FAST = "fast"
    SLOW = "slow"


class Item(BaseModel):
    """A model with a method and a property."""

    sku: str
    price: decimal.Decimal
    quantity: int = 1

    def cost(self) -> decimal.Decimal:
        """A method of the author's."""
        return self.price * self.quantity

    @property
    def label(self) -> str:
        """A property of the author's."""
        return f"{self.sku}!"


class Order(BaseModel):
    """A model of models."""

    id: str
    items: list[Item]
    total: decimal.Decimal
    note: str | None = None


@dataclasses.dataclass
class Point:
    """A dataclass."""

    x: int
    y: int = 0


class Pair(NamedTuple):
    """A named tuple."""

    a: int
    b: str = "z"


class Row(TypedDict):
    """A typed dict."""

    a: int


class DeclinedError(Exception):
    """An exception with an attribute."""

    def __init__(self, code: int, *args: object) -> None:
        super().__init__(code, *args)
        self.code = code


OrderId = NewType("OrderId", str)


def double(x: Any) -> Any:
    """A function of the author's."""
    return x * 2


CLASSES = (Color, Level, Mode, Item, Order, Point, Pair, Row, DeclinedError, OrderId, double)
MODULES = (
    collections, dataclasses, dt, functools, itertools, json, math, operator, random,
    statistics, string, time, uuid,
)  # fmt: skip
NAMES: dict[str, Any] = {
    **{named.__name__: named for named in (*CLASSES, *MODULES)},
    "Decimal": decimal.Decimal,
    "Fraction": fractions.Fraction,
    "timedelta": dt.timedelta,
    "LIMIT": 10,
    "RATES": {"eur": 2},
    "prices": SimpleNamespace(vat=19, triple=lambda n: n * 3),
}


def variables() -> dict[str, Any]:
    """New values for all variables."""
    return {
        "i": 7, "j": -3, "f": 2.5, "s": "hello world", "b": b"bytes", "n": None, "yes": True,
        "xs": [3, 1, 2], "ys": [[1, 2], [3]], "t": (1, "a", None), "d": {"a": 1, "b": [2]},
        "st": {1, 2}, "dec": decimal.Decimal("12.34"), "frac": fractions.Fraction(1, 3),
        "color": Color.RED, "mode": Mode.FAST, "level": Level.HIGH, "p": Point(1, 2),
        "pair": Pair(1, "b"), "e": DeclinedError(5, "x"), "key": KeyError("k"),
        "u": uuid.UUID(int=5), "path": PurePosixPath("/a/b.txt"),
        "q": collections.deque([1, 2]), "counts": collections.Counter("aab"),
        "now": dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC),
        "day": dt.date(2026, 1, 2),
        "order": Order(
            id="o1",
            items=[Item(sku="s", price="1.5", quantity=2), Item(sku="t", price="2")],
            total="5",
        ),
    }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Shop:
    """The names of a module, and the variables of a workflow in it."""

    names: dict[str, Any]
    scope: Scope
    variables: Callable[[], dict[str, Any]]

    def compile(self, text: str) -> Expression:
        """Compile an expression that stands in the workflow."""
        return compile_expression(text, self.scope)

    def value(self, text: str) -> Any:
        """Evaluate it with new variables."""
        return self.compile(text)(self.variables())


@pytest.fixture(scope="session")
def shop() -> Shop:
    """The shop."""
    bindings = {name: Binding(value) for name, value in NAMES.items()}
    return Shop(NAMES, Scope(bindings, variables=frozenset(variables())), variables)
