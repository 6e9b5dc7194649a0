"""Polling: a check is run again and again until what it gives fulfils a condition.

Where a check gets what the last one gave, that is a loop. Where it asks the world, `poll` says it.
"""

import pytest
from tests.conformance.judge import Case, Tries, check, check_facts, of_aws

from vivido import Retry, StepTimeout, poll, sleep, step, step_context, workflow


class CheckError(Exception):
    """A check fails."""


@step
def one_more(state: int) -> int:
    """A check that counts."""
    return state + 1


@step
def same(state: int) -> int:
    """A check that changes nothing."""
    return state


@step
def nothing() -> None:
    """A check that gives None."""


@step
def tenfold(n: int) -> int:
    """What follows."""
    return n * 10


@step(retry=Retry(max_attempts=2, backoff="1s"))
def second_time(state: int) -> int:
    """A check that fails at first."""
    if step_context().attempt == 1:
        raise CheckError("busy")
    return state + 1


@step
def broken(state: int) -> int:
    """A check that fails."""
    raise CheckError(f"at {state}")


@workflow
def to_a_threshold(wanted: int) -> int:
    """Each check gets what the last one gave."""
    state = 0
    while (state := one_more(state)) < wanted:
        sleep(seconds=1)
    return state


@workflow
def null_state() -> None:
    """A check that gives None is done at once."""
    while (state := nothing()) is not None:
        sleep(seconds=1)
    return state


@workflow
def then_a_step(wanted: int) -> int:
    """A step with what the polling gave."""
    state = 0
    while (state := one_more(state)) < wanted:
        sleep("30s")
    return tenfold(state)


@workflow
def already_true(wanted: int) -> int:
    """One check, no pause."""
    state = wanted
    while (state := same(state)) < 5:
        sleep(seconds=1)
    return state


@workflow
def handed_on(wanted: int) -> int:
    """From 5 on."""
    state = 5
    while (state := one_more(state)) < wanted:
        sleep(seconds=1)
    return state


@workflow
def longer_each_time(wanted: int) -> int:
    """The pauses grow up to a bound."""
    state, pause = 0, 1
    while (state := one_more(state)) < wanted:
        sleep(seconds=pause)
        pause = min(pause * 3, 20)
    return state


@workflow
def gives_up(most: int) -> str:
    """So many checks and no more."""
    for _ in range(most):
        if same(0) > 0:
            break
        sleep(seconds=1)
    else:
        return "gave up"
    return "done"


@workflow
def checks_that_fail() -> int:
    """A check is tried again as its policy says."""
    state = 0
    while (state := second_time(state)) < 2:
        sleep(seconds=5)
    return state


@workflow
def failing_check() -> int:
    """The error of a check ends the polling."""
    state = 0
    while (state := broken(state)) < 2:
        sleep(seconds=5)
    return state


times: list[str] = []


@step
def asked(job: str) -> dict[str, object]:
    """Asks the world, which is done at each third time."""
    times.append(job)
    return {"job": job, "done": len(times) % 3 == 0}


@workflow
def polled(job: str) -> dict[str, object]:
    """`poll` asks every 30 s, at once at first."""
    return poll(asked, job, until="result['done']", every="30s", timeout="1h")


@workflow
def polled_null() -> None:
    """One round is enough."""
    return poll(nothing, until="result is None", every="30s", timeout="1h")


@workflow
def polled_too_long() -> str:
    """The time is over before the condition is true."""
    try:
        poll(same, 0, until="result > 0", every="30s", timeout="75s")
    except StepTimeout:
        return "gave up"
    return "done"


@workflow
def polled_check_fails() -> int:
    """An error of a check is an error of the polling."""
    return poll(broken, 3, until="result > 0", every="30s", timeout="1h")


CHECK = "check start, check ok"
OK = Tries(["ok"])
CASES = [
    Case("dc-6-1", to_a_threshold, 3, result=3, steps=[OK] * 3, pauses=True,
         events=", ".join([CHECK] * 3)),
    Case("dc-6-10", null_state, result=None, steps=[OK], pauses=True, events=CHECK),
    Case("dc-6-12", then_a_step, 2, result=20, steps=[OK] * 3, pauses=True,
         events=f"{CHECK}, {CHECK}, step start, step ok"),
    Case("dc-6-2", already_true, 5, result=5, steps=[OK], pauses=True, events=CHECK),
    Case("dc-6-4", handed_on, 8, result=8, steps=[OK] * 3, pauses=True,
         events=", ".join([CHECK] * 3)),
    Case("poll", polled, "j", result={"job": "j", "done": True}, steps=[OK] * 3, timers=[30, 30],
         events=f"{CHECK}, timer start, timer ok, {CHECK}, timer start, timer ok, {CHECK}"),
    Case("poll null", polled_null, result=None, steps=[OK], events=CHECK),
    Case("poll too long", polled_too_long, result="gave up", steps=[OK] * 3, timers=[30, 30, 15]),
    Case("poll fails", polled_check_fails, status="FAILED", error="at 3", steps=[Tries(["fail"])]),
    Case("longer each time", longer_each_time, 6, result=6, steps=[OK] * 6,
         timers=[1, 3, 9, 20, 20]),
    Case("gives up", gives_up, 2, result="gave up", steps=[OK] * 2, timers=[1, 1]),
    Case("checks that fail", checks_that_fail, result=2, timers=[5],
         steps=[Tries(["fail", "ok"], [1])] * 2),
    Case("failing check", failing_check, status="FAILED", error="at 0", steps=[Tries(["fail"])]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_polling(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_polling(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
