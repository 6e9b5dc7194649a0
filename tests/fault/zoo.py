"""Small workflows, one for each construct that the protocol has to carry through faults."""

from dataclasses import dataclass

from vivido import Retry, map_each, parallel, saga, sleep, step, workflow
from vivido.settings import Settings


class Declined(Exception):
    """A payment is refused."""


class Flaky(Exception):
    """Fails the first time."""


@dataclass
class Order:
    """What is ordered."""

    id: str
    total: int = 10


@step
def undo_a(n: int, result: str) -> None:
    """Undo step a."""


@step
def undo_b(n: int) -> None:
    """Undo step b."""


@step(compensate=undo_a)
def a(n: int) -> str:
    """A step that can be undone."""
    return f"a{n}"


@step(compensate=undo_b)
def b(n: int) -> str:
    """Another."""
    return f"b{n}"


@step
def c(n: int) -> int:
    """A plain step."""
    return n + 1


@step
def fail(n: int) -> int:
    """Always fails."""
    raise Declined(f"no {n}")


@step
def fail_at(n: int, bad: int) -> int:
    """Fails for one number."""
    if n == bad:
        raise Declined(f"no {n}")
    return n


@step(compensate=undo_b)
def undoable_fail_at(n: int, bad: int) -> int:
    """Fails for one number; the others can be undone."""
    if n == bad:
        raise Declined(f"no {n}")
    return n


@step(retry=Retry(max_attempts=3, backoff="1s"))
def flaky(n: int) -> int:
    """Mocked: fails, then succeeds."""
    raise Flaky(str(n))


@step(retry=Retry(max_attempts=3, backoff="2m"))
def flaky_slowly(n: int) -> int:
    """Mocked: with a backoff that is a timer."""
    raise Flaky(str(n))


@step(at_most_once=True, timeout="10s")
def once(n: int) -> int:
    """Never twice."""
    return n


@step
def flaky_once(n: int) -> int:
    """Mocked: fails, then succeeds; not retried."""
    raise Flaky(str(n))


@step(no_return=True)
def dispatch(n: int) -> int:
    """What was done before is not undone any more."""
    return n


@workflow
def sequence(n: int) -> int:
    """Three steps."""
    x = c(n)
    y = c(x)
    return c(y)


@workflow
def undone(n: int) -> int:
    """Two steps are undone."""
    a(n)
    b(n)
    return fail(n)


@workflow
def caught(n: int) -> str:
    """An error is handled."""
    try:
        fail(n)
    except Declined as error:
        return f"{error}, {c(n)}"
    return "no error"


@workflow
def inner_saga(n: int) -> str:
    """A saga scope is undone and the workflow goes on."""
    kept = a(n)
    try:
        with saga():
            b(n)
            a(n + 1)
            fail(n)
    except Declined:
        return f"{kept} {c(n)}"
    return "not reached"


@workflow
def past_return(n: int) -> int:
    """What is done after the point of no return is undone, what was done before is not."""
    a(n)
    with saga():
        b(n)
        dispatch(n)
        a(n + 1)
        b(n + 1)
        return fail(n)


@workflow
def retried(n: int) -> int:
    """A retry with a short backoff."""
    return c(flaky(n))


@workflow
def retried_slowly(n: int) -> int:
    """A retry with a timer."""
    return c(flaky_slowly(n))


@workflow
def claimed(n: int) -> int:
    """An at-most-once step."""
    return c(once(n))


@workflow
def slept(n: int) -> int:
    """A timer between two steps."""
    x = c(n)
    sleep(hours=1)
    return c(x)


@workflow
def forked(n: int) -> tuple[str, str, int]:
    """Three branches, two of them to be undone."""
    return parallel(a(n), b(n), c(n))


@workflow
def forked_and_undone(n: int) -> int:
    """A fork of three is undone when a later step fails."""
    parallel(a(n), b(n), a(n + 1))
    return fail(n)


@workflow
def fork_fails(n: int) -> list[int]:
    """One child of three fails, the others are stopped and undone."""
    a(n)
    return [*parallel(undoable_fail_at(0, 1), undoable_fail_at(1, 1), undoable_fail_at(2, 1))]


@workflow
def mapped(n: int) -> list[int]:
    """Four items in two lanes."""
    return map_each(c, range(n, n + 4), max_concurrency=2)


@workflow
def map_fails(n: int) -> list[int]:
    """One of four items fails in one of two lanes."""

    def one(item: int) -> int:
        return undoable_fail_at(item, n + 1)

    return map_each(one, range(n, n + 4), max_concurrency=2)


@workflow
def collected(n: int) -> int:
    """Failures are kept as values."""

    def one(item: int) -> int:
        return fail_at(item, n + 1)

    batch = map_each(one, range(n, n + 3), on_error="collect")
    return batch.succeeded * 10 + batch.failed


@workflow
def needed(n: int) -> str:
    """Two successes of five are enough; the rest is stopped."""

    def one(item: int) -> int:
        return undoable_fail_at(item, n)

    batch = map_each(one, range(n, n + 5), max_concurrency=2, need=2, on_error="collect")
    return batch.reason


