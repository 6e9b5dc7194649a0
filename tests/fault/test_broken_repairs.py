"""Repair and undoing done wrong in one place are caught: the tests beside this one can fail."""

import asyncio
from dataclasses import replace

import pytest
from tests.fault import undone, zoo
from tests.fault.test_enumeration import every_fault
from tests.fault.test_repair import Lossy
from tests.fault.test_sweeper import Swept
from tests.fault.test_switches import Shop
from tests.fault.test_undoing import effects, facts, mocks, run

from vivido import engine as pure
from vivido.engine import repair, undoing
from vivido.model.journal import Kind
from vivido.runtime import compensating, engine, spreading, turn
from vivido.testing.faults import Fault
from vivido.testing.simulation import never
from vivido.testing.world import check


async def tells_nothing_twice(turn):
    """A wait for a child execution does not look whether that has ended already."""
    del turn


async def undone_without_looking(turn):
    """Nor does one for a child execution that undoes itself: it only asks."""
    wait, message = turn.state.wait, turn.engine.message
    ask = message(wait["undo"], compensating.Cause.UNDO, n=wait["at"])
    ask = replace(ask, data={"branch": turn.branch, "n": turn.head})
    await turn.perform_effects([compensating.Send([ask]), compensating.Ack(turn.delivery)])
    return False


def no_ends(head_kind):
    """Ended children do not arrive again."""

    def since(self, head):
        return None if head.kind is Kind.END and head.branch != "r" else SINCE(self, head)

    return since


def no_forks(self, head):
    """A fork's children that never began are not sent again."""
    return None if head.kind is Kind.FORK else SINCE(self, head)


SINCE = repair.Standing.since
LOST = [
    (compensating, "child_end", tells_nothing_twice, zoo.parent),
    (compensating, "arm", undone_without_looking, undone.child_undone),
    (repair.Standing, "since", no_ends(None), zoo.mapped),
    (repair.Standing, "since", no_forks, zoo.forked),
]


def lost(workflow):
    """What breaks where the queue is lost at some call."""
    calm = run(workflow, inline=never)
    found = []
    for at in range(1, calm.calls + 1):
        result = Lossy("lost", at).run(workflow, 1, mocks=mocks(), goes_on_inline=never)
        found += check(result)
        found += [] if result.outcome == calm.outcome else [result.outcome]
    return found


@pytest.mark.parametrize(
    ("where", "name", "broken", "workflow"), LOST, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_broken_repair_is_caught(monkeypatch, where, name, broken, workflow):
    """Somewhere an execution stands for ever."""
    assert lost(workflow) == []
    monkeypatch.setattr(where, name, broken)
    assert lost(workflow) != []


def plain_order(plan, number):
    """Each branch that undoes takes the first one."""
    scope, lo, _ = plan["undo"][0]
    return f"{scope}:{lo}"


def forgets_children(execution, node, path, end):
    """A child execution that succeeded is not remembered."""
    return []


def never_marked(stack):
    """Points of no return are not told to who called or forked."""
    return False


UNDOING = [
    (undoing, "source", plain_order, undone.between_forks),
    (pure.outcomes, "of_child", forgets_children, undone.child_undone),
    (undoing, "_is_marked", never_marked, undone.child_past_return),
    (undoing, "_is_marked", never_marked, undone.pivot_in_branch),
]


@pytest.mark.parametrize(
    ("where", "name", "broken", "workflow"), UNDOING, ids=lambda one: getattr(one, "__name__", "")
)
def test_broken_undoing_is_caught(monkeypatch, where, name, broken, workflow):
    """A law is broken, or something is left that should not be."""
    calm = run(workflow)
    monkeypatch.setattr(where, name, broken)
    result = run(workflow)
    assert (check(result), facts(result)) != ([], facts(calm))


def test_an_end_that_is_not_found_again_is_caught(monkeypatch):
    """A handler that returns after a saga was undone: its value must be in the same record."""

    async def settle(self, kind, data, need, target=None, result=None):
        if kind is Kind.UNDONE:
            self.need = need
            return await self.move(kind, data | pure.follows(self.state, target, result))
        return await SETTLE(self, kind, data, need, target, result)

    calm = run(undone.nested_sagas)
    monkeypatch.setattr(turn.Turn, "settle", settle)
    found = [run(undone.nested_sagas, fault).outcome for fault in every_fault(calm)]
    assert set(found) != {calm.outcome}


SETTLE = turn.Turn.settle


def test_a_sweeper_that_does_not_look_into_the_queue_is_caught(monkeypatch):
    """It repairs who waits rightly, and says so."""

    async def blind(self, execution):
        return ()

    async def during(world, engine, number):
        world.sweeper.bound = -1.0
        world.found += [one async for one in world.sweeper.sweep()]

    assert sweeps(during) == []
    monkeypatch.setattr(Swept, "__init__", Swept.__init__)
    monkeypatch.setattr("vivido.runtime.sweeping.Sweeper._queued", blind)
    assert sweeps(during) != []


def sweeps(during):
    """What a sweeper without patience repairs in a calm run."""
    world = Swept()
    world.run(zoo.sequence, 1, goes_on_inline=never, during=during)
    return world.found


def test_a_parking_delivery_that_looks_before_it_writes_is_caught(monkeypatch):
    """A resume between the look and the parked item finds nothing, and nobody comes again."""

    async def hasty(self, delivery):
        if await self.is_held(await self.ports.metas.get("a"), delivery.message.branch):
            await self.ports.parked.put(delivery.message)
        await self.ports.queue.ack(delivery)

    assert resumed_while_it_parks() == "succeeded"
    monkeypatch.setattr(engine.Engine, "park", hasty)
    assert resumed_while_it_parks() == "running"


def resumed_while_it_parks():
    """The status of an execution that is resumed just before its message is parked."""

    async def run_it():
        shop = Shop()
        put = shop.ports.parked.put

        async def resumed_before(message):
            shop.ports.parked.put = put
            await shop.switching.resume(None)
            await shop.deliver_one()
            await put(message)

        await shop.switching.pause(None)
        await shop.start(zoo.sequence, "a")
        shop.ports.parked.put = resumed_before
        await shop.deliver()
        return (await shop.statuses("a"))[0]

    return asyncio.run(run_it())


def test_an_undoing_that_is_not_kept_for_the_child_is_caught(monkeypatch):
    """A child execution whose END keeps nothing is never undone."""
    monkeypatch.setattr("vivido.engine.records.kept", lambda _: {})
    assert effects(run(undone.child_undone)) != {}


def test_children_that_are_sent_again_without_doubt_are_caught(monkeypatch):
    """A step that had run is stopped as if it had not begun, and so is never undone."""
    first = spreading.first

    def certain(*args, doubt):
        return first(*args, doubt=False)

    def found():
        return [
            broken
            for at in range(8, 40)
            for broken in check(Lossy("lost", at, Fault("crash before", 8)).run(zoo.needed, 1))
        ]

    assert found() == []
    monkeypatch.setattr(spreading, "first", certain)
    assert found() != []
