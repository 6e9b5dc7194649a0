"""M version_aware: old executions take the old path, new ones the new path."""

from collections.abc import Callable

from vivido import step, workflow
from vivido.testing import Run

CURRENT = (1, 2, 0)
steps: list[str] = []


@step
def run(name: str) -> str:
    """Do something under a name."""
    steps.append(name)
    return name


@workflow
def versioned(version: str = "1.2.0") -> str:
    """Return what was done."""
    major, minor, *rest = (int(part) for part in version.split("."))
    result = run("common")
    if (major, minor, *rest) >= CURRENT:
        result += "+" + run("new")
    elif (1, 1) <= (major, minor) < CURRENT[:2]:
        result += "+" + run("in between")
    else:
        result += "+" + run("old")
    assert rest, f"{version} has no patch level"
    return result


def test_each_version_has_its_path(both: Callable[..., Run]) -> None:
    """The common part, and one of three others."""
    outcomes = {v: both(versioned, v, effects=steps).output for v in ("1.0.9", "1.1.5", "1.10.0")}
    assert outcomes == {
        "1.0.9": "common+old",
        "1.1.5": "common+in between",
        "1.10.0": "common+new",
    }


def test_an_assertion_fails_the_workflow(both: Callable[..., Run]) -> None:
    """Its message is the error's."""
    failed = both(versioned, "2.0", effects=steps)
    assert failed.error is not None
    assert (failed.error.type, failed.error.message) == (
        "AssertionError",
        "2.0 has no patch level",
    )
