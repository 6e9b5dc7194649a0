"""Small workflows, one for each construct of the language that carries steps through faults."""

import logging
import random
import uuid
from datetime import UTC, datetime

from tests.fault.zoo import Declined, a, b, c, child, dispatch, fail

from vivido import (
    DeadlineExceeded,
    Retry,
    StepError,
    StepInterrupted,
    deadline,
    map_each,
    parallel,
    publish,
    pure,
    saga,
    sleep,
    step,
    step_context,
    workflow,
)

log = logging.getLogger("zoo")


class Later(Exception):
    """Not yet; carries a number."""

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} left")
        self.left = left


@step(retry=Retry(max_attempts=3, backoff="1s", factor=2, jitter=0.5))
def third(n: int) -> int:
    """Succeeds at its third attempt."""
    if step_context().attempt < 3:
        raise Later(3 - step_context().attempt)
    return n


@step(retry=Retry(max_attempts=3, backoff="90s"))
def never(n: int) -> int:
    """Fails at each of its three attempts; the waits are timers."""
    raise Later(n)


@step(at_most_once=True, timeout="10s", retry=Retry(max_attempts=2, backoff="1s"))
def once_each(n: int) -> int:
    """Each attempt is begun at most once."""
    return n


@step
async def awaited(n: int) -> int:
    """Asynchronous."""
    return n + 1


@step
def numbers(n: int) -> list[int]:
    """Some numbers."""
    return list(range(n))


@pure
def double(n: int) -> int:
    """Natively, without a record."""
    return n * 2


@workflow
def returns_in_finally(n: int) -> list[str]:
    """A return in try passes two finally blocks with steps, and one of them returns instead."""
    seen: list[str] = []

    def inner() -> str:
        try:
            try:
                return a(n)
            finally:
                seen.append(f"inner {c(n)}")
        finally:
            return b(n)  # noqa: B012  that is the case

    last = inner()
    return [*seen, last]


@workflow
def breaks_in_finally(n: int) -> list[int]:
    """Break and continue leave a loop through a finally with a step."""
    seen: list[int] = []
    for i in range(n + 4):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            seen.append(c(i))
        finally:
            seen.append(-c(i))
    return seen


@workflow
def raises_again(n: int) -> str:
    """An error in a handler, with a cause, after a step in the first handler."""
    try:
        try:
            fail(n)
        except Declined as error:
            c(n)
            raise Later(n) from error
        finally:
            c(n)
    except Later as error:
        return f"{error}: {c(error.left)}"


@workflow
def saga_in_saga(n: int) -> str:
    """The inner saga is undone by itself, the outer with the workflow."""
    a(n)
    with saga():
        b(n)
        try:
            with saga():
                a(n + 1)
                b(n + 1)
                fail(n)
        except Declined:
            a(n + 2)
        fail(n + 1)
    return "not reached"


@workflow
def saga_in_branches(n: int) -> list[str]:
    """Each branch undoes its own saga and goes on."""

    def one(item: int) -> str:
        try:
            with saga():
                a(item)
                fail(item)
        except Declined:
            return b(item)
        return "not reached"

    return map_each(one, [n, n + 1], max_concurrency=1)


@workflow
def in_time(n: int) -> str:
    """A deadline ends a sleep, and what was done in it is kept."""
    kept = a(n)
    try:
        with deadline("30m"):
            c(n)
            sleep(hours=2)
            c(n)
    except DeadlineExceeded:
        return f"{kept} late {c(n)}"
    return "in time"


@workflow
def claimed_again(n: int) -> int:
    """An at-most-once step with a second attempt."""
    return c(once_each(n))


@workflow
def claimed_and_caught(n: int) -> str:
    """An interrupted step is caught."""
    try:
        return f"{once_each(n)}"
    except StepInterrupted:
        return "1"


@workflow
def third_attempt(n: int) -> int:
    """Retries with jitter."""
    return c(third(n))


@workflow
def retries_used_up(n: int) -> str:
    """Three attempts with timers, then an error with an attribute."""
    a(n)
    try:
        never(n)
    except Later as error:
        return f"{error.left}"
    return "not reached"


@workflow
def retries_used_up_in_a_branch(n: int) -> tuple[str, int]:
    """The same beside a branch that can be undone."""
    return parallel(a(n), never(n))


@workflow
async def asynchronous(n: int) -> list[int]:
    """Awaited steps, in a loop and side by side."""
    found = [await awaited(n)]
    found.extend(await parallel(awaited(n), awaited(n + 1)))
    return found


@workflow
def talks(n: int) -> int:
    """Prints, logs and publishes between steps."""
    print("begins", n)
    x = c(n)
    log.warning("half of %d", x)
    publish(stage="half", percent=50)
    y = c(x)
    publish(percent=100)
    return y


