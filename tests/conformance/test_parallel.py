"""Parallel branches: one at a time or side by side, and what of it is a failure."""

from typing import Any

import pytest
from tests.conformance.judge import REASONS, Case, Tries, check, check_facts, of_aws
from tests.conformance.test_map import words

from vivido import Collected, parallel, pure, sleep, step, workflow


class BranchError(Exception):
    """A branch fails."""


@pure
def summary(found: Collected[*tuple[Any, ...]]) -> dict[str, Any]:
    """What came of the branches, in AWS's words."""
    return {
        "completionReason": REASONS[found.reason],
        "status": "FAILED" if found.failed else "SUCCEEDED",
        "successCount": found.succeeded,
        "failureCount": found.failed,
        "totalCount": found.started,
    }


@pure
def ok() -> str:
    """Succeeds."""
    return "ok"


@pure
def bad() -> str:
    """Raises."""
    raise BranchError("bad branch")


@pure
def give(text: str) -> str:
    """What it gets."""
    return text


@step
def task(number: int) -> str:
    """A step."""
    return f"task-{number}"


@step
def fails() -> str:
    """A step that fails."""
    raise BranchError("bad step")


@workflow
def two() -> tuple[str, str]:
    """One branch at a time."""
    return parallel(task(1), task(2), max_concurrency=1)


@workflow
def in_order() -> list[str]:
    """Two at a time; the first ends last."""

    def after(seconds: int, text: str) -> str:
        sleep(seconds=seconds)
        return text

    found = parallel(after(3, "r0"), after(2, "r1"), after(1, "r2"), max_concurrency=2)
    return list(found)


@workflow
def all_fail() -> dict[str, Any]:
    """Three fail, three are tolerated."""
    return summary(parallel(bad(), bad(), bad(), max_concurrency=1, on_error="collect", tolerate=3))


@workflow
def never_enough() -> dict[str, Any]:
    """Three successes are wanted of three, one fails."""
    return summary(parallel(ok(), bad(), ok(), max_concurrency=1, on_error="collect", need=3))


@workflow
def reading() -> dict[str, Any]:
    """What can be read of the results."""
    found = parallel(ok(), bad(), ok(), max_concurrency=1, on_error="collect", tolerate=1)
    return {
        "hasFailure": found.failed > 0,
        "successCount": found.succeeded,
        "failureCount": found.failed,
        "errorCount": len(found.errors),
    }


@workflow
def a_quarter() -> dict[str, Any]:
    """Exactly the share that is tolerated."""
    return summary(
        parallel(bad(), ok(), ok(), ok(), max_concurrency=1, on_error="collect", tolerate=0.25)
    )


@workflow
def more_than_a_quarter() -> dict[str, Any]:
    """One more than is tolerated."""
    return summary(
        parallel(bad(), bad(), ok(), ok(), max_concurrency=1, on_error="collect", tolerate=0.25)
    )


@workflow
def named() -> list[str]:
    """Two branches with names."""

    def first() -> str:
        return "one"

    def second() -> str:
        return "two"

    return list(parallel(first(), second()))


@workflow
def first_failure() -> dict[str, Any]:
    """No failure is tolerated."""
    return summary(parallel(ok(), bad(), ok(), max_concurrency=1, on_error="collect", tolerate=0))


@workflow
def enough() -> dict[str, Any]:
    """Two successes are enough."""
    found = summary(parallel(ok(), ok(), ok(), ok(), max_concurrency=1, on_error="collect", need=2))
    return {name: found[name] for name in ("completionReason", "successCount", "totalCount")}


@workflow
def tolerated() -> dict[str, Any]:
    """One failure is tolerated."""
    return summary(parallel(ok(), bad(), ok(), max_concurrency=1, on_error="collect", tolerate=1))


@workflow
def caught() -> str:
    """The first error is raised where nothing is collected."""
    try:
        parallel(task(1), fails(), task(3), max_concurrency=1)
    except BranchError as error:
        return str(error)
    return "not raised"


@workflow
def dynamic(count: int) -> list[str]:
    """A list of branches."""
    return list(parallel(*[task(n) for n in range(count)], max_concurrency=1))


