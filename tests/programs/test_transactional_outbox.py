"""D transactional-outbox: orders are stored with their messages, which are sent later."""

from collections.abc import Callable
from dataclasses import dataclass

from vivido import step, workflow
from vivido.testing import Run

sent: list[str] = []


@dataclass
class Line:
    """A part of an order."""

    product: str
    price: int


@step
def store(product: str, price: int) -> int:
    """Write an order and its message in one transaction; return the number of the message."""
    return len(product) * 1_000 + price


@step
def send(message: int, product: str) -> bool:
    """Send a message; not every product has somebody to send to."""
    sent.append(product)
    return product != "unknown"


@workflow
def outbox(lines: list[Line], *, dry_run: bool = False) -> tuple[list[str], list[str]]:
    """Return the products whose messages were sent, and those whose were not."""
    messages = [store(line.product, line.price) for line in lines if line.price > 0]
    products = [line.product for line in lines if line.price > 0]
    if dry_run or not messages:
        return [], products
    results = [send(message, product) for message, product in zip(messages, products, strict=True)]
    delivered = [product for product, ok in zip(products, results, strict=True) if ok]
    failed = [product for product, ok in zip(products, results, strict=True) if not ok]
    return delivered, failed


LINES = [Line("lamp", 10), Line("unknown", 5), Line("gift", 0), Line("desk", 300)]


def test_messages_are_sent_in_order(both: Callable[..., Run]) -> None:
    """What costs nothing has no message; one message finds nobody."""
    run = both(outbox, {"lines": LINES}, effects=sent)
    assert run.output == (["lamp", "desk"], ["unknown"])
    assert sent == ["lamp", "unknown", "desk"]
    assert run.calls(store) == 3


def test_a_dry_run_sends_nothing(both: Callable[..., Run]) -> None:
    """Orders are stored, and every product is still to be sent."""
    run = both(outbox, {"lines": LINES, "dry_run": True}, effects=sent)
    assert run.output == ([], ["lamp", "unknown", "desk"])
    assert run.calls(send) == 0
