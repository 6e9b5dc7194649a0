"""Time: sleeps, deadlines, and the time limits of steps and executions."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from vivido import (
    DeadlineExceeded,
    Retry,
    StepTimeout,
    Workflow,
    deadline,
    map_each,
    parallel,
    sleep,
    step,
    workflow,
)
from vivido.testing import Run, simulate
from vivido.testing.world import EXECUTION, FaultyEngine, World, check

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600.0
undone: list[tuple[Any, ...]] = []


@pytest.fixture(autouse=True)
def nothing_undone() -> None:
    """Begin each test without compensations."""
    undone.clear()


def elapsed(run: Run) -> float:
    """Return how many seconds have passed, virtually."""
    return run.now - NOW.timestamp()


def shown(run: Run) -> tuple[str, str | None]:
    """Return the status and the error's type."""
    return run.status, run.error.type if run.error else None


# ------------------------------------------------------------------ sleeps
@workflow
def sleeps_for(duration: Any) -> str:
    """Sleep for a duration."""
    sleep(duration)
    return "awake"


@workflow
def sleeps_by_keywords(n: float) -> str:
    """Sleep for hours and a minute."""
    sleep(hours=n, minutes=1)
    return "awake"


@workflow
def sleeps_until(moment: Any) -> str:
    """Sleep until a moment."""
    sleep(until=moment)
    return "awake"


@workflow
async def sleeps_async(n: float) -> float:
    """Sleep as asyncio does."""
    await asyncio.sleep(n)
    return n


@pytest.mark.parametrize(
    ("flow", "given", "expected"),
    [
        (sleeps_for, "1h30m", 1.5 * HOUR),
        (sleeps_for, 0.25, 0.25),
        (sleeps_for, 0, 0),
        (sleeps_for, timedelta(minutes=3), 180),
        (sleeps_by_keywords, 2, 2 * HOUR + 60),
        (sleeps_until, datetime(2026, 1, 1, 2, tzinfo=UTC), 2 * HOUR),
        (sleeps_until, datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=-5))), 7 * HOUR),
        (sleeps_until, "2026-01-01T03:00:00+01:00", 2 * HOUR),
        (sleeps_until, datetime(2020, 1, 1, tzinfo=UTC), 0),
    ],
    ids=lambda given: given.name if isinstance(given, Workflow) else str(given),
)
def test_sleeps_take_as_long_as_they_say(flow: Any, given: object, expected: float) -> None:
    """Durations in all their forms, and moments in any zone; what is past takes no time."""
    run = simulate(flow, given, now=NOW)
    assert (run.output, elapsed(run)) == ("awake", expected)
    assert flow(given) == "awake"


@pytest.mark.parametrize(
    ("flow", "given"),
    [
        (sleeps_for, -5),
        (sleeps_for, "soon"),
        (sleeps_for, None),
        (sleeps_until, datetime(2027, 1, 1)),  # noqa: DTZ001
        (sleeps_until, "tomorrow"),
        (sleeps_until, 1_800_000_000),
    ],
    ids=str,
)
def test_what_is_no_time_raises_what_plain_python_raises(flow: Any, given: object) -> None:
    """A negative duration, a moment without a zone, a text that is none."""
    with pytest.raises((TypeError, ValueError)) as caught:
        flow(given)
    run = simulate(flow, given, now=NOW)
    assert run.error is not None
    assert (run.error.type, run.error.message) == (type(caught.value).__name__, str(caught.value))
    assert elapsed(run) == 0


@pytest.mark.parametrize(("n", "expected"), [(90.0, 90), (0.0, 0), (-5.0, 0)])
def test_sleeping_as_asyncio_does(n: float, expected: float) -> None:
    """`asyncio.sleep` is a sleep like any other, and takes no time where it is negative."""
    run = simulate(sleeps_async, n, now=NOW)
    assert (run.output, elapsed(run)) == (n, expected)


@workflow
def sleeps_side_by_side(n: int) -> list[int]:
    """Each branch sleeps as many hours as its item says."""

    def one(item: int) -> int:
        sleep(hours=item)
        return item

    return map_each(one, range(n))


