"""Executions from an ordinary program: start them, wait for results, look at them, control them.

    with Client.local("orders.db") as client:
        client.start(fulfil, order, id="order-17")
        receipt = client.result("order-17")

A local client also runs executions, while it waits for a result: its process is their worker then.
In a coroutine, use `vivido.runtime.local.LocalRuntime`.
"""

from __future__ import annotations

import asyncio
import getpass
import math
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import PathLike, fspath
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from vivido import durations, ids, values
from vivido.authoring import Workflow
from vivido.bootstrap import Local, open_local
from vivido.errors import NeedsAttention, UsageError
from vivido.model.definition import Definition
from vivido.model.journal import Decision, Meta, Record, Status
from vivido.ports import Action, MetaFilter
from vivido.runtime.asking import NOTHING, Redrive, ask
from vivido.runtime.library import Library
from vivido.runtime.local import LocalRuntime
from vivido.runtime.operating import By, Operations
from vivido.runtime.payloads import Payloads
from vivido.runtime.repairing import Repairs
from vivido.runtime.starting import Start
from vivido.runtime.switching import Switching
from vivido.settings import Settings

_T = TypeVar("_T")
_PAGE: Final = 200
_RANDOM_BITS: Final = 80


@dataclass(frozen=True, slots=True)
class Request:
    """A start: a workflow, its input (the sole argument, or a dict of all parameters), an id."""

    workflow: Workflow[..., Any]
    input: Any = None
    id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of an execution as a whole. `status` is a word, as "running"; times are UTC."""

    id: str
    workflow: str
    version: str
    status: str
    paused: bool
    created: datetime
    updated: datetime
    tags: Mapping[str, str]

    @classmethod
    def of(cls, meta: Meta) -> Info:
        """Read META."""
        created, updated = (datetime.fromtimestamp(t, UTC) for t in (meta.created, meta.updated))
        named = (meta.execution, meta.workflow, meta.version, str(meta.status))
        return cls(*named, meta.paused, created, updated, meta.tags)


def _user() -> str:
    """Who this process runs for, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in some containers
        return "unknown"


