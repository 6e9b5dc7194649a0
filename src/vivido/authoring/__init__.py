"""What an author writes: steps, workflows, operations, policies and triggers. They only describe.

A `Step` or `Workflow` is a description that can still be called as the function it was made of.
The operations (`parallel`, `sleep`, `receive` …) are plain functions too: the compiler knows them
by identity and turns their calls into nodes; in plain Python they do what needs no engine.
"""

from vivido.authoring.batch import Batch, Collected, Outcome
from vivido.authoring.context import StepContext, step_context
from vivido.authoring.forks import map_each, parallel
from vivido.authoring.jobs import Job, first, spawn
from vivido.authoring.limits import Concurrency, Debounce, Rate, Singleton
from vivido.authoring.outside import emit, publish
from vivido.authoring.pool import Pool
from vivido.authoring.pure import is_pure, pure
from vivido.authoring.retry import Retry
from vivido.authoring.scopes import deadline, saga
from vivido.authoring.steps import Step, step
from vivido.authoring.triggers import S3, Event, Http, Queue, Schedule, Trigger
from vivido.authoring.waits import Callback, approve, callback, poll, receive, sleep
from vivido.authoring.workflows import Workflow, set_compiler, workflow

__all__ = [
    "S3",
    "Batch",
    "Callback",
    "Collected",
    "Concurrency",
    "Debounce",
    "Event",
    "Http",
    "Job",
    "Outcome",
    "Pool",
    "Queue",
    "Rate",
    "Retry",
    "Schedule",
    "Singleton",
    "Step",
    "StepContext",
    "Trigger",
    "Workflow",
    "approve",
    "callback",
    "deadline",
    "emit",
    "first",
    "is_pure",
    "map_each",
    "parallel",
    "poll",
    "publish",
    "pure",
    "receive",
    "saga",
    "set_compiler",
    "sleep",
    "spawn",
    "step",
    "step_context",
    "workflow",
]
