"""What people decide, at each port call: a crash, a copy, two operators at once."""

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import every_fault

from vivido import ids, map_each, parallel, saga, workflow
from vivido.model.journal import Kind
from vivido.runtime.operating import By, Operations
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check

ADA = By("ada", "the bank is open again")


@workflow
def stuck(n: int) -> int:
    """Two steps are to be undone."""
    zoo.a(n)
    zoo.b(n)
    return zoo.fail(n)


@workflow
def stuck_in_a_saga(n: int) -> str:
    """A saga is to be undone; then it goes on."""
    zoo.c(n)
    try:
        with saga():
            zoo.b(n)
            zoo.fail(n)
    except zoo.Declined:
        return zoo.a(n)
    return ""


@workflow
def stuck_fork(n: int) -> int:
    """Two branches are to be undone side by side, and neither can be."""
    zoo.a(n)
    parallel(zoo.b(n), zoo.b(n + 1))
    return zoo.fail(n)


@workflow
def stuck_branches(n: int) -> list:
    """Sagas of two branches are to be undone, and neither can be; they go on."""

    def attempt(row: int) -> str:
        try:
            with saga():
                zoo.b(row)
                zoo.fail(row)
        except zoo.Declined:
            return zoo.a(row)
        return ""

    return map_each(attempt, [n, n + 1])


ALL = [stuck, stuck_in_a_saga, stuck_fork, stuck_branches]
OUTCOMES = {stuck_in_a_saga: "succeeded", stuck_branches: "succeeded"}
DECISIONS = ["retry", "skip", "resolve"]


def decided(workflow, decision, *faults, inline=None, operators=1):
    """Run until a person must decide, decide (as often as needed), and run on."""
    works = []

    def stubborn(n):
        if not works:
            raise zoo.Declined("the bank is closed")

    async def decide(engine):
        meta = await engine.ports.metas.get(EXECUTION)
        if meta.status != "needs_attention":
            return False
        works.append(True)
        given = "by hand" if decision == "resolve" else None
        heads = await engine.ports.journal.heads(EXECUTION)
        for branch in [b for b, record in heads if record.kind is Kind.ATTENTION][:1]:
            for _ in range(operators):
                await Operations(engine.ports).decide(
                    EXECUTION, decision, ADA, result=given, branch=branch
                )
        return True

    return World(*faults, stale_acks=True).run(
        workflow, 1, mocks={zoo.undo_b: stubborn}, goes_on_inline=inline, at_rest=decide
    )


def decisions(result):
    """The records of decisions, of all branches."""
    return [
        record.data
        for records in result.records[EXECUTION].values()
        for record in records
        if record.kind is Kind.OPERATOR
    ]


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("workflow", ALL, ids=lambda workflow: workflow.name)
def test_each_fault_around_a_decision(workflow, decision, hops):
    """Whatever happens once, it ends as it does calmly, and each decision is one record."""
    inline = never if hops else None
    calm = decided(workflow, decision, inline=inline)
    assert check(calm) == []
    assert calm.outcome[0] == OUTCOMES.get(workflow, "compensated")
    for fault in every_fault(calm):
        result = decided(workflow, decision, fault, inline=inline)
        found = (str(fault), check(result), result.outcome, len(decisions(result)))
        assert found == (str(fault), [], calm.outcome, len(decisions(calm)))


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_a_record_with_its_time_who_and_why(decision):
    """SFN and needs.md 28: an audit of every operator's action."""
    (data,) = decisions(decided(stuck, decision))
    said = {name: data.get(name) for name in ("who", "note", "decision", "step", "node", "result")}
    assert said == {
        "who": "ada",
        "note": "the bank is open again",
        "decision": decision,
        "step": "undo_b",
        "node": "b",
        "result": "by hand" if decision == "resolve" else None,
    }
    assert data["asked"] >= 1_000_000.0


@pytest.mark.parametrize(
    ("decision", "undone"),
    [("retry", ["undo_b", "undo_a"]), ("skip", ["undo_a"]), ("resolve", ["undo_a"])],
)
def test_what_is_undone_after_a_decision(decision, undone):
    """Only "retry" performs it again; what was done before is undone in any case."""
    result = decided(stuck, decision)
    root = result.records[EXECUTION][ids.ROOT]
    assert [record.data["step"] for record in root if record.kind is Kind.UNDONE] == undone
    assert result.outcome[0] == "compensated"


@pytest.mark.parametrize("decision", DECISIONS)
def test_two_operators_at_once_decide_once(decision):
    """The second message finds the record of the first."""
    result = decided(stuck, decision, operators=2)
    assert check(result) == []
    assert len(decisions(result)) == 1


def test_an_execution_of_which_all_was_skipped_has_failed():
    """Nothing was undone, so it is not said to be compensated."""

    @workflow
    def one(n: int) -> int:
        zoo.b(n)
        return zoo.fail(n)

    assert decided(one, "skip").outcome[0] == "failed"
    assert decided(one, "resolve").outcome[0] == "compensated"
