"""Do a program as plain Python and a program on the engine do the same?

The programs of this folder are named after real ones (AWS, Azure, Microsoft, Prefect, Restate,
Temporal, DBOS), and written anew for Vivido from what those do.
"""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from vivido import Workflow
from vivido.testing import Run, simulate

Both = Callable[..., Run]


def run_both(
    program: Workflow[..., Any], given: Any = None, *, effects: list[Any] | None = None
) -> Run:
    """Call a program as a function, simulate it, and return the simulation if they agree.

    They agree when both return equal values, or raise the same class with the same message. Steps
    note what they did in `effects`, which is emptied before each run: that has to be equal too.
    """
    expected, done = _plain(program, given, effects), list(effects or ())
    if effects is not None:
        effects.clear()
    run = simulate(program, given)
    error = None if run.error is None else (run.error.type, run.error.message)
    assert (run.output, error) == expected
    assert list(effects or ()) == done
    return run


def _plain(program: Workflow[..., Any], given: Any, effects: list[Any] | None) -> tuple[Any, Any]:
    if effects is not None:
        effects.clear()
    try:
        result = program(**program.bind_input(given))
        return (asyncio.run(result) if inspect.iscoroutine(result) else result), None
    except AssertionError as error:  # pytest explains in a second line what was false
        return None, ("AssertionError", str(error).partition("\n")[0])
    except Exception as error:  # noqa: BLE001  whatever the program raises is its outcome
        return None, (type(error).__name__, str(error))


@pytest.fixture
def both() -> Both:
    """Run a program both ways."""
    return run_both
