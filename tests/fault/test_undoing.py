"""What is undone is undone once and in reverse, units side by side, whatever fails meanwhile."""

from collections import Counter

import pytest
from tests.fault import undone
from tests.fault.test_enumeration import every_fault
from tests.fault.test_repair import Lossy

from vivido import StepTimeout
from vivido.model.journal import Kind
from vivido.testing.simulation import never
from vivido.testing.world import World, check, wasted

EVERYTHING = [*undone.UNDONE, *undone.NEEDS_ATTENTION]


def mocks():
    """Compensations that fail, and a step that runs into its timeout, as often as they are run."""
    seen = Counter()

    def flaky(n):
        seen[n] += 1
        if seen[n] < 3:
            raise undone.Stubborn("not yet")

    return {
        undone.undo_flaky: flaky,
        undone.undo_stubborn: undone.Stubborn("never"),
        undone.unsure: StepTimeout("too long"),
    }


def run(workflow, *faults, inline=None, **more):
    """One run."""
    return World(*faults, **more).run(workflow, 1, mocks=mocks(), goes_on_inline=inline)


def effects(result):
    """What was done and is not undone, by step and argument: what a shop would have left."""
    left = Counter()
    for branches in result.records.values():
        for records in branches.values():
            for record in records:
                data = record.data
                if "result" in data and data.get("step") in ("a", "b"):
                    left[data["step"]] += 1
                if "result" in data and data.get("step") in ("undo_a", "undo_b"):
                    left[data["step"].removeprefix("undo_")] -= 1
    return {step: count for step, count in left.items() if count}


def facts(result):
    """What must be the same under any fault.

    Whether a branch that fails overtakes what another one does, it is not.
    """
    meta = result.meta
    if meta.workflow == "stopped_while_it_runs":
        return meta.status in ("failed", "compensated"), result.outcome[2], effects(result)
    statuses = sorted(str(meta.status) for meta in result.metas.values())
    return result.outcome, effects(result), statuses


KEPT = {
    "saga_of_forks": {"a": 1},
    "pivot_in_branch": {"a": 1, "b": 1},
    "child_past_return": {"a": 2},
    "child_in_saga": {"a": 1, "b": 1},
    "stubborn_branches": {"a": 1},
    "stubborn_child_undone": {"a": 1},
    "saga_in_branch": {},
}


@pytest.mark.parametrize("workflow", EVERYTHING, ids=lambda workflow: workflow.name)
def test_what_is_left(workflow):
    """All that has to be undone is; what lies behind a point of no return, or goes on, stays."""
    result = run(workflow)
    assert (check(result), effects(result)) == ([], KEPT.get(workflow.name, {}))


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("workflow", EVERYTHING, ids=lambda workflow: workflow.name)
def test_each_fault_at_each_call(workflow, hops):
    """The calm outcome of each execution, the same left, one body wasted at most."""
    inline = never if hops else None
    calm = run(workflow, inline=inline)
    broken = {}
    for fault in every_fault(calm):
        result = run(workflow, fault, inline=inline)
        found = check(result)
        if wasted(result) > 1 and workflow is not undone.retried_undo:
            found.append(f"one fault cost {wasted(result)} bodies")
        if facts(result) != facts(calm):
            found.append(f"{facts(result)} instead of {facts(calm)}")
        if found:
            broken[str(fault)] = found
    assert broken == {}


@pytest.mark.parametrize("kind", ["lost", "emptied", "unsent", "repaired"])
@pytest.mark.parametrize("workflow", EVERYTHING, ids=lambda workflow: workflow.name)
def test_the_queue_is_lost_at_each_call(workflow, kind):
    """Repaired, it ends as calmly."""
    calm = run(workflow, inline=never)
    broken = {}
    for at in range(1, calm.calls + 1):
        result = Lossy(kind, at).run(workflow, 1, mocks=mocks(), goes_on_inline=never)
        if found := [*check(result), *([] if facts(result) == facts(calm) else [facts(result)])]:
            broken[at] = found
    assert broken == {}
