"""Every construct of the language under every single fault, and pairs of faults from a seed."""

import os

import pytest
from tests.fault import constructs, zoo
from tests.fault.test_enumeration import every_fault, pairs, run, violations

from vivido.testing.simulation import never
from vivido.testing.world import check

ALL_OF_THEM = os.environ.get("VIVIDO_FAULTS") == "all"  # `make faults`
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
    broken = {
        f"{pair[0]}, {pair[1]}": found
        for pair in pairs(calm, PAIRS)
        if (found := violations(workflow, calm, pair, never, stale_acks=True))
    }
    assert broken == {}


def test_there_are_enough():
    """Thirty constructs and policies at least, each under its own name."""
    names = [flow.name for flow in [*zoo.ALL, *constructs.ALL]]
    assert len(set(names)) == len(names) >= 30
