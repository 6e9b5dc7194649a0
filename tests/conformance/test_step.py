"""Steps: tried again as their policy says, at most once where that is asked for."""

import pytest
from tests.conformance.judge import Case, Tries, check, check_facts, of_aws

from vivido import Retry, StepInterrupted, step, step_context, workflow
from vivido.testing.faults import Crash


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


@step(at_most_once=True, timeout="10s")
def dies(text: str) -> str:
    """Takes its process with it."""
    raise Crash(text)


@workflow
def at_most_once(text: str) -> str:
    """A step that is not run again, though nobody knows how it went."""
    return dies(text)


@step(at_most_once=True, timeout="10s", retry=Retry(max_attempts=2, backoff="1s"))
def dies_at_first(text: str) -> str:
    """Takes its process with it at the first attempt."""
    if step_context().attempt == 1:
        raise Crash(text)
    return "succeeded on second attempt"


@workflow
def at_most_once_each(text: str) -> str:
    """Each attempt is begun once; the policy says that there is another."""
    return dies_at_first(text)


@workflow
def interrupted() -> str:
    """What was interrupted can be caught."""
    try:
        return dies("x")
    except StepInterrupted:
        return "caught"


@step
def dies_once(text: str) -> str:
    """Takes its process with it when it is run for the first time."""
    died.append(text)
    if len(died) == 1:
        raise Crash(text)
    return text


died: list[str] = []


@workflow
def at_least_once(text: str) -> str:
    """Without `at_most_once` the same attempt is run again."""
    return dies_once(text)


@step(retry=Retry(max_attempts=6, backoff="1s", factor=10, max_backoff="30s"))
def bounded() -> str:
    """Always fails."""
    raise TransientError("again")


@workflow
def longest_backoff() -> str:
    """The waits grow up to a bound."""
    return bounded()


@step(retry=Retry(max_attempts=4, backoff="8s", factor=1, jitter=1))
def jittered() -> str:
    """Always fails."""
    raise TransientError("again")


@workflow
def full_jitter() -> str:
    """All of each wait is random."""
    return jittered()


@step(retry=Retry(max_attempts=2, backoff="5m"))
def slowly() -> str:
    """Fails at first."""
    if step_context().attempt == 1:
        raise TransientError("later")
    return "later"


@workflow
def long_backoff() -> str:
    """A wait of minutes is a timer."""
    return slowly()


@step(retry=Retry(max_attempts=3, backoff="0s", on=[TransientError]))
def other_error() -> str:
    """Raises what its policy tries again, then something else."""
    if step_context().attempt == 1:
        raise TransientError("once")
    raise ValueError("another")


@workflow
def error_not_listed() -> str:
    """The second attempt fails for good."""
    return other_error()


class Custom(Exception):
    """With an attribute."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@step
def custom() -> str:
    """Raises it."""
    raise Custom("custom message", 42)


@workflow
def custom_error() -> list[object]:
    """Type, message and attributes reach the workflow."""
    try:
        return [custom()]
    except Custom as error:
        return [type(error).__name__, str(error), error.code]


@step
def exits() -> str:
    """Raises what is no Exception."""
    raise SystemExit(3)


@workflow
def no_exception() -> str:
    """The engine lives on."""
    return exits()


@step
def nothing() -> None:
    """Returns None."""


@workflow
def null_result() -> None:
    """None is a result."""
    return nothing()


@workflow
def large_result() -> int:
    """A result above any inline bound."""
    return len(large())


@step
def large() -> str:
    """A megabyte."""
    return "x" * 1024 * 1024


CASES = [
    Case("dc-1-1", one_step, "World", result="Hello, World!", steps=[Tries(["ok"])],
         events="step start, step ok"),
    Case("dc-1-14", own_backoff, steps=[Tries(["fail", "fail", "ok"], [2, 6])],
         events="step start, step fail, step start, step fail, step start, step ok"),
    Case("dc-1-16", not_retried, status="FAILED", steps=[Tries(["fail"])],
         events="step start, step fail"),
    Case("dc-1-19", fails, status="FAILED", error="for good", steps=[Tries(["fail"])],
         events="step start, step fail"),
    Case("dc-1-17", at_most_once, "rzv", status="FAILED", error="StepInterrupted",
         steps=[Tries(["fail"])], events="step start, worker died, step fail"),
    Case("dc-1-18", at_most_once_each, "uja", result="succeeded on second attempt",
         steps=[Tries(["fail", "ok"], ["any"])],
         events="step start, worker died, step fail, step start, step ok"),
    Case("interrupted", interrupted, result="caught", steps=[Tries(["fail"])]),
    Case("at least once", at_least_once, "a", result="a", steps=[Tries(["ok"], runs=2)],
         events="step start, worker died, step start, step ok"),
    Case("longest backoff", longest_backoff, status="FAILED",
         steps=[Tries(["fail"] * 6, [1, 10, 30, 30, 30])]),
    Case("full jitter", full_jitter, status="FAILED", steps=[Tries(["fail"] * 4, ["0..8"] * 3)]),
    Case("long backoff", long_backoff, result="later", steps=[Tries(["fail", "ok"], [300])]),
    Case("error not listed", error_not_listed, status="FAILED", error="ValueError: another",
         steps=[Tries(["fail", "fail"], [0])]),
    Case("custom error", custom_error, result=["Custom", "custom message", 42],
         steps=[Tries(["fail"])]),
    Case("no exception", no_exception, status="FAILED", error="SystemExit(3)",
         steps=[Tries(["fail"])]),
    Case("null", null_result, result=None, steps=[Tries(["ok"])]),
    Case("large", large_result, result=1024 * 1024, steps=[Tries(["ok"])]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_steps(case):
    """It does what is expected of it."""
    check(case)


@pytest.mark.parametrize("case", of_aws(CASES), ids=str)
def test_the_facts_of_steps(case):
    """It does what the shared file says, where that is there."""
    check_facts(case)
