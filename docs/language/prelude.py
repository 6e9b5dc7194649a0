"""What do the probes of ../generate_language.py talk about? An order, and a few steps."""
# ruff: noqa: D101, D103, F401  the probes, which follow here, use all of it

import asyncio
import json
import logging
import random
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from operator import itemgetter

from pydantic import BaseModel

from vivido import (
    Retry,
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

log = logging.getLogger("probes")
LIMIT = 3


class Status(Enum):
    NEW = "new"
    PAID = "paid"


class Item(BaseModel):
    sku: str
    price: int = 1


class Order(BaseModel):
    id: str = "o1"
    items: list[Item] = [Item(sku="lamp", price=24), Item(sku="desk", price=310)]
    note: str | None = None
    status: Status = Status.NEW


class Receipt(BaseModel):
    order_id: str
    paid: int = 0


@step
def undo(n: int, result: int) -> None: ...


@step(compensate=undo, retry=Retry(max_attempts=3))
def quote(n: int) -> int:
    return n + 1


@step
def greet(name: str = "you") -> str:
    return f"Hello, {name}"


@step
def fail(n: int) -> int:
    raise ValueError(f"no {n}")


@step
async def fetch(n: int) -> int:
    return n * 10


@workflow
def child(n: int) -> int:
    return quote(n) * 2


def plain_helper(n: int) -> int:
    return n - 1
