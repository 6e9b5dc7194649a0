"""What the programs work with. Steps write into `TRACE`, so that the order of effects shows."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import math
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from math import sqrt

import lowering_models
from pydantic import BaseModel

from vivido import (
    deadline,
    map_each,
    parallel,
    publish,
    pure,
    saga,
    sleep,
    step,
    workflow,
)

TRACE: list[object] = []
LIMIT = 3
TABLE = {"a": [1, 2], "b": []}
log = logging.getLogger("programs")
adapter = logging.LoggerAdapter(log, {})


class Kind(Enum):
    """How large an item is."""

    SMALL = "small"
    LARGE = "large"


class Item(BaseModel):
    """A model."""

    name: str
    amount: int = 1
    kind: Kind = Kind.SMALL
    tags: list[str] = []


@dataclass
class Basket:
    """A dataclass that holds models."""

    owner: str
    items: list[Item] = field(default_factory=list)
    note: str = ""


class Refused(Exception):
    """An error with an attribute."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class Space:
    """A class that is only a namespace."""

    limit = 2


ERRORS = (KeyError, Refused)


@step
def f(x: object = 0) -> object:
    """Give back what it gets."""
    TRACE.append(("f", repr(x)))
    return x


@step
def add(a: int, b: int = 10, *, c: int = 0) -> int:
    """Add, with defaults and a keyword."""
    TRACE.append(("add", a, b, c))
    return a + b + c


@step
def many(*numbers: int, **named: int) -> int:
    """Add whatever comes."""
    TRACE.append(("many", numbers, sorted(named.items())))
    return sum(numbers) + sum(named.values())


@step
def fail(code: int = 1) -> int:
    """Fail."""
    TRACE.append(("fail", code))
    raise Refused(code)


@step
def pair(a: object, b: object) -> tuple[object, object]:
    """Give back both."""
    TRACE.append(("pair", repr(a), repr(b)))
    return a, b


@step
async def af(x: int) -> int:
    """Give back what it gets, awaited."""
    TRACE.append(("af", x))
    return x


def own(x: int) -> int:
    """Double, as a function that nobody called pure."""
    return x * 2


@pure
def fixed(x: int) -> int:
    """Treble, as a pure function."""
    return x * 3


@pure
def f0(x: object) -> object:
    """Give back what it gets, as a pure function."""
    return x


@pure
def own_list(x: list[object]) -> list[object]:
    """Make a longer list."""
    return [*x, [3]]


__all__ = [
    "ERRORS",
    "LIMIT",
    "TABLE",
    "TRACE",
    "Basket",
    "Item",
    "Kind",
    "Refused",
    "Space",
    "adapter",
    "add",
    "af",
    "asyncio",
    "deadline",
    "dt",
    "f",
    "f0",
    "fail",
    "fixed",
    "log",
    "logging",
    "lowering_models",
    "many",
    "map_each",
    "math",
    "own",
    "own_list",
    "pair",
    "parallel",
    "publish",
    "saga",
    "sleep",
    "sqrt",
    "step",
    "timedelta",
    "workflow",
]
