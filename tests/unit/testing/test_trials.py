"""What users learn of their workflows under faults: which steps may not run twice, and why."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fault import zoo
from tests.fault.test_broken_protocols import ack_first

from vivido import Retry, map_each, sleep, step, step_context, workflow
from vivido.errors import UsageError
from vivido.runtime.engine import Engine
from vivido.testing import Faults, simulate
from vivido.testing.effects import Ran, differing, silent
from vivido.testing.trials import Trials

numbers = itertools.count()


class Busy(Exception):
    """Not now."""


@step
def refund(amount: int) -> None:
    """Undo a charge."""
    step_context().effect("refunded", amount)


@step(compensate=refund, retry=Retry(max_attempts=3, backoff="1s", on=[Busy]))
def charge(amount: int) -> int:
    """The same each time."""
    step_context().effect("charged", amount)
    return amount


@step
def number(amount: int) -> str:
    """Another number each time: what goes out twice differs."""
    step_context().effect("order number", next(numbers))
    return f"order of {amount}"


@step
def quiet(amount: int) -> int:
    """Says nothing of what it does."""
    return amount + 1


@step(at_most_once=True, timeout="10s")
def once(amount: int) -> int:
    """Is not begun twice."""
    return amount


@workflow
def paid(amount: int) -> int:
    """A step that may run twice, around a timer."""
    sleep(hours=1)
    return charge(amount)


@workflow
def numbered(amount: int) -> str:
    """A step that may not."""
    charge(amount)
    return number(amount)


@workflow
def interrupted(amount: int) -> int:
    """A step that runs at most once."""
    return once(amount)


@workflow
def quietly(amount: int) -> int:
    """A step of which nothing is known."""
    return quiet(amount)


@workflow
def both(amount: int) -> list[int]:
    """Two branches at once."""
    return map_each(charge, [amount, amount + 1])


@workflow
def when(amount: int) -> str:
    """A result that depends on the time."""
    quiet(amount)
    return datetime.now(UTC).isoformat()  # noqa: TID251  what a workflow reads is virtual


def found(flow, **more):
    """The report of a simulation under all faults."""
    return simulate(flow, 7, faults="all", **more).faults


def test_what_may_run_twice_is_fine():
    """Every fault is tried, and nothing is found."""
    report = found(paid)
    assert report.ok
    assert report.complete
    assert report.sentences() == []
    assert report.runs.total() == report.planned > 50
    assert {"crash before", "crash after", "late", "twice", "undead", "echo"} == set(report.runs)
    report.check()


def test_a_step_that_does_something_else_the_second_time_is_named():
    """With its node, its line, both effects, and what to do."""
    report = found(numbered)
    assert not report.ok
    (bad,) = report.not_idempotent
    source = number.function.__code__.co_filename
    texts = Path(source).read_text().splitlines()
    line = 1 + [text.strip() for text in texts].index("return number(amount)")
    assert (bad.step, bad.node, bad.line, bad.key) == ("number", "number", line, "x~r~number")
    assert [name for name, _ in (*bad.one, *bad.other)] == ["order number", "order number"]
    assert bad.one != bad.other
    assert "step_context().idempotency_key" in str(bad)
    with pytest.raises(AssertionError, match=r"step 'number' .* is not idempotent"):
        report.check()


def test_a_mock_that_answers_differently_is_not_idempotent():
    """What a mock gives is taken for the effect of its step."""
    counted = itertools.count()
    report = found(quietly, mocks={quiet: lambda amount: amount + next(counted)})
    assert [bad.step for bad in report.not_idempotent] == ["quiet"]


def test_a_list_of_mocks_gives_the_same_attempt_the_same_again():
    """So a list is no reason for a report, whatever is run again."""
    report = found(paid, mocks={charge: [Busy(), Busy(), 5]})
    assert (report.ok, report.calm) == (True, "succeeded with 5")
    report = found(both, mocks={charge: [1, 2]})
    assert (report.ok, report.calm) == (True, "succeeded with [1, 2]")


def test_at_most_once_may_lose_its_outcome():
    """That is no fault of the workflow: it is said, and all is well."""
    report = found(interrupted)
    assert report.ok
    assert {run.interrupted for run in report.differs} == {True}
    assert "a step that runs at most once lost its outcome" in str(report)


def test_what_depends_on_time_is_compared_by_status():
    """Two calm runs at other times show it."""
    report = found(when)
    assert (report.ok, report.varies) == (True, True)
    assert "only status and error are compared" in str(report)


def test_steps_that_say_nothing_are_named():
    """Nobody knows what they did; the report says how to tell."""
    report = found(quietly)
    assert (report.ok, report.silent) == (True, {"quiet"})
    assert "step_context().effect(name, value)" in str(report)
    assert found(paid).silent == set()


def test_pairs_and_bounds():
    """Pairs are drawn from a seed, the same each time; fewer runs are spread over all."""
    one, other = (simulate(both, 7, faults=Faults(pairs=15, seed=4)).faults for _ in range(2))
    assert (one.runs["pairs"], one.runs) == (15, other.runs)
    few = simulate(both, 7, faults=Faults(most=10)).faults
    assert (few.runs.total() <= 10, few.ok) == (True, True)
    crashes = simulate(both, 7, faults=Faults(duplicates=False, late_workers=False)).faults
    assert set(crashes.runs) == {"crash before", "crash after"}
    assert simulate(both, 7, faults=Faults(crashes=False)).faults.runs["crash after"] == 0


@workflow
def endless(amount: int) -> None:
    """Sleeps for ever."""
    while True:
        sleep(hours=amount)


def test_what_never_rests_cannot_be_tried():
    """That is no bug of ours: it says what to do."""
    with pytest.raises(UsageError, match="'endless' has not come to rest after 5000 deliveries"):
        Trials(endless, 1, {}, Faults())


def test_wrong_use():
    """It says what to give."""
    with pytest.raises(UsageError, match='give "all", or Faults'):
        simulate(paid, 7, faults="some")
    with pytest.raises(UsageError, match="stop_before= or faults="):
        simulate(paid, 7, faults="all", stop_before=charge)


def test_a_broken_engine_is_said_to_be_ours(monkeypatch):
    """A message that is deleted too early loses the execution: no fault of the author's."""
    monkeypatch.setattr(Engine, "commit", ack_first)
    report = found(numbered)
    assert not report.ok
    assert "a bug of Vivido, not yours" in str(report)


