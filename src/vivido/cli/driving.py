"""An execution in this process until it rests, or until someone stops it."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from vivido.bootstrap import open_local
from vivido.cli.console import CutShort
from vivido.cli.main import FAILED, WAITING
from vivido.cli.stores import whole
from vivido.model.journal import Meta, Status
from vivido.ports import Ports
from vivido.ports.sets import Wait
from vivido.runtime.library import Library
from vivido.runtime.local import LocalRuntime, Watcher, steps_are_left

_GRACE_SECONDS = 10.0  # what a running step gets after the first Ctrl-C
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Begun:
    """An execution is there. `changed`: it goes on by another definition than the file has now."""

    meta: Meta
    anew: bool = False
    changed: bool = False


class Teller(Watcher, Protocol):
    """Tells people or machines how an execution gets on."""

    def started(self, begun: Begun) -> None:
        """It begins, or goes on."""

    def waiting(self, waits: Sequence[Wait]) -> None:
        """Nothing runs, and these are waited for; told again and again."""

    def stopping(self, running: int) -> None:
        """Somebody asked to stop, and so many steps are running."""

    def rests(self, meta: Meta) -> None:
        """It has ended, or a person must decide."""

    def left(self, meta: Meta) -> None:
        """This process leaves it before its end."""

    def close(self) -> None:
        """Nothing more is told."""


Begin = Callable[[LocalRuntime], Awaitable[Begun]]


@dataclass(frozen=True, slots=True)
class Drive:
    """What to drive. `store` None: memory. `begin` starts or finds it."""

    execution: str
    store: str | None
    begin: Begin
    library: Library | None = None
    patient: bool = True  # wait for times to come; else leave when nothing else is to do


def drive(what: Drive, teller: Callable[[Ports], Teller]) -> int:
    """Drive an execution until it rests or is stopped; returns the exit code.

    Raises CutShort where a step had to be left running.
    """
    with closing(open_local(what.store, only=what.execution)) as local:
        told = teller(local.ports)
        gc.freeze()  # what is loaded stays: the collector need not walk it each time
        try:
            code = asyncio.run(_drive(what, local.ports, told))
        finally:
            gc.unfreeze()
            told.close()
    if steps_are_left():
        raise CutShort(code)
    return code


async def _drive(what: Drive, ports: Ports, teller: Teller) -> int:
    runtime = LocalRuntime(ports, watcher=teller, library=what.library)
    async with runtime, _Signals() as signals:
        teller.started(await what.begin(runtime))
        resting = asyncio.create_task(runtime.wait(what.execution))
        looking = asyncio.create_task(_look(what, runtime, teller))
        asked = asyncio.create_task(signals.asked.wait())
        try:
            await asyncio.wait({resting, looking, asked}, return_when=asyncio.FIRST_COMPLETED)
            if resting.done():
                meta = await resting  # raises what keeps it from going on here
                teller.rests(whole(runtime.ports, meta))
                return exit_code(meta)
            return await _leave(what, runtime, teller, signals)
        finally:
            for task in (resting, looking, asked):
                task.cancel()
            await asyncio.gather(resting, looking, asked, return_exceptions=True)


async def _leave(what: Drive, runtime: LocalRuntime, teller: Teller, signals: _Signals) -> int:
    """Let running steps come to an end, unless a second signal says to end at once."""
    if runtime.running:
        teller.stopping(runtime.running)
    closing_ = asyncio.create_task(runtime.close(_GRACE_SECONDS))
    forced = asyncio.create_task(signals.forced.wait())
    await asyncio.wait({closing_, forced}, return_when=asyncio.FIRST_COMPLETED)
    if not closing_.done():
        closing_.cancel()
    forced.cancel()
    await asyncio.gather(closing_, forced, return_exceptions=True)
    await runtime.close()
    meta = await runtime.ports.metas.get(what.execution)
    if meta is not None and meta.status.is_end:  # its last step has just ended
        teller.rests(whole(runtime.ports, meta))
        return exit_code(meta)
    if meta is not None:
        teller.left(meta)
    return WAITING


async def _look(what: Drive, runtime: LocalRuntime, teller: Teller) -> None:
    """Say what is waited for; returns when only waiting is left, and that is not wanted."""
    idle = 0
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        idle = 0 if runtime.running else idle + 1
        if idle:
            teller.waiting(await runtime.ports.waits.scan(what.execution))
        if idle > 1 and not what.patient:
            return


def exit_code(meta: Meta) -> int:
    """Return the exit code of an execution that rests."""
    if meta.status is Status.SUCCEEDED:
        return 0
    return FAILED if meta.status.is_end else WAITING


class _Signals:
    """The first Ctrl-C or SIGTERM asks to stop, the second forces it."""

    def __init__(self) -> None:
        self.asked, self.forced = asyncio.Event(), asyncio.Event()

    def _came(self) -> None:
        (self.forced if self.asked.is_set() else self.asked).set()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._came)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
