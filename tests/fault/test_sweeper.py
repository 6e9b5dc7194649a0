"""The sweeper repairs what is stuck, and only that: rows of needs.md that ask for it, by name."""

import asyncio

import pytest
from tests.fault import undone, zoo
from tests.fault.test_repair import EVERYTHING, Lossy
from tests.fault.test_undoing import mocks

from vivido import ids
from vivido.model.journal import Kind, Status
from vivido.runtime.sweeping import Sweeper
from vivido.testing.faults import AT_DELIVERIES, Fault
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check

BOUND = 600.0


class Swept(Lossy):
    """A world whose sweeper ticks when nothing moves any more, ten minutes later."""

    def __init__(self, kind="calm", at=0, **more):
        super().__init__(kind, at, **more)
        self.sweeper = Sweeper(self.ports, bound=BOUND)
        self.found = []

    async def repair(self):
        """Let time pass and sweep, as long as something is left that may be stuck."""
        for _ in range(20):
            self.clock.advance_to(self.clock.now() + BOUND + 1)
            self.found += [one async for one in self.sweeper.sweep()]
            await super(Lossy, self).settle(None)
            if all(meta.status.is_end for meta in await self.ports.metas.list(EVERYTHING)):
                return


def sentences(world):
    """What people read in the notes of the execution."""

    async def read():
        return [line.text for _, line in await world.ports.notes.lines(EXECUTION)]

    return asyncio.run(read())


WORKFLOWS = [
    zoo.sequence, zoo.slept, zoo.forked_and_undone, zoo.nested, zoo.parent, zoo.retried_slowly,
    zoo.fork_fails, zoo.mapped, undone.child_undone, undone.saga_in_branch,
]  # fmt: skip


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_azure_2_stuck_in_running_heals_itself(workflow):
    """Azure Durable Functions 2: nobody polls the storage by hand; it heals and says so."""
    calm = Swept().run(workflow, 1, mocks=mocks(), goes_on_inline=never)
    for at in range(1, calm.calls + 1):
        for kind in ("lost", "unsent"):
            world = Swept(kind, at)
            result = world.run(workflow, 1, mocks=mocks(), goes_on_inline=never)
            assert (at, kind, check(result)) == (at, kind, [])
            assert result.outcome == calm.outcome
            if any(one.execution == EXECUTION for one in world.found):
                assert "repaired by the sweeper" in sentences(world)[0]


def test_conductor_1_a_lost_race_queues_itself_again():
    """Netflix Conductor 1: who loses a race at a join costs no time, and no sweeper is needed."""
    calm = World().run(zoo.nested, 1, goes_on_inline=never)
    for kind in AT_DELIVERIES:
        for at in range(1, calm.deliveries + 1):
            world = World(Fault(kind, at))
            result = world.run(zoo.nested, 1, goes_on_inline=never)
            assert (kind, at, check(result)) == (kind, at, [])
            assert result.meta.updated - result.meta.created < 1


def test_conductor_5_marked_complete_before_the_next_was_queued():
    """Netflix Conductor 5: a record whose successor was never sent is no stuck execution."""
    calm = Swept().run(zoo.sequence, 1, goes_on_inline=never)
    for at in range(1, calm.calls + 1):
        world = Swept("unsent", at)
        result = world.run(zoo.sequence, 1, goes_on_inline=never)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)


def test_cloudflare_5_a_start_without_a_message():
    """Cloudflare 5: the record comes first, then the message; a crash between is healed."""

    class Unborn(Swept):
        async def settle(self, during):
            await self.empty()
            await super().settle(during)

    world = Unborn("lost")
    result = world.run(zoo.sequence, 1)
    assert (check(result), str(result.meta.status)) == ([], "succeeded")
    assert sentences(world) == [
        "repaired by the sweeper: nothing had happened for 601 s before its first record; sent: go"
    ]


def test_who_waits_rightly_is_left_alone():
    """Timers, backoffs, child executions, operators and pauses are no reason to repair."""
    seen = []

    async def during(world, engine, number):
        world.sweeper.bound = 1.0
        seen.extend([one async for one in world.sweeper.sweep()])

    for workflow in (zoo.slept, zoo.retried_slowly, zoo.parent, zoo.sleepers, zoo.retried):
        world = Swept()
        result = world.run(workflow, 1, mocks=mocks(), goes_on_inline=never, during=during)
        assert (workflow.name, seen, result.meta.status.is_end) == (workflow.name, [], True)
    for workflow in undone.NEEDS_ATTENTION:
        world = Swept("unsent", 10_000)
        result = world.run(workflow, 1, mocks=mocks(), goes_on_inline=never)
        assert (workflow.name, world.found) == (workflow.name, [])


