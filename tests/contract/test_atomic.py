"""Does a backend with `ports.Atomic` make a record and its effects all together or not at all?"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from vivido.backends.memory import VirtualClock
from vivido.errors import ValueNotStorable
from vivido.model.journal import Kind, Message, Meta, Record, Status
from vivido.ports import (
    Ack,
    Arm,
    Atomic,
    Back,
    Effect,
    MetaFilter,
    Ports,
    PutMeta,
    PutStatus,
    Send,
    Stop,
    Wait,
)


def record(n: int = 1, **data: Any) -> Record:
    """Make record `n`."""
    return Record(n, Kind.OK, "m", "d", 1.0, data)


def message(id: str = "m1") -> Message:  # noqa: A002  (its name)
    """Make a message."""
    return Message(id, "x", "r", 0)


# The port is optional; these offer it.
pytestmark = pytest.mark.parametrize("backend", ["memory-atomic", "sqlite"], indirect=True)
META = Meta("x", "orders", "1", "d", {}, 1.0)


@pytest.fixture
def atomic(ports: Ports) -> Atomic:
    """Give the port."""
    assert ports.atomic is not None
    return ports.atomic


async def everything(ports: Ports) -> dict[str, Any]:
    """Read all that is stored of execution x; what is queued is received, so ask once."""
    metas = await ports.metas.list(MetaFilter())
    return {
        "records": list(await ports.journal.read("x", "r")),
        "metas": [replace(meta, updated=0.0) for meta in metas],
        "waits": list(await ports.waits.scan("x")),
        "messages": [one.message.id for one in await ports.queue.receive("default", 99)],
    }


async def test_all_of_it_is_made(ports: Ports, atomic: Atomic) -> None:
    """The record is appended and each effect is performed, in order."""
    effects: Sequence[Effect] = [
        PutMeta(META),
        Stop("x", "r.1", "failed"),
        PutStatus("x", Status.COMPENSATING, 1),
        PutStatus("x", Status.COMPENSATED, 2, output=[1], error={"type": "E"}),
        Stop("x", "r.2", "failed"),
        Arm(Wait("x", "r", 1)),
        Send([message("m1"), message("m2")]),
    ]
    assert await atomic.commit("x", "r", record(), effects) is None
    ended = replace(META, status=Status.COMPENSATED, as_of=2, output=[1], error={"type": "E"})
    assert await everything(ports) == {
        "records": [record()],
        "metas": [replace(ended, stops={"r.1": "failed"})],
        "waits": [Wait("x", "r", 1)],
        "messages": ["m1", "m2"],
    }


EFFECTS: list[Effect] = [
    PutMeta(META),
    Arm(Wait("x", "r", 1)),
    Send([message("m2")]),
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
async def test_a_refused_record_does_nothing(ports: Ports, atomic: Atomic, effect: Effect) -> None:
    """If the number is taken the old record comes back and no effect is performed."""
    await ports.journal.append("x", "r", record(old=True))
    assert await atomic.commit("x", "r", record(old=False), [effect]) == record(old=True)
    assert await everything(ports) == {
        "records": [record(old=True)],
        "metas": [],
        "waits": [],
        "messages": [],
    }


async def test_a_refused_record_leaves_the_delivery(
    ports: Ports, atomic: Atomic, clock: VirtualClock
) -> None:
    """The lease of a refused delivery goes on as if nothing had been asked."""
    await ports.metas.create(META)
    await ports.queue.send([message("m1"), message("m2")])
    first, second = await ports.queue.receive("default", 2)
    await ports.journal.append("x", "r", record(old=True))
    effects = [
        Ack(first),
        Back(second, 0.0),
        PutStatus("x", Status.FAILED, 9),
        Stop("x", "r", "failed"),
    ]
    await atomic.commit("x", "r", record(), effects)
    found = await everything(ports)
    assert (found["metas"], found["messages"]) == ([META], [])
    clock.advance_to(clock.now() + 90.0)
    assert (await everything(ports))["messages"] == ["m1", "m2"]


async def test_without_a_record_the_effects_are_performed(ports: Ports, atomic: Atomic) -> None:
    """No record, nothing to be refused by."""
    assert await atomic.commit("x", "r", None, EFFECTS) is None
    assert await everything(ports) == {
        "records": [],
        "metas": [META],
        "waits": [Wait("x", "r", 1)],
        "messages": ["m2"],
    }


async def test_a_message_is_handed_on(ports: Ports, atomic: Atomic, clock: VirtualClock) -> None:
    """The successor is there and its predecessor is not."""
    await ports.queue.send([message("m1")])
    (delivery,) = await ports.queue.receive("default", 1)
    await atomic.commit("x", "r", record(), [Send([message("m2")]), Ack(delivery)])
    clock.advance_to(clock.now() + 1_000.0)
    assert (await everything(ports))["messages"] == ["m2"]


async def test_a_message_is_given_back(ports: Ports, atomic: Atomic, clock: VirtualClock) -> None:
    """It comes after its delay, counted."""
    await ports.queue.send([message("m1")])
    (delivery,) = await ports.queue.receive("default", 1)
    await atomic.commit("x", "r", record(), [Back(delivery, 5.0)])
    seen = []
    for seconds in (0.0, 5.0):
        clock.advance_to(clock.now() + seconds)
        seen.append([one.receives for one in await ports.queue.receive("default", 1)])
    assert seen == [[], [2]]


async def test_a_delayed_message(ports: Ports, atomic: Atomic, clock: VirtualClock) -> None:
    """Messages become visible after the delay of their effect."""
    await atomic.commit("x", "r", record(), [Send([message("m1")], delay=5.0)])
    assert (await everything(ports))["messages"] == []
    clock.advance_to(clock.now() + 5.0)
    assert (await everything(ports))["messages"] == ["m1"]


async def test_an_execution_is_created_once(ports: Ports, atomic: Atomic) -> None:
    """PutMeta leaves what is there."""
    await ports.metas.create(META)
    await atomic.commit("x", "r", None, [PutMeta(replace(META, version="2"))])
    assert await ports.metas.get("x") == META


async def test_of_many_commits_at_once_one_wins(ports: Ports, atomic: Atomic) -> None:
    """Of commits of one number exactly one is made, with its own effects."""
    answers = await asyncio.gather(
        *(
            atomic.commit("x", "r", record(rival=rival), [Send([message(f"m{rival}")])])
            for rival in range(10)
        )
    )
    found = await everything(ports)
    (winner,) = [rival for rival, answer in enumerate(answers) if answer is None]
    assert found["records"] == [record(rival=winner)]
    assert found["messages"] == [f"m{winner}"]


UNSTORABLE: list[Effect] = [
    PutMeta(replace(META, input={"bad": object()})),
    PutStatus("x", Status.FAILED, 1, output=object()),
    Arm(Wait("x", "r", 1, event=object())),
    Send([replace(message(), state=object())]),
]


@pytest.mark.parametrize("effect", UNSTORABLE, ids=lambda effect: type(effect).__name__)
async def test_what_cannot_be_stored_undoes_all_of_its_commit(
    ports: Ports, atomic: Atomic, effect: Effect
) -> None:
    """An effect that fails takes its record and the other effects with it, no neighbour."""
    await ports.metas.create(META)
    outcomes = await asyncio.gather(
        ports.journal.append("x", "r.1:0", record()),
        atomic.commit("x", "r", record(), [Send([message("m2")]), effect]),
        ports.journal.append("x", "r.1:1", record()),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), ValueNotStorable, type(None)]
    assert list(await ports.journal.branches("x")) == ["r.1:0", "r.1:1"]
    assert await everything(ports) == {"records": [], "metas": [META], "waits": [], "messages": []}