@workflow
def as_a_tuple() -> list[str]:
    """Each place holds a value or an error, to be told apart."""
    found = parallel(ok(), bad(), on_error="collect")
    return [f"error {one}" if isinstance(one, Exception) else one for one in found]


@workflow
def nested() -> list[list[str]]:
    """A parallel in a branch of a parallel."""

    def inner(name: str) -> list[str]:
        return list(parallel(give(f"{name}1"), give(f"{name}2")))

    return list(parallel(inner("a"), inner("b")))


@workflow
def raises_when_asked() -> str:
    """A collected failure is raised later."""
    found = parallel(ok(), bad(), on_error="collect")
    found.raise_if_failed()
    return "not reached"


@workflow
def quickest() -> dict[str, Any]:
    """One success is enough; the others have begun, and are stopped."""

    def after(seconds: int) -> int:
        sleep(seconds=seconds)
        return seconds

    found = parallel(after(30), after(2), after(20), on_error="collect", need=1)
    return {**summary(found), "totalCount": found.started, "results": found.results}


@workflow
def timer_after() -> dict[str, Any]:
    """What was collected is still there after a timer."""
    found = parallel(ok(), bad(), ok(), max_concurrency=1, on_error="collect", tolerate=0)
    sleep(seconds=1)
    return summary(found)


def ran(*branches: str) -> str:
    """The events of branches that only compute."""
    each = (f"branch start, branch {how}" for how in branches)
    return ", ".join(["parallel start", *each, "parallel ok"])


STEP = "step start, step ok"
ALL, EXCEEDED = "ALL_COMPLETED", "FAILURE_TOLERANCE_EXCEEDED"
CASES = [
    Case("dc-8-1", two, result=["task-1", "task-2"], steps=[Tries(["ok"])] * 2,
         events=f"parallel start, branch start, {STEP}, branch ok, branch start, {STEP}, "
         "branch ok, parallel ok"),
    Case("dc-8-11", in_order, result=["r0", "r1", "r2"], timers=[3, 2, 1]),
    Case("dc-8-16", all_fail, result=words(ALL, "FAILED", 0, 3, 3), events=ran(*["fail"] * 3)),
    Case("dc-8-17", never_enough, result=words(ALL, "FAILED", 2, 1, 3),
         events=ran("ok", "fail", "ok")),
    Case("dc-8-20", reading, events=ran("ok", "fail", "ok"),
         result={"hasFailure": True, "successCount": 2, "failureCount": 1, "errorCount": 1}),
    Case("dc-8-22", a_quarter, result=words(ALL, "FAILED", 3, 1, 4),
         events=ran("fail", "ok", "ok", "ok")),
    Case("dc-8-3", named, result=["one", "two"], events=ran("ok", "ok")),
    Case("dc-8-6", first_failure, result=words(EXCEEDED, "FAILED", 1, 1, 2),
         events=ran("ok", "fail")),
    Case("dc-8-8", enough, events=ran("ok", "ok"),
         result={"completionReason": "MIN_SUCCESSFUL_REACHED", "successCount": 2, "totalCount": 2}),
    Case("dc-8-9", tolerated, result=words(ALL, "FAILED", 2, 1, 3), events=ran("ok", "fail", "ok")),
    Case("more than a quarter", more_than_a_quarter, result=words(EXCEEDED, "FAILED", 0, 2, 2),
         events=ran("fail", "fail")),
    Case("caught", caught, result="bad step", steps=[Tries(["ok"]), Tries(["fail"])]),
    Case("dynamic", dynamic, 3, result=["task-0", "task-1", "task-2"], steps=[Tries(["ok"])] * 3),
    Case("no branches", dynamic, 0, result=[], events="parallel start, parallel ok"),
    Case("as a tuple", as_a_tuple, result=["ok", "error bad branch"]),
    Case("nested", nested, result=[["a1", "a2"], ["b1", "b2"]]),
    Case("raises when asked", raises_when_asked, status="FAILED", error="bad branch"),
    Case("the quickest", quickest, timers=[float("inf"), 2, float("inf")],
         result={**words("MIN_SUCCESSFUL_REACHED", "SUCCEEDED", 1, 0, 3), "results": [2]}),
    Case("a timer after it", timer_after, result=words(EXCEEDED, "FAILED", 1, 1, 2), timers=[1]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_branches(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_branches(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
