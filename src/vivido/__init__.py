"""Vivido: workflow orchestration for Python teams. Here is what an author writes; nothing else."""

import importlib
from typing import TYPE_CHECKING, Any

from vivido.authoring import (
    S3,
    Batch,
    Callback,
    Collected,
    Concurrency,
    Debounce,
    Event,
    Http,
    Job,
    Outcome,
    Pool,
    Queue,
    Rate,
    Retry,
    Schedule,
    Singleton,
    Step,
    StepContext,
    Workflow,
    approve,
    callback,
    deadline,
    emit,
    first,
    map_each,
    parallel,
    poll,
    publish,
    pure,
    receive,
    saga,
    set_compiler,
    sleep,
    spawn,
    step,
    step_context,
    workflow,
)
from vivido.errors import (
    DeadlineExceeded,
    DefinitionError,
    PoisonMessage,
    RecordedError,
    StepError,
    StepInterrupted,
    StepTimeout,
    VividoError,
)
from vivido.model.definition import Definition

if TYPE_CHECKING:
    from vivido.client import Client

__all__ = [
    "S3",
    "Batch",
    "Callback",
    "Client",
    "Collected",
    "Concurrency",
    "DeadlineExceeded",
    "Debounce",
    "DefinitionError",
    "Event",
    "Http",
    "Job",
    "Outcome",
    "PoisonMessage",
    "Pool",
    "Queue",
    "Rate",
    "RecordedError",
    "Retry",
    "Schedule",
    "Singleton",
    "Step",
    "StepContext",
    "StepError",
    "StepInterrupted",
    "StepTimeout",
    "VividoError",
    "Workflow",
    "approve",
    "callback",
    "deadline",
    "emit",
    "first",
    "map_each",
    "parallel",
    "poll",
    "publish",
    "pure",
    "receive",
    "saga",
    "sleep",
    "spawn",
    "step",
    "step_context",
    "workflow",
]


def __getattr__(name: str) -> Any:
    # The client brings a store and an engine along, which whoever only describes does not need.
    if name == "Client":
        return importlib.import_module("vivido.client").Client
    raise AttributeError(f"module 'vivido' has no attribute {name!r}")


def _compile(made: Workflow[..., Any]) -> Definition:
    # Found by name when first needed: whoever only runs definitions never loads the compiler.
    compiler = importlib.import_module("vivido.compiler")
    definition: Definition = compiler.compile_workflow(made)
    return definition


set_compiler(_compile)
