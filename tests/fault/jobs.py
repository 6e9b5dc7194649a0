"""Small workflows over `first`, `poll` and `spawn`, for faults at every call."""

from tests.fault.zoo import Declined, Flaky, a, b, c, fail

from vivido import Retry, first, parallel, poll, saga, sleep, spawn, step, step_context, workflow

seen: dict[str, int] = {}


@step
def check(n: int) -> int:
    """Each round gives one more, however often it is run."""
    return seen.setdefault(step_context().idempotency_key, n + len(seen))


@workflow
def slept_long(n: int) -> int:
    """Takes an hour and can be undone."""
    a(n)
    sleep(hours=1)
    return c(n)


@workflow
def polled(n: int) -> int:
    """Three rounds."""
    c(n)
    found = poll(check, n, until="result >= 3", every="30s", timeout="2h")
    return c(found)


@workflow
def polled_in_vain(n: int) -> str:
    """It gives up in the third round."""
    try:
        poll(check, n, until="result > 100", every="30s", timeout="1m")
    except TimeoutError as error:
        return type(error).__name__
    return "found"


@workflow
def raced(n: int) -> str:
    """A step is quicker than a timer and a child execution that has to undo what it did."""
    who, value = first(late=sleep(hours=2), child=slept_long(n), quick=c(n))
    return f"{who} {value} {c(n)}"


@workflow
def raced_by_time(n: int) -> str:
    """A timer is quicker than a child execution."""
    who, value = first(late=sleep(minutes=2), child=slept_long(n))
    return f"{who} {value}"


@workflow
def raced_and_lost(n: int) -> int:
    """The first to end has failed: the workflow is undone."""
    a(n)
    _, value = first(bad=fail(n), child=slept_long(n))
    return value


@workflow
def spawned(n: int) -> int:
    """Two jobs beside a step, joined later."""
    one = spawn(c, n)
    other = spawn(slept_long, n + 1)
    x = c(n)
    return x + one.result() + other.result() + one.result()


@workflow
def spawned_in_a_loop(n: int) -> list[int]:
    """Handles lie in a list; the jobs sleep for different times."""

    def later(i: int) -> int:
        sleep(minutes=10 - i)
        return c(i)

    jobs = [spawn(later, i) for i in range(n, n + 3)]
    return [job.result() for job in jobs]


@workflow
def never_joined(n: int) -> int:
    """It ends when its jobs have ended."""
    spawn(slept_long, n)
    spawn(b, n)
    return c(n)


@workflow
def job_fails_alone(n: int) -> int:
    """The error of a job is raised at the end, and everything is undone, also other jobs."""
    a(n)
    spawn(fail, n)
    spawn(slept_long, n)
    return c(n)


@workflow
def job_error_caught(n: int) -> str:
    """The error of a job is raised where its result is asked for, and nowhere else."""
    job = spawn(fail, n)
    try:
        job.result()
    except Declined as error:
        return f"{error} {c(n)}"
    return "no error"


@workflow
def fails_beside_jobs(n: int) -> int:
    """An error while jobs run: they are stopped, then all is undone."""
    one = spawn(slept_long, n)
    spawn(b, n)
    c(n)
    fail(n)
    return one.result()


@workflow
def saga_with_jobs(n: int) -> str:
    """Jobs of a saga are undone with it; one that was there before goes on."""
    before = spawn(slept_long, n)
    try:
        with saga():
            spawn(b, n)
            spawn(slept_long, n + 5)
            a(n)
            fail(n)
    except Declined:
        return f"{before.result()} {c(n)}"
    return "not reached"


@workflow
def saga_joins(n: int) -> int:
    """The end of a saga joins its jobs, also where a return leaves it."""
    with saga():
        spawn(slept_long, n)
        return c(n)


@workflow
def job_in_a_branch(n: int) -> tuple[int, int]:
    """A branch spawns a job and does not join it."""

    def one(i: int) -> int:
        spawn(slept_long, i)
        return c(i)

    left, right = parallel(one(n), one(n + 1))
    return left, right


@workflow
def branch_with_a_job_is_stopped(n: int) -> int:
    """A branch is stopped while its job sleeps: both end before anything is undone."""

    def one(i: int) -> int:
        job = spawn(slept_long, i)
        a(i)
        return job.result()

    b(n)
    left, _ = parallel(one(n), fail(n))
    return left


@workflow
def asked_by_a_branch(n: int) -> str:
    """A branch asks for a job of its parent and handles its error."""
    job = spawn(fail, n)

    def ask() -> str:
        try:
            job.result()
        except Declined as error:
            return str(error)
        return "no error"

    said, more = parallel(ask(), c(n))
    return f"{said} {more}"


@workflow
def job_wins(n: int) -> str:
    """A job is quicker than a timer."""
    job = spawn(c, n)
    who, value = first(late=sleep(hours=2), call=job)
    return f"{who} {value} {job.result()}"


@workflow
def job_loses(n: int) -> str:
    """A job is slower than a timer, and is stopped."""
    job = spawn(slept_long, n)
    who, _ = first(late=sleep(minutes=2), call=job)
    return f"{who} {c(n)}"


@step(retry=Retry(max_attempts=3, backoff="1s"))
def second_time(n: int) -> int:
    """Fails the first time."""
    if step_context().attempt == 1:
        raise Flaky(str(n))
    return n


@workflow
def flaky_job(n: int) -> int:
    """A job is retried, in a job."""

    def inner() -> int:
        return spawn(second_time, n).result()

    return spawn(inner).result()


@workflow
def at_once(n: int) -> list[int]:
    """Many jobs without a wait in them, joined in the order in which they were started."""
    jobs = [spawn(c, i) for i in range(n, n + 20)]
    return [job.result() for job in jobs]


@workflow
def job_is_stopped(n: int) -> str:
    """A job of two hours is stopped, since its saga has failed."""
    try:
        with saga():
            spawn(slept_long, n)
            fail(n)
    except Declined as error:
        return str(error)
    return "not reached"


@workflow
def raced_and_stopped(n: int) -> str:
    """Who is slower by hours is woken to be stopped, and so is the job."""
    job = spawn(slept_long, n)
    who, value = first(late=sleep(hours=2), call=job, child=slept_long(n), quick=c(n))
    return f"{who} {value}"


ALL = [
    polled, polled_in_vain, raced, raced_by_time, raced_and_lost,
    spawned, spawned_in_a_loop, never_joined, job_fails_alone, job_error_caught, fails_beside_jobs,
    saga_with_jobs, saga_joins, job_in_a_branch, branch_with_a_job_is_stopped, asked_by_a_branch,
    job_wins, job_loses, flaky_job, job_is_stopped,
]  # fmt: skip
