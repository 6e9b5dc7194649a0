"""A redrive at each port call: a crash, a copy, two at once. It ends as a run that never failed."""

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import every_fault

from vivido import map_each, parallel, saga, workflow
from vivido.errors import UsageError
from vivido.model.journal import Kind
from vivido.runtime.asking import Redrive, ask
from vivido.runtime.operating import By, Operations
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check

ADA = By("ada", "the service is back")
BAD = 3


@workflow
def line(n: int) -> list:
    """A step fails between others."""
    x = zoo.c(n)
    y = zoo.fail_at(x, 2)
    return [x, y, zoo.c(y)]


@workflow
def wide(n: int) -> list:
    """Children of a fork fail, each after a step of its own."""

    def one(row: int) -> list:
        return [zoo.c(row), zoo.fail_at(row, 3), zoo.c(row + 1)]

    return [zoo.c(n), map_each(one, [1, 2, 3, 4], max_concurrency=2)]


@workflow
def nested(n: int) -> list:
    """A fork in a branch fails."""

    def one(row: int) -> list:
        return [zoo.c(row), parallel(zoo.fail_at(row, 3), zoo.c(row))]

    return map_each(one, [n, 3])


@workflow
def undone(n: int) -> list:
    """What was done before the failure is undone."""
    x = zoo.a(n)
    zoo.c(n)
    return [x, zoo.fail_at(n, 1)]


@workflow
def undone_fork(n: int) -> list:
    """A fork whose children can be undone, and are."""
    return map_each(lambda row: [zoo.b(row), zoo.fail_at(row, 3)], [n, 3])


@workflow
def undone_in_saga(n: int) -> str:
    """A saga is undone."""
    zoo.c(n)
    with saga():
        x = zoo.b(n)
        zoo.fail_at(n, 1)
    return x


FROM = {undone: "a", undone_in_saga: "b"}
ALL = [line, wide, nested, undone, undone_fork, undone_in_saga]


def mocks(works):
    """The step fails until it works."""

    def fail_at(n, bad):
        if n == bad and not works:
            raise zoo.Declined(f"no {n}")
        return n

    return {zoo.fail_at: fail_at}


def redriven(workflow, *faults, inline=None, times=1, **more):
    """Run to the failure, redrive, run on."""
    works = []

    async def again(engine):
        works.append(True)
        for _ in range(times):
            await ask(Operations(engine.ports), EXECUTION, Redrive(FROM.get(workflow), **more), ADA)

    return World(*faults, stale_acks=True).run(
        workflow, 1, mocks=mocks(works), goes_on_inline=inline, at_rest=again
    )


def calmly(workflow):
    """A run that never fails."""
    return World().run(workflow, 1, mocks=mocks([True]))


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("workflow", ALL, ids=lambda workflow: workflow.name)
def test_each_fault_around_a_redrive(workflow, hops):
    """Whatever happens once, the redriven run ends as one that never failed."""
    inline = never if hops else None
    expected = calmly(workflow).outcome
    calm = redriven(workflow, inline=inline)
    assert (check(calm), calm.outcome) == ([], expected)
    for fault in every_fault(calm):
        result = redriven(workflow, fault, inline=inline)
        assert (str(fault), check(result), result.outcome) == (str(fault), [], expected)


@pytest.mark.parametrize("workflow", [line, wide, nested], ids=lambda workflow: workflow.name)
def test_what_succeeded_is_never_computed_again(workflow):
    """Dagster 3: all that did not succeed of the declared N runs again, and nothing else does."""
    once = {step: n for step, n in calmly(workflow).bodies.items() if step[0] == "c"}
    found = {step: n for step, n in redriven(workflow).bodies.items() if step[0] == "c"}
    assert found == once


def test_two_redrives_at_once_are_one():
    """The second message finds the record of the first."""
    result = redriven(line, times=2)
    kinds = [record.kind for record in result.records[EXECUTION]["r"]]
    assert (check(result), kinds.count(Kind.REDRIVE)) == ([], 1)


@pytest.mark.parametrize("workflow", [undone, undone_fork], ids=lambda workflow: workflow.name)
def test_what_was_undone_has_another_key(workflow):
    """A service that knows a key would answer with what was given back."""
    result = redriven(workflow)
    ran = [step for step in result.bodies if step[0] in ("a", "b")]
    assert len(ran) == (2 if workflow is undone else 4)
    assert {result.bodies[step] for step in ran} == {1}


def test_edited_variables_and_supplied_results():
    """Step Functions 6: a redrive with edited input; the result of a step done by hand."""
    edited = redriven(line, variables={"x": 40})
    assert edited.outcome == ("succeeded", [40, 40, 41], None)
    supplied = redriven(line, result=10)
    assert supplied.outcome == ("succeeded", [2, 10, 11], None)


def test_what_is_refused():
    """With the reason, and nothing is sent."""
    asked = []

    async def again(engine):
        operations = Operations(engine.ports)
        for redrive in (Redrive(), Redrive("nowhere"), Redrive("a", variables={"z": 1})):
            with pytest.raises(UsageError) as refused:
                await ask(operations, EXECUTION, redrive, ADA)
            asked.append(str(refused.value))

    result = World().run(undone, 1, mocks=mocks([]), at_rest=again)
    assert result.outcome[0] == "compensated"
    assert "undone since (a); go on from 'a'" in asked[0]
    assert "it came to a, c, fail_at" in asked[1]
    assert "no variable 'z'" in asked[2]


@workflow(name="line")
def line_fixed(n: int) -> list:
    """The later step is given what it takes."""
    x = zoo.c(n)
    y = zoo.fail_at(x, 9)
    z = zoo.c(y)
    return [x, y, z, "fixed"]


@workflow(name="wide")
def wide_fixed(n: int) -> list:
    """So is the one in the branches."""

    def one(row: int) -> list:
        return [zoo.c(row), zoo.fail_at(row, 9), zoo.c(row + 1)]

    return [zoo.c(n), map_each(one, [1, 2, 3, 4], max_concurrency=2), "fixed"]


@pytest.mark.parametrize(
    ("was", "now"), [(line, line_fixed), (wide, wide_fixed)], ids=["line", "wide"]
)
def test_each_fault_around_a_redrive_on_a_newer_definition(was, now):
    """It ends as a run that began on the newer one, which META then names."""

    def run(*faults):
        async def again(engine):
            redrive = Redrive(definition=now.definition)
            await ask(Operations(engine.ports), EXECUTION, redrive, ADA)

        return World(*faults, stale_acks=True).run(was, 1, goes_on_inline=never, at_rest=again)

    expected = World().run(now, 1).outcome
    calm = run()
    assert (check(calm), calm.outcome) == ([], expected)
    for fault in every_fault(calm):
        result = run(fault)
        assert (str(fault), check(result), result.outcome) == (str(fault), [], expected)
        assert result.meta.digest == now.definition.digest
