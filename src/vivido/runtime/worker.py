"""The loop that receives messages and delivers them on this machine, many at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from vivido.errors import InvariantError, TransientError
from vivido.model.journal import Delivery
from vivido.runtime.engine import Engine

log = logging.getLogger("vivido.worker")


def logged(delivery: Delivery, error: Exception) -> None:
    """Say why a message comes back, to whoever reads the log."""
    message = delivery.message
    match error:
        case TransientError():
            log.info("message %s comes back: %s", message.id, error)
        case InvariantError():
            what = "a bug of ours, at message %s of execution %s"
            log.error(what, message.id, message.execution, exc_info=error)
        case _:
            what = "message %s of execution %s failed and comes back"
            log.error(what, message.id, message.execution, exc_info=error)


class Worker:
    """Delivers what is visible in one pool, at most `concurrency` messages at once.

    Work that takes longer than `renew_seconds` has its lease renewed. `failed` is told of a
    delivery that raised.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        pool: str = "default",
        concurrency: int = 100,
        poll_seconds: float = 0.2,
        renew_seconds: float = 30.0,
        failed: Callable[[Delivery, Exception], None] = logged,
    ) -> None:
        self.engine, self.pool, self.concurrency = engine, pool, concurrency
        self.poll_seconds, self.renew_seconds = poll_seconds, renew_seconds
        self.failed = failed
        self.busy: dict[asyncio.Task[None], Delivery] = {}
        self._freed = asyncio.Event()
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`; what has begun then is finished."""
        renewing = asyncio.create_task(self._renew())
        try:
            await self._receive()
            if self.busy:
                await asyncio.wait(self.busy)
        finally:
            renewing.cancel()

    async def _receive(self) -> None:
        queue = self.engine.ports.queue
        while not self.stopping.is_set():
            free = self.concurrency - len(self.busy)
            deliveries = await self._received(free) if free else ()
            for delivery in deliveries:
                task = asyncio.create_task(self._deliver(delivery))
                self.busy[task] = delivery
                task.add_done_callback(self._done)
            if not free:
                self._freed.clear()
                await self._freed.wait()
            elif not deliveries:
                await queue.wait(self.poll_seconds)

    async def _received(self, free: int) -> Sequence[Delivery]:
        """At most `free` messages; none where the queue does not answer just now."""
        try:
            return await self.engine.ports.queue.receive(self.pool, free)
        except TransientError as error:
            log.info("the queue does not answer: %s", error)
            await asyncio.sleep(self.poll_seconds)
            return ()

    def _done(self, task: asyncio.Task[None]) -> None:
        del self.busy[task]
        self._freed.set()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.renew_seconds)
            try:
                await self.engine.ports.queue.renew(list(self.busy.values()))
                await self.engine.renew_slots()
            except TransientError as error:
                log.info("leases could not be renewed, and are tried again: %s", error)

    def stop(self) -> None:
        """Receive no more."""
        self.stopping.set()

    async def _deliver(self, delivery: Delivery) -> None:
        """Deliver one message; one that fails is left to its lease and comes back."""
        try:
            await self.engine.deliver(delivery)
        except Exception as error:  # noqa: BLE001  whatever it is, the loop goes on
            self.failed(delivery, error)
