"""M fan_out_fan_in: gets the work items, handles each side by side, and sums up the results."""

from collections.abc import Callable
from dataclasses import dataclass, field

from vivido import Retry, map_each, step, workflow
from vivido.testing import Run


@dataclass
class Summary:
    """What all orders came to."""

    total: int = 0
    largest: int = 0
    smallest: int | None = None
    by_size: dict[str, list[int]] = field(default_factory=dict)


@step
def get_orders(count: int) -> list[int]:
    """Find what is to be handled."""
    return [(number * 37) % 101 for number in range(count)]


@step(retry=Retry(max_attempts=2))
def handle(order: int) -> int:
    """Handle one order and return its value."""
    return order * 2


@workflow
def fan_out(count: int = 10) -> Summary:
    """Return the summary."""
    values = map_each(handle, get_orders(count), max_concurrency=4)
    summary = Summary()
    for value in values:
        summary.total += value
        summary.largest = max(summary.largest, value)
        if summary.smallest is None or value < summary.smallest:
            summary.smallest = value
        size = "small" if value < 50 else "medium" if value < 150 else "large"
        summary.by_size.setdefault(size, []).append(value)
    return summary


def test_results_are_summed_up(both: Callable[..., Run]) -> None:
    """Ten orders in three sizes; attributes of a dataclass are counted up."""
    run = both(fan_out)
    orders = [number * 37 % 101 * 2 for number in range(10)]
    assert (run.output.total, run.output.largest) == (sum(orders), max(orders))
    assert run.output.smallest == 0
    assert sorted(value for values in run.output.by_size.values() for value in values) == sorted(
        orders
    )


def test_nothing_has_no_smallest(both: Callable[..., Run]) -> None:
    """No orders, no values."""
    assert both(fan_out, {"count": 0}).output == Summary()
