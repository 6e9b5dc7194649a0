"""Jobs, races and polls: as plain Python where time does not matter, and what is the engine's."""

import asyncio

import pytest
from tests.fault import jobs

from vivido import (
    DeadlineExceeded,
    StepError,
    deadline,
    first,
    parallel,
    poll,
    sleep,
    spawn,
    step,
    step_context,
    workflow,
)
from vivido.model.journal import Kind
from vivido.testing import simulate

SAME = [
    jobs.spawned, jobs.spawned_in_a_loop, jobs.never_joined, jobs.job_fails_alone,
    jobs.job_error_caught, jobs.fails_beside_jobs, jobs.saga_with_jobs, jobs.saga_joins,
    jobs.job_in_a_branch, jobs.branch_with_a_job_is_stopped, jobs.asked_by_a_branch, jobs.polled,
    jobs.polled_in_vain, jobs.raced_and_lost,
]  # fmt: skip


class Torn(Exception):
    """What a job raises."""


@step
def one(n: int) -> int:
    """Gives its number."""
    return n


@step
def torn(n: int) -> int:
    """Fails."""
    raise Torn(str(n))


@step
def rounds(n: int) -> int:
    """Mocked."""
    return n


@step(compensate=one)
def keyed(n: int) -> str:
    """Says under which key it runs."""
    return step_context().idempotency_key


def outcome(call):
    """What a plain call gives or raises."""
    jobs.seen.clear()
    try:
        return call(), None
    except Exception as error:
        return None, (type(error).__name__, str(error))


@pytest.mark.parametrize("program", SAME, ids=lambda program: program.name)
def test_plain_python_agrees(program):
    """A plain call and the engine give the same value, or raise the same error."""
    plain = outcome(lambda: program(1))
    jobs.seen.clear()
    run = simulate(program, 1)
    error = None if run.error is None else (run.error.type, run.error.message)
    assert (run.output, error) == plain


@workflow
def asked_twice(n: int) -> list[int]:
    """A result is asked for twice, and each value is one's own."""
    job = spawn(one, n)
    return [job.result(), job.result(), one(job.result())]


def test_a_result_asked_twice_is_computed_once():
    """It is read again, and the body has run once."""
    run = simulate(asked_twice, 3)
    assert (run.output, run.calls(one)) == ([3, 3, 3], 2)


@workflow
def too_slow(n: int) -> str:
    """A deadline around a result; the job goes on."""

    def later() -> int:
        sleep(hours=2)
        return one(n)

    job = spawn(later)
    try:
        with deadline("1h"):
            job.result()
    except DeadlineExceeded:
        return f"late, {job.result()}"
    return "in time"


def test_a_deadline_around_a_result():
    """It ends the wait, not the job."""
    assert simulate(too_slow, 7).output == "late, 7"


@workflow
def lost(n: int) -> str:
    """The result of a job that has lost a race."""

    def later() -> int:
        sleep(hours=2)
        return one(n)

    job = spawn(later)
    first(job=job, soon=sleep(minutes=1))
    try:
        return str(job.result())
    except StepError as error:
        return type(error).__name__


def test_a_job_that_lost_has_no_result():
    """It was stopped, and its body never ran."""
    run = simulate(lost, 7)
    assert (run.output, run.calls(one)) == ("StepError", 0)


@workflow
def handed_on(job: object) -> int:
    """A child execution is given the job of another."""
    return job.result()  # type: ignore[attr-defined]


@workflow
def hands_on(n: int) -> str:
    """Gives its job to a child execution."""
    job = spawn(one, n)
    return str(handed_on(job))


def test_a_job_belongs_to_its_execution():
    """Another execution is refused, in words."""
    run = simulate(hands_on, 7)
    assert run.error is not None
    assert (run.error.type, run.error.message.partition(":")[0]) == (
        "UsageError",
        "a job is joined where it was started",
    )


@workflow
def polls(n: int) -> int:
    """Polls for a day and more."""
    result = 5
    found = poll(rounds, n, until="result >= 3000", every="30s", timeout="3d")
    return found + result


def test_thousands_of_rounds_do_not_grow_the_state():
    """The records of round 10 and of round 2,900 are of the same size (needs.md, SFN 1)."""
    run = simulate(polls, 1, mocks={rounds: list(range(1, 3001))})
    assert run.output == 3005
    waits = [entry.record for entry in run.history if entry.record.kind is Kind.WAIT]
    sizes = [len(str(record.data)) for record in waits]
    assert len(waits) == 2999
    assert sizes[2900] - sizes[100] <= 20  # digits of the numbers


@workflow
def keys(n: int) -> str:
    """One round."""
    return poll(keyed, n, until="True", every="1s", timeout="1m")


def test_an_error_of_a_round_is_raised():
    """Where the step fails for good, so does the poll, and it can be polled anew."""

    @workflow
    def again(n: int) -> list[str]:
        said = []
        for i in range(2):
            try:
                poll(torn, n + i, until="result", every="1s", timeout="1m")
            except Torn as error:
                said.append(str(error))
        return said

    assert simulate(again, 1).output == ["1", "2"]


def test_a_round_can_be_undone():
    """What is undone is the round that was done, with its own path."""

    @workflow
    def undone(n: int) -> int:
        poll(keyed, n, until="True", every="1s", timeout="1m")
        return torn(n)

    run = simulate(undone, 1)
    assert (run.status, run.calls(one)) == ("compensated", 1)


@workflow
def racing_in_a_loop(n: int) -> list[str]:
    """A race in each round of a loop: no stop stays behind."""
    won = []
    for i in range(n):
        who, _ = first(short=sleep(minutes=i), long=sleep(minutes=5))
        won.append(who)
    return won


def test_races_in_a_loop():
    """The timer that is shorter wins each time."""
    assert simulate(racing_in_a_loop, 3).output == ["short", "short", "short"]


@workflow
def job_in_a_job(n: int) -> int:
    """A job starts a job and does not join it: it ends after it."""

    def outer() -> int:
        spawn(one, n)
        return one(n + 1)

    left, right = parallel(spawn(outer).result(), one(n))
    return left + right


def test_jobs_nest():
    """In branches and in jobs."""
    run = simulate(job_in_a_job, 1)
    assert (run.output, run.calls(one)) == (3, 3)


@workflow
async def asynchronous(n: int) -> list[int]:
    """Asyncio's words for jobs."""
    task = asyncio.create_task(later(n))
    other = await later(n + 1)
    return [await task, other]


@step
async def later(n: int) -> int:
    """Takes a moment."""
    await asyncio.sleep(0)
    return n


def test_create_task_is_spawn():
    """`asyncio.create_task` starts a job, and `await` joins it."""
    assert simulate(asynchronous, 1).output == [1, 2]
