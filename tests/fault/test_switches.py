"""A workflow, or all of them, is paused at each moment: nothing begins, nothing is lost."""

import asyncio

import pytest
from tests.fault import zoo
from tests.fault.test_controls import WORKFLOWS, controlled
from tests.fault.test_enumeration import mocks

from vivido import ids
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.runtime.library import Library
from vivido.runtime.switching import Switching
from vivido.testing.faults import Fault
from vivido.testing.simulation import SimulatedEngine, never
from vivido.testing.world import EXECUTION, World, check


def switching(engine):
    """The controls, over the ports of an engine."""
    return Switching(engine.ports)


def fresh(engine):
    """Let a process know at once what is switched, as one that has just begun."""
    engine.switches.age_seconds = -1.0


@pytest.mark.parametrize("all_of_them", [False, True], ids=["workflow", "all"])
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_temporal_4_a_workflow_is_paused_at_each_moment(workflow, all_of_them):
    """Temporal 4: everything comes to rest without a step; resumed, it ends as it would have."""
    name = None if all_of_them else workflow.name
    calm = World().run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never)
    for at in range(1, calm.deliveries):
        bodies = []

        async def stop(engine, bodies=bodies):
            fresh(engine)
            await switching(engine).pause(name)
            bodies.append(engine.ran.copy())

        async def go_on(engine, bodies=bodies):
            bodies.append(engine.ran.copy())
            await switching(engine).resume(name)

        result = controlled(workflow, at, stop, at_rest=go_on)
        assert (at, check(result), result.outcome) == (at, [], calm.outcome)
        if all_of_them or workflow is not zoo.parent:  # its child execution is of another workflow
            assert bodies[0] == bodies[1]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_paused_and_resumed_at_once_with_a_fault_beside_it(workflow):
    """Each side writes before it reads: whoever crashes or comes late, nothing stays parked."""
    calm = World().run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never)

    async def both(engine):
        fresh(engine)
        await switching(engine).pause(None)
        await switching(engine).resume(None)

    for at in range(1, calm.deliveries + 1):
        for faults in ([], [Fault("crash after", 2 + at)], [Fault("late", 3 + at)]):
            result = controlled(workflow, at, both, *faults)
            assert (at, faults, check(result), result.outcome) == (at, faults, [], calm.outcome)


def test_a_resume_between_two_calls_of_a_parking_delivery():
    """The resume comes when the message is parked and not yet looked at again: it sends itself."""
    calm = World().run(zoo.sequence, 1, goes_on_inline=never)
    for late in range(1, 12):
        world = World(Fault("late", late), stale_acks=True)
        done = []

        async def during(world, engine, number, done=done):
            if not done:
                done.append("paused")
                fresh(engine)
                await Switching(world.ports).pause(None)
            elif world.injector.late and len(done) == 1:
                done.append("resumed")
                await Switching(world.ports).resume(None)

        async def at_rest(engine):
            await switching(engine).resume(None)

        result = world.run(zoo.sequence, 1, goes_on_inline=never, during=during, at_rest=at_rest)
        assert (late, check(result), result.outcome) == (late, [], calm.outcome)


def test_a_stop_outranks_a_switch():
    """What is paused with its workflow can be cancelled: it is undone and ends."""

    async def pause_and_cancel(engine):
        fresh(engine)
        await switching(engine).pause("undone")
        await engine.control.stop(EXECUTION, ids.ROOT, "cancelled")

    result = controlled(zoo.undone, 2, pause_and_cancel)
    assert (check(result), result.outcome[0]) == ([], "cancelled")


class Shop:
    """Several executions of two workflows on one memory."""

    def __init__(self):
        self.clock = VirtualClock(1_000_000.0)
        self.ports = memory_ports(clock=self.clock, ids=SeededIds(1))
        library = Library()
        for workflow in (zoo.sequence, zoo.slept):
            library.put(workflow.ref, workflow)
        self.engine = SimulatedEngine(self.ports, {}, library, goes_on_inline=never)
        self.switching = Switching(self.ports)
        fresh(self.engine)

    async def start(self, workflow, *names):
        """Start executions."""
        for name in names:
            await self.engine.start(workflow.definition, {"n": 1}, execution=name)

    async def deliver(self, until=float("inf")):
        """Deliver until nothing moves, or a time."""
        while True:
            deliveries = await self.ports.queue.receive("default", 1)
            if deliveries:
                await self.engine.deliver(deliveries[0])
            elif (soon := self.ports.queue.next_visible()) is not None and soon <= until:
                self.clock.advance_to(max(soon, self.clock.now()))
            else:
                return

    async def deliver_one(self):
        """Deliver what is visible now, once."""
        for delivery in await self.ports.queue.receive("default", 1):
            await self.engine.deliver(delivery)

    async def statuses(self, *names):
        """The status of each."""
        metas = [await self.ports.metas.get(name) for name in names]
        return [str(meta.status) for meta in metas]