def test_branches_sleep_side_by_side() -> None:
    """All together they take as long as the longest."""
    run = simulate(sleeps_side_by_side, 5, now=NOW)
    assert (run.output, elapsed(run)) == ([0, 1, 2, 3, 4], 4 * HOUR)


# ------------------------------------------------------------------ the time limit of a step
@step
def undo(n: int, extra: str = "own default", result: int | None = None) -> None:
    """Remember what was to be undone."""
    undone.append((n, extra, result))


@step(compensate=undo, timeout="20ms")
async def hangs(n: int, extra: str = "its default") -> int:
    """Never end."""
    await asyncio.Event().wait()
    return n


@step(compensate=undo, retry=Retry(max_attempts=2, backoff="5m"), timeout="20ms")
async def hangs_twice(n: int) -> int:
    """Never end, and be tried again much later."""
    await asyncio.Event().wait()
    return n


@step(timeout="1h")
def raises_its_own(n: int) -> int:
    """Raise an error that is named like ours."""
    raise TimeoutError(f"the bank is slow {n}")


@workflow
async def hanging(n: int) -> int:
    """Hang."""
    return await hangs(n)


@workflow
async def hanging_on(n: int) -> str:
    """Catch it."""
    try:
        await hangs(n, extra="given")
    except StepTimeout as error:
        return f"{type(error).__name__}: {error}"
    return "not reached"


@workflow
def bank(n: int) -> str:
    """Tell whose time was over."""
    try:
        raises_its_own(n)
    except StepTimeout:
        return "ours"
    except TimeoutError as error:
        return f"theirs: {error}"
    return "not reached"


def test_a_step_that_takes_too_long_is_undone_without_a_result() -> None:
    """It may have had its effect: the compensation gets its arguments, and None for the result."""
    run = simulate(hanging, 7)
    assert shown(run) == ("compensated", "StepTimeout")
    assert undone == [(7, "its default", None)]


def test_a_time_limit_can_be_caught() -> None:
    """As StepTimeout, which is a TimeoutError; the message says what it may mean."""
    run = simulate(hanging_on, 7)
    assert run.output == (
        "StepTimeout: step 'hangs' took longer than its timeout of 0.02 s; its effect may have "
        "happened"
    )
    assert undone == []


def test_the_own_timeout_of_a_step_stays_its_own() -> None:
    """A TimeoutError that the step raises is no StepTimeout."""
    assert simulate(bank, 1).output == "theirs: the bank is slow 1"


GATE = threading.Event()


@step(timeout="30ms")
def blocks(n: int) -> int:
    """Block its thread until the test lets go."""
    GATE.wait(10)
    return n


@workflow
def blocking(n: int) -> str:
    """Wait for what blocks."""
    try:
        return str(blocks(n))
    except StepTimeout:
        return "left behind"


def test_a_thread_that_takes_too_long_is_left_behind(vivido_local: Any) -> None:
    """It cannot be ended; the workflow goes on without it, and its result is thrown away."""
    run = vivido_local.run(blocking, 3)
    GATE.set()
    assert (run.status, run.output) == ("succeeded", "left behind")


# ------------------------------------------------------------------ deadlines
@workflow
def slept_in_time(hours: int) -> str:
    """Sleep inside of two deadlines."""
    try:
        with deadline("3h"):
            try:
                with deadline(hours=2):
                    sleep(hours=hours)
            except DeadlineExceeded:
                sleep(hours=hours)
                return "the inner one ended"
            sleep(hours=hours)
    except DeadlineExceeded as error:
        return f"the outer one ended: {error}"
    return "in time"


@pytest.mark.parametrize(
    ("hours", "expected", "passed"),
    [
        (1, "in time", 2),
        (2, "the outer one ended: the deadline ended before 'sleep_2' was done", 3),
        (9, "the outer one ended: the deadline ended before 'sleep_2' was done", 3),
    ],
)
def test_deadlines_nest(hours: int, expected: str, passed: float) -> None:
    """The nearest ends what waits; the outer one goes on meanwhile."""
    run = simulate(slept_in_time, hours, now=NOW)
    assert (run.output.replace("sleep_3", "sleep_2"), elapsed(run)) == (expected, passed * HOUR)


