"""Maps: items one at a time or side by side, how many may fail, how many must succeed."""

from typing import Any

import pytest
from tests.conformance.judge import REASONS, Case, Tries, check, check_facts, of_aws

from vivido import Batch, Retry, map_each, pure, sleep, step, step_context, workflow


class ItemError(Exception):
    """An item fails."""


@pure
def summary(batch: Batch[Any]) -> dict[str, Any]:
    """A batch in AWS's words."""
    return {
        "completionReason": REASONS[batch.reason],
        "status": "FAILED" if batch.failed else "SUCCEEDED",
        "successCount": batch.succeeded,
        "failureCount": batch.failed,
        "totalCount": batch.started,
    }


@pure
def short(batch: Batch[Any]) -> dict[str, Any]:
    """Why it ended, what succeeded, what was begun."""
    words = summary(batch)
    return {name: words[name] for name in ("completionReason", "successCount", "totalCount")}


@pure
def ok_or_raise(item: str) -> str:
    """Raises for "bad"."""
    if item == "bad":
        raise ItemError("bad item")
    return item


@step
def hello(name: str) -> str:
    """Say hello."""
    return f"Hello, {name}!"


@step
def give(text: str) -> str:
    """What it gets."""
    return text


@step(retry=Retry(max_attempts=3, backoff="2s", factor=2, jitter=0))
def second_time(item: int) -> int:
    """Fails at first."""
    if step_context().attempt == 1:
        raise ItemError(f"item {item}")
    return item


@workflow
def hellos(names: list[str]) -> list[str]:
    """Each item runs a step."""
    return map_each(hello, names, max_concurrency=1)


@workflow
def tenfold(numbers: list[int]) -> list[int]:
    """Each item has a branch of its own, whose name holds its index."""

    def item(n: int) -> int:
        return n * 10

    return map_each(item, numbers, max_concurrency=1)


@workflow
def one_suspends() -> list[str]:
    """The second item sleeps."""

    def item(index: int) -> str:
        if index == 1:
            sleep(seconds=1)
        return give(f"r{index}")

    return map_each(item, range(2), max_concurrency=1)


@workflow
def large() -> dict[str, int]:
    """Four results of 70 KB."""

    def item(index: int) -> str:
        return str(index) * 70_000

    batch = map_each(item, range(4), max_concurrency=1, on_error="collect")
    return {"successCount": batch.succeeded, "totalCount": len(batch)}


@workflow
def timer_after_failure() -> dict[str, Any]:
    """A map with a failure, then a timer."""
    batch = map_each(ok_or_raise, ["ok", "bad"], max_concurrency=1, on_error="collect", tolerate=1)
    sleep(seconds=1)
    return summary(batch)


@workflow
def first_failure() -> dict[str, Any]:
    """No failure is tolerated, and the map does not raise."""
    items = ["ok", "bad", "never"]
    return summary(map_each(ok_or_raise, items, max_concurrency=1, on_error="collect", tolerate=0))


@workflow
def enough() -> dict[str, Any]:
    """Two successes are enough."""
    items = ["a", "b", "never", "never"]
    return short(map_each(ok_or_raise, items, max_concurrency=1, on_error="collect", need=2))


@workflow
def tolerated() -> dict[str, Any]:
    """One failure is tolerated."""
    items = ["ok", "bad", "ok"]
    return summary(map_each(ok_or_raise, items, max_concurrency=1, on_error="collect", tolerate=1))


@workflow
def nothing() -> dict[str, Any]:
    """A batch of no items."""
    items: list[str] = []
    return summary(map_each(ok_or_raise, items, on_error="collect", tolerate=0))


@workflow
def share(total: int, bad: int, tolerate: float) -> dict[str, Any]:
    """So many of so many fail, a share of them is tolerated."""
    items = ["bad"] * bad + ["ok"] * (total - bad)
    batch = map_each(ok_or_raise, items, max_concurrency=1, on_error="collect", tolerate=tolerate)
    return summary(batch)


@workflow
def need_and_tolerate() -> dict[str, Any]:
    """Both limits: the tolerance is exceeded before enough have succeeded."""
    items = ["ok", "bad", "bad", "ok"]
    return summary(
        map_each(ok_or_raise, items, max_concurrency=1, on_error="collect", need=2, tolerate=1)
    )


@workflow
def raising() -> list[str]:
    """Without collecting, the first error is raised."""
    return map_each(ok_or_raise, ["ok", "bad", "never"], max_concurrency=1)


@workflow
def asked_to_raise() -> str:
    """A batch raises when it is asked to."""
    batch = map_each(ok_or_raise, ["ok", "bad"], max_concurrency=1, on_error="collect")
    try:
        batch.raise_if_failed()
    except ItemError as error:
        return f"raised {error}"
    return "not raised"


