"""What the snippets of the checks talk about: models, steps, workflows and functions of a shop."""

# ruff: noqa: ARG001, C416, D101, D102, D103, F401, RUF012 - snippets import everything from here

import asyncio
import copy
import datetime as dt
import functools
import itertools
import json
import logging
import math
import random
import time
import uuid
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, RootModel

import vivido
from vivido import (
    approve,
    callback,
    deadline,
    emit,
    first,
    map_each,
    parallel,
    poll,
    publish,
    pure,
    receive,
    saga,
    sleep,
    spawn,
    step,
    workflow,
)

log = logging.getLogger("shop")
LIMIT = 3
RATES = {"de": Decimal("0.19"), "fr": Decimal("0.20")}
NAMES = ["ann", "bob"]


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    sku: str
    price: Decimal = Decimal(1)
    count: int = 1


class Address(BaseModel):
    street: str
    lines: list[str] = []


class Order(BaseModel):
    id: str
    customer: str
    items: list[Item] = []
    total: Decimal = Decimal(0)
    note: str | None = None
    address: Address = Address(street="")
    billing: Address = Address(street="")
    tags: dict[str, str] = {}


class Express(Order):
    courier: str = ""


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = ""


class Receipt(BaseModel):
    order_id: str
    paid: Decimal
    tracking: str = ""


@dataclass
class Line:
    sku: str
    count: int = 1
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


class Pair(NamedTuple):
    left: int
    right: str


class Declined(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Payment(BaseModel):
    amount: Decimal
    reference: str = ""


@step
def refund(order: Order) -> None: ...


@step(compensate=refund)
def charge(order: Order) -> Payment:
    return Payment(amount=order.total)


@step
def notify(order: Order, text: str, *, urgent: bool = False) -> None: ...


@step
def quote(supplier: str, order: Order) -> Decimal:
    return Decimal(1)


@step
def load(key: str) -> Order:
    return Order(id=key, customer="ann")


@step
def rows() -> list[dict[str, Any]]:
    return [{"n": 1}, {"n": 2}]


@step
def row() -> dict[str, Any]:
    return {"n": 1}


@step
def count() -> int:
    return 1


@step
def check(number: int) -> str:
    return "ok"


@step
def anything(value: Any = None) -> Any:
    return value


@step
async def fetch(key: str) -> Order:
    return Order(id=key, customer="ann")


@workflow
def child(order: Order) -> Receipt:
    return Receipt(order_id=order.id, paid=order.total)


def double(number: int) -> int:
    return number * 2


def vat(order: Order, country: str = "de") -> Decimal:
    return order.total * RATES[country]


def same(value: Any) -> Any:
    return value


def fresh(value: list[Any]) -> list[Any]:
    return [each for each in value]


def never(value: Any) -> Any:
    raise ValueError(value)


def nested_items(value: list[Any], depth: int = 0, *rest: Any) -> list[Any]:
    return value if depth == 0 else nested_items(value[0], depth - 1)


def remember(value: Any) -> int:
    NAMES.append(str(value))
    return len(NAMES)


def parts_of(value: list[Any]) -> Any:
    yield from value


@functools.cache
def table() -> dict[str, Any]:
    return {"a": [1]}


class Config:
    LIMITS = [1, 2]


class Account(BaseModel):
    entries: list[Any] = []
    number: int = Field(default=0, alias="no")
    code: str = Field(default="", validation_alias=AliasChoices("c", "code"))

    @property
    def last(self) -> Any:
        return self.entries[-1]

    @property
    def size(self) -> int:
        return len(self.entries)

    def enter(self, value: Any) -> None:
        self.entries.append(value)

    def all(self) -> list[Any]:
        return self.entries

    def count(self) -> int:
        return len(self.entries)


class Names(RootModel[list[str]]):
    pass


def spoil(value: list[Any]) -> int:
    value.append(1)
    return len(value)


@pure
def tax(total: Decimal) -> Decimal:
    return total * Decimal("0.19")
