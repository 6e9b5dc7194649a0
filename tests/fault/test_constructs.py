"""Every construct of the language under every single fault, and pairs of faults from a seed."""

import os

import pytest
from tests.fault import constructs, zoo
from tests.fault.test_enumeration import every_fault, pairs, run, violations

from vivido.testing.simulation import never
from vivido.testing.world import check

ALL_OF_THEM = os.environ.get("VIVIDO_FAULTS") == "all"  # `make faults`
# Whether another branch does something before one fails is a matter of time.
RACING = (zoo.lanes_stopped, zoo.wide_stopped, zoo.map_fails, zoo.fork_fails)
PAIRS = 600 if ALL_OF_THEM else 20


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("workflow", constructs.ALL, ids=lambda workflow: workflow.name)
def test_each_fault_at_each_call(workflow, hops):
    """Whatever happens once, the outcome is the calm one and no law is broken."""
    inline = never if hops else None
    calm = run(workflow, inline=inline)
    assert check(calm) == []
    broken = {
        str(fault): found
        for fault in every_fault(calm)
        if (found := violations(workflow, calm, [fault], inline))
    }
    assert broken == {}


@pytest.mark.parametrize(
    "workflow",
    [flow for flow in [*zoo.ALL, *constructs.ALL] if flow is not zoo.claimed],
    ids=lambda workflow: workflow.name,
)
def test_pairs_of_faults(workflow):
    """Two faults in one run, drawn from a seed."""
    calm = run(workflow, inline=never)
    broken = {}
    for pair in pairs(calm, PAIRS):
        found = violations(workflow, calm, pair, never, stale_acks=True)
        if found and not (workflow in RACING and found == [ended_with_less_to_undo(calm)]):
            broken[f"{pair[0]}, {pair[1]}"] = found
    assert broken == {}


def ended_with_less_to_undo(calm) -> str:
    """The stop came before any other branch had done anything: that may be so in real life."""
    outcome = ("failed", *calm.outcome[1:])
    return f"ended as {outcome}, calmly as {calm.outcome}"


def test_there_are_enough():
    """Thirty constructs and policies at least, each under its own name."""
    names = [flow.name for flow in [*zoo.ALL, *constructs.ALL]]
    assert len(set(names)) == len(names) >= 30
