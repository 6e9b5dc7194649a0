"""A mix of small workflows: sagas, maps, children, timers, retries; each body leaves a line."""

import os

from vivido import (
    Retry,
    StepInterrupted,
    StepTimeout,
    map_each,
    parallel,
    saga,
    sleep,
    step,
    step_context,
    workflow,
)


class Refused(Exception):
    """What a step raises on purpose."""


def tell(name: str) -> None:
    """Write down that a body ran, and under which key; nothing, where nobody asked."""
    if path := os.environ.get("SOAK_BODIES"):
        line = f"{name} {step_context().idempotency_key}\n".encode()
        bodies = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(bodies, line)
        finally:
            os.close(bodies)


@step
def unbook(n: int, result: str) -> None:
    """Undo a booking."""
    tell("unbook")


@step(compensate=unbook)
def book(n: int) -> str:
    """Something that can be undone."""
    tell("book")
    return f"booking {n}"


@step(inline=True)
def double(n: int) -> int:
    """Work on the loop."""
    tell("double")
    return n * 2


@step
def later(n: int) -> int:
    """Work in a thread."""
    tell("later")
    return n + 1


@step
async def awaited(n: int) -> int:
    """Work that is awaited."""
    tell("awaited")
    return n + 10


@step(retry=Retry(max_attempts=4, backoff="30ms", factor=2, jitter=0.5))
def third_time(n: int) -> int:
    """Fails at its first two attempts."""
    tell("third_time")
    if step_context().attempt <= 2:
        raise Refused("not yet")
    return n


@step
def refuse(n: int) -> None:
    """Always fails."""
    tell("refuse")
    raise Refused(f"no {n}")


@step(at_most_once=True, timeout="1s")
def once(n: int) -> int:
    """Is never begun twice."""
    tell("once")
    return n


@workflow
def sequence(n: int) -> int:
    """Steps of all kinds, one after another."""
    total = 0
    for i in range(n % 4 + 3):
        total += double(i) + later(i)
    return total + third_time(n)


@workflow
def undone(n: int) -> str:
    """A saga within a saga is undone; then the rest is, too."""
    kept = book(n)
    try:
        with saga():
            book(n + 1)
            parallel(book(n + 2), book(n + 3), double(n))
            refuse(n)
    except Refused:
        kept += f", {double(n)}"
    if n % 2:
        refuse(n)
    return kept


@workflow
def mapped(n: int) -> list[int]:
    """A map in few lanes, and one in which one item fails."""

    def one(item: int) -> int:
        if item == 3:
            refuse(item)
        return double(item)

    found = map_each(double, range(n % 9 + 2), max_concurrency=3)
    batch = map_each(one, range(n % 6), on_error="collect")
    return [*found, batch.succeeded, batch.failed]


@workflow
def child(n: int) -> int:
    """What another workflow runs."""
    sleep(milliseconds=20 * (n % 4))
    return double(later(n))


@workflow
def parent(n: int) -> list[int]:
    """Child executions, alone and side by side."""
    first = child(n)
    one, other = parallel(child(n + 1), child(n + 2))
    return [first, one, other, double(first)]


@workflow
def sleeper(n: int) -> int:
    """Timers between steps."""
    total = double(n)
    for i in range(3):
        sleep(milliseconds=30 * (n % 5) + 10 * i)
        total += later(i)
    return total


@workflow
def booked(n: int) -> str:
    """What another workflow runs, and undoes when it fails."""
    parallel(book(n), book(n + 1))
    return book(n + 2)


@workflow
def undone_with_children(n: int) -> int:
    """Child executions that had succeeded are undone, one of them beside a branch of ours."""
    booked(n)
    parallel(booked(n + 10), book(n))
    sleep(milliseconds=10)
    refuse(n)
    return n


@workflow
def enough(n: int) -> list[object]:
    """Some of many are enough; one at a time, so that who they are is no matter of luck."""

    def one(item: int) -> int:
        if item % 3 == 1:
            refuse(item)
        return later(item)

    batch = map_each(one, range(n + 5), max_concurrency=1, on_error="collect", need=2)
    few = map_each(one, range(n + 4), max_concurrency=1, on_error="collect", tolerate=1)
    return [batch.reason, batch.results, few.reason, few.failed, few.started]


@workflow
async def asynchronous(n: int) -> list[int]:
    """Steps that are awaited, side by side."""
    found = [await awaited(n)]
    found.extend(await map_each(awaited, range(n % 5), max_concurrency=2))
    return found


@workflow
def claimed(n: int) -> str:
    """A step that may be interrupted, or stalled past its time: each is one of its right ends."""
    before = double(n)
    try:
        return f"{before} {once(n)}"
    except (StepInterrupted, StepTimeout):
        return f"{before} interrupted"


MIX = (
    sequence, undone, mapped, parent, sleeper, asynchronous, claimed, undone_with_children, enough,
)  # fmt: skip
