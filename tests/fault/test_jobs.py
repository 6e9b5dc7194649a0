"""Jobs, races and polls under every single fault: the outcome is the calm run's."""

import pytest
from tests.fault import jobs
from tests.fault.test_controls import cancel, cancel_plain, controlled, left_undone
from tests.fault.test_enumeration import every_fault, run, violations

from vivido.engine import undoing, walk
from vivido.ports import Tell
from vivido.runtime import jobs as runtime_jobs
from vivido.testing.faults import Fault
from vivido.testing.simulation import never
from vivido.testing.world import check

CANCELLED = [
    jobs.spawned, jobs.never_joined, jobs.saga_with_jobs, jobs.job_in_a_branch, jobs.job_loses,
    jobs.fails_beside_jobs, jobs.polled, jobs.raced,
]  # fmt: skip

LONG = [jobs.saga_with_jobs, jobs.job_in_a_branch, jobs.job_loses, jobs.raced_and_stopped]
ON_SQLITE = [
    jobs.job_error_caught, jobs.asked_by_a_branch, jobs.at_once, jobs.flaky_job,
    jobs.job_is_stopped, jobs.raced_and_stopped,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _anew():
    """Nothing has been polled yet."""
    jobs.seen.clear()


@pytest.mark.parametrize(
    ("workflow", "hops"),
    [
        (flow, hops)
        for flow in (*jobs.ALL, jobs.raced_and_stopped)
        for hops in (False, True)
        if not hops or flow not in LONG
    ],
    ids=lambda given: given if isinstance(given, bool) else given.name,
)
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


@pytest.mark.parametrize("act", [cancel, cancel_plain], ids=lambda act: act.__name__)
@pytest.mark.parametrize("workflow", CANCELLED, ids=lambda workflow: workflow.name)
def test_cancel_at_each_moment(workflow, act):
    """A cancel reaches jobs, and nothing is undone before they have ended; also with a crash."""
    calm = run(workflow, inline=never)
    for at in range(1, calm.deliveries + 1):
        for faults in ([], [Fault("crash after", 3 + at)], [Fault("crash before", 4 + at)]):
            jobs.seen.clear()
            result = controlled(workflow, at, act, *faults)
            assert (at, faults, check(result)) == (at, faults, [])
            assert result.outcome[0] in ("cancelled", calm.outcome[0])
            assert (at, faults, left_undone(result) if act is cancel else []) == (at, faults, [])


def test_jobs_run_on_sqlite(vivido_local):
    """The same outcomes where a record and what follows it are one transaction on a disk."""
    local = vivido_local
    for workflow in ON_SQLITE:
        jobs.seen.clear()
        calm = run(workflow)
        jobs.seen.clear()
        done = local.run(workflow, 1)
        assert (workflow.name, done.status, done.output) == (workflow.name, *calm.outcome[:2])


async def nothing(turn):
    """What a SPAWN owes is forgotten."""


@pytest.mark.parametrize(
    ("owner", "name", "broken", "workflow"),
    [
        (runtime_jobs, "owed", nothing, jobs.never_joined),
        (walk, "open_jobs", lambda _: [], jobs.never_joined),
        (undoing, "to_stop", lambda _: [], jobs.fails_beside_jobs),
        (Tell, "messages", lambda *_: [], jobs.spawned),
    ],
    ids=["a SPAWN owes nothing", "an END before its jobs", "jobs are undone alive", "nobody told"],
)
def test_each_breakage_is_caught(owner, name, broken, workflow, monkeypatch):
    """The enumeration above can fail: a protocol that is wrong in one place breaks a law."""
    calm = run(workflow)
    monkeypatch.setattr(owner, name, broken)
    assert any(violations(workflow, calm, [fault]) for fault in every_fault(calm))
