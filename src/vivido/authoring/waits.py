"""Waiting: for time (`sleep`), the outside (`receive`, `callback`), people (`approve`), `poll`.

In plain Python time does not pass and nobody is outside: what needs somebody raises, and says
that `vivido.testing.simulate` can play that part.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, NoReturn, TypeVar, overload

from vivido import durations
from vivido.authoring.forks import is_async
from vivido.authoring.options import Duration
from vivido.authoring.scopes import given
from vivido.errors import StepTimeout, UsageError

T = TypeVar("T")
R = TypeVar("R")
_MOST_POLLS = 1_000  # in plain Python, without a timeout


def sleep(  # noqa: PLR0913  the keywords of timedelta
    duration: Duration | None = None,
    *,
    until: datetime | str | None = None,
    weeks: float | None = None,
    days: float | None = None,
    hours: float | None = None,
    minutes: float | None = None,
    seconds: float | None = None,
    milliseconds: float | None = None,
) -> Any:
    """Wait, for as long as it takes: nothing runs and nothing is paid meanwhile.

        sleep("30s")
        sleep(days=2)
        sleep(until=order.due)  # a datetime with a zone, or its ISO text

    It returns None; its type is Any so that it may be a branch of `first`. In plain Python it takes
    no time. Raises `TypeError` or `ValueError` for what is no duration.
    """
    keywords = given(
        weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds,
        milliseconds=milliseconds,
    )  # fmt: skip
    if until is None:
        durations.parse(duration, **keywords)
    else:
        moment(until, duration, **keywords)
    return None


def moment(
    until: datetime | str, duration: Duration | None = None, **keywords: float | None
) -> datetime:
    """Return until when `sleep` waits, from its arguments; raises what `sleep` raises."""
    if duration is not None or keywords:
        raise TypeError("sleep() takes a duration or until=, not both")
    found = datetime.fromisoformat(until) if isinstance(until, str) else until
    if not isinstance(found, datetime):
        raise TypeError(f"sleep(until={until!r}): give a datetime, or its text as isoformat has it")
    if found.tzinfo is None:
        raise ValueError(f"sleep(until={until!r}): a moment needs a zone, such as tzinfo=UTC")
    return found


@overload
def receive(
    name: str,
    *,
    type: Callable[..., T],
    key: str | None = None,
    where: str | None = None,
    timeout: Duration | None = None,
    fan_out: bool = False,
) -> T: ...
@overload
def receive(
    name: str,
    *,
    key: str | None = None,
    where: str | None = None,
    timeout: Duration | None = None,
    fan_out: bool = False,
) -> Any: ...
def receive(
    name: str,
    *,
    type: Callable[..., Any] | None = None,  # noqa: A002  as the author calls it
    key: str | None = None,
    where: str | None = None,
    timeout: Duration | None = None,
    fan_out: bool = False,
) -> Any:
    """Wait for an event and return its payload; an event that came early waits in turn.

        go = receive("approved", key=order.id, timeout="3d")

    `key` says whose event it is, `where` is a condition over `event`, `type` what its payload is
    made into; with `fan_out` every waiter gets the event, else one. `StepTimeout` is raised when
    `timeout` has passed. In plain Python it raises `UsageError`.
    """
    del type, key, where, timeout, fan_out
    _nobody_there(f"receive({name!r})")


@overload
def approve(
    title: str,
    *,
    form: Callable[..., T],
    to: str | Sequence[str] | None = None,
    timeout: Duration | None = None,
    remind: Duration | None = None,
    escalate: str | None = None,
) -> T: ...
@overload
def approve(
    title: str,
    *,
    to: str | Sequence[str] | None = None,
    timeout: Duration | None = None,
    remind: Duration | None = None,
    escalate: str | None = None,
) -> Any: ...
def approve(
    title: str,
    *,
    form: Callable[..., Any] | None = None,
    to: str | Sequence[str] | None = None,
    timeout: Duration | None = None,
    remind: Duration | None = None,
    escalate: str | None = None,
) -> Any:
    """Ask a person and return the answer, a filled-in `form`.

        ok = approve("Refund over limit", form=RefundForm, to="finance", timeout="2d")

    `to` names people or groups, `remind` is how often they are reminded, `escalate` whom it goes
    to when `timeout` is near. `StepTimeout` is raised when `timeout` has passed. In plain Python it
    raises `UsageError`.
    """
    del form, to, timeout, remind, escalate
    _nobody_there(f"approve({title!r})")


class Callback(Generic[T]):
    """A wait that another system ends with the `token` it was given."""

    token: str

    def result(self) -> T:
        """Wait for the callback and return what came with it."""
        raise NotImplementedError


@overload
def callback(
    *, type: Callable[..., T], timeout: Duration, heartbeat: Duration | None = None
) -> Callback[T]: ...
@overload
def callback(*, timeout: Duration, heartbeat: Duration | None = None) -> Callback[Any]: ...
def callback(
    *,
    timeout: Duration,
    heartbeat: Duration | None = None,
    type: Callable[..., Any] | None = None,  # noqa: A002  as the author calls it
) -> Callback[Any]:
    """Open a callback: hand out its `token` now, await its `result()` later.

        cb = callback(timeout="1h", heartbeat="5m")
        submit(job, cb.token)
        done = cb.result()

    `timeout` runs from the opening; each heartbeat has to come within `heartbeat` of the one
    before. In plain Python it raises `UsageError`.
    """
    del timeout, heartbeat, type
    _nobody_there("callback()")


def _nobody_there(call: str) -> NoReturn:
    raise UsageError(
        f"{call} has nobody to wait for in a plain call: use vivido.testing.simulate, where"
        " run.send(...) plays the outside"
    )


@overload
def poll(
    step: Callable[..., Awaitable[R]],
    /,
    *args: Any,
    until: str,
    every: Duration = "30s",
    timeout: Duration | None = None,
    **kwargs: Any,
) -> Awaitable[R]: ...
@overload
def poll(
    step: Callable[..., R],
    /,
    *args: Any,
    until: str,
    every: Duration = "30s",
    timeout: Duration | None = None,
    **kwargs: Any,
) -> R: ...
def poll(
    step: Callable[..., Any],
    /,
    *args: Any,
    until: str,
    every: Duration = "30s",
    timeout: Duration | None = None,
    **kwargs: Any,
) -> Any:
    """Run a step every so often until its result fulfils a condition, and return that result.

        state = poll(check, job_id, until="result.done", every="30s", timeout="2h")

    `until` is an expression over `result`; the first try is at once. `StepTimeout` is raised when
    `timeout` has passed. In plain Python time passes only from try to try.
    """
    tries = _tries(durations.parse(every), None if timeout is None else durations.parse(timeout))
    fulfilled = _condition(until)
    if is_async(step):
        return _polled(step, args, kwargs, fulfilled, tries)
    for _ in range(tries):
        result = step(*args, **kwargs)
        if fulfilled(result):
            return result
    raise _gave_up(until, tries)


async def _polled(
    step: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    fulfilled: Callable[[Any], bool],
    tries: int,
) -> Any:
    for _ in range(tries):
        result = await step(*args, **kwargs)
        if fulfilled(result):
            return result
    raise _gave_up("the condition", tries)


def _tries(every: timedelta, timeout: timedelta | None) -> int:
    if not every:
        raise ValueError("poll(every=0): give the time between two tries, such as every='30s'")
    return _MOST_POLLS if timeout is None else timeout // every + 1


def _condition(until: str) -> Callable[[Any], bool]:
    # Imported when needed: most programs never poll in plain Python.
    from vivido.expressions import Scope, compile_expression  # noqa: PLC0415

    expression = compile_expression(until, Scope({}, variables=frozenset({"result"})))
    return lambda result: bool(expression({"result": result}))


def _gave_up(until: str, tries: int) -> StepTimeout:
    return StepTimeout(f"poll gave up after {tries} tries: {until!r} did not become true")
