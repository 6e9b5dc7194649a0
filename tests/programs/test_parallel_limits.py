"""A parallel/*: how many branches run at once, how many may fail, how many are enough."""

from collections.abc import Callable

from vivido import StepError, parallel, step, workflow
from vivido.testing import Run, simulate

running: list[str] = []


class Refused(Exception):
    """A branch does not want to."""


@step
def branch(name: str) -> str:
    """Succeed, unless the name begins with `bad`."""
    running.append(name)
    if name.startswith("bad"):
        raise Refused(name)
    return name.upper()


@workflow
def with_nested_blocks(names: list[str]) -> list[str]:
    """Each branch is a block of two steps; and a fork within a fork."""

    def twice(name: str) -> str:
        once = branch(name)
        return branch(f"{once.lower()}2")

    outer, inner = parallel(
        twice(names[0]), list(parallel(*[twice(name) for name in names[1:]], max_concurrency=1))
    )
    return [outer, *inner]


@workflow
def collected(names: list[str]) -> list[str]:
    """Errors are values, each in its place."""
    outcomes = parallel(*[branch(name) for name in names], on_error="collect")
    return [
        f"{type(one).__name__}: {one}" if isinstance(one, Exception) else one for one in outcomes
    ]


@workflow
def tolerated(names: list[str], tolerate: int) -> int:
    """Count the results; failures that are tolerated are none."""
    outcomes = parallel(*[branch(name) for name in names], tolerate=tolerate)
    return sum(1 for one in outcomes if isinstance(one, str))


@workflow
def caught(name: str) -> str:
    """What a fork raises can be caught."""
    try:
        parallel(branch("a"), branch(name))
    except (Refused, StepError) as error:
        return f"caught {error!r}"
    else:
        return "nothing to catch"
    finally:
        branch("last")


def test_blocks_and_forks_nest(both: Callable[..., Run]) -> None:
    """Results come in the order written, whatever ran first."""
    run = both(with_nested_blocks, {"names": ["x", "y", "z"]})
    assert (run.output, run.calls(branch)) == (["X2", "Y2", "Z2"], 6)


def test_errors_are_collected() -> None:
    """Three branches, one error; nothing is raised."""
    run = simulate(collected, {"names": ["a", "bad", "c"]})
    assert run.output == ["A", "Refused: bad", "C"]


def test_some_failures_are_tolerated() -> None:
    """One of three may fail; with two it is too much."""
    assert simulate(tolerated, {"names": ["a", "bad", "c"], "tolerate": 1}).output == 2
    run = simulate(tolerated, {"names": ["bad1", "bad2", "c"], "tolerate": 1})
    assert run.error is not None
    assert run.error.type == "Refused"


def test_a_fork_that_fails_is_caught(both: Callable[..., Run]) -> None:
    """The exception is the branch's own; `finally` runs in either case."""
    assert both(caught, "bad").output == "caught Refused('bad')"
    assert both(caught, "b").output == "nothing to catch"
