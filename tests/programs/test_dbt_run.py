"""P dbt run-and-wait: starts a run and polls it; a run that takes too long is an error."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from vivido import sleep, step, workflow
from vivido.testing import Run

polled: list[int] = []


class RunStatus(Enum):
    """The service's numbers for what a run does."""

    QUEUED = 1
    RUNNING = 3
    SUCCESS = 10
    FAILED = 20

    @classmethod
    def is_terminal(cls, code: int) -> bool:
        """Whether a run is over."""
        return code in (cls.SUCCESS.value, cls.FAILED.value)


class RunTimeout(RuntimeError):
    """The run takes too long."""


class RunFailed(RuntimeError):
    """The run ended badly."""


@step
def trigger(job_id: int) -> dict[str, Any]:
    """Start a run."""
    return {"id": 100 + job_id, "steps": [], "duration": 40 * job_id}


@step
def get_status(run: dict[str, Any], elapsed: int) -> int:
    """Ask how far a run is."""
    polled.append(elapsed)
    if elapsed < run["duration"]:
        return RunStatus.RUNNING.value
    return RunStatus.FAILED.value if run["id"] == 103 else RunStatus.SUCCESS.value


@step
def list_artifacts(run_id: int) -> list[str]:
    """List what a run has made."""
    return ["manifest.json", f"run_{run_id}.json"]


@workflow
def run_and_wait(job_id: int, max_wait: int = 90, poll: int = 20) -> dict[str, Any]:
    """Return the run with what it has made."""
    run = trigger(job_id)
    elapsed = 0
    while elapsed <= max_wait:
        status = get_status(run, elapsed)
        if RunStatus.is_terminal(status):
            if status == RunStatus.FAILED.value:
                raise RunFailed(f"run {run['id']} failed after {elapsed} s")
            run["status"] = RunStatus(status).name
            run["artifacts"] = sorted(list_artifacts(run["id"]), reverse=True)
            del run["steps"]
            return run
        sleep(poll)
        elapsed += poll
    raise RunTimeout(f"run {run['id']} takes more than {max_wait} s")


def test_a_run_is_waited_for(both: Callable[..., Run]) -> None:
    """Three questions in forty seconds; a key is added, another deleted."""
    run = both(run_and_wait, {"job_id": 1}, effects=polled)
    assert run.output == {
        "id": 101,
        "duration": 40,
        "status": "SUCCESS",
        "artifacts": ["run_101.json", "manifest.json"],
    }
    assert polled == [0, 20, 40]


def test_patience_ends(both: Callable[..., Run]) -> None:
    """Four questions, none of them after ninety seconds."""
    run = both(run_and_wait, {"job_id": 4}, effects=polled)
    assert run.error is not None
    assert (run.error.type, len(polled)) == ("RunTimeout", 5)


def test_a_failed_run_is_an_error(both: Callable[..., Run]) -> None:
    """The run ends, and not well."""
    run = both(run_and_wait, {"job_id": 3, "max_wait": 200}, effects=polled)
    assert run.error is not None
    assert run.error.message == "run 103 failed after 120 s"
