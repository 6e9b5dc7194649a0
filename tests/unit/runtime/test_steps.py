"""One attempt of one step: what it is given, what it may know, and what becomes of what it does."""

import asyncio
import contextvars
import logging
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from vivido import DeadlineExceeded, Step, StepError, StepTimeout, step, step_context
from vivido.errors import ResultInvalid, ValueNotStorable
from vivido.runtime.steps import Limit, Outcome, Raised, Returned, attempt, context_of

NO_LIMIT = Limit(None)
AROUND = contextvars.ContextVar("around", default="nobody")


def run(tried: Step[..., Any], limit: Limit = NO_LIMIT, **args: Any) -> Outcome:
    """Run one attempt at time 100."""
    context = context_of(tried.name, "x", "x~r~s", 2, 100.0, limit)
    return asyncio.run(attempt(tried, args, context, limit))


@step
def undo(n: int, extra: str, result: Any) -> None:
    """Undo."""


@step(compensate=undo)
def where(n: int, extra: str = "default") -> list[Any]:
    """Say where it runs."""
    return [threading.current_thread() is threading.main_thread(), AROUND.get(), n, extra]


@step(inline=True)
def inline(n: int) -> list[Any]:
    """The same, on the loop."""
    return [threading.current_thread() is threading.main_thread(), AROUND.get(), n]


@step
async def awaited(n: int) -> list[Any]:
    """The same, awaited."""
    await asyncio.sleep(0)
    return [threading.current_thread() is threading.main_thread(), AROUND.get(), n]


def test_sync_steps_run_in_threads_others_on_the_loop() -> None:
    """With the context variables of who called."""
    AROUND.set("somebody")
    assert run(where, n=1) == Returned(
        [False, "somebody", 1, "default"], {"n": 1, "extra": "default"}
    )
    assert run(inline, n=1) == Returned([True, "somebody", 1], {"n": 1})
    assert run(awaited, n=1) == Returned([True, "somebody", 1], {"n": 1})


def test_a_step_that_can_be_undone_tells_all_its_arguments() -> None:
    """By name, defaults included; others are spared the work."""
    outcome = run(where, n=1, extra="given")
    assert outcome.arguments == {"n": 1, "extra": "given"}
    assert run(inline, n=1).arguments == {"n": 1}


@step(inline=True)
def knows() -> dict[str, Any]:
    """Say what it knows of itself."""
    context = step_context()
    context.log.warning("hello")
    return {
        "key": context.idempotency_key,
        "execution": context.execution_id,
        "attempt": context.attempt,
        "deadline": context.deadline,
    }


def test_a_step_knows_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    """Its key, execution, attempt and until when it may run; what it logs says so too."""
    with caplog.at_level(logging.WARNING):
        outcome = run(knows, Limit(30.0))
    assert isinstance(outcome, Returned)
    until = datetime.fromtimestamp(130, UTC)
    assert outcome.result["key"] == "x~r~s"
    assert (outcome.result["execution"], outcome.result["attempt"]) == ("x", 2)
    assert until.isoformat() in str(outcome.result["deadline"])
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("vivido.step.knows", "hello")
    assert (record.__dict__["execution"], record.__dict__["attempt"]) == ("x", 2)


# ------------------------------------------------------------------ limits
@pytest.mark.parametrize(
    ("timeout", "deadline", "expected"),
    [
        (None, None, Limit(None)),
        (5.0, None, Limit(5.0)),
        (None, 103.0, Limit(3.0, of_deadline=True)),
        (5.0, 103.0, Limit(3.0, of_deadline=True)),
        (3.0, 103.0, Limit(3.0)),
        (2.0, 103.0, Limit(2.0)),
        (5.0, 99.0, Limit(0.0, of_deadline=True)),
    ],
)
def test_the_nearest_limit_counts(
    timeout: float | None, deadline: float | None, expected: Limit
) -> None:
    """The step's own where both end together."""
    assert Limit.nearest(timeout, deadline, 100.0) == expected


@step(compensate=undo)
async def hangs(n: int, extra: str = "x") -> None:
    """Never end."""
    await asyncio.Event().wait()


@step
async def times_out_itself() -> None:
    """Have a time limit within."""
    async with asyncio.timeout(0.001):
        await asyncio.Event().wait()


@step(inline=True)
def slow_but_done() -> int:
    """Take longer than it may, on the loop, where nobody can interrupt it."""
    for _ in range(200_000):
        pass
    return 7


