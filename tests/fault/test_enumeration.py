"""A crash, a late worker or an echo at every port call, a copy at every delivery.

The outcome is the calm run's.
"""

import random

import pytest
from tests.fault import zoo

from vivido import Workflow
from vivido.testing.faults import AT_CALLS, AT_DELIVERIES, Fault
from vivido.testing.simulation import never
from vivido.testing.world import FaultyEngine, Result, World, check, wasted


def mocks(workflow):
    """The flaky steps fail at their first attempt, whoever runs it."""
    step = zoo.FLAKY.get(workflow.name)
    if step is None:
        return {}
    seen = []

    def flaky(n):
        seen.append(n)
        if len(seen) == 1:
            raise zoo.Flaky("once")
        return n

    return {step: flaky}


def with_settings(workflow) -> type[FaultyEngine]:
    """The engine with the settings of that workflow of the zoo."""

    class Engine(FaultyEngine):
        def __init__(self, *args, **more):
            super().__init__(*args, **more)
            self.settings = zoo.SETTINGS.get(workflow.name, self.settings)

    return Engine


def run(workflow: Workflow, *faults: Fault, inline=None, **more) -> Result:
    """One run of a workflow of the zoo."""
    return World(*faults, engine_class=with_settings(workflow), **more).run(
        workflow, 1, mocks=mocks(workflow), goes_on_inline=inline
    )


def allowed(workflow, calm, result) -> bool:
    """The calm outcome; or an at-most-once step was interrupted.

    Or what failed once had to be run again.
    """
    if workflow is zoo.claimed and result.outcome[0] == "failed":
        return result.outcome[2][0] == "StepInterrupted"
    return result.outcome == calm.outcome or (
        workflow is zoo.fork_flaky and result.outcome == ("succeeded", [2, 1, 3], None)
    )


def stops_left(result) -> list[str]:
    """Stops of forks that are joined: none may stay in META."""
    stops = result.meta.stops if result.meta else {}
    return [f"the stop of {scope} was never removed" for scope in stops if scope != "r"]


def violations(workflow, calm, faults, inline=None, **more) -> list[str]:
    """What is wrong with one run under faults."""
    result = run(workflow, *faults, inline=inline, **more)
    broken = check(result) + stops_left(result)
    if len(faults) == 1 and wasted(result) > 1:
        broken.append(f"one fault cost {wasted(result)} bodies: {result.bodies}")
    if not allowed(workflow, calm, result):
        broken.append(f"ended as {result.outcome}, calmly as {calm.outcome}")
    if workflow is zoo.claimed:
        twice = [key for key, n in result.bodies.items() if key[0] == "once" and n > 1]
        broken += [f"{key} ran more than once" for key in twice]
    return broken


def every_fault(calm: Result):
    """All single faults of a run that is as long as the calm one."""
    for kind in AT_CALLS:
        yield from (Fault(kind, at) for at in range(1, calm.calls + 1))
    for kind in AT_DELIVERIES:
        yield from (Fault(kind, at) for at in range(1, calm.deliveries + 1))


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("workflow", zoo.ALL, ids=lambda workflow: workflow.name)
def test_each_fault_at_each_call(workflow, hops):
    """Whatever happens once, the outcome is the calm one and no law is broken."""
    inline = never if hops else None
    calm = run(workflow, inline=inline)
    assert check(calm) + stops_left(calm) == []
    broken = {
        str(fault): found
        for fault in every_fault(calm)
        if (found := violations(workflow, calm, [fault], inline))
    }
    assert broken == {}


@pytest.mark.parametrize(
    "workflow", [zoo.sequence, zoo.fork_fails, zoo.undone], ids=lambda workflow: workflow.name
)
def test_pairs_of_faults(workflow):
    """Two faults, drawn from a seed: nothing is lost, nothing is done twice."""
    calm = run(workflow, inline=never)
    broken = {
        f"{pair[0]}, {pair[1]}": found
        for pair in pairs(calm, 150)
        if (found := violations(workflow, calm, pair, never, stale_acks=True))
    }
    assert broken == {}


def pairs(calm: Result, count: int):
    """So many pairs of faults, the same each time."""
    dice = random.Random(3)  # noqa: S311  meant to be repeated
    faults = list(every_fault(calm))
    for _ in range(count):
        yield dice.sample(faults, 2)
