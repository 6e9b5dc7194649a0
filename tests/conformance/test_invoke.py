"""Calls of other workflows: each runs once, its result or error is what the call gives."""

from typing import Any

import pytest
from tests.conformance.judge import Case, Tries, check, check_facts, of_aws

from vivido import parallel, sleep, step, workflow


class CalleeError(Exception):
    """What a called workflow raises."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")
        self.code = code


@step
def give() -> str:
    """A value to call with."""
    return "from a step"


@workflow
def echo(payload: Any) -> Any:
    """What it gets."""
    return payload


@workflow
def raiser() -> str:
    """Raises."""
    raise CalleeError(7)


@workflow
def sleeper(seconds: int) -> int:
    """Takes its time."""
    sleep(seconds=seconds)
    return seconds


@workflow
def stays_failed() -> str:
    """A call fails, and a timer later it has still failed."""
    try:
        raiser()
    except CalleeError as error:
        seen = str(error)
    sleep(seconds=1)
    return seen


@workflow
def step_then_call() -> Any:
    """A step gives a value, a workflow is called with it."""
    value = give()
    return echo(value)


@workflow
def call_in_a_block() -> Any:
    """A block calls a workflow."""

    def block() -> Any:
        return echo("in a block")

    return block()


@workflow
def named_call(name: str, payload: str) -> Any:
    """The name shows in the history: it is published where the call is made."""
    print(f"calling {name}")  # noqa: T201  printing is logged
    return echo(payload)


@workflow
def nested_object(given: Any) -> Any:
    """An object goes there and back."""
    return echo(given)


@workflow
def call_with_null() -> Any:
    """None goes there and back."""
    return echo(None)


@workflow
def not_caught() -> str:
    """The error of a call ends the caller."""
    return raiser()


@workflow
def caught() -> str:
    """A fallback takes the place of the result."""
    try:
        return raiser()
    except CalleeError as error:
        return f"fallback {error.code}"


@workflow
def large_payload() -> int:
    """A payload of a megabyte."""
    return len(echo("x" * 1024 * 1024))


@workflow
def side_by_side() -> tuple[int, int]:
    """Two calls at once take as long as the longer one."""
    return parallel(sleeper(3), sleeper(2))


@workflow
def chain() -> Any:
    """The result of one call goes into the next."""
    return echo(echo(echo("a")))


CALL = "call start, call ok"
FAIL = "call start, call fail"
NESTED = {"nested": {"key": "value", "items": [1, 2, 3]}, "source": "test"}
CASES = [
    Case("dc-5-10", stays_failed, result="code 7", timers=[1],
         events=f"{FAIL}, timer start, timer ok"),
    Case("dc-5-11", step_then_call, result="from a step", steps=[Tries(["ok"])],
         events=f"step start, step ok, {CALL}"),
    Case("dc-5-13", call_in_a_block, result="in a block", events=CALL),
    Case("dc-5-2", named_call, {"name": "ccjlsb", "payload": "uigygheg"}, result="uigygheg",
         events=CALL, shows="calling ccjlsb"),
    Case("dc-5-3", nested_object, {"given": NESTED}, result=NESTED, events=CALL),
    Case("dc-5-4", call_with_null, result=None, events=CALL),
    Case("dc-5-5", not_caught, status="FAILED", error="code 7", events=FAIL),
    Case("dc-5-6", caught, result="fallback 7", events=FAIL),
    Case("dc-5-7", large_payload, result=1024 * 1024, events=CALL),
    Case("side by side", side_by_side, result=[3, 2], timers=[3, 2]),
    Case("a chain", chain, result="a", events=f"{CALL}, {CALL}, {CALL}"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_calls(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_calls(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