@step(compensate=undo)
async def hangs_for_ever(n: int) -> int:
    """Never end by itself."""
    await asyncio.Event().wait()
    return n


@workflow
async def cut_by_deadline(n: int) -> str:
    """A step has no more time than the block around it."""
    try:
        with deadline("20ms"):
            await hangs_for_ever(n)
    except DeadlineExceeded as error:
        return str(error)
    return "not reached"


@workflow
async def cut_and_undone(n: int) -> None:
    """Nobody catches it."""
    with deadline("20ms"):
        await hangs_for_ever(n)


def test_a_step_has_no_more_time_than_the_deadline_around_it() -> None:
    """It is cut off, and undone like a step whose own time is over."""
    assert simulate(cut_by_deadline, 1).output == (
        "the deadline around step 'hangs_for_ever' ended while it ran"
    )
    run = simulate(cut_and_undone, 2)
    assert shown(run) == ("compensated", "DeadlineExceeded")
    assert undone == [(2, "own default", None)]


@step(compensate=undo)
def plain(n: int) -> int:
    """A step."""
    return n


@workflow
def too_late_for_a_step(n: int) -> str:
    """The time is over when the step is reached: it does not begin."""
    with deadline("1h"):
        try:
            sleep("2h")
        except DeadlineExceeded:
            pass
        plain(n)
    return "not reached"


def test_a_step_that_is_reached_too_late_does_not_begin() -> None:
    """It had no effect, so there is nothing to undo; the history says what happened."""
    run = simulate(too_late_for_a_step, 1, now=NOW)
    assert shown(run) == ("failed", "DeadlineExceeded")
    assert run.error is not None
    assert run.error.message == "the deadline ended before 'plain' was done"
    assert (run.calls(plain), undone, elapsed(run)) == (0, [], HOUR)


@workflow
async def retried_in_time(n: int) -> str:
    """The backoff is longer than the deadline."""
    with deadline("1m"):
        await hangs_twice(n)
    return "not reached"


def test_what_was_cut_off_is_undone_when_the_deadline_ends_its_retries() -> None:
    """The first attempt may have had its effect, and nobody will ever know: it is undone."""
    run = simulate(retried_in_time, 4, now=NOW)
    assert shown(run) == ("compensated", "DeadlineExceeded")
    assert (run.calls(hangs_twice), undone) == (1, [(4, "own default", None)])


@workflow
def inherited_by_forks(n: int) -> list[Any]:
    """Branches of a block that is called inside a deadline sleep for too long."""

    def one(item: int) -> str:
        try:
            sleep(hours=item)
        except DeadlineExceeded:
            return f"{item} was too late"
        return f"{item} slept"

    def many() -> list[str]:
        return map_each(one, [1, 2, 3])

    with deadline("2h30m"):
        return [*many(), n]


@workflow
def sleeper(hours: int) -> int:
    """A child execution."""
    sleep(hours=hours)
    return hours


@workflow(timeout="1h")
def hasty_sleeper(hours: int) -> int:
    """A child execution with a time limit of its own."""
    sleep(hours=hours)
    return hours


@workflow
def inherited_by_children(hours: int) -> str:
    """A child execution has no more time than the block around it."""
    try:
        with deadline("2h"):
            return f"slept {sleeper(hours)}"
    except DeadlineExceeded as error:
        return str(error)


@workflow
def impatient(hours: int) -> str:
    """The child's own time is over."""
    try:
        return f"slept {hasty_sleeper(hours)}"
    except StepTimeout as error:
        return str(error)


