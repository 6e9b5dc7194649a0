"""Jobs, races and polls under every single fault: the outcome is the calm run's."""

import pytest
from tests.fault import jobs
from tests.fault.test_enumeration import every_fault, run, violations

from vivido.testing.simulation import never
from vivido.testing.world import check


@pytest.fixture(autouse=True)
def _anew():
    """Nothing has been polled yet."""
    jobs.seen.clear()


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("workflow", jobs.ALL, ids=lambda workflow: workflow.name)
def test_each_fault_at_each_call(workflow, hops):
    """Whatever happens once, the outcome is the calm one and no law is broken."""
    inline = never if hops else None
    calm = run(workflow, inline=inline)
    assert check(calm) == []
    broken = {}
    for fault in every_fault(calm):
        jobs.seen.clear()
        if found := violations(workflow, calm, [fault], inline):
            broken[str(fault)] = found
    assert broken == {}
