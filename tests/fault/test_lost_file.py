"""On SQLite: the process dies, all messages in the file are gone; repaired, it ends as calmly."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from tests.fault import undone, zoo
from tests.fault.test_undoing import mocks

from vivido.backends.memory import SeededIds, VirtualClock
from vivido.backends.sqlite import SqliteStore
from vivido.runtime.library import Library
from vivido.runtime.repairing import Repairs
from vivido.runtime.sweeping import Sweeper
from vivido.runtime.switching import Switching
from vivido.testing.simulation import SimulatedEngine, never

BOUND = 600.0
WORKFLOWS = [
    zoo.sequence, zoo.slept, zoo.retried_slowly, zoo.mapped, zoo.nested, zoo.forked_and_undone,
    undone.grandchild_undone, undone.saga_in_branch,
]  # fmt: skip


class Process:
    """One process after another on one file, in virtual time."""

    def __init__(self, folder, workflow):
        self.path, self.workflow = folder / "state.db", workflow
        self.clock, self.starts = VirtualClock(1_000_000.0), 0

    def run(self, *, begin, deliveries=None):
        """Open the store, `begin(engine)`, deliver so often or until nothing moves; META of all."""
        self.starts += 1
        ids = SeededIds(self.starts)
        with SqliteStore(self.path, clock=self.clock, ids=ids) as store:
            return asyncio.run(self._run(store.ports, begin, deliveries))

    async def _run(self, ports, begin, deliveries):
        library = Library()
        library.put(self.workflow.ref, self.workflow)
        engine = SimulatedEngine(ports, mocks(), library, goes_on_inline=never)
        await begin(engine)
        count = 0
        while deliveries is None or count < deliveries:
            received = await ports.queue.receive("default", 1)
            if received:
                count += 1
                await engine.deliver(received[0])
            elif (soon := ports.queue.next_visible()) is not None:
                self.clock.advance_to(max(soon, self.clock.now()))
            else:
                break
        meta = await ports.metas.get("x")
        return count, None if meta is None else (str(meta.status), meta.output)

    def lose(self):
        """Delete all messages, as no port does."""
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("DELETE FROM messages")

    async def start(self, engine):
        """Start the execution."""
        await engine.start(self.workflow.definition, {"n": 1}, execution="x")


async def nothing(engine):
    """Only deliver."""


async def repair(engine):
    """As `vivido repair --all`."""
    assert [one async for one in Repairs(engine.ports).repair_all()]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_the_queue_of_a_file_is_lost_at_each_delivery(workflow, tmp_path):
    """After each delivery: the process ends, the messages go, another process repairs."""
    folder = tmp_path / "calm"
    folder.mkdir()
    calm = Process(folder, workflow)
    count, outcome = calm.run(begin=calm.start)
    for at in range(count):
        folder = tmp_path / str(at)
        folder.mkdir()
        process = Process(folder, workflow)
        process.run(begin=process.start, deliveries=at)
        process.lose()
        assert process.run(begin=nothing)[1][0] in ("running", "compensating")
        assert (at, process.run(begin=repair)[1]) == (at, outcome)


def test_the_sweeper_finds_it_without_being_asked(tmp_path):
    """Ten minutes later, in a process that only sweeps."""
    process = Process(tmp_path, zoo.sequence)
    process.run(begin=process.start, deliveries=1)
    process.lose()
    process.clock.advance_to(process.clock.now() + BOUND + 1)

    async def sweep(engine):
        found = [one async for one in Sweeper(engine.ports, bound=BOUND).sweep()]
        assert [one.execution for one in found] == ["x"]

    assert process.run(begin=sweep)[1] == ("succeeded", 4)


def test_what_another_process_holds_is_not_stuck(tmp_path):
    """A message that some process works at is no reason to repair, however long it takes."""
    clock = VirtualClock(1_000_000.0)
    path = tmp_path / "state.db"
    with (
        SqliteStore(path, clock=clock, ids=SeededIds(1), lease_seconds=1e6) as store,
        SqliteStore(path, clock=clock, ids=SeededIds(2)) as other,
    ):

        async def run():
            library = Library()
            library.put(zoo.sequence.ref, zoo.sequence)
            engine = SimulatedEngine(store.ports, {}, library)
            await engine.start(zoo.sequence.definition, {"n": 1}, execution="x")
            held = await store.ports.queue.receive("default", 1)
            clock.advance_to(clock.now() + 100 * BOUND)
            found = [one async for one in Sweeper(other.ports, bound=BOUND).sweep()]
            await engine.deliver(held[0])
            return found, await other.ports.metas.get("x")

        found, meta = asyncio.run(run())
        assert (found, str(meta.status)) == ([], "succeeded")


def test_a_pause_of_a_workflow_is_felt_by_every_process(tmp_path):
    """Switched off in one process, parked in the next, resumed by a third."""
    process = Process(tmp_path, zoo.sequence)

    async def pause(engine):
        await Switching(engine.ports).pause("sequence")
        await process.start(engine)

    async def resume(engine):
        assert await Switching(engine.ports).resume("sequence") == 1

    assert process.run(begin=pause)[1] == ("running", None)
    assert process.run(begin=nothing)[1] == ("running", None)
    assert process.run(begin=resume)[1] == ("succeeded", 4)
