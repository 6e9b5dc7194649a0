"""What does `map_each` of an `async` function give in plain Python?"""

import asyncio

import pytest

from vivido import Batch, map_each, parallel, step


@step
async def double(n: int) -> int:
    """Double a number from 0."""
    if n < 0:
        raise ValueError(f"{n} is below zero")
    return n * 2


def test_awaited_it_is_a_list() -> None:
    """All results at once, in the order of the items."""

    async def run() -> list[int]:
        return await map_each(double, [1, 2, 3])

    assert asyncio.run(run()) == [2, 4, 6]


def test_async_for_goes_through_the_results() -> None:
    """One by one, in the same order; with "collect" the errors among them."""

    async def run() -> list[object]:
        found: list[object] = [n async for n in map_each(double, [1, 2])]
        async for result in map_each(double, [3, -1], on_error="collect"):
            found += [str(result)]
        return found

    assert asyncio.run(run()) == [2, 4, "6", "-1 is below zero"]


def test_it_can_be_a_branch() -> None:
    """`parallel` awaits it, and a branch that fails before it leaves nothing open."""

    async def run(n: int) -> tuple[int, Batch[int]]:
        return await parallel(double(n), map_each(double, [1], on_error="collect"))

    one, batch = asyncio.run(run(5))
    assert (one, batch.results) == (10, [2])
    with pytest.raises(ValueError, match="-5 is below zero"):
        asyncio.run(run(-5))
