"""When does a worker that waits for messages go on?

A process that polls once in an hour shows whether it was told.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from vivido.backends.sqlite import SqliteStore
from vivido.model.journal import Delivery, Kind, Message, Record
from vivido.ports import Ports, Send

HOUR = 3_600.0
MESSAGE = Message("m1", "x", "r", 0)


async def commit(ports: Ports, _: Delivery) -> None:
    """Send in a commit."""
    assert ports.atomic is not None
    await ports.atomic.commit("x", "r", Record(1, Kind.OK, "m", "d", 1.0), [Send([MESSAGE])])


@pytest.mark.parametrize(
    "happens",
    [
        lambda ports, _: ports.queue.send([MESSAGE]),
        lambda ports, delivery: ports.queue.back(delivery, 0.0),
        lambda ports, _: ports.queue.send([MESSAGE], delay=0.01),
        commit,
    ],
    ids=["sent", "given back", "soon", "committed"],
)
async def test_a_message_of_this_process_ends_the_waiting(
    opened: Callable[..., SqliteStore], happens: Callable[[Ports, Delivery], Awaitable[None]]
) -> None:
    """It is noticed at once, without polling."""
    ports = opened(poll_seconds=HOUR).ports
    await ports.queue.send([Message("before", "x", "r", 0)])
    (delivery,) = await ports.queue.receive("default", 1)
    assert list(await ports.queue.receive("default", 1)) == []
    waiting = asyncio.create_task(ports.queue.wait(HOUR))
    await asyncio.sleep(0)
    assert not waiting.done()
    await happens(ports, delivery)
    assert await asyncio.wait_for(waiting, 10.0) is None


async def test_what_came_before_the_waiting_ends_it_too(
    opened: Callable[..., SqliteStore],
) -> None:
    """A message that came after the last look is not slept through."""
    ports = opened(poll_seconds=HOUR).ports
    await ports.queue.receive("default", 1)
    await ports.queue.send([MESSAGE])
    assert await asyncio.wait_for(ports.queue.wait(HOUR), 10.0) is None


async def test_waiting_ends_with_the_poll(opened: Callable[..., SqliteStore]) -> None:
    """What other processes do is looked for from time to time, however long one would wait."""
    ports = opened(poll_seconds=0.01).ports
    await ports.queue.receive("default", 1)
    assert await asyncio.wait_for(ports.queue.wait(HOUR), 10.0) is None
