"""T polling/periodic_sequence: a child tries ten times, a second apart, then begins anew."""

import logging
from collections.abc import Callable

from vivido import sleep, step, workflow
from vivido.testing import Run

log = logging.getLogger("polling")
TRIES = 10
tried: list[str] = []


class ServiceDown(Exception):
    """Not yet."""


@step
def compose_greeting(name: str, needed: int) -> str:
    """Ask a service that comes up at the attempt number `needed`."""
    tried.append(name)
    if len(tried) < needed:
        raise ServiceDown(f"attempt {len(tried)}")
    return f"Hello, {name}!"


@workflow
def ask_periodically(name: str, needed: int) -> str:
    """Try so many times; then a new execution goes on with a short history."""
    for attempt in range(1, TRIES + 1):
        try:
            return compose_greeting(name, needed)
        except ServiceDown as error:
            log.warning("no answer (%s), try %d of %d", error, attempt, TRIES)
        sleep(seconds=1)
    return ask_periodically(name, needed)


@workflow
def greeting(name: str, needed: int = 1) -> str:
    """Leave the polling to a child."""
    return ask_periodically(name, needed)


def test_it_goes_on_in_a_new_execution(both: Callable[..., Run]) -> None:
    """The service comes up in the second round: 13 attempts, 12 seconds."""
    run = both(greeting, {"name": "Temporal", "needed": 13}, effects=tried)
    assert run.output == "Hello, Temporal!"
    assert run.calls(compose_greeting) == 13


def test_it_returns_from_inside_the_loop(both: Callable[..., Run]) -> None:
    """The first answer ends loop, try and workflow."""
    assert both(greeting, {"name": "World"}, effects=tried).calls(compose_greeting) == 1
