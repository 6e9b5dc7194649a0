"""Started now, joined later, and the quickest of several: `spawn`, `Job`, `first`.

In plain Python a spawned function runs at once, and what it raised is raised by `result()`; the
first branch written wins `first`. Jobs that nobody joined are joined when their workflow ends.
"""

import inspect
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar, cast, overload

from vivido import values
from vivido.authoring.forks import close
from vivido.errors import UsageError

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Job(Generic[R]):
    """What `spawn` started."""

    def __init__(self, start: Callable[[], R]) -> None:
        self._error: Exception | None = None
        self._value: Any = None
        try:
            self._value = start()
        except Exception as error:  # noqa: BLE001  the author's: raised when it is joined
            self._error = error
        self.joined = False

    @property
    def is_async(self) -> bool:
        """Whether `result` must be awaited."""
        return inspect.isawaitable(self._value)

    def result(self) -> R:
        """Wait for the job and return its value, or raise its error."""
        self.joined = True
        if self._error is not None:
            raise self._error
        if inspect.iscoroutine(self._value):
            self._value = _Once(self._value)
        return cast("R", self._value if self.is_async else values.copy(self._value))

    def abandon(self) -> None:
        """Give it up: its workflow has failed."""
        close([self._value.coroutine if isinstance(self._value, _Once) else self._value])


@dataclass(frozen=True, slots=True)
class Handle:
    """What a variable of a running workflow holds in place of a `Job`: which job it is."""

    execution: str
    scope: str  # of the branch that was spawned, as "r.5"

    def result(self) -> NoReturn:
        """Refuse: only the workflow that started the job can join it."""
        raise UsageError(
            "a job is joined where it was started: call result() there, not in a step or in "
            "another execution, and hand on what it gave"
        )


class _Once:
    """An awaitable that runs once and can be awaited again."""

    def __init__(self, coroutine: Awaitable[Any]) -> None:
        self.coroutine: Awaitable[Any] | None = coroutine
        self._value: Any = None
        self._error: Exception | None = None

    def __await__(self) -> Generator[Any, None, Any]:
        if self.coroutine is not None:
            coroutine, self.coroutine = self.coroutine, None
            try:
                self._value = yield from coroutine.__await__()
            except Exception as error:  # noqa: BLE001  the author's: raised at every join
                self._error = error
        if self._error is not None:
            raise self._error
        return values.copy(self._value)


_open: ContextVar[list[Job[Any]] | None] = ContextVar("vivido_jobs", default=None)


@contextmanager
def job_scope() -> Iterator[list[Job[Any]]]:
    """Collect the jobs that are spawned inside; an error abandons them."""
    jobs: list[Job[Any]] = []
    token = _open.set(jobs)
    try:
        yield jobs
    except BaseException:
        for job in jobs:
            job.abandon()
        raise
    finally:
        _open.reset(token)


def spawn(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Job[R]:
    """Start a step, workflow or function beside what follows, and return a `Job`.

        job = spawn(render, scene)
        notify(customer)
        film = job.result()

    It is joined at the latest where control leaves the workflow, the branch or the `with saga()`
    in which it was started: an error that nobody asked for is raised there. An error that leaves it
    stops the jobs.
    """
    copied: list[Any] = [values.copy(arg) for arg in args]
    named: dict[str, Any] = {name: values.copy(arg) for name, arg in kwargs.items()}
    job: Job[R] = Job(lambda: function(*copied, **named))
    jobs = _open.get()
    if jobs is not None:
        jobs.append(job)
    return job


@overload
def first(**branches: Awaitable[T]) -> Awaitable[tuple[str, T]]: ...  # type: ignore[overload-overlap]
@overload
def first(**branches: T | Job[T]) -> tuple[str, T]: ...
def first(**branches: Any) -> Any:
    """Return the name and the value of the branch that ends first; the others are stopped.

        who, value = first(paid=receive("paid", key=order.id), late=sleep(hours=2))

    In plain Python the branch that is written first wins. Raises `TypeError` without branches.
    """
    if not branches:
        raise TypeError("first() needs branches: first(paid=receive('paid'), late=sleep(hours=2))")
    name, value = next(iter(branches.items()))
    close(other for other in branches.values() if other is not value)
    if inspect.isawaitable(value):
        return _named(name, value)
    return name, value.result() if isinstance(value, Job) else value


async def _named(name: str, value: Awaitable[Any]) -> tuple[str, Any]:
    return name, await value


def join(jobs: Iterable[Job[Any]]) -> None:
    """Join the jobs of a workflow that nobody asked for; raises the first error of theirs."""
    for job in jobs:
        if not job.joined and not job.is_async:
            job.result()


def hand_on(jobs: Iterable[Job[Any]]) -> None:
    """What can only be awaited is joined by the workflow around."""
    around = _open.get()
    if around is not None:
        around += [job for job in jobs if not job.joined and job.is_async]


async def join_async(jobs: Iterable[Job[Any]]) -> None:
    """Join the jobs of an `async` workflow that nobody asked for."""
    for job in jobs:
        if not job.joined:
            result = job.result()
            if inspect.isawaitable(result):
                await result
