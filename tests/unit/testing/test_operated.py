"""A simulated run is decided on and redriven, as an execution is."""

import pytest
from tests.fault import zoo

from vivido import step, workflow
from vivido.errors import UsageError
from vivido.runtime.asking import Redrive
from vivido.testing import simulate


def test_a_run_is_decided_on() -> None:
    """Skipped, the rest is undone."""
    run = simulate(zoo.undone, 1, mocks={zoo.undo_b: zoo.Declined("closed")})
    assert run.status == "needs_attention"
    assert run.decide("skip").status == "compensated"
    assert run.calls(zoo.undo_a) == 1


def test_a_run_is_redriven() -> None:
    """From the failed step, with its result supplied."""
    run = simulate(zoo.sequence, 1, mocks={zoo.c: [2, zoo.Declined("closed"), 9]})
    assert run.status == "failed"
    assert run.redrive(Redrive(result=5)).output == 9


@step
def price(n: int) -> int:
    """What something costs."""
    return n * 10


@step
def pay(total: int) -> str:
    """Refuses what is too much."""
    if total > 50:
        raise ValueError(f"{total} is too much")
    return f"paid {total}"


@workflow(name="buy")
def buy(n: int) -> str:
    """Has a bug: it pays in cents."""
    total = price(n)
    return pay(total * 100)


@workflow(name="buy")
def buy_fixed(n: int) -> str:
    """The bug is fixed."""
    total = price(n)
    receipt = pay(total)
    return receipt + "!"


@workflow(name="buy")
def buy_renamed(n: int, currency: str) -> str:
    """Neither the node nor the input is what it was."""
    total = price(n)
    return f"{price(total)} {currency}"


def test_a_fixed_bug_in_a_later_step() -> None:
    """It goes on on the newer definition, and what was done before is not done again."""
    run = simulate(buy, 3)
    assert run.status == "failed"
    assert run.redrive(definition=buy_fixed).output == "paid 30!"
    assert (run.calls(price), run.calls(pay)) == (1, 2)
    (record,) = [entry.record for entry in run.history if entry.kind == "REDRIVE"]
    digests = (buy.definition.digest, buy_fixed.definition.digest)
    assert (record.data["was"], record.data["digest"]) == digests


def test_a_definition_that_does_not_fit_changes_nothing() -> None:
    """It is refused with all reasons, and may then be redriven on one that fits."""
    run = simulate(buy, 3)
    before = list(run.history)
    with pytest.raises(UsageError) as refused:
        run.redrive(definition=buy_renamed)
    said = str(refused.value)
    assert ("parameter 'currency' is new" in said, "node 'pay' is gone" in said) == (True, True)
    assert (run.status, list(run.history)) == ("failed", before)
    assert run.redrive(definition=buy_fixed).output == "paid 30!"
