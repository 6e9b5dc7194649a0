"""Timers: of seconds, of an hour, of none at all; nothing runs meanwhile."""

import pytest
from tests.conformance.judge import Case, Tries, check, check_facts, of_aws

from vivido import sleep, step, workflow


@step
def now(n: int) -> int:
    """A step between timers."""
    return n


@workflow
def timer() -> None:
    """Two seconds."""
    sleep(seconds=2)


@workflow
def two_timers() -> dict[str, int]:
    """Two seconds, twice."""
    sleep(seconds=2)
    sleep("2s")
    return {"completedWaits": 2}


@workflow
def an_hour() -> None:
    """An hour."""
    sleep("1h")


@workflow
def no_time() -> str:
    """What takes no time needs no timer."""
    sleep(seconds=0)
    sleep("0s")
    return "there"


@workflow
def long() -> int:
    """A year, in one timer, between two steps."""
    before = now(1)
    sleep(days=365)
    return now(before + 1)


@workflow
def by_input(seconds: float) -> float:
    """As long as the input says."""
    sleep(seconds=seconds)
    return seconds


@workflow
def in_a_loop(times: int) -> int:
    """A timer each time around."""
    for number in range(times):
        sleep(seconds=number + 1)
        now(number)
    return times


TIMER = "timer start, timer ok"
STEP = "step start, step ok"
CASES = [
    Case("dc-2-1", timer, timers=[2], events=TIMER),
    Case("dc-2-3", two_timers, result={"completedWaits": 2}, timers=[2, 2],
         events=f"{TIMER}, {TIMER}"),
    Case("dc-2-5", an_hour, timers=[3600], events=TIMER),
    Case("no time", no_time, result="there", events=""),
    Case("a year", long, result=2, steps=[Tries(["ok"])] * 2, timers=[365 * 86400],
         events=f"{STEP}, {TIMER}, {STEP}"),
    Case("by input", by_input, 0.25, result=0.25, timers=[0.25], events=TIMER),
    Case("in a loop", in_a_loop, 2, result=2, steps=[Tries(["ok"])] * 2, timers=[1, 2],
         events=f"{TIMER}, {STEP}, {TIMER}, {STEP}"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_timers(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_timers(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
