"""Small workflows that are undone: forks as units, sagas within each other, child executions."""

import asyncio

from tests.fault.zoo import Declined, a, b, c, fail, undo_a, undo_b, undoable_fail_at

from vivido import Retry, StepTimeout, map_each, parallel, saga, sleep, step, workflow


class Stubborn(Exception):
    """A compensation does not work."""


@step(retry=Retry(max_attempts=3, backoff="10s"))
def undo_flaky(n: int) -> None:
    """Mocked: fails twice, then works."""


@step
def undo_stubborn(n: int) -> None:
    """Mocked: never works."""


@step(compensate=undo_flaky)
def flaky_to_undo(n: int) -> int:
    """Undone at the third attempt."""
    return n


@step(compensate=undo_stubborn)
def stubborn_to_undo(n: int) -> int:
    """Cannot be undone."""
    return n


@step(timeout="1ms", retry=Retry(max_attempts=3, backoff="10s"))
async def undo_slowly(n: int) -> None:
    """Runs into its timeout."""
    await asyncio.Event().wait()


@step(compensate=undo_slowly)
def slow_to_undo(n: int) -> int:
    """Its compensation takes too long, each time."""
    return n


@step
def undo_unsure(n: int, result: int | None = None) -> None:
    """Undo what may not have happened."""


@step(compensate=undo_unsure, timeout="1ms")
async def unsure(n: int) -> int:
    """Runs into its timeout."""
    await asyncio.Event().wait()
    return n


@step(no_return=True)
def pivot(n: int) -> int:
    """Nothing before it is undone."""
    return n


@workflow
def nested_forks(n: int) -> int:
    """Rows of a fork that fork: all of it is undone, side by side on both levels."""

    def row(y: int) -> list[str]:
        a(y)
        return map_each(b, [y, y + 1])

    map_each(row, [n, n + 10])
    return fail(n)


@workflow
def in_lanes(n: int) -> int:
    """No more at once are undone than were done at once."""
    map_each(b, range(n, n + 5), max_concurrency=2)
    return fail(n)


@workflow
def between_forks(n: int) -> int:
    """Steps before, between and after two forks."""
    a(n)
    parallel(a(n + 1), b(n + 1))
    b(n + 2)
    parallel(a(n + 3), c(n))
    a(n + 4)
    return fail(n)


@workflow
def retried_undo(n: int) -> int:
    """A compensation of a branch needs three attempts; that of another one."""
    parallel(flaky_to_undo(n), b(n))
    return fail(n)


@workflow
def pivot_in_branch(n: int) -> int:
    """A branch passes a point of no return: what lies before the fork stays."""
    a(n)

    def passes() -> int:
        b(n)
        pivot(n)
        a(n + 1)
        return n

    parallel(passes(), b(n + 2))
    return fail(n)


@workflow
def saga_of_forks(n: int) -> str:
    """A saga that holds a fork of sagas: undone to its floor, then the workflow goes on."""
    a(n)

    def inner(i: int) -> int:
        try:
            with saga():
                b(i)
                return fail(i)
        except Declined:
            b(i + 10)
            return i

    try:
        with saga():
            map_each(inner, [n, n + 1])
            fail(n)
    except Declined:
        c(n)
    return "went on"


@workflow
def nested_sagas(n: int) -> str:
    """The inner saga is undone at its end, the outer one at its own."""
    try:
        with saga():
            a(n)
            try:
                with saga():
                    b(n)
                    fail(n)
            except Declined:
                b(n + 1)
            fail(n + 1)
    except Declined as error:
        return str(error)
    return "no"


@workflow
def saga_in_branch(n: int) -> list[int]:
    """A branch undoes a fork of its own and goes on."""

    def one(i: int) -> int:
        try:
            with saga():
                parallel(a(i), b(i))
                return fail(i)
        except Declined:
            return c(i)

    return map_each(one, [n, n + 1])


@workflow
async def timed_out_step(n: int) -> int:
    """Its outcome is not known: it is undone, with no result."""
    a(n)
    try:
        await unsure(n)
    except StepTimeout:
        c(n)
    return fail(n)