def test_a_paused_execution_is_left_alone_and_healed_afterwards():
    """Its message was lost while it was paused: the sweeper comes when it is resumed."""

    class Paused(Swept):
        async def settle(self, during):
            await self.ports.metas.pause(EXECUTION, paused=True)
            await self.empty()
            await super().settle(during)
            assert self.found == []
            await self.ports.metas.pause(EXECUTION, paused=False)
            await super().settle(during)

    world = Paused("lost")
    result = world.run(zoo.sequence, 1)
    assert (check(result), str(result.meta.status), len(world.found)) == ([], "succeeded", 1)


def test_a_sweep_looks_at_so_many_at_a_time():
    """A tick reads a page, however many executions there are; all of them come in turn."""
    world = World()

    async def run():
        world.ports.clock.advance_to(2_000_000.0)
        world.engine = world.engine_class(world.ports, {}, _library())
        for number in range(7):
            await world.engine.start(zoo.sequence.definition, {"n": 1}, execution=f"e{number}")
        world.ports.queue._entries.clear()  # noqa: SLF001  no port loses on purpose
        world.clock.advance_to(2_000_000.0 + BOUND + 1)
        sweeper = Sweeper(world.ports, bound=BOUND, at_once=3)
        return [sorted(one.execution for one in await sweeper.tick()) for _ in range(5)]

    assert asyncio.run(run()) == [["e4", "e5", "e6"], ["e1", "e2", "e3"], ["e0"], [], []]


def _library():
    from vivido.runtime.library import Library  # noqa: PLC0415

    library = Library()
    library.put(zoo.sequence.ref, zoo.sequence)
    return library


def test_what_was_repaired_is_not_repaired_again_at_once(caplog):
    """A worker may be far behind: the same is sent again after twice the bound, and then louder."""
    sent = []

    class Silent(Swept):
        async def repair(self):
            for _ in range(12):
                self.clock.advance_to(self.clock.now() + BOUND / 2 + 1)
                found = [one async for one in self.sweeper.sweep()]
                sent.append(len(found))
                await self.empty()

    world = Silent("lost", 4)
    world.run(zoo.sequence, 1, goes_on_inline=never)
    assert sent == [0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING", "ERROR"]
    assert sentences(world)[2] == (
        "repaired by the sweeper: nothing had happened for 3010 s at record 1, OK; sent: go, "
        "for the 3. time: is there a worker that has its code?"
    )


def test_one_lost_branch_is_found_when_the_others_have_come_to_rest():
    """A sibling sleeps for hours: the lost one is repaired meanwhile, the sleeper left alone."""
    calm = Swept().run(zoo.sleepers, 2, mocks=mocks(), goes_on_inline=never)
    assert calm.outcome[0] == "succeeded"
    found = []

    class LosesOne(Swept):
        async def settle(self, _):
            async def lose(world, engine, number):
                entries = world.ports.queue._entries  # noqa: SLF001
                branches = {one.message.branch: key for key, one in entries.items()}
                if number == 1 and set(branches) == {"r.1:0", "r.1:1"}:
                    del entries[branches["r.1:1"]]
                if number == 2 and not found:
                    world.clock.advance_to(world.clock.now() + BOUND + 1)
                    found.extend([one async for one in world.sweeper.sweep()])

            await World.settle(self, lose)

    result = LosesOne().run(zoo.sleepers, 2, mocks=mocks(), goes_on_inline=never)
    assert (check(result), result.outcome) == ([], calm.outcome)
    assert [(one.execution, [due.branch for due in one.dues]) for one in found][:1] == [
        (EXECUTION, ["r"])
    ]


def test_the_sweeper_changes_nothing_but_the_queue():
    """No record and no status is its: the history shows only what went on afterwards."""
    world = Swept("lost", 4)
    result = world.run(zoo.sequence, 1, goes_on_inline=never)
    kinds = [record.kind for record in result.records[EXECUTION][ids.ROOT]]
    assert kinds.count(Kind.END) == 1
    assert result.meta.status is Status.SUCCEEDED
