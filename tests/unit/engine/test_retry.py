"""Whether a failed attempt is tried again, and when: the policy as a table, then on the engine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivido import Retry, step, workflow
from vivido.engine.retry import delay
from vivido.errors import (
    DeadlineExceeded,
    PoisonMessage,
    ResultInvalid,
    StepInterrupted,
    StepTimeout,
    ValueNotStorable,
)
from vivido.model.definition import Retry as Policy
from vivido.model.definition import StepSpec
from vivido.testing import Run, simulate


class Throttled(Exception):
    """The service wants less haste."""


class VerySlow(Throttled):
    """Derived from what is retried."""


class Declined(Exception):
    """Not worth another attempt."""


def spec(**policy: object) -> StepSpec:
    """A step with a retry policy."""
    return StepSpec(ref="shop:pay", retry=Policy.model_validate(policy))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"backoff": "2s", "factor": 1}, [2, 2, 2, 2]),
        ({"backoff": "1s", "factor": 2}, [1, 2, 4, 8]),
        ({"backoff": "100ms", "factor": 10}, [0.1, 1, 10, 100]),
        ({"backoff": "1s", "factor": 3, "max_backoff": "5s"}, [1, 3, 5, 5]),
        ({"backoff": "0s", "factor": 2}, [0, 0, 0, 0]),
        ({"backoff": "1s", "jitter": 0.5}, [0.75, 1.5, 3, 6]),
        ({"backoff": "1s", "jitter": 1}, [0.5, 1, 2, 4]),
    ],
    ids=["fixed", "exponential", "short", "bounded", "at once", "some jitter", "full jitter"],
)
def test_backoffs(policy: dict[str, object], expected: list[float]) -> None:
    """Fixed, exponential, bounded, spread: attempt by attempt, with chance at its middle."""
    step_ = spec(max_attempts=5, **policy)
    waits = [delay(step_, attempt, Throttled(), 0.5) for attempt in range(1, 5)]
    assert waits == pytest.approx(expected)
    assert delay(step_, 5, Throttled(), 0.5) is None


@given(
    st.integers(1, 400),
    st.floats(0, 1),
    st.floats(0, 1, exclude_max=True),
    st.floats(1, 1e6),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
)
def test_a_backoff_keeps_its_bounds(
    attempt: int, jitter: float, chance: float, factor: float, first: int, most: int
) -> None:
    """Never above `max_backoff`, never below the share that jitter leaves, however it grows."""
    step_ = spec(
        max_attempts=401,
        backoff=f"{first}ms",
        factor=factor,
        max_backoff=f"{most}ms",
        jitter=jitter,
    )
    wait = delay(step_, attempt, Throttled(), chance)
    assert wait is not None
    assert 0 <= wait <= most / 1000
    assert wait >= min(first, most) / 1000 * (1 - jitter) * (1 - 1e-9)


def test_a_factor_that_overflows_waits_as_long_as_allowed() -> None:
    """Growing past what a number holds is no error: there is a bound anyway."""
    step_ = spec(max_attempts=10_000, factor=1e6, max_backoff="1h")
    assert delay(step_, 9_000, Throttled(), 0.0) == 3_600


@pytest.mark.parametrize(
    ("policy", "error", "again"),
    [
        ({}, ValueError(), True),
        ({}, StepTimeout(), True),
        ({}, KeyboardInterrupt(), False),
        ({"on": ["Throttled"]}, Throttled(), True),
        ({"on": ["Throttled"]}, VerySlow(), True),
        ({"on": [f"{__name__}:Throttled"]}, VerySlow(), True),
        ({"on": ["elsewhere:Throttled"]}, Throttled(), False),
        ({"on": ["VerySlow"]}, Throttled(), False),
        ({"on": ["TimeoutError"]}, StepTimeout(), True),
        ({"on": ["OSError"]}, FileNotFoundError(), True),
        ({"on": ["Exception"]}, Declined(), True),
        ({"give_up_on": ["Declined"]}, Declined(), False),
        ({"give_up_on": ["Declined"]}, Throttled(), True),
        ({"give_up_on": ["Throttled"]}, VerySlow(), False),
        ({"on": ["Throttled"], "give_up_on": ["VerySlow"]}, VerySlow(), False),
        ({"on": ["Throttled"], "give_up_on": ["VerySlow"]}, Throttled(), True),
        ({"give_up_on": ["Exception"]}, Throttled(), False),
    ],
)
def test_which_errors_are_tried_again(
    policy: dict[str, object], error: BaseException, again: bool
) -> None:
    """By the class's name and the names of its bases; what gives up outranks what retries."""
    assert (delay(spec(**policy), 1, error, 0.0) is not None) == again