@workflow
def captures(n: int) -> list[int]:
    """A nested function reads what is assigned after it was defined."""
    base = n

    def plus(x: int) -> int:
        return c(x) + base

    base = c(n)
    return [plus(x) for x in numbers(3)]


@workflow
def matches(n: int) -> list[str]:
    """A match over values that steps gave."""
    found = []
    for i in range(n, n + 3):
        match c(i):
            case 2:
                found.append(a(i))
            case int(x) if x > 3:
                found.append(f"many: {x}")
            case _:
                found.append("else")
    return found


@workflow
def while_else(n: int) -> list[int]:
    """A while loop with steps in its test, and an else."""
    found: list[int] = []
    while (x := c(n + len(found))) < 5:
        if x > 90:
            break
        found.append(x)
    else:
        found.append(c(100))
    return found


@workflow
def in_expressions(n: int) -> str:
    """Steps in f-strings, conditions, comprehensions and arguments."""
    small = c(n) < 10 and c(n + 1) < 10
    return f"{c(c(n))} {a(n) if small else b(n)} {[c(i) for i in numbers(2) if double(i) < 9]}"


@workflow
def by_chance(n: int) -> bool:
    """Chance, time and names are recorded before what follows them."""
    dice, name, now = random.random(), uuid.uuid4(), datetime.now(UTC)  # noqa: S311, TID251
    c(n)
    again = dice
    c(n)
    return 0 <= again < 1 and name.version == 4 and now.tzinfo is not None


@workflow
def countdown(n: int) -> int:
    """A workflow that runs itself."""
    if n >= 3:
        return c(n)
    return countdown(c(n))


@workflow
def children_in_branches(n: int) -> list[int]:
    """Child executions side by side, in two lanes."""
    return map_each(child, range(n, n + 3), max_concurrency=2)


@workflow
def caught_child(n: int) -> str:
    """A child execution fails and is caught."""
    try:
        failing(n)
    except Declined as error:
        return f"{error}, {c(n)}"
    return "not reached"


@workflow
def failing(n: int) -> int:
    """Fails after a step that is undone."""
    a(n)
    return fail(n)


@workflow
def no_items(n: int) -> list[int]:
    """Forks of nothing between steps."""
    empty = numbers(0)
    found = map_each(c, empty)
    return [*found, *parallel(*[c(x) for x in empty]), c(n)]


@workflow
def one_item(n: int) -> list[int]:
    """A fork of one."""
    return map_each(c, [n])


@workflow
def dynamic(n: int) -> list[int]:
    """As many branches as a step says, two at once."""
    return list(parallel(*[c(x) for x in numbers(n + 3)], max_concurrency=2))


@workflow
def three_deep(n: int) -> list[list[list[int]]]:
    """Forks in forks in forks."""

    def row(x: int) -> list[list[int]]:
        def cell(y: int) -> list[int]:
            return map_each(c, [y, y + 1])

        return map_each(cell, [x, x + 1], max_concurrency=1)

    return map_each(row, [n, n + 1])


@workflow
def branches_that_sleep(n: int) -> list[int]:
    """Timers in branches, of different length."""

    def one(item: int) -> int:
        sleep(minutes=item)
        return c(item)

    return map_each(one, [3, n, 2], max_concurrency=2)


@workflow
def undone_past_return(n: int) -> int:
    """A point of no return in the workflow itself."""
    a(n)
    dispatch(n)
    b(n)
    return fail(n)


@workflow
def changes(n: int) -> dict[str, object]:
    """Mutation of lists and dicts between steps."""
    found: dict[str, object] = {}
    rows: list[int] = []
    for i in range(n + 2):
        rows.append(c(i))
        found[f"row {i}"] = i
    del rows[0]
    found.setdefault("rows", rows)
    rows2, (x, *rest) = [9], numbers(3)
    found["rest"] = [x, rest, rows2]
    return found


@workflow
def asserts(n: int) -> int:
    """An assertion fails after a step that can be undone."""
    x = a(n)
    assert x == "nothing", f"it is {x}"
    return n


@workflow
def any_error(n: int) -> str:
    """Whatever a step raises, one handler; the rest runs in else and finally."""
    seen = []
    for bad in (True, False):
        try:
            x = fail(n) if bad else c(n)
        except (StepError, Declined) as error:
            seen.append(type(error).__name__)
        else:
            seen.append(f"{c(x)}")
        finally:
            seen.append(f"{c(n)}")
    return ", ".join(seen)


ALL = [
    returns_in_finally, breaks_in_finally, raises_again, saga_in_saga, saga_in_branches, in_time,
    claimed_again, claimed_and_caught, third_attempt, retries_used_up, retries_used_up_in_a_branch,
    asynchronous, talks, captures, matches, while_else, in_expressions, by_chance, countdown,
    children_in_branches, caught_child, no_items, one_item, dynamic, three_deep,
    branches_that_sleep, undone_past_return, changes, asserts, any_error,
]  # fmt: skip