@workflow
def tolerated(n: int) -> int:
    """One failure is endured, two are not: what has succeeded is undone."""

    def one(item: int) -> int:
        return undoable_fail_at(item % 2, 0)

    return len(map_each(one, range(n, n + 5), max_concurrency=2, tolerate=1))


@workflow
def nested(n: int) -> list[list[int]]:
    """A fork in a fork."""

    def row(y: int) -> list[int]:
        return map_each(c, range(y, y + 2))

    return map_each(row, range(n, n + 2))


@workflow
def child(n: int) -> int:
    """A workflow that others run."""
    return c(c(n))


@workflow
def parent(n: int) -> int:
    """A child execution between two steps."""
    x = c(n)
    y = child(x)
    return c(y)


@workflow
def child_fails(n: int) -> int:
    """A child execution that is undone, and its parent too."""
    a(n)
    return undone(n)


@workflow
def looped(n: int) -> list[int]:
    """A loop with a step, a break and an else."""
    found = []
    for i in range(n, n + 5):
        x = c(i)
        if x > n + 3:
            break
        found.append(x)
    else:
        found.append(c(100))
    return found


@workflow
def cleaned(n: int) -> str:
    """A finally with a step in it."""
    try:
        return a(n)
    finally:
        c(n)


@workflow
def sleepers(n: int) -> list[int]:
    """One branch fails at once, another sleeps for an hour: the sleeper is woken to be stopped."""

    def long(item: int) -> int:
        sleep(hours=item)
        return fail_at(item, 0)

    return map_each(long, [n, n - 1])


@workflow
def fork_flaky(n: int) -> list[int]:
    """A child fails; run again, as after a crash, it would not."""
    return [*parallel(c(n), flaky_once(n), c(n + 1))]


@workflow
def lanes_stopped(n: int) -> list[int]:
    """Two at once: one fails while another waits, and the rest never begins."""

    def one(item: int) -> int:
        if item == n:
            a(item)
        return undoable_fail_at(item, n + 1)

    return map_each(one, range(n, n + 6), max_concurrency=2)


@workflow
def wide(n: int) -> list[int]:
    """More children than one join item counts, two levels of them."""
    return map_each(c, range(n, n + 7))


@workflow
def wide_lanes(n: int) -> list[int]:
    """Two at once over several join items: the slots move on."""
    return map_each(c, range(n, n + 7), max_concurrency=2)


@workflow
def wide_stopped(n: int) -> list[int]:
    """One fails when most have not begun: their join items are closed without them."""

    def one(item: int) -> int:
        return undoable_fail_at(item, n + 1)

    return map_each(one, range(n, n + 7), max_concurrency=2)


@workflow
def wide_needed(n: int) -> str:
    """Two successes are enough, wherever they are."""

    def one(item: int) -> int:
        return undoable_fail_at(item, n)

    batch = map_each(one, range(n, n + 7), max_concurrency=3, need=2, on_error="collect")
    return f"{batch.reason} {batch.succeeded >= 2}"


@workflow
def wide_counted(n: int) -> str:
    """So many successes are enough that they are counted by whole groups."""
    batch = map_each(c, range(n, n + 8), max_concurrency=3, need=4, on_error="collect")
    return f"{batch.reason} {batch.succeeded >= 4}"


@workflow
def wide_tolerated(n: int) -> int:
    """Two failures of seven are endured, three are not."""

    def one(item: int) -> int:
        return undoable_fail_at(item % 2, 0)

    return len(map_each(one, range(n, n + 7), max_concurrency=4, tolerate=0.3))


@workflow
def finished(n: int) -> str:
    """When one has succeeded those that have begun are left to end, the others never begin."""

    def one(item: int) -> int:
        return c(c(item))

    batch = map_each(
        one, range(n, n + 4), max_concurrency=2, need=1, on_error="collect", rest="finish"
    )
    return f"{batch.reason} {c(n)}"


@workflow
def collected_early(n: int) -> int:
    """A loop of forks that fail, and the workflow goes on: nothing of them stays behind."""
    lost = 0
    for i in range(2):
        try:
            parallel(c(i), fail(n), c(n))
        except Declined:
            lost += c(n)
    return lost


FLAKY = {"fork_flaky": flaky_once, "retried": flaky, "retried_slowly": flaky_slowly}
ALL = [
    sequence, undone, caught, inner_saga, past_return, retried, retried_slowly, claimed, slept,
    forked, forked_and_undone, fork_fails,
    mapped, map_fails, collected, needed, tolerated, nested, parent, child_fails, looped, cleaned,
    sleepers, fork_flaky, lanes_stopped, finished, collected_early,
    wide, wide_lanes, wide_stopped, wide_needed, wide_counted, wide_tolerated,
]  # fmt: skip
TWO_AN_ITEM = Settings(join_item_children=2, spreader_width=2)
SETTINGS = {flow.name: TWO_AN_ITEM for flow in ALL if flow.name.startswith("wide")}