@workflow
def retried_items() -> list[int]:
    """Each item's step is tried again."""
    return map_each(second_time, [1, 2], max_concurrency=1)


@workflow
def nested(rows: list[list[int]]) -> list[list[int]]:
    """A map in a map."""

    def row(numbers: list[int]) -> list[int]:
        def cell(n: int) -> int:
            return n * 10

        return map_each(cell, numbers, max_concurrency=1)

    return map_each(row, rows, max_concurrency=1)


@workflow
def in_order_of_items() -> list[int]:
    """What ends last comes first, where its item does."""

    def item(seconds: int) -> int:
        sleep(seconds=seconds)
        return seconds

    return map_each(item, [3, 1, 2])


@workflow
def indexed(names: list[str]) -> list[str]:
    """Items with their indices."""

    def item(pair: tuple[int, str]) -> str:
        index, name = pair
        return f"{index}: {name}"

    return map_each(item, list(enumerate(names)), max_concurrency=1)


def ran(*items: str, what: str = "map") -> str:
    """The events of a map whose items only compute."""
    return ", ".join([f"{what} start", *(f"item start, item {item}" for item in items),
                      f"{what} ok"])  # fmt: skip


def words(reason: str, status: str, succeeded: int, failed: int, total: int) -> dict[str, Any]:
    """A summary."""
    return {"completionReason": reason, "status": status, "successCount": succeeded,
            "failureCount": failed, "totalCount": total}  # fmt: skip


STEP = "step start, step ok"
ALL, EXCEEDED = "ALL_COMPLETED", "FAILURE_TOLERANCE_EXCEEDED"
CASES = [
    Case("dc-9-1", hellos, ["World", "Kiro"], result=["Hello, World!", "Hello, Kiro!"],
         steps=[Tries(["ok"])] * 2,
         events=f"map start, item start, {STEP}, item ok, item start, {STEP}, item ok, map ok"),
    Case("dc-9-13", tenfold, [1, 2], result=[10, 20], events=ran("ok", "ok")),
    Case("dc-9-15", one_suspends, result=["r0", "r1"], steps=[Tries(["ok"])] * 2, timers=[1],
         events=f"map start, item start, {STEP}, item ok, item start, timer start, timer ok, "
         f"{STEP}, item ok, map ok"),
    Case("dc-9-16", large, result={"successCount": 4, "totalCount": 4}, events=ran(*["ok"] * 4)),
    Case("dc-9-18", timer_after_failure, result=words(ALL, "FAILED", 1, 1, 2), timers=[1],
         events=f"{ran('ok', 'fail')}, timer start, timer ok"),
    Case("dc-9-4", hellos, [], result=[], events="map start, map ok"),
    Case("dc-9-5", first_failure, result=words(EXCEEDED, "FAILED", 1, 1, 2),
         events=ran("ok", "fail")),
    Case("dc-9-7", enough, events=ran("ok", "ok"),
         result={"completionReason": "MIN_SUCCESSFUL_REACHED", "successCount": 2, "totalCount": 2}),
    Case("dc-9-8", tolerated, result=words(ALL, "FAILED", 2, 1, 3), events=ran("ok", "fail", "ok")),
    Case("an empty batch", nothing, result=words(ALL, "SUCCEEDED", 0, 0, 0)),
    Case("a quarter", share, {"total": 4, "bad": 1, "tolerate": 0.25},
         result=words(ALL, "FAILED", 3, 1, 4)),
    Case("more than a quarter", share, {"total": 4, "bad": 2, "tolerate": 0.25},
         result=words(EXCEEDED, "FAILED", 0, 2, 2)),
    Case("29 %", share, {"total": 100, "bad": 29, "tolerate": 0.29},
         result=words(ALL, "FAILED", 71, 29, 100)),
    Case("both limits", need_and_tolerate, result=words(EXCEEDED, "FAILED", 1, 2, 3),
         events=ran("ok", "fail", "fail")),
    Case("raising", raising, status="FAILED", error="bad item", events=ran("ok", "fail")),
    Case("asked to raise", asked_to_raise, result="raised bad item"),
    Case("retried", retried_items, result=[1, 2], steps=[Tries(["fail", "ok"], [2])] * 2),
    Case("nested", nested, {"rows": [[1, 2], [], [3]]}, result=[[10, 20], [], [30]]),
    Case("order", in_order_of_items, result=[3, 1, 2], timers=[3, 1, 2]),
    Case("indexed", indexed, ["a", "b"], result=["0: a", "1: b"], events=ran("ok", "ok")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_maps(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_maps(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
