"""A step knows its attempt; in a plain call it gets a stand-in with a stable key."""

import contextvars
import logging
from datetime import UTC, datetime
from threading import Thread

import pytest

from vivido import StepContext, step, step_context, workflow
from vivido.authoring.context import entered
from vivido.errors import UsageError


@step
def keyed(n: int, *, text: str = "a") -> str:
    """Return the key of the call."""
    return f"{text}{n}"[:0] + step_context().idempotency_key


def real(key: str = "key") -> StepContext:
    """Make what a runtime would."""
    return StepContext(
        idempotency_key=key,
        execution_id="e1",
        step="charge",
        attempt=2,
        deadline=datetime(2024, 5, 1, tzinfo=UTC),
    )


def test_stand_in_is_stable() -> None:
    """Outside a workflow, equal arguments give an equal key, other arguments another."""
    assert keyed(1) == keyed(1)
    assert len({keyed(1), keyed(2), keyed(1, text="b")}) == 3
    assert keyed(1).startswith("plain-keyed-")


def test_order_of_keywords_plays_no_part() -> None:
    """A key depends on the values of the arguments, not on how they were written."""

    @step
    def two(a: int, b: int) -> str:
        """Return the key of the call."""
        return step_context().idempotency_key + str(a + b)

    assert two(1, 2) == two(b=2, a=1)


def test_stand_in_fields() -> None:
    """A stand-in is the first attempt of a plain execution, without a deadline."""

    @step
    def look() -> tuple[str, str, int, bool, str]:
        """Return the fields."""
        context = step_context()
        return (
            context.execution_id, context.step, context.attempt, context.deadline is None,
            context.log.name,
        )  # fmt: skip

    assert look() == ("plain", "look", 1, True, "vivido.step.look")


def test_stand_in_takes_reports() -> None:
    """Progress and heartbeats of a plain call go nowhere."""

    @step
    def report() -> None:
        """Report."""
        step_context().progress(0.4)
        step_context().progress(1, "done")
        step_context().heartbeat()

    report()


def test_reports_reach_the_runtime() -> None:
    """Progress and heartbeats are handed to whoever runs the step."""
    seen: list[object] = []
    context = StepContext(
        idempotency_key="k",
        execution_id="e",
        step="s",
        on_progress=lambda fraction, text: seen.append((fraction, text)),
        on_heartbeat=lambda: seen.append("beat"),
        on_log=lambda: logging.LoggerAdapter(logging.getLogger("x"), {"execution": "e"}),
    )
    context.progress(1, "done")
    context.progress(0.5)
    context.heartbeat()
    assert seen == [(1.0, "done"), (0.5, None), "beat"]
    assert repr(context) == "<step context of 's', attempt 1: 'k'>"


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_progress_is_a_fraction(fraction: float) -> None:
    """Progress is told as a fraction, not as percent."""
    with pytest.raises(ValueError, match="give a fraction from 0 to 1"):
        real().progress(fraction)


def test_entered_for_a_while() -> None:
    """A context holds inside its block, also an inner one, and is gone after it."""
    outer, inner = real("outer"), real("inner")
    with entered(outer):
        with entered(inner):
            assert step_context() is inner
        assert step_context() is outer
    with pytest.raises(UsageError, match="called outside a step"):
        step_context()


def test_plain_call_in_a_running_step() -> None:
    """A step that a running step calls has a key below that step's, and shares its limits."""

    @step
    def look() -> tuple[str, str, int, datetime | None]:
        """Return the fields."""
        context = step_context()
        return (context.idempotency_key, context.execution_id, context.attempt, context.deadline)

    with entered(real()):
        first, second = look(), look()
    assert first[0].startswith("key-look-")
    assert second[0].startswith("key-look-")
    assert first[0] != second[0]
    assert first[1:] == ("e1", 2, datetime(2024, 5, 1, tzinfo=UTC))
    with entered(real()):
        assert look() == first  # the next attempt of the outer step


def test_every_step_of_a_plain_run_has_its_own_key() -> None:
    """Equal calls in a workflow, in one that it calls, and in a step of it are different steps."""
    keys: list[str] = []

    @step
    def pay(amount: int) -> None:
        """Note the key."""
        keys.append(f"{amount}-{step_context().idempotency_key}")

    @workflow
    def child() -> None:
        """Pay."""
        pay(1)

    @step
    def odd() -> None:
        """Run a workflow in the body of a step."""
        child()
        child()

    @workflow
    def parent() -> None:
        """Pay in every way."""
        pay(1)
        child()
        odd()
        odd()
        pay(1)

    parent()
    assert len(set(keys)) == len(keys) == 7
    noted = keys.copy()
    keys.clear()
    parent()
    assert keys == noted


def test_workflow_in_a_running_step() -> None:
    """Steps of a workflow that a running step calls have keys below that step's."""

    @workflow
    def flow(n: int) -> str:
        """Return the key of a call."""
        return keyed(n)

    with entered(real("one")):
        first = flow(1)
        assert step_context().idempotency_key == "one"
    with entered(real("two")):
        second = flow(1)
    assert (first.startswith("one-keyed-"), second.startswith("two-keyed-")) == (True, True)


def test_threads_have_no_context_of_their_own() -> None:
    """A thread that a step starts is told so, rather than given a key that is not its own."""
    found: list[object] = []

    def look() -> None:
        try:
            found.append(step_context())
        except UsageError as error:
            found.append(type(error))

    with entered(real()) as context:
        bare = Thread(target=look)
        bare.start()
        bare.join()
        carried = Thread(target=contextvars.copy_context().run, args=(look,))
        carried.start()
        carried.join()
    assert found == [UsageError, context]