def test_starts_are_accepted_while_a_workflow_is_paused():
    """They wait; another workflow runs; resumed, all of them end."""

    async def run():
        shop = Shop()
        await shop.switching.pause("sequence")
        await shop.start(zoo.sequence, "a", "b")
        await shop.start(zoo.slept, "c")
        await shop.deliver()
        before = await shop.statuses("a", "b", "c")
        count = await shop.switching.resume("sequence")
        await shop.deliver()
        return before, count, await shop.statuses("a", "b", "c")

    assert asyncio.run(run()) == (["running", "running", "succeeded"], 2, ["succeeded"] * 3)


def test_restate_3_a_gradual_resume():
    """Restate 3: resumed two in a second, ten executions do not fire at once."""
    names = [f"e{number}" for number in range(10)]

    async def run():
        shop = Shop()
        await shop.switching.pause(None)
        await shop.start(zoo.sequence, *names)
        await shop.deliver()
        assert await shop.switching.resume(None, rate=2.0) == 10
        ended = []
        for second in range(6):
            await shop.deliver(1_000_000.0 + second)
            ended.append((await shop.statuses(*names)).count("succeeded"))
        return ended

    assert asyncio.run(run()) == [1, 3, 5, 7, 9, 10]


def test_restate_4_a_pause_lets_a_running_step_finish():
    """Restate 4: what has begun comes to its end and is recorded; only the next step waits."""
    engine_of = {}

    async def switch_off():
        await Switching(engine_of["world"].ports).pause(None)

    def step(n):
        asyncio.get_running_loop().create_task(switch_off())
        return n + 1

    world = World()
    engine_of["world"] = world

    async def during(world, engine, number):
        fresh(engine)

    result = world.run(zoo.sequence, 1, mocks={zoo.c: step}, goes_on_inline=never, during=during)
    assert str(result.meta.status) == "running"
    assert len(result.records[EXECUTION][ids.ROOT]) == 1


def test_other_pauses_hold_what_a_resume_sends():
    """An execution that is paused itself, or by the other switch, stays so."""

    async def run():
        shop = Shop()
        await shop.switching.pause(None)
        await shop.switching.pause("sequence")
        await shop.start(zoo.sequence, "a")
        await shop.start(zoo.slept, "b", "c")
        await shop.engine.control.pause("b")
        await shop.deliver()
        await shop.switching.resume(None)
        await shop.deliver()
        first = await shop.statuses("a", "b", "c")
        await shop.switching.resume("sequence")
        await shop.engine.control.resume("b")
        await shop.deliver()
        return first, await shop.statuses("a", "b", "c")

    assert asyncio.run(run()) == (["running", "running", "succeeded"], ["succeeded"] * 3)


def test_switches_are_read_once_in_five_seconds():
    """However many messages are delivered: a pause costs no step a request."""
    reads = []

    async def run():
        shop = Shop()
        shop.engine.switches.age_seconds = 5.0
        read = shop.ports.switches.read

        async def counted():
            reads.append(shop.clock.now())
            return await read()

        shop.ports.switches.read = counted
        await shop.start(zoo.sequence, *[f"e{number}" for number in range(20)])
        await shop.deliver()

    asyncio.run(run())
    assert len(reads) == 1


def test_a_pause_is_felt_between_two_compensations():
    """Also within one delivery: what is being undone waits where it stands, and goes on later."""
    undone = []
    world = World()

    async def slow(n):
        undone.append("b")
        world.clock.advance_to(world.clock.now() + 6.0)  # META is read again after five seconds
        await world.ports.metas.pause(EXECUTION, paused=True)

    def undo_a(n, result):
        undone.append("a")

    async def at_rest(engine):
        undone.append("rest")
        await engine.control.resume(EXECUTION)

    mocked = {zoo.undo_b: slow, zoo.undo_a: undo_a}
    result = world.run(zoo.undone, 1, mocks=mocked, at_rest=at_rest)
    assert (check(result), result.outcome[0]) == ([], "compensated")
    assert undone == ["b", "rest", "a"]
