"""The whole queue is lost at each moment, or one message: repaired, everything ends as calmly."""

import os
import random
from collections import Counter

import pytest
from tests.fault import jobs, zoo
from tests.fault.test_enumeration import allowed, mocks

from vivido import ids, map_each, step, workflow
from vivido.authoring.limits import Rate
from vivido.ports import MetaFilter
from vivido.runtime.control import Control
from vivido.runtime.repairing import Repairs
from vivido.testing.faults import Crash, Fault, Injector
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check

EVERYTHING = MetaFilter(limit=10_000)
HOPS = [True, False] if os.environ.get("VIVIDO_FAULTS") == "all" else [True]  # `make faults`


class Losing(Injector):
    """At call number `at` something happens to the queue; see `World`s below."""

    def __init__(self, kind, at, *faults):
        super().__init__(*faults)
        self.kind, self.at, self.world = kind, at, None

    async def call(self, name, function, args, named):
        """Make one call."""
        here = self.armed and self.calls + 1 == self.at
        if here and self.kind == "unsent" and name == "queue.send":
            self.calls += 1
            return None
        if here and self.kind == "repaired":
            await self.world.repair()
        answer = await super().call(name, function, args, named)
        if here and self.kind in ("lost", "emptied"):
            await self.world.empty()
        if here and self.kind == "lost":
            raise Crash(name)
        return answer


class Lossy(World):
    """A world whose queue is emptied at one call, and repaired when nothing moves any more."""

    def __init__(self, kind="calm", at=0, *faults, **more):
        super().__init__(*faults, **more)
        self.injector = Losing(kind, at, *faults)
        self.injector.world = self
        self.kind = kind

    async def executions(self):
        """All executions that are there."""
        return [meta.execution for meta in await self.ports.metas.list(EVERYTHING)]

    async def empty(self):
        """Drop every message, leased or not."""
        self.ports.queue._entries.clear()  # noqa: SLF001  no port loses on purpose

    async def repair(self):
        """Repair all executions, as `vivido repair --all` does."""
        for execution in await self.executions():
            await Repairs(self.ports).repair(execution)

    async def settle(self, during):
        """Deliver until nothing moves; then repair, until that moves nothing either."""
        await super().settle(during)
        if self.kind in ("calm", "repaired"):
            return
        await self.repair()
        await super().settle(None)


def run(workflow, kind="calm", at=0, inline=None, **more):
    """One run of a workflow of the zoo."""
    world = Lossy(kind, at, **more)
    return world.run(workflow, 1, mocks=mocks(workflow), goes_on_inline=inline)


def violations(workflow, calm, kind, at, inline):
    """What is wrong with a run in which that happens at that call."""
    result = run(workflow, kind, at, inline)
    broken = check(result)
    if not allowed(workflow, calm, result):
        broken.append(f"ended as {result.outcome}, calmly as {calm.outcome}")
    return broken


@pytest.mark.parametrize("kind", ["lost", "emptied", "unsent", "repaired"])
@pytest.mark.parametrize("hops", HOPS)
@pytest.mark.parametrize("workflow", zoo.ALL, ids=lambda workflow: workflow.name)
def test_the_queue_is_lost_at_each_call(workflow, hops, kind):
    """Lost with every worker; emptied under a worker's feet; one sending lost; or all there."""
    inline = never if hops else None
    calm = run(workflow, inline=inline)
    broken = {
        at: found
        for at in range(1, calm.calls + 1)
        if (found := violations(workflow, calm, kind, at, inline))
    }
    assert broken == {}


def test_without_a_repair_the_loss_is_felt():
    """The losses above are real: without repair most of them leave an execution that stands."""

    class Unrepaired(Lossy):
        async def repair(self):
            """Nothing."""

    left = Counter()
    for kind in ("lost", "emptied", "unsent"):
        calm = run(zoo.nested, inline=never)
        for at in range(1, calm.calls + 1):
            result = Unrepaired(kind, at).run(zoo.nested, 1, goes_on_inline=never)
            left[kind, str(result.meta.status)] += 1
    assert left["lost", "running"] > left["lost", "succeeded"]
    assert left["emptied", "running"] > left["emptied", "succeeded"]
    assert left["unsent", "running"] > 3


@pytest.mark.parametrize("workflow", [zoo.sequence, zoo.forked, zoo.parent])
def test_a_start_whose_first_message_was_lost(workflow):
    """META is there and nothing else: repaired, it runs (cloudflare/agents#1543)."""

    class Unborn(Lossy):
        async def settle(self, during):
            await self.empty()
            await super().settle(during)

    result = Unborn("lost").run(workflow, 1)
    assert (check(result), result.outcome) == ([], run(workflow).outcome)