def test_what_is_cut_short_says_so():
    """A trial that is stopped keeps what it has found."""
    trials = Trials(numbered, 7, {}, Faults())
    for _ in itertools.islice(trials.go(), 30):
        pass
    assert f"stopped after 30 of {trials.report.planned} runs" in str(trials.report)
    assert trials.report.as_json()["complete"] is False


def test_the_report_as_json():
    """Machines get all of it."""
    data = found(numbered).as_json()
    assert (data["ok"], data["complete"], data["violations"]) == (False, True, {})
    assert data["not_idempotent"][0]["step"] == "number"


@pytest.mark.parametrize("flow", [zoo.undone, zoo.map_fails, zoo.parent], ids=lambda f: f.name)
def test_other_ends_are_compared_too(flow):
    """What fails, or is undone, or has children, ends so under each fault."""
    assert simulate(flow, 1, faults=Faults(most=60)).faults.sentences() == []


def ran(key, *effects, step="s"):
    """A run of a body."""
    return Ran(step, "n", "n", key, "x", 1, [("did", effect) for effect in effects])


def test_what_contradicts():
    """A run that was cut short is no contradiction to the whole one; another value is."""
    cut = [ran("a"), ran("a", 1), ran("a", 1, 2), ran("a", 1)]
    assert list(differing(cut)) == []
    twice = list(differing([ran("a", 1), ran("b", 2), ran("a", 3), ran("a", 4)]))
    assert [(pair.one, pair.other) for pair in twice] == [([("did", 1)], [("did", 3)])]
    assert list(differing([ran("a", 1), ran("b", 2)])) == []


def test_what_is_silent():
    """Only what ran twice, and never told of anything."""
    assert silent([ran("a"), ran("a"), ran("b", step="t")]) == {"s"}
    assert silent([ran("a"), ran("a", 1)]) == set()


def test_an_effect_does_nothing_elsewhere():
    """In a plain call and in an ordinary simulation it is not noted."""
    assert numbered(3) == "order of 3"
    assert simulate(numbered, 3).faults is None
