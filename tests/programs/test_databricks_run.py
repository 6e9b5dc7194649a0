"""P databricks run-and-wait: submits a job of many tasks, waits for it and sorts the results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from vivido import publish, sleep, step, workflow
from vivido.testing import Run

State = Literal["PENDING", "RUNNING", "TERMINATED", "SKIPPED", "INTERNAL_ERROR"]
asked: list[str] = []


@dataclass(frozen=True)
class TaskState:
    """How one task of the job does."""

    key: str
    life_cycle: State
    result: str | None = None


@dataclass(frozen=True)
class JobState:
    """How the job as a whole does."""

    life_cycle: State
    tasks: tuple[TaskState, ...]


@step
def submit(name: str) -> int:
    """Submit a job; return its number."""
    return len(name)


@step
def job_state(run_id: int) -> JobState:
    """Ask how a job does."""
    asked.append(str(run_id))
    done = len(asked) > 2
    over: State = "TERMINATED" if done else "RUNNING"
    states = [TaskState("load", over, "SUCCESS" if done else None)]
    states.append(TaskState("clean", "SKIPPED" if done else "PENDING"))
    states.append(TaskState("train", over, "FAILED" if run_id > 5 and done else None))
    return JobState("INTERNAL_ERROR" if run_id > 8 else over, tuple(states))


@workflow
def run_job(name: str, max_wait: float = 60, poll: float = 10) -> dict[str, str]:
    """Return the results by task."""
    run_id = submit(name)
    waited = 0.0
    state = job_state(run_id)
    while waited < max_wait:
        match state:
            case JobState(life_cycle="TERMINATED" | "SKIPPED"):
                break
            case JobState(life_cycle="INTERNAL_ERROR" as problem):
                raise RuntimeError(f"{name}: {problem}")
            case JobState(tasks=[TaskState(key=first), *others]) if others:
                publish(waiting_for=f"{first} and {len(others)} more")
            case _:
                publish(waiting_for="?")
        sleep(seconds=poll)
        waited += poll
        state = job_state(run_id)
    results: dict[str, str] = {}
    for task in sorted(state.tasks, key=lambda task: task.key):
        match task.life_cycle, task.result:
            case "TERMINATED", None:
                results[task.key] = "succeeded"
            case "TERMINATED", str(result):
                results[task.key] = result.lower()
            case other, _:
                results[task.key] = f"({other.lower()})"
    return results


def test_results_are_sorted(both: Callable[..., Run]) -> None:
    """Three questions; a task that was skipped, one that failed, one that succeeded."""
    run = both(run_job, {"name": "nightly"}, effects=asked)
    assert list(run.output.items()) == [
        ("clean", "(skipped)"),
        ("load", "success"),
        ("train", "failed"),
    ]
    assert run.published == {"waiting_for": "load and 2 more"}


def test_an_internal_error_is_raised(both: Callable[..., Run]) -> None:
    """The first question already ends it."""
    run = both(run_job, {"name": "a long name"}, effects=asked)
    assert run.error is not None
    assert (run.error.message, len(asked)) == ("a long name: INTERNAL_ERROR", 1)


def test_a_job_that_takes_too_long_is_reported_as_it_is(both: Callable[..., Run]) -> None:
    """After ten seconds the second answer counts."""
    run = both(run_job, {"name": "job", "max_wait": 10}, effects=asked)
    assert run.output == {"clean": "(pending)", "load": "(running)", "train": "(running)"}
