"""The loop that receives messages and delivers them on this machine, many at once."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from vivido.errors import InvariantError, TransientError
from vivido.model.journal import Delivery
from vivido.runtime.engine import Engine

log = logging.getLogger("vivido.worker")


class Worker:
    """Delivers what is visible in one pool, at most `concurrency` messages at once."""

    def __init__(
        self,
        engine: Engine,
        *,
        pool: str = "default",
        concurrency: int = 100,
        poll_seconds: float = 0.2,
    ) -> None:
        self.engine, self.pool, self.concurrency, self.poll_seconds = (
            engine,
            pool,
            concurrency,
            poll_seconds,
        )
        self.busy: set[asyncio.Task[None]] = set()
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop`; what has begun then is finished."""
        queue: Any = self.engine.ports.queue
        while not self.stopping.is_set():
            free = self.concurrency - len(self.busy)
            deliveries = await queue.receive(self.pool, free) if free else ()
            for delivery in deliveries:
                task = asyncio.create_task(self.deliver(delivery))
                self.busy.add(task)
                task.add_done_callback(self.busy.discard)
            if not free:
                await asyncio.wait(self.busy, return_when=asyncio.FIRST_COMPLETED)
            elif not deliveries:
                await queue.wait(self.poll_seconds)
        if self.busy:
            await asyncio.gather(*self.busy, return_exceptions=True)

    def stop(self) -> None:
        """Receive no more."""
        self.stopping.set()

    async def deliver(self, delivery: Delivery) -> None:
        """Deliver one message; one that fails is left to its lease and comes back."""
        try:
            await self.engine.deliver(delivery)
        except TransientError as error:
            log.info("message %s comes back: %s", delivery.message.id, error)
        except InvariantError:
            log.exception(
                "a bug of ours, at message %s of execution %s",
                delivery.message.id,
                delivery.message.execution,
            )
        except Exception:
            log.exception(
                "message %s of execution %s failed and comes back",
                delivery.message.id,
                delivery.message.execution,
            )
