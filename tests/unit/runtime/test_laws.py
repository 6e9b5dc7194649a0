"""The laws of the protocol, at any moment: twins and stale messages change nothing, ends are ends.

Hypothesis chooses a workflow, where its deliveries hand on, and which message that once was
delivered is delivered once more, at any later time.
"""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fault import zoo
from tests.fault.test_enumeration import allowed, mocks

from vivido import ids
from vivido.model.journal import Cause, Delivery, Kind
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, FaultyEngine, World, check, committed

CALM = {workflow.name: World().run(workflow, 1, mocks=mocks(workflow)) for workflow in zoo.ALL}


class Repeating(World):
    """Delivers messages that were delivered before once more, when it is told to."""

    def __init__(self, again: list[tuple[int, int]]) -> None:
        super().__init__(stale_acks=True)
        self.again = again  # (after so many deliveries, which of those before)
        self.seen: list[Delivery] = []

    async def one(self, delivery: Delivery) -> None:
        """Deliver, then perhaps an old message again."""
        await super().one(delivery)
        self.seen.append(delivery)
        for after, which in self.again:
            if after == len(self.seen):
                old = self.seen[which % len(self.seen)]
                copy = Delivery(old.message, f"{old.id}-again-{after}", old.receives + 1)
                await self.deliver(copy)


@given(
    st.sampled_from(zoo.ALL),
    st.booleans(),
    st.lists(st.tuples(st.integers(1, 25), st.integers(0, 25)), max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_old_messages_change_nothing(workflow: Any, hops: bool, again: Any) -> None:
    """Whichever message comes again whenever: no law is broken, and the outcome is the calm one."""
    world = Repeating(again)
    result = world.run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never if hops else None)
    assert check(result) == []
    assert allowed(workflow, CALM[workflow.name], result)
    assert set(committed(result).values()) <= {1}


@pytest.mark.parametrize("workflow", zoo.ALL, ids=lambda workflow: workflow.name)
@pytest.mark.parametrize("cause", [c for c in Cause if c is not Cause.REDRIVE])
def test_what_has_ended_emits_nothing(workflow: Any, cause: Cause) -> None:
    """A message to an ended execution, of whatever kind, is deleted and leaves no trace."""
    world = World()
    result = world.run(workflow, 1, mocks=mocks(workflow))
    engine: FaultyEngine = world.engine

    async def late() -> tuple[int, int]:
        before = await counted(engine)
        for branch, records in result.records[EXECUTION].items():
            data = ["concurrency c", "", f"{branch}/c"] if cause is Cause.SLOT else "r"
            place = {"branch": branch, "n": len(records) - 1, "data": data}
            message = engine.message(EXECUTION, cause, **place)
            await engine.ports.queue.send([message])
            for delivery in await engine.ports.queue.receive("default", 10):
                await engine.deliver(delivery)
            assert list(await engine.ports.queue.receive("default", 10)) == []
        return before, await counted(engine)

    before, after = asyncio.run(late())
    assert before == after
    meta = asyncio.run(engine.ports.metas.get(EXECUTION))
    assert meta == result.meta


async def counted(engine: FaultyEngine) -> int:
    """How many records there are."""
    journal = engine.ports.journal
    branches = await journal.branches(EXECUTION)
    return sum([len(await journal.read(EXECUTION, branch)) for branch in branches])


def test_controls_of_what_has_ended_do_nothing() -> None:
    """A pause, a resume and a cancel come too late."""
    world = World()
    result = world.run(zoo.forked, 1)

    async def late() -> Any:
        engine = world.engine
        await engine.control.pause(EXECUTION)
        await engine.control.resume(EXECUTION)
        await engine.control.stop(EXECUTION, ids.ROOT, "cancelled")
        await world.settle(None)
        return await engine.ports.metas.get(EXECUTION)

    assert asyncio.run(late()) == result.meta


@given(st.sampled_from(zoo.ALL), st.booleans())
@settings(max_examples=40, deadline=None)
def test_compensations_are_the_exact_reverse(workflow: Any, hops: bool) -> None:
    """What was pushed by then is popped one by one, and each entry's step is the one that runs."""
    result = World().run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never if hops else None)
    stack: list[Any] = []
    for record in result.records[EXECUTION]["r"]:
        data: Any = record.data
        if "state" in data:
            stack = list(data["state"].get("stack", []))
        if record.kind is Kind.UNDONE:
            assert data["pop"] == 1
            assert stack[-1]["step"] == data["step"]
        stack = stack[: len(stack) - data.get("pop", 0)] + data.get("push", [])


def test_an_execution_that_is_gone_takes_its_messages_along() -> None:
    """Without META (retention is over) a message is deleted."""
    world = World()
    world.run(zoo.sequence, 1)

    async def orphan() -> list[Any]:
        engine = world.engine
        await engine.ports.queue.send([engine.message("nobody")])
        (delivery,) = await engine.ports.queue.receive("default", 1)
        await engine.deliver(delivery)
        world.clock.advance_to(world.clock.now() + 1_000)
        return list(await engine.ports.queue.receive("default", 1))

    assert asyncio.run(orphan()) == []