@workflow
def good_child(n: int) -> str:
    """A child execution that succeeds, with two things to undo."""
    a(n)
    return b(n + 1)


@workflow
def forking_child(n: int) -> int:
    """A child execution that forks and succeeds."""
    parallel(a(n), b(n))
    return c(n)


@workflow
def calling_child(n: int) -> str:
    """A child execution with a child execution of its own."""
    a(n)
    good_child(n + 10)
    return b(n)


@workflow
def pivot_child(n: int) -> int:
    """A child execution that passes a point of no return."""
    a(n)
    pivot(n)
    b(n)
    return n


@workflow
def plain_child(n: int) -> int:
    """A child execution with nothing to undo."""
    return c(n)


@workflow
def failing_child(n: int) -> int:
    """A child execution that undoes itself."""
    a(n)
    return fail(n)


@workflow
def child_undone(n: int) -> int:
    """A child execution that had succeeded is undone between two steps of its parent."""
    a(n)
    good_child(n + 1)
    b(n)
    return fail(n)


@workflow
def grandchild_undone(n: int) -> int:
    """So is its own child."""
    calling_child(n)
    return fail(n)


@workflow
def children_undone(n: int) -> int:
    """Child executions in the branches of a fork, one of which forks, one has nothing."""
    parallel(good_child(n), forking_child(n + 1), plain_child(n))
    return fail(n)


@workflow
def child_past_return(n: int) -> int:
    """What a child execution did before its point of no return stays, and so does all before."""
    a(n)
    pivot_child(n + 1)
    b(n)
    return fail(n)


@workflow
def child_fails_past_return(n: int) -> int:
    """A child execution fails behind its point of no return: what lies before that stays."""
    a(n)
    return failing_past_return(n + 1)


@workflow
def failing_past_return(n: int) -> int:
    """What comes after the point of no return is undone, what came before is not."""
    a(n)
    pivot(n)
    b(n)
    return fail(n)


@workflow
def child_in_saga(n: int) -> str:
    """A saga undoes a child execution, and its parent goes on with another."""
    try:
        with saga():
            good_child(n)
            fail(n)
    except Declined:
        return good_child(n + 5)
    return "no"


@workflow
def child_and_failing_child(n: int) -> int:
    """One that succeeded is undone by its parent, one that failed by itself."""
    good_child(n)
    return failing_child(n + 1)


@workflow
def stopped_while_it_runs(n: int) -> list[int]:
    """A child execution sleeps in a branch when another branch fails: it is stopped and undone."""

    def one(i: int) -> int:
        return sleeping_child(i) if i > n else undoable_fail_at(i, n)

    return map_each(one, [n + 1, n])


@workflow
def sleeping_child(n: int) -> int:
    """A child execution that is undone if it is stopped in its sleep."""
    a(n)
    sleep(hours=1)
    return n


@workflow
def stubborn_branches(n: int) -> int:
    """Two of four branches cannot be undone."""
    a(n)
    parallel(b(n), stubborn_to_undo(n), b(n + 1), stubborn_to_undo(n + 1))
    return fail(n)


@workflow
def stubborn_child(n: int) -> int:
    """A child execution that cannot be undone."""
    stubborn_to_undo(n)
    return n


@workflow
def stubborn_child_undone(n: int) -> int:
    """Its parent waits for it."""
    a(n)
    stubborn_child(n)
    return fail(n)


@workflow
def slow_undo(n: int) -> int:
    """A compensation that times out at each of its attempts, in a branch and outside."""
    slow_to_undo(n)
    parallel(slow_to_undo(n + 1), b(n))
    return fail(n)


UNDONE = [
    nested_forks, in_lanes, between_forks, retried_undo, pivot_in_branch, saga_of_forks,
    nested_sagas, saga_in_branch, timed_out_step, child_undone, grandchild_undone,
    children_undone, child_past_return, child_fails_past_return, child_in_saga,
    child_and_failing_child, stopped_while_it_runs,
]  # fmt: skip
NEEDS_ATTENTION = [stubborn_branches, stubborn_child_undone]
__all__ = ["NEEDS_ATTENTION", "UNDONE", "undo_a", "undo_b"]
