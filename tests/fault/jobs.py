"""Small workflows over `first`, `poll` and `spawn`, for faults at every call."""

from tests.fault.zoo import a, c, fail

from vivido import first, poll, sleep, step, step_context, workflow

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


ALL = [polled, polled_in_vain, raced, raced_by_time, raced_and_lost]
