"""What is undone is undone once and in reverse, units side by side, whatever fails meanwhile."""

from collections import Counter

import pytest
from tests.fault import undone
from tests.fault.test_enumeration import every_fault, pairs
from tests.fault.test_repair import HOPS, Lossy

from vivido import ids, values
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.errors import ExecutionStopped
from vivido.model.journal import Kind
from vivido.testing.faults import Crash, Fault
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check, wasted

EVERYTHING = [*undone.UNDONE, *undone.NEEDS_ATTENTION]


def mocks():
    """Compensations that fail, as often as they are run."""
    seen = Counter()

    def flaky(n):
        seen[n] += 1
        if seen[n] < 3:
            raise undone.Stubborn("not yet")

    return {
        undone.undo_flaky: flaky,
        undone.undo_stubborn: undone.Stubborn("never"),
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
    "child_fails_past_return": {"a": 2},
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


@pytest.mark.parametrize("hops", HOPS)
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


CANCELLED = [
    undone.nested_forks, undone.between_forks, undone.saga_in_branch, undone.saga_of_forks,
    undone.child_undone, undone.grandchild_undone, undone.children_undone, undone.child_in_saga,
]  # fmt: skip


@pytest.mark.parametrize("workflow", CANCELLED, ids=lambda workflow: workflow.name)
def test_cancel_at_each_moment(workflow):
    """Also of what is being undone: in the end nothing is left, and child executions have ended."""
    calm = run(workflow, inline=never)
    for at in range(1, calm.deliveries + 1):
        for faults in ([], [Fault("crash after", 3 + 2 * at)]):
            done = []

            async def during(world, engine, number, at=at, done=done):
                if number == at and not done:
                    done.append(number)
                    world.injector.armed = False
                    await engine.control.stop(EXECUTION, ids.ROOT, "cancelled")

            world = World(*faults, stale_acks=True)
            result = world.run(workflow, 1, mocks=mocks(), goes_on_inline=never, during=during)
            assert (at, faults, check(result)) == (at, faults, [])
            assert {meta.status.is_end for meta in result.metas.values()} == {True}
            left = {} if result.outcome[0] == "cancelled" else effects(calm)
            assert (at, faults, effects(result)) == (at, faults, left)


def heads(result, execution=EXECUTION):
    """The kind of the last record of each branch."""
    return {branch: str(records[-1].kind) for branch, records in result.records[execution].items()}


def test_branches_that_can_be_undone_are_before_a_person_is_asked():
    """Two of four units fail: the others come to their end, then the root stands and waits."""
    result = run(undone.stubborn_branches, inline=never)
    assert (check(result), result.outcome[0]) == ([], "needs_attention")
    root = result.records[EXECUTION][ids.ROOT]
    assert [str(record.kind) for record in root[-3:]] == ["FORK", "JOIN", "ATTENTION"]
    assert root[-1].data["path"].endswith("/undo")
    assert {kind for branch, kind in heads(result).items() if branch != ids.ROOT} == {"END"}
    steps = [
        record.data["step"]
        for branch, records in result.records[EXECUTION].items()
        for record in records
        if record.kind is Kind.UNDONE
    ]
    assert sorted(steps) == ["undo_b", "undo_b"]
    stack = [entry["step"] for entry in folded(root)]
    assert stack == ["undo_a", "undo_stubborn", "undo_stubborn"]


def folded(records):
    """The stack of a branch, from its records."""
    stack = []
    for record in records:
        data = record.data
        stack = stack[: len(stack) - data.get("pop", 0)] + data.get("push", [])
        if "state" in data:
            stack = list(data["state"].get("stack", []))
    return stack


def test_a_child_execution_that_cannot_be_undone_is_waited_for():
    """It needs attention, its parent is compensating, and waits for it visibly."""
    result = run(undone.stubborn_child_undone, inline=never)
    child = next(execution for execution in result.metas if execution != EXECUTION)
    assert (result.outcome[0], str(result.metas[child].status)) == (
        "compensating",
        "needs_attention",
    )
    last = result.records[EXECUTION][ids.ROOT][-1]
    assert (last.kind, last.data["state"]["wait"]) == (Kind.WAIT, {"undo": child, "at": 1})
    assert effects(result) == {"a": 1}


def test_an_undone_child_says_so():
    """Its status is compensated, and who asks for its result reads why."""
    result = run(undone.child_undone)
    child = next(execution for execution in result.metas if execution != EXECUTION)
    meta = result.metas[child]
    assert (str(meta.status), meta.output) == ("compensated", None)
    error = values.decode(meta.error)
    assert (type(error), error.how) == (ExecutionStopped, "undone")
    kinds = [str(record.kind) for record in result.records[child][ids.ROOT]]
    assert kinds == ["OK", "END", "UNDO", "UNDONE", "UNDONE", "END"]


def test_what_a_timed_out_step_may_have_done_is_undone_with_no_result():
    """The compensation is told the arguments, and None in place of the result."""
    seen = []
    result = World().run(
        undone.timed_out_step,
        1,
        mocks={undone.undo_unsure: lambda n, result: seen.append((n, result))},
    )
    assert (check(result), result.outcome[0], seen) == ([], "compensated", [(1, None)])


def test_no_more_are_undone_at_once_than_were_done_at_once():
    """A fork in two lanes is undone in two lanes."""
    result = run(undone.in_lanes, inline=never)
    forks = [r for r in result.records[EXECUTION][ids.ROOT] if r.kind is Kind.FORK]
    assert [fork.data["state"]["wait"]["lanes"] for fork in forks] == [2, 2]


def test_keys_of_compensations_are_of_the_branch_that_did_the_step():
    """Who undoes it does not matter: the key of a compensation is the same at each run of it."""
    result = run(undone.between_forks)
    keys = {key for step, key in result.bodies if step.startswith("undo_")}
    assert len(keys) == 6
    assert {count for (step, _), count in result.bodies.items() if step.startswith("undo")} == {1}
    assert not any(".9:" in key or ".7:" in key for key in keys)


PAIRS = [undone.child_undone, undone.children_undone, undone.nested_forks, undone.saga_in_branch]


@pytest.mark.parametrize("workflow", PAIRS, ids=lambda workflow: workflow.name)
def test_pairs_of_faults(workflow):
    """Two faults, drawn from a seed: the same is left, and all executions end as calmly."""
    calm = run(workflow, inline=never)
    broken = {}
    for pair in pairs(calm, 80):
        result = run(workflow, *pair, inline=never, stale_acks=True)
        found = [*check(result), *([] if facts(result) == facts(calm) else [facts(result)])]
        if found:
            broken[f"{pair[0]}, {pair[1]}"] = found
    assert broken == {}


def attempts(result, branch):
    """How often each attempt of a compensation of a branch failed, and why the last one did."""
    records = result.records[EXECUTION][branch]
    failed = [r for r in records if r.kind in (Kind.ATTEMPT, Kind.ATTENTION, Kind.END)]
    return [
        (str(r.kind), r.data["attempt"], values.type_names(values.decode(r.data["raised"]))[0])
        for r in failed
        if "raised" in r.data and "attempt" in r.data
    ]


def test_a_compensation_that_times_out_is_tried_as_its_policy_says():
    """Then a person must decide: what is undone in a branch says how often it was tried."""
    result = run(undone.slow_undo)
    assert (check(result), result.outcome[0], effects(result)) == ([], "needs_attention", {})
    (branch,) = [b for b in result.records[EXECUTION] if attempts(result, b) and b != ids.ROOT]
    timeout = "vivido.errors:StepTimeout"
    assert attempts(result, branch) == [
        ("ATTEMPT", 1, timeout), ("ATTEMPT", 2, timeout), ("END", 3, timeout),
    ]  # fmt: skip
    last = result.records[EXECUTION][ids.ROOT][-1]
    assert (last.kind, values.type_names(values.decode(last.data["raised"]))[0]) == (
        Kind.ATTENTION,
        timeout,
    )


@pytest.mark.parametrize("workflow", [undone.between_forks, undone.child_undone])
def test_a_compensation_that_kills_its_process_ends_before_a_person(workflow):
    """It is begun as often as the bound allows, and then asked about."""

    def poison(n):
        raise Crash

    result = World().run(workflow, 1, mocks={undone.undo_b: poison})
    statuses = {str(meta.status) for meta in result.metas.values()}
    assert (check(result), "needs_attention" in statuses) == ([], True)
    raised = {
        type(values.decode(record.data["raised"])).__name__
        for records in result.records[EXECUTION].values()
        for record in records
        if record.kind is Kind.ATTENTION
    }
    assert raised == {"PoisonMessage"}


COMMITS = [
    undone.nested_forks, undone.saga_in_branch, undone.grandchild_undone, undone.child_in_saga,
    undone.stubborn_branches, undone.stubborn_child_undone,
]  # fmt: skip


@pytest.mark.parametrize("workflow", COMMITS, ids=lambda workflow: workflow.name)
def test_each_fault_at_each_commit(workflow):
    """Where a record and what follows it are one commit, the same holds."""

    def commits(*faults):
        clock, names = VirtualClock(1_000_000.0), SeededIds(1)
        ports = memory_ports(clock=clock, ids=names, atomic=True, stale_acks=True)
        return run(workflow, *faults, inline=never, ports=ports)

    calm = commits()
    found = {str(fault): commits(fault) for fault in every_fault(calm)}
    broken = {name: check(one) for name, one in found.items() if check(one)}
    others = {name: facts(one) for name, one in found.items() if facts(one) != facts(calm)}
    assert (broken, others) == ({}, {})
