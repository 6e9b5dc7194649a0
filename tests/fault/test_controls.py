"""Cancel, pause and time-out at each moment of small workflows, with a crash beside them."""

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import mocks

from vivido import ids
from vivido.model.journal import Kind
from vivido.testing.faults import Fault
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check

WORKFLOWS = [
    zoo.sequence,
    zoo.undone,
    zoo.forked,
    zoo.mapped,
    zoo.slept,
    zoo.parent,
    zoo.nested,
    zoo.inner_saga,
    zoo.forked_and_undone,
]


def controlled(workflow, at, act, *faults, inline=never, at_rest=None):
    """Run; `act(engine)` is called once, before delivery number `at`."""
    done = []

    async def during(world, engine, number):
        if number == at and not done:
            done.append(number)
            armed, world.injector.armed = world.injector.armed, False
            await act(engine)
            world.injector.armed = armed

    return World(*faults, stale_acks=True).run(
        workflow, 1, mocks=mocks(workflow), goes_on_inline=inline, during=during, at_rest=at_rest
    )


async def cancel(engine):
    """Cancel with compensation."""
    await engine.control.stop(EXECUTION, ids.ROOT, "cancelled")


async def cancel_plain(engine):
    """Cancel without compensation."""
    await engine.control.stop(EXECUTION, ids.ROOT, "cancelled_plain")


async def pause(engine):
    """Pause and never resume."""
    await engine.control.pause(EXECUTION)


async def pause_and_resume(engine):
    """Pause, and resume at once."""
    await engine.control.pause(EXECUTION)
    await engine.control.resume(EXECUTION)


@pytest.mark.parametrize("act", [cancel, cancel_plain], ids=lambda act: act.__name__)
@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_cancel_at_each_moment(workflow, act):
    """It ends as cancelled or as it would have ended.

    What was completed is undone, and nothing moves any more.
    """
    calm = World().run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never)
    seen = set()
    for at in range(1, calm.deliveries + 1):
        for faults in ([], [Fault("crash after", 3 + at)], [Fault("crash before", 4 + at)]):
            result = controlled(workflow, at, act, *faults)
            assert (at, faults, check(result)) == (at, faults, [])
            seen.add(result.outcome[0])
            assert (at, faults, left_undone(result) if act is cancel else []) == (at, faults, [])
    assert seen == {"cancelled", calm.outcome[0]}


def left_undone(result):
    """Compensations that a cancelled execution owes."""
    if result.outcome[0] != "cancelled":
        return []
    stack = []
    for record in result.records[EXECUTION][ids.ROOT]:
        data = record.data
        if "state" in data:
            stack = list(data["state"].get("stack", []))
        stack = stack[: len(stack) - data.get("pop", 0)] + data.get("push", [])
    return stack


def test_a_cancel_wakes_a_sleeper_at_once():
    """A timer of an hour is not waited for."""
    result = controlled(zoo.slept, 2, cancel)
    assert result.outcome[0] == "cancelled"
    assert result.meta.updated - result.meta.created < 1


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_a_long_pause_at_each_moment(workflow):
    """Everything comes to rest without a step.

    Resumed much later, it ends as it would have ended.
    """
    calm = World().run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never)
    for at in range(1, calm.deliveries):
        bodies = []

        async def stop(engine, bodies=bodies):
            await pause(engine)
            bodies.append(engine.ran.copy())

        async def go_on(engine, bodies=bodies):
            bodies.append(engine.ran.copy())
            await engine.control.resume(EXECUTION)

        result = controlled(workflow, at, stop, at_rest=go_on)
        assert check(result) == []
        assert result.outcome == calm.outcome
        if workflow is not zoo.parent:  # a child execution is not paused with its parent
            assert bodies[0] == bodies[1]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_pause_at_each_moment(workflow):
    """While it is paused no step begins; resumed, it ends as it would have ended."""
    calm = World().run(workflow, 1, mocks=mocks(workflow), goes_on_inline=never)
    for at in range(1, calm.deliveries + 1):
        for faults in ([], [Fault("crash after", 2 + at)], [Fault("late", 3 + at)]):
            result = controlled(workflow, at, pause_and_resume, *faults)
            assert (at, faults, check(result)) == (at, faults, [])
            assert result.outcome == calm.outcome


def test_a_paused_execution_keeps_its_messages():
    """Nothing is lost while nobody resumes: the messages are parked."""
    world = World(stale_acks=True)

    async def during(world, engine, number):
        if number == 1:
            await engine.control.pause(EXECUTION)

    result = world.run(zoo.sequence, 1, goes_on_inline=never, during=during)
    assert result.meta.status == "running"
    assert result.meta.paused


@pytest.mark.parametrize(
    "workflow",
    [zoo.slept, zoo.parent, zoo.sleepers, zoo.undone],
    ids=lambda workflow: workflow.name,
)
def test_the_time_of_an_execution_ends(workflow):
    """Past its time limit an execution is undone and ends as timed out, whatever it waits for."""
    definition = workflow.definition.model_copy(update={"timeout": "30m"})
    limited = _with_definition(workflow, definition)
    result = World().run(limited, 1)
    expected = "timed_out" if workflow is zoo.slept else World().run(workflow, 1).outcome[0]
    assert check(result) == []
    assert result.outcome[0] == expected


def _with_definition(workflow, definition):
    import copy  # noqa: PLC0415

    double = copy.copy(workflow)
    double.__dict__["definition"] = definition
    return double


def test_a_poisonous_step_ends_in_the_history():
    """A step that kills its process each time fails with PoisonMessage; the rest is undone."""

    class Poison(BaseException):
        pass

    from vivido.testing.faults import Crash  # noqa: PLC0415

    def poison(n):
        raise Crash

    result = World().run(zoo.undone, 1, mocks={zoo.fail: poison})
    assert check(result) == []
    assert result.outcome[0] == "compensated"
    assert result.outcome[2][0] == "PoisonMessage"
    resumed = [
        record for record in result.records[EXECUTION][ids.ROOT] if record.kind is Kind.RESUMED
    ]
    assert len(resumed) == 5
