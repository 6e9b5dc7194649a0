"""Control from outside: flags on META and messages; nothing here appends to a journal.

Each call is safe to repeat, and is answered once its message is sent. What a stop must reach is
woken by a sweep,
what a pause holds back is sent by a resume; both are done by a message, under a lease.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vivido import ids
from vivido.model.journal import Cause, Message, StopHow
from vivido.ports import Ports


class Control:
    """Control over the executions of some ports."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    def message(self, execution: str, cause: Cause, **more: Any) -> Message:
        """A message for an execution."""
        place = {"branch": ids.ROOT, "n": 0, **more}
        return Message(id=self.ports.ids.new(), execution=execution, cause=cause, **place)

    async def pause(self, execution: str) -> None:
        """No new step begins until it is resumed; a running one finishes."""
        await self.ports.metas.pause(execution, paused=True)

    async def resume(self, execution: str) -> None:
        """Clear the flag, then send what was parked."""
        await self.ports.metas.pause(execution, paused=False)
        await self.ports.queue.send([self.message(execution, Cause.RESUME)])

    async def stop(self, execution: str, scope: str, how: StopHow) -> None:
        """Stop a scope and wake what waits in it."""
        await self.ports.metas.stop(execution, scope, how)
        await self.ports.queue.send([self.message(execution, Cause.SWEEP, data=scope)])

    # ------------------------------------------------------------- the jobs of messages
    async def sweep(self, execution: str, scope: str) -> None:
        """Send to each wait in a scope, and what is parked."""
        for wait in await self.ports.waits.scan(execution):
            if ids.within(wait.branch, scope):
                await self.ports.queue.send(
                    [self.message(execution, Cause.STOP, branch=wait.branch, n=wait.n)]
                )
        await self.unpark(execution)

    async def unpark(self, execution: str) -> None:
        """Send and remove what is parked."""
        for parked in await self.ports.parked.scan(execution):
            await self.ports.queue.send([replace(parked, id=self.ports.ids.new())])
            await self.ports.parked.remove(parked)
