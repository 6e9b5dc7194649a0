"""The workflows of the benchmark: the same steps as every peer's."""

from collections.abc import Callable
from typing import Any

from vivido import Retry, map_each, step, workflow

# noop(i) and flaky(key): the harness's own, so that it sees each body
bodies: dict[str, Callable[[Any], Any]] = {}


@step
async def noop(i: int) -> dict:
    """Return {"i": i, "ok": True}."""
    return bodies["noop"](i)


@step(retry=Retry(max_attempts=5, backoff="0s", factor=1))
async def flaky(key: str) -> dict:
    """Fail twice, then succeed."""
    return bodies["flaky"](key)


@workflow
async def sequence(n: int) -> int:
    """Run `n` steps one after another."""
    total = 0
    for i in range(n):
        total += (await noop(i))["i"]
    return total


@workflow
async def fan(n: int) -> int:
    """Run `n` steps side by side, and sum up."""
    return sum([r["i"] for r in await map_each(noop, range(n))])


@workflow
async def retried(key: str) -> int:
    """Run one step until it succeeds."""
    return (await flaky(key))["i"]