def _limited(workflow, timeout):
    import copy  # noqa: PLC0415

    double = copy.copy(workflow)
    definition = workflow.definition.model_copy(update={"timeout": timeout})
    double.__dict__["definition"] = definition
    return double


def test_the_alarm_of_the_time_limit_is_rebuilt():
    """An execution that lost its queue is still ended by its time limit."""
    limited = _limited(zoo.slept, "30m")
    calm = run(limited)
    assert calm.outcome[0] == "timed_out"
    for at in range(1, calm.calls + 1):
        result = run(limited, "lost", at)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)


def test_repairing_twice_sends_nothing_twice():
    """The ids of such messages say what they are for: a queue that holds them takes no more."""
    seen = []

    class Twice(Lossy):
        async def repair(self):
            for _ in range(3):
                await super().repair()
                seen.append(len(await self.ports.queue.of(EXECUTION)))

    result = Twice("lost", 9).run(zoo.forked, 1, goes_on_inline=never)
    assert result.outcome[0] == "succeeded"
    assert seen[0] > 0
    assert seen == [seen[0]] * 3


def test_an_ended_execution_needs_nothing():
    """Repair of what has ended, or was never there, sends nothing."""
    import asyncio  # noqa: PLC0415

    world = World()
    world.run(zoo.sequence, 1)
    repairs = Repairs(world.ports)
    assert asyncio.run(repairs.repair(EXECUTION)) == []
    assert asyncio.run(repairs.repair("nobody")) == []


def test_repair_goes_down_to_child_executions():
    """One call repairs an execution and the child execution for which it waits."""

    class Single(Lossy):
        async def repair(self):
            self.repaired = await Repairs(self.ports).repair(EXECUTION)

    calm = run(zoo.parent, inline=never)
    found = set()
    for at in range(1, calm.calls + 1):
        world = Single("lost", at)
        result = world.run(zoo.parent, 1, goes_on_inline=never)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)
        found.add(tuple(one.execution for one in world.repaired))
    assert (EXECUTION, ids.child_execution_id(EXECUTION, ids.ROOT, 2)) in found


FORKS = [
    zoo.forked, zoo.mapped, zoo.nested, zoo.map_fails, zoo.fork_fails, zoo.collected, zoo.needed,
    zoo.tolerated, zoo.forked_and_undone,
]  # fmt: skip


@pytest.mark.parametrize("workflow", FORKS, ids=lambda workflow: workflow.name)
def test_arrivals_are_rebuilt_by_the_ends_too(workflow):
    """Not only the queue, the join items are lost as well: each END arrives again."""

    class Forgetful(Lossy):
        async def empty(self):
            await super().empty()
            for execution in await self.executions():
                self.ports.joins.drop(execution)

    calm = run(workflow, inline=never)
    for at in range(1, calm.calls + 1):
        result = Forgetful("lost", at).run(workflow, 1, goes_on_inline=never)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)


CONTROLLED = [zoo.sequence, zoo.slept, zoo.nested, zoo.parent, zoo.forked_and_undone]


def controlled(workflow, at, lost_at, act, at_rest=None):
    """Run; `act(world)` before delivery `at`, and all is lost at call `lost_at`."""
    done = []

    async def during(world, engine, number):
        if number == at and not done:
            done.append(number)
            await act(world)

    world = Lossy("lost", lost_at)
    result = world.run(
        workflow, 1, mocks=mocks(workflow), goes_on_inline=never, during=during, at_rest=at_rest
    )
    return result, bool(done)


@pytest.mark.parametrize("workflow", CONTROLLED, ids=lambda workflow: workflow.name)
def test_a_cancel_survives_the_loss_of_the_queue(workflow):
    """Whatever of it was lost: its sweep, its wakes, the stop of a child execution."""
    calm = run(workflow, inline=never)

    async def cancel(world):
        await Control(world.ports).stop(EXECUTION, ids.ROOT, "cancelled")

    for at in range(1, calm.deliveries, 2):
        for lost_at in range(1, calm.calls + 20, 3):
            result, cancelled = controlled(workflow, at, lost_at, cancel)
            where = (at, lost_at)
            assert (where, check(result)) == (where, [])
            allowed_ = {"cancelled", calm.outcome[0]} if cancelled else {calm.outcome[0]}
            assert result.outcome[0] in allowed_
            assert {meta.status.is_end for meta in result.metas.values()} == {True}


