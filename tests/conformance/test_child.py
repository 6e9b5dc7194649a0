"""Blocks: nested functions, which run once, keep what they return, and pass on what they raise."""

import pytest
from tests.conformance.judge import Case, Tries, check, check_facts, of_aws

from vivido import Retry, sleep, step, workflow

LARGE = 300 * 1024


class BlockError(Exception):
    """A block fails by itself."""


@step
def same(text: str) -> str:
    """What it gets."""
    return text


@step
def broken() -> str:
    """Always fails."""
    raise ValueError("broken")


@step(retry=Retry(max_attempts=2, backoff="3s"))
def broken_twice() -> str:
    """Always fails, at two attempts."""
    raise ValueError("broken twice")


@workflow
def block_with_a_step(text: str) -> str:
    """One step in a block."""

    def block(text: str) -> str:
        return same(text)

    return block(text)


@workflow
def large_block(text: str) -> int:
    """What a block makes of a small result is large, and still there after a timer."""

    def block(text: str) -> str:
        return same(text) * (300 * 1024)

    large = block(text)
    sleep(seconds=5)
    return len(large)


@workflow
def raising_block() -> str:
    """A block that raises without a step."""

    def block() -> str:
        raise BlockError("by itself")

    return block()


@workflow
def two_steps(text: str) -> str:
    """One step hands on to the next."""

    def block(text: str) -> str:
        one = same(text)
        return same(one)

    return block(text)


@workflow
def failing_block() -> str:
    """The error of a step leaves the block."""

    def block() -> str:
        return broken()

    return block()


@workflow
def block_in_block(text: str) -> str:
    """An outer and an inner block, each with a step."""

    def inner(text: str) -> str:
        return same(text)

    def outer(text: str) -> str:
        return inner(same(text))

    return outer(text)


@workflow
def used_up() -> str:
    """Two attempts in a block."""

    def block() -> str:
        return broken_twice()

    return block()


@workflow
def finished_block(text: str) -> str:
    """A block that is done is done."""

    def block(text: str) -> str:
        return same(text)

    found = block(text)
    sleep(seconds=1)
    return found


@workflow
def caught_block() -> str:
    """The caller of a block catches what it raises."""

    def block() -> str:
        raise BlockError("by itself")

    try:
        return block()
    except BlockError as error:
        return f"caught: {error}"


@workflow
def block_twice(text: str) -> list[str]:
    """The same block called twice runs its step twice."""

    def block(text: str) -> str:
        return same(text)

    return [block(text), block(text + "!")]


@workflow
def three_deep(text: str) -> str:
    """A timer in the innermost of three blocks."""

    def innermost(text: str) -> str:
        sleep(seconds=1)
        return same(text)

    def middle(text: str) -> str:
        return innermost(text) + same("b")

    def outer(text: str) -> str:
        return middle(text) + same("c")

    return outer(text)


STEP = "step start, step ok"
FAIL = "step start, step fail"
CASES = [
    Case("dc-3-1", block_with_a_step, "qzq", result="qzq", steps=[Tries(["ok"])], events=STEP),
    Case("dc-3-11", large_block, "r", result=LARGE, steps=[Tries(["ok"])], timers=[5],
         events=f"{STEP}, timer start, timer ok"),
    Case("dc-3-15", raising_block, status="FAILED", error="by itself", events=""),
    Case("dc-3-3", two_steps, "ivv", result="ivv", steps=[Tries(["ok"])] * 2,
         events=f"{STEP}, {STEP}"),
    Case("dc-3-4", failing_block, status="FAILED", error="broken", steps=[Tries(["fail"])],
         events=FAIL),
    Case("dc-3-6", block_in_block, "xgd", result="xgd", steps=[Tries(["ok"])] * 2,
         events=f"{STEP}, {STEP}"),
    Case("dc-3-8", used_up, status="FAILED", steps=[Tries(["fail", "fail"], [3])],
         events=f"{FAIL}, {FAIL}"),
    Case("dc-3-9", finished_block, "rmh", result="rmh", steps=[Tries(["ok"])], timers=[1],
         events=f"{STEP}, timer start, timer ok"),
    Case("caught", caught_block, result="caught: by itself", events=""),
    Case("twice", block_twice, "a", result=["a", "a!"], steps=[Tries(["ok"])] * 2,
         events=f"{STEP}, {STEP}"),
    Case("three deep", three_deep, "a", result="abc", steps=[Tries(["ok"])] * 3, timers=[1],
         events=f"timer start, timer ok, {STEP}, {STEP}, {STEP}"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_blocks(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_blocks(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
