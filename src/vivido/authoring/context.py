"""What a running step may know about itself: `step_context`, and the stand-in for plain calls."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vivido import values
from vivido.errors import UsageError

if TYPE_CHECKING:  # loaded when a step logs: workflows that only describe do not pay for it
    import logging

PLAIN = "plain"  # the execution id of a plain call
_DIGITS = 16  # of a digest: enough to tell the calls of a program apart


class StepContext:
    """One attempt of one step, as the step sees it.

    `idempotency_key` is the same at every run of this step of this execution, so that a service
    which is given it acts once. `attempt` counts from 1. `deadline` is the moment (with its zone)
    at which the attempt is given up; None: there is no limit.
    """

    def __init__(  # noqa: PLR0913  the runtime fills it in one place
        self,
        *,
        idempotency_key: str,
        execution_id: str,
        step: str,
        attempt: int = 1,
        deadline: datetime | None = None,
        on_log: "Callable[[], logging.LoggerAdapter[logging.Logger]] | None" = None,
        on_progress: Callable[[float, str | None], None] | None = None,
        on_heartbeat: Callable[[], None] | None = None,
    ) -> None:
        self.idempotency_key = idempotency_key
        self.execution_id = execution_id
        self.step = step
        self.attempt = attempt
        self.deadline = deadline
        self._on_log = on_log
        self._log: logging.Logger | logging.LoggerAdapter[logging.Logger] | None = None
        self._on_progress = on_progress
        self._on_heartbeat = on_heartbeat
        self._calls: Counter[str] | None = None  # most steps call no other step

    @property
    def log(self) -> "logging.Logger | logging.LoggerAdapter[logging.Logger]":
        """The logger ``vivido.step.NAME``, or what the runtime has put in its place."""
        if self._log is None and self._on_log is not None:
            self._log = self._on_log()
        elif self._log is None:
            import logging  # noqa: PLC0415

            self._log = logging.getLogger(f"vivido.step.{self.step}")
        return self._log

    @property
    def calls(self) -> Counter[str]:
        """How often the body has called which step with which arguments."""
        if self._calls is None:
            self._calls = Counter()
        return self._calls

    def progress(self, fraction: float, text: str | None = None) -> None:
        """Show how far the step is, from 0 to 1, with a few words if you like."""
        if not 0 <= fraction <= 1:
            raise ValueError(f"progress({fraction!r}): give a fraction from 0 to 1")
        if self._on_progress is not None:
            self._on_progress(float(fraction), text)

    def heartbeat(self) -> None:
        """Say that a long step is still alive."""
        if self._on_heartbeat is not None:
            self._on_heartbeat()

    def effect(self, name: str, value: object = None) -> None:
        """Say what the step does to the world, where that happens; for tests under faults.

            step_context().effect("charged", order.total)

        There a step may run twice under one idempotency key: if the two runs say different
        things, the step is not idempotent and is reported. Elsewhere this does nothing.
        """
        if (note := _noting.get()) is not None:
            note(name, value)

    def __repr__(self) -> str:
        return f"<step context of {self.step!r}, attempt {self.attempt}: {self.idempotency_key!r}>"


@dataclass(frozen=True, slots=True)
class _PlainRun:
    """A workflow that runs as plain Python, perhaps in the body of the step `outer`."""

    outer: StepContext | None
    calls: Counter[str]


_current: ContextVar[StepContext | None] = ContextVar("vivido_step", default=None)
_noting: ContextVar[Callable[[str, object], None] | None] = ContextVar(
    "vivido_effects", default=None
)
_plain_run: ContextVar[_PlainRun | None] = ContextVar("vivido_plain_run", default=None)


def step_context() -> StepContext:
    """Return what the running step may know about itself.

        @step
        def charge(order: Order) -> Payment:
            return gateway.charge(order.total, idempotency_key=step_context().idempotency_key)

    A step that is called as plain Python gets a stand-in: the same arguments give the same key.
    Raises `UsageError` outside a step, and in a thread that the step started itself: there, pass
    on what you need.
    """
    context = _current.get()
    if context is None:
        raise UsageError(
            "step_context() was called outside a step: call it in the body of a @step function,"
            " and hand what you need to threads that it starts"
        )
    return context


class entered:  # noqa: N801  a context manager, cheaper than a generator: one for each attempt
    """Make `context` the one that `step_context` returns."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: StepContext) -> None:
        self._context = context

    def __enter__(self) -> StepContext:
        self._token = _current.set(self._context)
        return self._context

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


@contextmanager
def noting(note: Callable[[str, object], None]) -> Iterator[None]:
    """Let `note` take down each effect that a step tells of."""
    token = _noting.set(note)
    try:
        yield
    finally:
        _noting.reset(token)


@contextmanager
def plain_run() -> Iterator[None]:
    """Count the steps of a workflow that runs as plain Python, so that each has its own key.

    A workflow that another one calls counts on with it.
    """
    step, run = _current.get(), _plain_run.get()
    if step is not None:
        run = _PlainRun(step, step.calls)
    run_token = _plain_run.set(run or _PlainRun(None, Counter()))
    step_token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(step_token)
        _plain_run.reset(run_token)


def plain_context(step: str, arguments: Mapping[str, Any]) -> StepContext:
    """Return the stand-in for a plain call.

    Its key is made of the step's name and arguments. In a workflow, or in the body of another
    step, it also tells equal calls apart, as an engine would.
    """
    encoded = {name: values.encode(value, name=name) for name, value in arguments.items()}
    key = f"{step}-{values.digest(encoded)[:_DIGITS]}"
    inside, run = _current.get(), _plain_run.get()
    if inside is not None:
        run = _PlainRun(inside, inside.calls)
    if run is not None:
        run.calls[key] += 1
        key = f"{key}-{run.calls[key]}"
    if run is None or run.outer is None:
        return StepContext(idempotency_key=f"{PLAIN}-{key}", execution_id=PLAIN, step=step)
    return StepContext(
        idempotency_key=f"{run.outer.idempotency_key}-{key}",
        execution_id=run.outer.execution_id,
        step=step,
        attempt=run.outer.attempt,
        deadline=run.outer.deadline,
    )
