"""Started now, joined later; and the quickest of several."""

import asyncio
import gc
import warnings

import pytest

from vivido import first, sleep, spawn, step, workflow


@step
def grow(rows: list[int], by: int = 1) -> list[int]:
    """Append to its copy."""
    rows.append(by)
    return rows


@step
def fail(text: str) -> str:
    """Fail."""
    raise KeyError(text)


@step
async def later(n: int) -> list[int]:
    """Take time."""
    await asyncio.sleep(0)
    return [n]


@step
async def fail_later() -> None:
    """Take time, and fail."""
    await asyncio.sleep(0)
    raise KeyError("later")


def test_job_has_a_result() -> None:
    """A job gives its result as often as it is asked, each time a value of its own."""
    rows = [0]
    job = spawn(grow, rows, by=2)
    job.result().append(3)
    assert (job.result(), rows) == ([0, 2], [0])


def test_nested_function_gets_copies() -> None:
    """A function around steps cannot change what its caller holds."""
    rows = [0]

    def both(given: list[int]) -> int:
        given.append(1)
        return len(grow(given))

    assert spawn(both, rows).result() == 3
    assert rows == [0]


def test_error_is_raised_at_the_join() -> None:
    """A job that failed says so when it is joined, not before, and every time."""
    job = spawn(fail, "k")
    for _ in range(2):
        with pytest.raises(KeyError):
            job.result()


def test_job_joined_in_time_is_not_joined_again() -> None:
    """An error that the workflow has caught is not raised at its end."""

    @workflow
    def flow() -> str:
        """Catch it."""
        job = spawn(fail, "k")
        try:
            return job.result()
        except KeyError:
            return "caught"

    assert flow() == "caught"


def test_async_job() -> None:
    """A job of an async step is awaited, as often as one likes."""

    @workflow
    async def flow() -> list[list[int]]:
        """Join it twice."""
        job = spawn(later, 5)
        (await job.result()).append(6)
        return [await job.result(), await job.result()]

    assert asyncio.run(flow()) == [[5], [5]]


def test_async_job_that_nobody_joined() -> None:
    """An async job that nobody asked for is awaited at the end, and its error raised there."""

    @workflow
    async def flow() -> None:
        """Spawn and forget."""
        spawn(later, 5)
        spawn(fail_later)

    with pytest.raises(KeyError, match="later"):
        asyncio.run(flow())


def test_async_job_fails_every_time() -> None:
    """A job of an async step that failed says so at every join."""

    @workflow
    async def flow() -> int:
        """Count the failures."""
        job = spawn(fail_later)
        count = 0
        for _ in range(2):
            try:
                await job.result()
            except KeyError:
                count += 1
        return count

    assert asyncio.run(flow()) == 2


def test_jobs_of_a_failed_workflow_are_given_up() -> None:
    """When a workflow fails, its jobs are closed: no warning of something never awaited."""

    @workflow
    async def flow() -> None:
        """Spawn, and fail."""
        spawn(later, 5)
        assert spawn(later, 6).result() is not None
        raise ValueError("gone")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="gone"):
            asyncio.run(flow())
        gc.collect()


def test_first_is_the_first_written() -> None:
    """In plain Python the branch that is written first has ended first; a job gives its result."""
    assert first(a=grow([1]), b=sleep(hours=2)) == ("a", [1, 1])
    assert first(late=sleep(hours=2), a=1) == ("late", None)
    job = spawn(grow, [1])
    assert first(call=job, late=sleep("1h")) == ("call", [1, 1])


def test_first_awaited() -> None:
    """The first awaitable is awaited, the others are never begun."""

    async def run() -> tuple[str, list[int]]:
        return await first(a=later(1), b=later(2))

    assert asyncio.run(run()) == ("a", [1])


def test_first_of_nothing() -> None:
    """A race needs somebody in it."""
    with pytest.raises(TypeError, match=r"first\(\) needs branches"):
        first()
