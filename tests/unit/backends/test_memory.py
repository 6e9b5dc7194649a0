"""Is memory as strict as a real store, and is its order foreseen?"""

import asyncio
import math
import uuid
from typing import Any

import pytest

from vivido.backends.memory import MemoryQueue, SeededIds, VirtualClock, memory_ports
from vivido.errors import InvariantError, ValueNotStorable
from vivido.model.journal import Kind, Message, Meta, Record
from vivido.ports import Ports


def record(n: int = 1, **data: Any) -> Record:
    """Make record `n`."""
    return Record(n, Kind.OK, "m", "d", 1.0, data)


def message(id: str, pool: str = "default") -> Message:  # noqa: A002  (its name)
    """Make a message."""
    return Message(id, "x", "r", 0, pool=pool)


@pytest.fixture
def clock() -> VirtualClock:
    """Give a clock that stands still."""
    return VirtualClock(1_000.0)


@pytest.fixture
def ports(clock: VirtualClock) -> Ports:
    """Give a memory."""
    return memory_ports(clock=clock, ids=SeededIds(7))


@pytest.mark.parametrize(
    "value",
    [(1, 2), math.nan, math.inf, {1: 2}, {1, 2}, b"x", 2**70, uuid.UUID(int=1), object(), "\ud800"],
    ids=repr,
)
def test_what_json_would_lose_is_refused(ports: Ports, value: Any) -> None:
    """What would come back as something else, or not at all, cannot be put in."""
    with pytest.raises(ValueNotStorable):
        asyncio.run(ports.journal.append("x", "r", record(value=value)))


def test_what_is_trusted_is_kept_as_it_is() -> None:
    """Without paranoia the very object is kept."""
    ports = memory_ports(paranoid=False)
    given = record(value=(1, object()))
    asyncio.run(ports.journal.append("x", "r", given))
    (kept,) = asyncio.run(ports.journal.read("x", "r"))
    assert kept is given


def test_a_change_of_what_was_read_does_not_reach_the_store(ports: Ports) -> None:
    """What comes out is a copy too."""
    meta = Meta("x", "orders", "1", "d", {"items": [1]}, 1.0)
    asyncio.run(ports.metas.create(meta))
    read = asyncio.run(ports.metas.get("x"))
    assert read is not None
    read.input["items"].append(2)
    assert asyncio.run(ports.metas.get("x")) == meta


def test_a_skipped_number_is_our_bug(ports: Ports) -> None:
    """A record that does not follow the last one is refused, and says so."""
    asyncio.run(ports.journal.append("x", "r", record(1)))
    with pytest.raises(InvariantError, match="record 3 of 'r' in 'x' does not follow record 1"):
        asyncio.run(ports.journal.append("x", "r", record(3)))


async def orders(ports: Ports, clock: VirtualClock) -> list[str]:
    """Receive messages that became visible at different times."""
    await ports.queue.send([message("late")], delay=5.0)
    await ports.queue.send([message("b"), message("a")])
    clock.advance_to(clock.now() + 5.0)
    await ports.queue.send([message("last")])
    return [one.message.id for one in await ports.queue.receive("default", 9)]


def test_messages_come_in_order(ports: Ports, clock: VirtualClock) -> None:
    """First what became visible first, then what was sent first."""
    assert asyncio.run(orders(ports, clock)) == ["b", "a", "late", "last"]


async def alarms(ports: Ports, clock: VirtualClock) -> list[float | None]:
    """Ask when to look next while a message goes through its life."""
    queue = ports.queue
    assert isinstance(queue, MemoryQueue)
    times = [queue.next_visible()]
    await queue.send([message("m1", "gpu")], delay=30.0)
    times.append(queue.next_visible())
    await queue.send([message("m2")])
    times.append(queue.next_visible())
    (second,) = await queue.receive("default", 1)
    await queue.ack(second)
    clock.advance_to(1_030.0)
    (first,) = await queue.receive("gpu", 1)
    times.append(queue.next_visible())
    await queue.back(first, 1.0)
    times.append(queue.next_visible())
    clock.advance_to(1_031.0)
    (first,) = await queue.receive("gpu", 1)
    await queue.ack(first)
    return [*times, queue.next_visible()]


def test_the_next_message_of_any_pool_is_known(ports: Ports, clock: VirtualClock) -> None:
    """A simulation is told where to move the clock; a leased message counts with its lease."""
    expected = [None, 1_030.0, 1_000.0, 1_030.0 + 90.0, 1_031.0, None]
    assert asyncio.run(alarms(ports, clock)) == expected


def test_ids_are_foreseen() -> None:
    """The same seed gives the same ids and the same chance."""
    first, second = SeededIds(7), SeededIds(7)
    assert [first.new(), first.new()] == ["s7-1", "s7-2"] == [second.new(), second.new()]
    assert first.random() == second.random()


def test_the_clock_does_not_go_back() -> None:
    """It can be moved to any later time only."""
    clock = VirtualClock(5.0)
    clock.advance_to(5.0)
    with pytest.raises(InvariantError, match=r"stands at 5.0 and cannot go back to 4.0"):
        clock.advance_to(4.0)
    assert clock.now() == 5.0