@workflow
def forked_too_late(n: int) -> str:
    """A fork and a child execution that are reached too late do not begin."""
    found = []
    with deadline("1h"):
        for what in ("sleep", "fork", "child"):
            try:
                match what:
                    case "sleep":
                        sleep("2h")
                    case "fork":
                        parallel(plain(n), plain(n))
                    case "child":
                        sleeper(1)
            except DeadlineExceeded:
                found.append(what)
    return ", ".join(found)


def test_deadlines_reach_into_branches() -> None:
    """Also where the fork stands in a block that is called inside the deadline."""
    run = simulate(inherited_by_forks, 5, now=NOW)
    assert run.output == ["1 slept", "2 slept", "3 was too late", 5]
    assert elapsed(run) == 2.5 * HOUR


def test_deadlines_reach_into_child_executions() -> None:
    """The child is stopped; its parent gets DeadlineExceeded, and goes on."""
    assert simulate(inherited_by_children, 1).output == "slept 1"
    run = simulate(inherited_by_children, 5, now=NOW)
    assert run.output == "the deadline around 'sleeper' ended while it ran"
    assert elapsed(run) == 2 * HOUR


def test_a_child_that_takes_longer_than_its_own_limit() -> None:
    """That is the child's end, not its parent's: the parent may catch it."""
    assert simulate(impatient, 0).output == "slept 0"
    run = simulate(impatient, 5, now=NOW)
    assert run.output == ("the child execution of 'hasty_sleeper' took longer than its time limit")
    assert (run.status, elapsed(run)) == ("succeeded", HOUR)


def test_nothing_new_begins_past_a_deadline() -> None:
    """Neither a fork nor a child execution."""
    run = simulate(forked_too_late, 1, now=NOW)
    assert run.output == "sleep, fork, child"
    assert (run.calls(plain), elapsed(run)) == (0, HOUR)


@workflow
async def cut_then_cancelled(n: int) -> int:
    """The second attempt is five minutes away when the cancel comes."""
    try:
        await hangs_twice(n)
    except StepTimeout:
        plain(n)
    return n


def test_what_was_cut_off_comes_to_its_end_before_a_cancel_is_obeyed() -> None:
    """Its effect is unknown until then: so it is tried again at once, and undone."""
    world = World()

    async def during(world: World, engine: FaultyEngine, number: int) -> None:
        del world
        if number == 1:
            await engine.control.stop(EXECUTION, "r", "cancelled")

    result = world.run(cut_then_cancelled, 6, during=during)
    assert (check(result), result.outcome[0]) == ([], "cancelled")
    assert [str(record.kind) for record in result.records[EXECUTION]["r"]] == [
        "ATTEMPT",
        "ERROR",
        "CANCEL",
        "UNDONE",
        "END",
    ]
    assert undone == [(6, "own default", None)]
    assert result.meta is not None
    assert result.meta.updated - result.meta.created < 60


# ------------------------------------------------------------------ the time limit of an execution
@workflow(timeout="3h")
def limited(hours: int) -> str:
    """Undo what was done when the time is over."""
    plain(1)
    try:
        sleep(hours=hours)
    except Exception:
        return "nobody catches a stop"
    return "in time"


def test_an_execution_ends_when_its_time_is_over() -> None:
    """What it completed is undone; no handler of the workflow sees it."""
    assert simulate(limited, 2).output == "in time"
    run = simulate(limited, 5, now=NOW)
    assert shown(run) == ("timed_out", "ExecutionStopped")
    assert (undone, elapsed(run)) == ([(1, "own default", 1)], 3 * HOUR)


@workflow(timeout="1h")
def limits_its_child(hours: int) -> int:
    """A child has no more time than the execution that waits for it."""
    return sleeper(hours)


def test_a_child_execution_ends_with_the_time_of_its_parent() -> None:
    """Both are over after an hour."""
    run = simulate(limits_its_child, 5, now=NOW)
    assert (shown(run), elapsed(run)) == (("timed_out", "ExecutionStopped"), HOUR)


def test_workflows_take_no_time_in_plain_python() -> None:
    """The same functions, called."""
    plainly: Workflow[[int], str] = slept_in_time
    assert plainly(9) == "in time"
