"""Side by side in plain Python: one after another, in order, with the same policies."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from vivido import Batch, Collected, Outcome, StepError, map_each, parallel, step, values, workflow
from vivido.authoring.tolerance import Limits, limits


class Bad(Exception):
    """What odd numbers raise."""


@step
def even(n: int) -> int:
    """Take even numbers only."""
    if n % 2:
        raise Bad(n)
    return n * 10


@step
async def even_later(n: int) -> int:
    """Take even numbers only, and time."""
    await asyncio.sleep(0)
    return even.function(n)


def test_parallel_is_a_tuple() -> None:
    """The values come back as a tuple, in the order written; any value may be among them."""
    assert parallel(even(2), even(4), "plain") == (20, 40, "plain")
    assert parallel(*[even(n) for n in (0, 2)]) == (0, 20)
    assert list(parallel()) == []  # type: ignore[call-overload]


def test_parallel_values_are_copies() -> None:
    """What stood among the arguments is not shared with the tuple."""
    rows = [1]
    (copy,) = parallel(rows)
    copy.append(2)
    assert rows == [1]


def test_parallel_fails_at_the_first_error() -> None:
    """Python evaluates arguments before the call: the first error raises, whatever is said."""
    with pytest.raises(Bad, match="1"):
        parallel(even(1), even(3), on_error="collect")


def test_parallel_awaited() -> None:
    """Awaitables are awaited one by one; then collecting works in a plain call too."""

    async def run() -> tuple[object, ...]:
        fine = await parallel(even_later(2), even_later(4))
        mixed = await parallel(even_later(2), even_later(1), on_error="collect")
        borne = await parallel(even_later(2), even_later(1), tolerate=1)
        return (fine, [str(one) for one in mixed], [str(one) for one in borne])

    assert asyncio.run(run()) == ((20, 40), ["20", "1"], ["20", "1"])


def test_parallel_awaited_fails() -> None:
    """The first error past what is endured is raised, and the rest is never begun."""

    async def run(**options: Any) -> object:
        return await parallel(even_later(1), even_later(3), even_later(5), **options)

    for options in ({}, {"tolerate": 1}, {"need": 2}):
        with pytest.raises(Bad, match="1"):
            asyncio.run(run(**options))


def test_map_each_in_order() -> None:
    """Results come in the order of the items, whatever these are."""
    assert map_each(even, [4, 0, 2], max_concurrency=2) == [40, 0, 20]
    assert map_each(even, (n for n in range(0, 5, 2))) == [0, 20, 40]
    assert map_each(lambda n: n + 1, {1, 2}) == [2, 3]
    assert map_each(even, []) == []


def test_map_each_takes_workflows_and_functions() -> None:
    """What runs for each item may be a workflow, or a function around some steps."""

    @workflow
    def twice(n: int) -> int:
        """Run a step twice."""
        return even(even(n))

    def both(n: int) -> tuple[int, int]:
        return even(n), twice(n)

    assert map_each(both, [2]) == [(20, 200)]


def test_map_each_works_on_copies() -> None:
    """A function around steps changes neither the items nor what it returned before."""
    shelf: list[int] = []

    def grow(rows: list[int]) -> list[int]:
        rows.append(1)
        shelf.append(len(rows))
        return shelf

    items = [[0], [0, 0]]
    assert map_each(grow, items) == [[2], [2, 3]]
    assert items == [[0], [0, 0]]


def test_map_each_stops_at_the_first_error() -> None:
    """The first error is raised, and what follows is not begun."""
    calls: list[int] = []

    def note(n: int) -> int:
        calls.append(n)
        return even(n)

    with pytest.raises(Bad, match="1"):
        map_each(note, [0, 1, 2])
    assert calls == [0, 1]


def test_failures_that_are_endured_are_left_out() -> None:
    """`tolerate` leaves out what failed; one more, and the first error is raised."""
    assert map_each(even, [0, 1, 2, 3], tolerate=2) == [0, 20]
    assert map_each(even, [0, 1, 2, 3], tolerate=0.5) == [0, 20]
    for tolerate in (1, 0.49, 0):
        with pytest.raises(Bad, match="1"):
            map_each(even, [0, 1, 2, 3], tolerate=tolerate)


def test_need_is_enough() -> None:
    """`need` ends it with so many successes, and fails once these are out of reach."""
    assert map_each(even, [1, 0, 2, 4, 5], need=2) == [0, 20]
    assert map_each(even, [0, 2], need=5) == [0, 20]
    with pytest.raises(Bad, match="1"):
        map_each(even, [1, 3, 0], need=2)


BATCHES: list[tuple[list[int], dict[str, Any], list[int], list[str], str]] = [
    ([0, 1, 2], {}, [0, 20], ["1"], "all_done"),
    ([], {}, [], [], "all_done"),
    ([0, 1, 2, 4], {"need": 2}, [0, 20], ["1"], "need_met"),
    ([0, 1, 3], {"need": 2}, [0], ["1", "3"], "need_missed"),
    ([], {"need": 1}, [], [], "need_missed"),
    ([1, 0, 3, 2], {"tolerate": 1}, [0], ["1", "3"], "tolerance_exceeded"),
    ([1, 0, 3, 2], {"tolerate": 2}, [0, 20], ["1", "3"], "all_done"),
]


@pytest.mark.parametrize(("items", "options", "results", "errors", "reason"), BATCHES)
def test_batch(
    items: list[int], options: dict[str, Any], results: list[int], errors: list[str], reason: str
) -> None:
    """Collecting raises nothing, and says why it ended; awaited or not."""

    async def later() -> Batch[int]:
        batch: Batch[int] = await map_each(even_later, items, on_error="collect", **options)
        return batch

    for batch in (map_each(even, items, on_error="collect", **options), asyncio.run(later())):
        assert batch.results == results
        assert [str(error) for error in batch.errors] == errors
        assert (batch.succeeded, batch.failed, batch.reason) == (len(results), len(errors), reason)


def test_map_each_awaited() -> None:
    """An async step is awaited for each item."""

    async def run() -> list[int]:
        return await map_each(even_later, [0, 1, 2], tolerate=1)

    assert asyncio.run(run()) == [0, 20]


def test_batch_as_a_sequence() -> None:
    """A batch gives values and errors in the order of the items, and knows its items."""
    error = Bad(1)
    batch = Batch([Outcome(0, value="a"), Outcome(1, error=error), Outcome(3, value=None)])
    assert list(batch) == ["a", error, None]
    assert [outcome.index for outcome in batch.outcomes] == [0, 1, 3]
    assert len(batch) == 3
    assert batch.results == ["a", None]
    assert not Batch([])


def test_batch_raises_if_failed() -> None:
    """The first error is raised, unless enough have succeeded without it."""
    failed = [Outcome(0, value=1), Outcome(1, error=Bad("first")), Outcome(2, error=Bad("second"))]
    for reason in ("all_done", "need_missed", "tolerance_exceeded"):
        with pytest.raises(Bad, match="first"):
            Batch(failed, reason).raise_if_failed()
    Batch(failed, "need_met").raise_if_failed()
    Batch(failed[:1]).raise_if_failed()


def test_batch_crosses_a_step() -> None:
    """A batch is a value: a step can be given one, with its errors."""

    @step
    def count(batch: Batch[int]) -> str:
        """Look at it."""
        return f"{batch.succeeded} {batch.errors!r} {batch.reason}"

    assert count(map_each(even, [0, 1], on_error="collect")) == "1 [Bad(1)] all_done"


FORKS: list[Callable[..., object]] = [
    lambda **options: parallel(1, 2, **options),
    lambda **options: map_each(even, [0], **options),
]


@pytest.mark.parametrize("fork", FORKS, ids=["parallel", "map_each"])
@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"on_error": "ignore"}, ValueError, 'on_error=\'ignore\': it is "fail" or "collect"'),
        ({"need": 0}, ValueError, "need=0: give a whole number from 1"),
        ({"need": 1.0}, TypeError, "need=1.0: give a whole number from 1"),
        ({"need": True}, TypeError, "need=True: give a whole number from 1"),
        ({"max_concurrency": 0}, ValueError, "max_concurrency=0: give a whole number from 1"),
        ({"max_concurrency": "2"}, TypeError, "max_concurrency='2': give a whole number from 1"),
        ({"tolerate": -1}, ValueError, "tolerate=-1: give a count of failures, or a share"),
        ({"tolerate": 1.0}, ValueError, "tolerate=1.0: give a count of failures, or a share"),
        ({"tolerate": float("nan")}, ValueError, "tolerate=nan: give a count of failures"),
        ({"tolerate": "5%"}, TypeError, "tolerate='5%': give a count of failures, or a share"),
        ({"tolerate": True}, TypeError, "tolerate=True: give a count of failures, or a share"),
        ({"concurrency": 2}, TypeError, "concurrency"),
    ],
    ids=repr,
)
def test_policies_that_mean_nothing(
    fork: Callable[..., object], options: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    """An option that means nothing is refused before anything runs."""
    with pytest.raises(error, match=sentence):
        fork(**options)


def test_verdicts_are_sound() -> None:
    """For every small fork: it ends exactly once, for a reason that its counts bear out."""
    for total in range(5):
        for need in (None, 1, 3):
            for tolerate in (None, 0, 2):
                for on_error in ("fail", "collect"):
                    bounds = limits(total, on_error=on_error, tolerate=tolerate, need=need)
                    for failures in range(2**total):
                        check_one_order(bounds, [bool(failures >> n & 1) for n in range(total)])


def check_one_order(bounds: Limits, fails: list[bool]) -> None:
    """Follow one order of outcomes to its verdict."""
    succeeded = failed = 0
    verdict = bounds.verdict(0, 0)
    for fail in fails:
        if verdict is not None:
            break
        succeeded, failed = succeeded + (not fail), failed + fail
        verdict = bounds.verdict(succeeded, failed)
    assert verdict is not None
    assert (verdict == "need_met") == (bounds.need is not None and succeeded >= bounds.need)
    assert (verdict == "tolerance_exceeded") == (verdict != "need_met" and failed > bounds.allowed)
    if verdict in ("all_done", "need_missed"):
        assert succeeded + failed == bounds.total


def test_a_share_is_not_lost_to_rounding() -> None:
    """A share of all that is a whole number endures that many, whatever floats make of it."""
    for total in (1, 3, 7, 100, 1_000, 100_000):
        for endured in {0, 1, total // 3, total * 29 // 100, total - 1} - {total}:
            found = limits(total, on_error="collect", tolerate=endured / total, need=None)
            assert (total, found.allowed) == (total, endured)


def test_what_parallel_collects_is_a_tuple_that_knows_more() -> None:
    """It equals a tuple and unpacks like one; errors in it are not raised unless asked for."""
    error = ValueError("no")
    found = Collected.of(
        ["a", error, StepError("stopped"), StepError("never began")],
        ["ok", "failed", "stopped", "unbegun"],
        "tolerance_exceeded",
    )
    first, second, *_ = found
    assert (first, second, len(found)) == ("a", error, 4)
    assert found == (found[0], found[1], found[2], found[3])
    assert (found.results, found.errors, found.reason) == (["a"], [error], "tolerance_exceeded")
    assert (found.succeeded, found.failed, found.stopped, found.started) == (1, 1, 1, 3)
    with pytest.raises(ValueError, match="no"):
        found.raise_if_failed()
    enough = Collected.of(["a", error], ["ok", "failed"], "need_met")
    enough.raise_if_failed()


def test_what_parallel_collects_is_stored_whole() -> None:
    """Encoded and decoded it is the same, also what is beside the places."""
    found = Collected.of([1, "b"], ["ok", "ok"])
    back = values.decode(values.encode(found))
    assert (type(back), back, back.how, back.reason) == (Collected, found, ("ok", "ok"), "all_done")
    assert values.plain(found) == [1, "b"]


def test_parallel_in_plain_python_says_what_it_collected() -> None:
    """Where there is a policy; without one it is a plain tuple."""
    assert type(parallel(1, 2)) is tuple
    found = parallel(1, 2, on_error="collect")
    assert (type(found), found, found.succeeded) == (Collected, (1, 2), 2)
    assert parallel(1, 2, 3, need=2).reason == "need_met"


@pytest.mark.parametrize(
    ("options", "results", "how", "reason"),
    [
        ({"on_error": "collect"}, [0, 2], ["ok", "failed", "ok"], "all_done"),
        ({"on_error": "collect", "tolerate": 0}, [0], ["ok", "failed", "unbegun"],
         "tolerance_exceeded"),
        ({"on_error": "collect", "need": 1}, [0], ["ok", "unbegun", "unbegun"], "need_met"),
        ({"tolerate": 1}, [0, 2], ["ok", "failed", "ok"], "all_done"),
    ],
)  # fmt: skip
def test_awaited_branches_are_collected(
    options: dict[str, Any], results: list[int], how: list[str], reason: str
) -> None:
    """One after another, until the policy has seen enough; the rest is given up unawaited."""

    async def one(n: int) -> int:
        if n == 1:
            raise ValueError("one")
        return n

    async def run() -> Any:
        return await parallel(one(0), one(1), one(2), **options)

    found = asyncio.run(run())
    assert (found.results, list(found.how), found.reason) == (results, how, reason)


def test_awaited_branches_raise_the_first_error() -> None:
    """Where nothing is collected and more fail than are endured."""

    async def one(n: int) -> int:
        raise ValueError(f"branch {n}")

    async def run(**options: Any) -> Any:
        return await parallel(one(0), one(1), **options)

    for options in ({}, {"tolerate": 1}):
        with pytest.raises(ValueError, match="branch 0"):
            asyncio.run(run(**options))
