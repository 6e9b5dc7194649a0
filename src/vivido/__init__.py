"""Vivido: workflow orchestration for Python teams. Here is what an author writes; nothing else."""

import importlib
from typing import Any

from vivido.authoring import (
    S3,
    Batch,
    Callback,
    Event,
    Http,
    Job,
    Outcome,
    Pool,
    Queue,
    Retry,
    Schedule,
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

__all__ = [
    "S3",
    "Batch",
    "Callback",
    "DeadlineExceeded",
    "DefinitionError",
    "Event",
    "Http",
    "Job",
    "Outcome",
    "PoisonMessage",
    "Pool",
    "Queue",
    "RecordedError",
    "Retry",
    "Schedule",
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


def _compile(made: Workflow[..., Any]) -> Definition:
    # Found by name when first needed: whoever only runs definitions never loads the compiler.
    compiler = importlib.import_module("vivido.compiler")
    definition: Definition = compiler.compile_workflow(made)
    return definition


set_compiler(_compile)
