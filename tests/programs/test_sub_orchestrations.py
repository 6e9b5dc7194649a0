"""M sub-orchestrations-with-fan-out: each order is a child that may end early in three ways."""

import logging
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from vivido import map_each, step, workflow
from vivido.testing import Run

log = logging.getLogger(__name__)
STOCK = {"tacos": 3, "cheese": 1}


@dataclass(frozen=True)
class Order:
    """So much of one product."""

    product: str
    quantity: int
    card: str = "ok"


@dataclass(frozen=True)
class Result:
    """What became of an order; its number is drawn anew for each."""

    status: str
    number: str = ""


@step
def check_inventory(product: str) -> int:
    """Say how much is there."""
    return STOCK.get(product, 0)


@step
def charge(card: str) -> bool:
    """Take the money."""
    return card == "ok"


@step
def ship(product: str, number: str) -> str | None:
    """Send it off; cheese is too old."""
    return None if product == "cheese" else f"shipped {number[:0]}{product}"


@workflow
def process_order(order: Order) -> Result:
    """Return as soon as something is missing."""
    number = str(uuid.uuid4())
    log.info("order %s: %d × %s", number[:8], order.quantity, order.product)
    if order.quantity <= 0:
        return Result("invalid")
    if check_inventory(order.product) < order.quantity:
        return Result("out of stock")
    if not charge(order.card):
        return Result("payment failed")
    if (shipped := ship(order.product, number)) is None:
        return Result("shipping failed")
    return Result(shipped, number)


@workflow
def process_all(orders: list[Order]) -> dict[str, int]:
    """Count the outcomes; which order comes first is left to chance."""
    shuffled = random.sample(orders, len(orders))
    results = map_each(process_order, shuffled)
    numbers = {result.number for result in results if result.number}
    counts = dict.fromkeys(sorted({result.status for result in results}), 0)
    for result in results:
        counts[result.status] += 1
    assert len(numbers) == counts.get("shipped tacos", 0), "two orders have one number"
    return counts


def test_every_order_ends_in_its_own_way(both: Callable[..., Run]) -> None:
    """Six children, five outcomes; chance does not show in the counts."""
    orders = [
        *(Order("tacos", 2), Order("tacos", 1), Order("tacos", 9)),
        *(Order("cheese", 1), Order("tacos", 1, card="bad"), Order("tacos", 0)),
    ]
    run = both(process_all, {"orders": orders})
    assert run.output == {
        "invalid": 1,
        "out of stock": 1,
        "payment failed": 1,
        "shipped tacos": 2,
        "shipping failed": 1,
    }