@pytest.mark.parametrize(
    ("limit", "kind", "message"),
    [
        (Limit(0.01), StepTimeout, "step 'hangs' took longer than its timeout of 0.01 s"),
        (Limit(0.01, of_deadline=True), DeadlineExceeded, "the deadline around step 'hangs' ended"),
    ],
)
def test_what_runs_out_of_time_may_have_had_its_effect(
    limit: Limit, kind: type[Exception], message: str
) -> None:
    """So it keeps the arguments that its compensation will need."""
    outcome = run(hangs, limit, n=3)
    assert isinstance(outcome, Raised)
    assert isinstance(outcome.error, kind)
    assert str(outcome.error).startswith(message)
    assert outcome.arguments == {"n": 3, "extra": "x"}


def test_a_timeout_within_is_the_step_s_own() -> None:
    """It had no effect, as with any error that a step raises by itself."""
    outcome = run(times_out_itself, Limit(60.0))
    assert isinstance(outcome, Raised)
    assert type(outcome.error) is TimeoutError
    assert outcome.arguments is None


def test_a_result_that_is_there_counts() -> None:
    """Also where it came late: its effect is known."""
    assert run(slow_but_done, Limit(0.0001)) == Returned(7, {})


# ------------------------------------------------------------------ whatever goes wrong is data
@step(inline=True)
def misbehaves(how: str, thing: Any = None) -> int:
    """Go wrong."""
    match how:
        case "raises":
            raise KeyError(how)
        case "exits":
            raise SystemExit(2)
        case "stops":
            raise StopIteration(how)
        case "lock":
            return threading.Lock()  # type: ignore[return-value]
    return "text"  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("args", "kind", "message"),
    [
        ({"how": "raises"}, KeyError, "'raises'"),
        ({"how": "exits"}, StepError, "the step raised SystemExit(2), which is no Exception"),
        ({"how": "stops"}, StopIteration, "stops"),
        ({"how": "lock"}, ResultInvalid, "misbehaves"),
        ({"how": "wrong"}, ResultInvalid, "misbehaves"),
        ({}, TypeError, "misbehaves() missing 1 required positional argument: 'how'"),
        ({"how": 1, "more": 2}, TypeError, "more"),
        ({"how": "raises", "thing": threading.Lock()}, ValueNotStorable, "lock"),
    ],
    ids=["raises", "exits", "stops", "lock", "wrong", "missing", "too many", "argument"],
)
def test_errors_are_outcomes(args: dict[str, Any], kind: type[Exception], message: str) -> None:
    """Of the body, of its result, of its arguments."""
    outcome = run(misbehaves, **args)
    assert isinstance(outcome, Raised)
    assert isinstance(outcome.error, kind)
    assert message in str(outcome.error)
    assert outcome.arguments is None


@step
def stops_in_a_thread() -> int:
    """Raise what no future can carry."""
    raise StopIteration(3)


def test_a_step_may_stop_an_iteration_that_is_not_there() -> None:
    """Also in a thread: it is an error like others."""
    outcome = run(stops_in_a_thread)
    assert isinstance(outcome, Raised)
    assert isinstance(outcome.error, StopIteration)
    assert outcome.error.value == 3


def test_tracebacks_begin_in_the_step() -> None:
    """Nobody wants to read how the engine called it."""
    outcome = run(misbehaves, how="raises")
    assert isinstance(outcome, Raised)
    frames = outcome.error.__traceback__
    assert frames is not None
    assert frames.tb_frame.f_code.co_name == "misbehaves"
    assert frames.tb_next is None


@step
async def is_cancelled_within() -> int:
    """Await what is cancelled."""
    task = asyncio.create_task(asyncio.sleep(10))
    task.cancel()
    await task
    return 1


def test_a_cancellation_within_is_the_step_s_own() -> None:
    """It fails; the delivery goes on."""
    outcome = run(is_cancelled_within)
    assert isinstance(outcome, Raised)
    assert str(outcome.error) == "the step raised CancelledError(), which is no Exception"


def test_a_cancellation_from_outside_ends_the_attempt() -> None:
    """Whoever stops the process cancels the delivery: there is no outcome to record."""

    async def cancelled() -> None:
        context = context_of("hangs", "x", "k", 1, 0.0, NO_LIMIT)
        trying = asyncio.create_task(attempt(hangs, {"n": 1}, context, NO_LIMIT))
        await asyncio.sleep(0)
        trying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await trying

    asyncio.run(cancelled())


@step(inline=True)
def changes(rows: list[int]) -> int:
    """Change what it is given."""
    rows.append(1)
    return len(rows)


def test_a_step_gets_copies() -> None:
    """What it changes is its own."""
    rows = [1]
    assert run(changes, rows=rows) == Returned(2, {"rows": [1]})
    assert rows == [1]
