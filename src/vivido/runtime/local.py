"""A runtime on this machine: ports, an engine and its worker in one event loop.

    async with LocalRuntime(ports, watcher=watcher) as runtime:
        await runtime.start(definition, arguments, execution="A1")
        meta = await runtime.wait("A1")

What a workflow logs goes to Python's `logging`, once for each line, when the record that says it is
written. Steps that are not `async` run in threads, as many as there are deliveries at once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self

from vivido.engine.needs import Compensate, Perform
from vivido.errors import DefinitionError, InvariantError, NeedsAttention, UsageError, VividoError
from vivido.model.definition import Definition
from vivido.model.journal import Delivery, Json, Meta, Record, Status
from vivido.ports import Ports, Progress
from vivido.runtime.engine import Engine, Observer, Unobserved
from vivido.runtime.library import Library
from vivido.runtime.starting import Start
from vivido.runtime.steps import Outcome
from vivido.runtime.sweeping import Sweeper
from vivido.runtime.worker import Worker, logged
from vivido.settings import Settings

_THREADS = "vivido-step"  # how their names begin
_LOOK_SECONDS = 0.2  # how often META is read again: another process may have ended the execution


def steps_are_left(patience: float = 0.2) -> bool:
    """Tell whether steps run on in threads that nobody waits for: cut off, or past their timeout.

    Python does not end before they do. `patience`: seconds given to threads that are just ending.
    """
    threads = [thread for thread in threading.enumerate() if thread.name.startswith(_THREADS)]
    for thread in threads:
        thread.join(patience / len(threads))
    return any(thread.is_alive() for thread in threads)


class Began(NamedTuple):
    """An attempt of a step or a compensation begins here. `time`: seconds since 1970."""

    execution: str
    branch: str
    node: str
    step: str
    number: int
    time: float


class Watcher(Observer, Protocol):
    """Told of what happens in this process; it must be quick and must not raise."""

    def began(self, began: Began) -> None:
        """An attempt begins."""

    def said(self, execution: str, progress: Progress) -> None:
        """A running step says how far it is; told once a second at most."""


class Unwatched(Unobserved):
    """Nobody looks."""

    def began(self, began: Began) -> None:
        """Nothing."""

    def said(self, execution: str, progress: Progress) -> None:
        """Nothing."""


class LocalRuntime:
    """Runs executions in this process; it belongs to the event loop in which it is entered."""

    def __init__(
        self,
        ports: Ports,
        *,
        library: Library | None = None,
        settings: Settings | None = None,
        watcher: Watcher | None = None,
        concurrency: int = 100,
    ) -> None:
        self.ports = ports
        self._concurrency = concurrency
        self._changed = asyncio.Event()
        self._failure: VividoError | None = None
        told = _Told(watcher or Unwatched(), self._changed)
        self._engine = _WatchedEngine(ports, library, told, settings, self._goes_on)
        self._worker = Worker(self._engine, concurrency=concurrency, failed=self._failed)
        self._working: asyncio.Task[None] | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._executor: ThreadPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        """Begin to work."""
        self._executor = ThreadPoolExecutor(self._concurrency, thread_name_prefix=_THREADS)
        asyncio.get_running_loop().set_default_executor(self._executor)
        self._working = asyncio.create_task(self._worker.run())
        settings = self._engine.settings
        sweeper = Sweeper(self.ports, bound=settings.stuck_seconds)
        self._sweeping = asyncio.create_task(sweeper.run(settings.sweep_seconds))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop at once."""
        await self.close()

    async def start(
        self,
        definition: Definition,
        arguments: Mapping[str, Any],
        *,
        execution: str,
        tags: Mapping[str, str] | None = None,
    ) -> Meta:
        """Start an execution, or find the one that has this id and input; see `Engine.start`."""
        return await self._engine.start(definition, arguments, execution=execution, tags=tags)

    async def start_many(self, starts: Sequence[Start]) -> list[Meta | UsageError]:
        """Start executions in one transaction; see `starting.start_many`."""
        return await self._engine.start_many(starts)

    async def wait(self, execution: str) -> Meta:
        """Return META when the execution has ended or needs attention, wherever that happens.

        Raises what keeps it from going on here: DefinitionError where its code is not there,
        NeedsAttention, InvariantError; UsageError where there is no such execution.
        """
        while True:
            self._changed.clear()
            meta = await self.ports.metas.get(execution)
            if meta is None:
                raise UsageError(f"there is no execution {execution!r} in this store")
            if meta.status.is_end or meta.status is Status.NEEDS_ATTENTION:
                return meta
            if self._failure is not None:
                raise self._failure
            if self._working is not None and self._working.done():
                await self._working  # raises what ended it, as a store that cannot be written
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._changed.wait()

    @property
    def running(self) -> int:
        """How many deliveries are being worked at."""
        return len(self._worker.busy)

    def stop(self) -> None:
        """Begin nothing new: each branch hands on after its next record."""
        self._worker.stop()

    async def close(self, grace: float = 0.0) -> bool:
        """Stop, and wait `grace` seconds for what is running. Says whether nothing was cut off.

        What is cut off comes back when its message is received again. A step in a thread cannot be
        ended: the thread goes on until the process ends.
        """
        self.stop()
        if self._sweeping is not None:
            self._sweeping.cancel()
        if self._working is None:
            return True
        done, _ = await asyncio.wait([self._working], timeout=grace)
        if not done:
            await self._cut_off([self._working, *self._worker.busy])
        elif not self._working.cancelled():
            self._working.exception()  # `wait` has raised it, or something else went wrong first
        self._working = None
        self._let_go_of_threads()
        return bool(done)

    async def _cut_off(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _let_go_of_threads(self) -> None:
        """Wait for no thread, neither here nor when the loop ends; idle ones end by themselves."""
        if self._executor is not None:
            self._executor.shutdown(wait=False, cancel_futures=True)
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
            self._executor = None

    def _goes_on(self) -> bool:
        return not self._worker.stopping.is_set()

    def _failed(self, delivery: Delivery, error: Exception) -> None:
        """Remember what will be the same at the next delivery; the rest comes back."""
        match error:
            case DefinitionError() | NeedsAttention() | InvariantError():
                self._failure = error
                self._changed.set()
            case _:
                logged(delivery, error)


class _Told:
    """Tells the watcher, and does what is not its business: logs, waking who waits for an end."""

    def __init__(self, watcher: Watcher, changed: asyncio.Event) -> None:
        self.watcher = watcher
        self._changed = changed

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:
        """A record was appended: say what the workflow logged with it."""
        self.watcher.recorded(meta, branch, record)
        for level, logger, text in record.data.get("logs", ()):
            log = logging.getLogger(logger or f"vivido.workflow.{meta.workflow}")
            log.log(_LEVELS[level], "%s", text, extra={"vivido_execution": meta.execution})

    def ended(self, meta: Meta, end: Json) -> None:
        """An execution ended."""
        self.watcher.ended(meta, end)
        self._changed.set()


_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


class _WatchedEngine(Engine):
    """An engine that tells of each attempt as it begins."""

    def __init__(
        self,
        ports: Ports,
        library: Library | None,
        told: _Told,
        settings: Settings | None,
        goes_on: Callable[[], bool],
    ) -> None:
        super().__init__(ports, library, settings=settings, observer=told, goes_on_inline=goes_on)
        self._watcher = told.watcher

    def said(self, execution: str, progress: Progress) -> None:
        """Tell."""
        self._watcher.said(execution, progress)

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        """Tell, then run the step once."""
        began = Began(execution, branch, need.path, need.step.name, number, self.now())
        self._watcher.began(began)
        return await super().attempt(need, execution, branch, number)