class Client:
    """The executions of one store. Use it in one thread, and close it.

    `who`: in whose name executions are paused, cancelled, redriven …; None: the user of the system.
    """

    who: str | None = None

    def __init__(self, local: Local) -> None:
        self._local = local
        self._ports = local.ports
        self._library = Library()
        self._runner = asyncio.Runner()
        self._operations = Operations(local.ports)
        self._payloads = Payloads(local.ports, Settings())

    def _by(self, note: str | None) -> By:
        return By(self.who or _user(), note)

    @classmethod
    def local(cls, path: str | PathLike[str] | None = ".vivido/state.db") -> Client:
        """Open the store in a file, made if there is none; None: a memory, gone with the client."""
        return cls(open_local(None if path is None else fspath(path)))

    def close(self) -> None:
        """Close the store; what has not ended stays there and can go on."""
        self._local.close()
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------- starts and results
    def start(
        self,
        workflow: Workflow[..., Any],
        input: Any = None,  # noqa: A002  the word users expect
        *,
        id: str | None = None,  # noqa: A002  as it is called everywhere
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Start an execution and return its id; without an id it gets a new one that sorts by time.

        The same id with the same workflow and input is the same execution, started once. Raises
        UsageError for another input under that id, and for an input that does not fit.
        """
        (started,) = self.start_many([Request(workflow, input, id, tags or {})])
        if isinstance(started, UsageError):
            raise started
        return started

    def start_many(self, requests: Iterable[Request]) -> list[str | UsageError]:
        """Start executions in one transaction; returns an id or a conflict for each, in order.

        A conflict (an id that is there with another input) keeps none of the others from starting.
        Raises UsageError for an input that does not fit; then nothing is started.
        """
        starts = [self._start_of(request) for request in requests]
        for request in starts:
            ids.chosen_execution_id(request.execution)
        answers = self._run(self._runtime().start_many(starts))
        return [one if isinstance(one, UsageError) else one.execution for one in answers]

    def _start_of(self, request: Request) -> Start:
        workflow = request.workflow
        self._library.put(workflow.ref, workflow)
        return Start(
            workflow.definition,
            workflow.bind_input(request.input),
            request.id or self._new_id(),
            request.tags,
        )

    def _new_id(self) -> str:
        world = self._ports
        # `random` gives 53 bits at a time, so two draws are needed.
        chance = int(world.ids.random() * 2**40) << 40 | int(world.ids.random() * 2**40)
        return ids.new_execution_id(round(world.clock.now() * 1_000), chance % 2**_RANDOM_BITS)

    def result(self, id: str, *, wait: str | float | timedelta | None = None) -> Any:  # noqa: A002
        """Return what the workflow returned, or raise what it raised.

        `wait`: how long at most, as "30s"; None: until it has ended. Raises TimeoutError where it
        has not ended by then, NeedsAttention where a person must decide, UsageError where there is
        no such execution.
        """
        seconds = math.inf if wait is None else durations.parse(wait).total_seconds()
        meta = self._run(self._ended(id, seconds))
        if meta.status is Status.NEEDS_ATTENTION:
            raise NeedsAttention(f"a compensation of {id!r} failed: see `vivido show {id}`")
        if not meta.status.is_end:
            raise TimeoutError(f"execution {id!r} is still {meta.status} after {seconds:g} s")
        if meta.error is not None:
            raise self._decoded(meta.error)
        return self._decoded(meta.output)

    async def _ended(self, execution: str, seconds: float) -> Meta:
        meta = await self._meta(execution)
        if meta.status.is_end or seconds <= 0:
            return meta
        async with self._runtime() as runtime:
            try:
                async with asyncio.timeout(None if seconds == math.inf else seconds):
                    return await runtime.wait(execution)
            except TimeoutError:
                await runtime.close(grace=1.0)
        return await self._meta(execution)

    # ------------------------------------------------------------- looking
    def get(self, id: str) -> Info | None:  # noqa: A002
        """Return what is known of an execution; None if there is none of that id."""
        meta = self._run(self._ports.metas.get(id))
        return None if meta is None else Info.of(meta)

    def list(
        self, *, workflow: str | None = None, status: str | None = None, limit: int = 100
    ) -> list[Info]:
        """Return at most `limit` executions, the newest first; all, or of a workflow, a status."""
        which = MetaFilter(workflow, None if status is None else Status(status), limit=limit)
        return [Info.of(meta) for meta in self._run(self._ports.metas.list(which))]

    def history(self, id: str, branch: str = ids.ROOT) -> Iterator[Record]:  # noqa: A002
        """Yield the records of one branch in order, read as they are asked for."""
        after = 0
        while page := self._run(self._ports.journal.read(id, branch, after, _PAGE)):
            yield from page
            after = page[-1].n

    # ------------------------------------------------------------- control
    def cancel(self, id: str, *, compensate: bool = True, note: str | None = None) -> None:  # noqa: A002
        """Cancel: nothing new begins, and what was done is undone, if it is to be compensated.

        It is over when `result` says so, by `ExecutionStopped`. Ended executions stay as they are.
        """
        self._run(self._operations.cancel(id, self._by(note), compensate=compensate))

    def pause(self, id: str, *, note: str | None = None) -> None:  # noqa: A002
        """Pause: no step begins until `resume`; a running one finishes."""
        self._run(self._operations.pause(id, self._by(note)))

    def resume(self, id: str, *, note: str | None = None) -> None:  # noqa: A002
        """Go on after `pause`."""
        self._run(self._operations.resume(id, self._by(note)))

    def actions(self, id: str) -> Sequence[Action]:  # noqa: A002
        """Return who paused, resumed and cancelled it, and when; decisions are in the history."""
        return self._run(self._ports.actions.read(id))

    def decide(
        self,
        id: str,  # noqa: A002
        decision: Decision,
        *,
        result: Any = None,
        branch: str | None = None,
        note: str | None = None,
    ) -> None:
        """Decide on a compensation that failed for good: "retry" it, "skip" it, or "resolve" it.

        Resolved, it counts as done, and `result` is what it would have given. `branch`: which, if
        several stand there. Raises UsageError where nobody needs to decide.
        """
        by = self._by(note)
        self._run(self._operations.decide(id, decision, by, result=result, branch=branch))

    def redrive(
        self,
        id: str,  # noqa: A002
        *,
        from_node: str | int | None = None,
        variables: Mapping[str, Any] | None = None,
        result: Any = NOTHING,
        skip: bool = False,
        definition: Workflow[..., Any] | Definition | None = None,
        note: str | None = None,
    ) -> None:
        """Let an ended execution go on from where it failed, or from an earlier node.

        `from_node`: a node's id, a step path, or the number of a record. `variables`: new values.
        `result`: what that node gave, in place of running it; `skip`: it gives None. Of a fork only
        the children that did not succeed run again. `definition`: go on on this newer one. Raises
        UsageError with the reason, or all reasons why the newer one does not fit.
        """
        newer = definition.definition if isinstance(definition, Workflow) else definition
        request = Redrive(from_node, variables or {}, result, skip, newer)
        self._run(ask(self._operations, id, request, self._by(note)))

    def pause_all(self, workflow: str | None = None) -> None:
        """Pause all executions, of a workflow or of every one, in each process of this store.

        No step begins until `resume_all`; running ones finish, and what is started waits.
        """
        self._run(Switching(self._ports).pause(workflow))

    def resume_all(self, workflow: str | None = None, *, rate: float | None = None) -> int:
        """Go on after `pause_all`, `rate` executions in a second; returns how many were held back.

        What was paused by itself, or by the other kind of `pause_all`, stays paused.
        """
        return self._run(Switching(self._ports).resume(workflow, rate))

    def repair(self, id: str | None = None) -> Sequence[str]:  # noqa: A002
        """Send again what an execution (None: any of them) lacks to go on; returns their ids.

        Safe at any time; but a step that is running may run twice.
        """
        return self._run(self._repaired(id))

    async def _repaired(self, execution: str | None) -> Sequence[str]:
        repairs = Repairs(self._ports)
        if execution is None:
            return [one.execution async for one in repairs.repair_all()]
        await self._known(execution)
        return [one.execution for one in await repairs.repair(execution)]

    # ------------------------------------------------------------- within
    async def _known(self, execution: str) -> None:
        await self._meta(execution)

    async def _meta(self, execution: str) -> Meta:
        meta = await self._ports.metas.get(execution)
        if meta is None:
            raise UsageError(f"there is no execution {execution!r} in this store")
        return meta

    def _decoded(self, data: Any) -> Any:
        return values.decode(self._payloads.inline(data))

    def _runtime(self) -> LocalRuntime:
        return LocalRuntime(self._ports, library=self._library)

    def _run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        try:
            return self._runner.run(coroutine)
        except RuntimeError as error:
            coroutine.close()
            if "running event loop" not in str(error):
                raise
            raise UsageError(
                "a Client was used in a coroutine: use vivido.runtime.local.LocalRuntime there"
            ) from error