@pytest.mark.parametrize(
    "error",
    [DeadlineExceeded(), PoisonMessage(), ResultInvalid(), ValueNotStorable()],
    ids=lambda error: type(error).__name__,
)
def test_what_another_attempt_cannot_change_is_never_retried(error: Exception) -> None:
    """Even where the policy asks for all errors."""
    assert delay(spec(on=["Exception"]), 1, error, 0.0) is None


def test_without_a_policy_nothing_is_retried() -> None:
    """One attempt is the default, also of a step that runs at most once."""
    assert delay(StepSpec(ref="shop:pay"), 1, Throttled(), 0.0) is None
    once = StepSpec(ref="shop:pay", at_most_once=True)
    assert delay(once, 1, StepInterrupted(), 0.0) is None
    assert delay(spec().model_copy(update={"at_most_once": True}), 1, StepInterrupted(), 0.0) == 1


# ------------------------------------------------------------------ on the engine
@step(retry=Retry(max_attempts=4, backoff="10s", factor=2, on=[Throttled]))
def pay(amount: int) -> int:
    """Take money."""
    return amount


@step(retry=Retry(max_attempts=4, backoff="2m", jitter=0.5))
def slow(amount: int) -> int:
    """Take money, in its own time."""
    return amount


@step(retry=3)
def answer(amount: int) -> int:
    """Return something else than what is promised."""
    return amount


@workflow
def paying(amount: int) -> int:
    """Pay."""
    return pay(amount)


@workflow
def waiting(amount: int) -> int:
    """Pay slowly."""
    return slow(amount)


@workflow
def answering(amount: int) -> int:
    """Ask."""
    return answer(amount)


def kinds(run: Run) -> list[str]:
    """What happened, record by record."""
    return [str(entry.kind) for entry in run.history]


def test_a_retry_waits_in_virtual_time() -> None:
    """Ten and twenty seconds pass between three attempts; each failure is in the history."""
    run = simulate(paying, 5, mocks={pay: [Throttled("a"), VerySlow("b"), 5]}, now=0)
    assert (run.status, run.output, run.now, run.calls(pay)) == ("succeeded", 5, 30, 3)
    assert kinds(run) == ["ATTEMPT", "ATTEMPT", "END"]
    attempts = [entry.record.data for entry in run.history[:2]]
    assert [(data["attempt"], data["again_at"]) for data in attempts] == [(1, 10), (2, 30)]


def test_the_last_error_is_the_one_that_counts() -> None:
    """When all attempts have failed, the workflow gets the error of the last."""
    failing = [Throttled(f"attempt {number}") for number in range(1, 5)]
    run = simulate(paying, 5, mocks={pay: failing}, now=0)
    assert run.error is not None
    assert (run.status, run.error.message) == ("failed", "attempt 4")
    assert (run.now, run.calls(pay)) == (70, 4)


def test_another_error_ends_the_attempts() -> None:
    """What the policy does not name is not tried again."""
    run = simulate(paying, 5, mocks={pay: [Throttled(), Declined("no"), 5]}, now=0)
    assert run.error is not None
    assert (run.status, run.error.type, run.calls(pay)) == ("failed", "Declined", 2)


def test_a_long_backoff_is_a_timer_with_jitter() -> None:
    """Past the bound for messages it is a wait; jitter takes at most its share away."""
    for seed in range(5):
        run = simulate(waiting, 5, mocks={slow: [Throttled(), Throttled(), 5]}, now=0, seed=seed)
        assert run.output == 5
        assert 60 + 120 <= run.now <= 120 + 240
    times = {
        simulate(waiting, 5, mocks={slow: [Throttled(), 5]}, now=0, seed=seed).now
        for seed in range(5)
    }
    assert len(times) == 5


def test_a_wrong_result_is_not_asked_for_again() -> None:
    """The step would only answer the same once more."""
    run = simulate(answering, 5, mocks={answer: "five"})
    assert run.error is not None
    assert (run.error.type, run.calls(answer)) == ("ResultInvalid", 1)
    lock = simulate(answering, 5, mocks={answer: object()})
    assert lock.error is not None
    assert (lock.error.type, lock.calls(answer)) == ("ResultInvalid", 1)