@pytest.mark.parametrize("workflow", CONTROLLED, ids=lambda workflow: workflow.name)
def test_a_pause_survives_the_loss_of_the_queue(workflow):
    """What is parked is kept; what was not yet is rebuilt. Resumed, all goes on."""
    calm = run(workflow, inline=never)

    async def pause(world):
        await Control(world.ports).pause(EXECUTION)

    for at in range(1, calm.deliveries, 2):
        for lost_at in range(1, calm.calls, 3):
            rested = []

            async def resume(engine, rested=rested):
                await engine.control.resume(EXECUTION)
                entries = engine.ports.queue._port._entries  # noqa: SLF001  lost again
                entries.clear()
                for execution in await executions(engine.ports):
                    await Repairs(engine.ports).repair(execution)

            result, _ = controlled(workflow, at, lost_at, pause, at_rest=resume)
            where = (at, lost_at)
            assert (where, check(result), result.outcome) == (where, [], calm.outcome)


async def executions(ports):
    """All that are there."""
    return [meta.execution for meta in await ports.metas.list(EVERYTHING)]


@pytest.mark.parametrize("workflow", FORKS, ids=lambda workflow: workflow.name)
def test_a_crash_and_then_the_loss(workflow):
    """A body has run, its worker died, then its message is lost: it is finished before a stop."""
    calm = run(workflow, inline=never)
    dice = random.Random(7)  # noqa: S311  meant to be repeated
    for _ in range(150):
        crash, lost = sorted(dice.sample(range(1, calm.calls + 20), 2))
        fault = Fault(dice.choice(["crash before", "crash after", "late"]), crash)
        world = Lossy(dice.choice(["lost", "emptied"]), lost, fault)
        result = world.run(workflow, 1, goes_on_inline=never)
        assert (str(fault), world.kind, lost, check(result)) == (str(fault), world.kind, lost, [])
        assert result.meta.status.is_end


@pytest.mark.parametrize("kind", ["lost", "emptied", "unsent", "repaired"])
@pytest.mark.parametrize("workflow", jobs.ALL, ids=lambda workflow: workflow.name)
def test_races_and_polls_survive_the_loss(workflow, kind):
    """Rounds are not polled twice, and a race that is decided stays so."""
    jobs.seen.clear()
    calm = run(workflow, inline=never)
    broken = {}
    for at in range(1, calm.calls + 1):
        jobs.seen.clear()
        result = run(workflow, kind, at, never)
        others = OTHERS.get(workflow.name, ()) if kind in ("emptied", "unsent") else ()
        if check(result) or result.outcome[1] not in [calm.outcome[1], *others]:
            broken[at] = [*check(result), result.outcome]
    assert broken == {}


# Who wins, where the quickest one is only repaired when the others have had their time.
OTHERS = {
    "raced": ("late None 2", "child 2 2"),
    "raced_by_time": ("child 2",),
    "job_wins": ("late None 2",),
    "job_loses": ("call 2",),
}


@step(concurrency=1)
def one_at_a_time(n: int) -> int:
    """Needs a slot."""
    return n + 1


@step(rate=Rate(2, per="10s"))
def paced(n: int) -> int:
    """Needs a token."""
    return n + 1


@workflow
def limited(n: int) -> list[int]:
    """Branches that need slots and tokens."""
    return [*map_each(one_at_a_time, range(n, n + 3)), *map_each(paced, range(n, n + 3))]


@pytest.mark.parametrize("kind", ["lost", "emptied", "unsent", "repaired"])
def test_who_waits_for_a_slot_or_a_token_survives_the_loss(kind):
    """The line, and the leases of slots, lie in the store; guards and timers are rebuilt."""
    calm = run(limited, inline=never)
    for at in range(1, calm.calls + 1):
        result = run(limited, kind, at, never)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)


def test_a_child_execution_that_is_sent_again_may_have_begun():
    """Its first step ran, all was lost, and a cancel comes: what it did is undone."""
    calm = run(zoo.child_fails, inline=never)
    for at in range(1, calm.calls + 1):

        class Cancelled(Lossy):
            async def repair(self):
                await Control(self.ports).stop(EXECUTION, ids.ROOT, "cancelled")
                await super().repair()

        result = Cancelled("lost", at, Fault("crash before", max(1, at - 1))).run(
            zoo.child_fails, 1, goes_on_inline=never
        )
        assert (at, check(result), result.meta.status.is_end) == (at, [], True)
