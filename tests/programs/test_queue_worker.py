"""D queue-worker: enqueues jobs, each in an execution of its own, and joins them by priority."""

from collections.abc import Callable
from typing import NamedTuple

from vivido import spawn, step, workflow
from vivido.testing import Run

begun: list[str] = []


class Task(NamedTuple):
    """Something to do; small numbers are more urgent."""

    name: str
    priority: int
    steps: int = 1


@step
def work(name: str, part: int) -> str:
    """Do one part of a task."""
    begun.append(f"{name}.{part}")
    return f"{name}:{part}"


@workflow
def perform(task: Task) -> list[str]:
    """Do all parts of a task, one after another."""
    return [work(task.name, part) for part in range(1, task.steps + 1)]


@workflow
def worker(tasks: list[Task]) -> dict[str, int]:
    """Start everything, the most urgent first, and count the parts of each."""
    jobs = {}
    for task in sorted(tasks, key=lambda task: (task.priority, task.name)):
        jobs[task.name] = spawn(perform, task)
    return {name: len(job.result()) for name, job in jobs.items()}


def test_urgent_tasks_are_begun_first(both: Callable[..., Run]) -> None:
    """Three children, joined in the order in which they were started."""
    tasks = [Task("mail", 2), Task("backup", 9, steps=3), Task("alarm", 1, steps=2)]
    run = both(worker, tasks)
    assert list(run.output.items()) == [("alarm", 2), ("mail", 1), ("backup", 3)]
