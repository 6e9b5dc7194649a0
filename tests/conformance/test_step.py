"""Steps: tried again as their policy says, at most once where that is asked for."""

import pytest
from tests.conformance.judge import Case, Tries, check, check_facts, of_aws

from vivido import Retry, step, step_context, workflow


class TransientError(Exception):
    """Something that may pass."""


@step
def greet(name: str) -> str:
    """Say hello."""
    return f"Hello, {name}!"


@workflow
def one_step(name: str) -> str:
    """One step, first try."""
    return greet(name)


@step(retry=Retry(max_attempts=3, backoff="2s", factor=3))
def flaky() -> str:
    """Fails twice, then succeeds."""
    if step_context().attempt <= 2:
        raise TransientError("not yet")
    return "done"


@workflow
def own_backoff() -> str:
    """Waits of 2 s and 6 s."""
    return flaky()


@step(retry=Retry(max_attempts=5, give_up_on=[TransientError]))
def excluded() -> str:
    """Raises what its policy does not try again."""
    raise TransientError("no")


@workflow
def not_retried() -> str:
    """Fails after one attempt."""
    return excluded()


@step
def permanent() -> str:
    """Always fails."""
    raise ValueError("for good")


@workflow
def fails() -> str:
    """Fails."""
    return permanent()


CASES = [
    Case("dc-1-1", one_step, "World", result="Hello, World!", steps=[Tries(["ok"])],
         events="step start, step ok"),
    Case("dc-1-14", own_backoff, steps=[Tries(["fail", "fail", "ok"], [2, 6])],
         events="step start, step fail, step start, step fail, step start, step ok"),
    Case("dc-1-16", not_retried, status="FAILED", steps=[Tries(["fail"])],
         events="step start, step fail"),
    Case("dc-1-19", fails, status="FAILED", error="for good", steps=[Tries(["fail"])],
         events="step start, step fail"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_steps(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_steps(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
