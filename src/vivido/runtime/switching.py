"""Pause and resume of a workflow, and of all: switches beside the pause flag of an execution.

A process reads the switches where it reads META, and at most once in `meta_age_seconds`: so a
pause is felt that late, and costs no step a request. What a delivery holds back it parks as it does
for a paused execution, and looks afresh afterwards: each side writes before it reads.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from typing import Final

from vivido import ids
from vivido.model.journal import Cause, Message, Meta
from vivido.ports import Ports, SwitchedOff

_PAGE: Final = 500


class Switchboard:
    """The switches as this process knows them."""

    def __init__(self, ports: Ports, age_seconds: float) -> None:
        self.ports, self.age_seconds = ports, age_seconds
        self._off, self._read_at = SwitchedOff(), -math.inf

    async def hold(self, workflow: str, *, afresh: bool = False) -> bool:
        """Whether executions of a workflow are paused, as was known a moment ago, or is now."""
        now = self.ports.clock.now()
        if afresh or now - self._read_at > self.age_seconds:
            self._off, self._read_at = await self.ports.switches.read(), now
        return self._off.holds(workflow)


class Switching:
    """Control of a workflow, or of all. Each call is safe to repeat."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    async def pause(self, workflow: str | None) -> None:
        """No new step of a workflow (None: of any) begins; running ones finish. Starts wait."""
        await self.ports.switches.set(workflow, paused=True)

    async def resume(self, workflow: str | None, rate: float | None = None) -> int:
        """Go on, `rate` executions in a second, or all at once. Returns how many were held back.

        What is paused by another switch, or by itself, stays paused.
        """
        await self.ports.switches.set(workflow, paused=False)
        count = 0
        async for meta in self._held():
            if workflow in (None, meta.workflow):
                delay = 0.0 if rate is None else count / rate
                name = self.ports.ids.new()
                message = Message(name, meta.execution, ids.ROOT, 0, Cause.RESUME)
                await self.ports.queue.send([message], delay)
                count += 1
        return count

    async def _held(self) -> AsyncIterator[Meta]:
        """The executions that have parked messages."""
        after = ""
        while page := await self.ports.parked.executions(after, _PAGE):
            for execution in page:
                if (meta := await self.ports.metas.get(execution)) is not None:
                    yield meta
            after = page[-1]
