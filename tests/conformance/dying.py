"""Workflows whose step ends its process, for real: each is run by a `vivido run` of its own."""

import os
from pathlib import Path

from vivido import Retry, step, step_context, workflow


def said(name: str) -> None:
    """Leave a line for each run of a body."""
    with Path(os.environ["DYING_LOG"]).open("a") as log:
        log.write(f"{name} {step_context().attempt}\n")


@step(at_most_once=True, timeout="1s")
def dies(text: str) -> str:
    """Ends its process."""
    said("dies")
    os._exit(7)
    return text


@workflow
def at_most_once(text: str) -> str:
    """The step is not run again."""
    return dies(text)


@step(at_most_once=True, timeout="1s", retry=Retry(max_attempts=2, backoff="100ms"))
def dies_at_first(text: str) -> str:
    """Ends its process at the first attempt."""
    said("dies_at_first")
    if step_context().attempt == 1:
        os._exit(7)
    return f"succeeded on second attempt of {text}"


@workflow
def at_most_once_each(text: str) -> str:
    """Another attempt follows, since the policy says so."""
    return dies_at_first(text)


@step
def dies_once(text: str) -> str:
    """Ends its process when it runs for the first time."""
    first = not Path(os.environ["DYING_LOG"]).exists()
    said("dies_once")
    if first:
        os._exit(7)
    return text


@workflow
def at_least_once(text: str) -> str:
    """The same attempt is run again."""
    return dies_once(text)
