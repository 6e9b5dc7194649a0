"""One attempt of one step: arguments in, an outcome out; whatever goes wrong in it is data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from vivido import values
from vivido.authoring import Step
from vivido.authoring.context import StepContext, entered
from vivido.engine import of_the_author
from vivido.errors import DeadlineExceeded, StepError, StepTimeout
from vivido.model.journal import Json
from vivido.runtime.telling import Attempt, StepLog, Telling


@dataclass(frozen=True, slots=True)
class Returned:
    """The step gave a result, encoded.

    `arguments` are all its arguments by name, as it was given them.
    """

    result: Json
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raised:
    """The attempt failed.

    `arguments` are all its arguments by name if it may have had its effect all the same, else None.
    """

    error: BaseException
    arguments: Mapping[str, Any] | None = None


Outcome = Returned | Raised


class Limit(NamedTuple):
    """How long an attempt may take, in seconds, and whose limit that is."""

    seconds: float | None
    of_deadline: bool = False

    @classmethod
    def nearest(cls, timeout: float | None, deadline: float | None, now: float) -> Limit:
        """The step's own timeout or the enclosing deadline, whichever is nearer."""
        left = None if deadline is None else max(0.0, deadline - now)
        if left is None or (timeout is not None and timeout <= left):
            return cls(timeout)
        return cls(left, of_deadline=True)


async def attempt(
    step: Step[..., Any], args: Mapping[str, Any], context: StepContext, limit: Limit
) -> Outcome:
    """Run the step once. A sync step runs in a thread, unless it is inline.

    A thread cannot be ended: past its
    limit it is left to itself, and its result is thrown away.
    """
    named: Mapping[str, Any] = args
    try:
        copies = {name: values.copy(value) for name, value in args.items()}
        if step.compensate is not None:
            named = step.interface.named(args)
        call = step.prepare(copies)
        result = await _limited(
            step, lambda: step.function(*call.args, **call.kwargs), context, limit
        )
        return Returned(values.encode(step.check_result(result), name="result"), named)
    except Cut as cut:
        return Raised(cut.error, named)
    except Stopped as stopped:
        return Raised(_catchable(stopped.error))
    except (KeyboardInterrupt, GeneratorExit):  # somebody ends the process
        raise
    except asyncio.CancelledError as error:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        return Raised(_catchable(error))
    except BaseException as error:
        return Raised(_catchable(error))


class Cut(Exception):
    """An attempt ran out of time, and may have had its effect."""

    def __init__(self, error: StepTimeout | DeadlineExceeded) -> None:
        super().__init__(error)
        self.error = error


class Stopped(Exception):
    """A step raised `StopIteration`, which no coroutine or future can carry."""

    def __init__(self, error: StopIteration) -> None:
        super().__init__(error)
        self.error = error


async def _limited(
    step: Step[..., Any], call: Callable[[], Any], context: StepContext, limit: Limit
) -> Any:
    if limit.seconds is None:
        return await _run(step, call, context)
    try:
        async with asyncio.timeout(limit.seconds) as bound:
            return await _run(step, call, context)
    except TimeoutError:
        if not bound.expired():  # the step's own
            raise
    if limit.of_deadline:
        raise Cut(DeadlineExceeded(f"the deadline around step {step.name!r} ended while it ran"))
    raise Cut(
        StepTimeout(
            f"step {step.name!r} took longer than its timeout of {limit.seconds:g} s; its effect "
            "may have happened"
        )
    )


async def _run(step: Step[..., Any], call: Callable[[], Any], context: StepContext) -> Any:
    with entered(context):
        if step.is_async:
            return await call()
        if step.inline:
            return _called(call)
        context_here = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, context_here.run, _called, call)


def _called(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except StopIteration as error:
        raise Stopped(error) from error


def _catchable(error: BaseException) -> BaseException:
    """What is no Exception, such as `sys.exit`, ends the attempt and not the engine."""
    error = of_the_author(error)
    if isinstance(error, Exception):
        return error
    wrapped = StepError(f"the step raised {error!r}, which is no Exception")
    wrapped.__cause__ = error
    return wrapped


def context_of(
    step: str,
    execution: str,
    key: str,
    attempt: int,
    now: float,
    limit: Limit,
    telling: Telling | None = None,
) -> StepContext:
    """What the step may know about itself, and say: `telling` takes it down."""
    deadline = None if limit.seconds is None else datetime.fromtimestamp(now + limit.seconds, UTC)
    speaker = Attempt(execution, "", "", step, attempt) if telling is None else telling.attempt
    return StepContext(
        idempotency_key=key,
        execution_id=execution,
        step=step,
        attempt=attempt,
        deadline=deadline,
        on_log=lambda: StepLog(telling, speaker),
        on_progress=telling.progress if telling else None,
        on_heartbeat=telling.heartbeat if telling else None,
    )
