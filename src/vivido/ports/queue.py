"""The queue: at least once, in no order.

A received message is leased, and comes back if it is not acknowledged. A lease ends by time, or
sooner where the backend can tell that the process that held it is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vivido.model.journal import Delivery, Message


@dataclass(frozen=True, slots=True)
class Queued:
    """A message in the queue: when it becomes visible, and whether somebody has it just now."""

    message: Message
    visible_at: float
    leased: bool


class Queue(Protocol):
    """The messages of all pools."""

    async def send(self, messages: Sequence[Message], delay: float = 0.0) -> None:
        """Put the messages in; durable when it returns. They become visible after `delay` seconds.

        A message whose id is in the queue already is left as it is.
        """
        ...

    async def receive(self, pool: str, limit: int) -> Sequence[Delivery]:
        """Lease at most `limit` visible messages of a pool. It never waits: none may be visible."""
        ...

    async def ack(self, delivery: Delivery) -> None:
        """Delete the message. After a newer delivery of the same message this may do nothing."""
        ...

    async def back(self, delivery: Delivery, delay: float) -> None:
        """Give the message back: visible after `delay` seconds, with a higher receive count.

        Same limit as `ack`.
        """
        ...

    async def renew(self, deliveries: Sequence[Delivery]) -> None:
        """Lease them anew from now on: for work longer than one lease. Same limit as `ack`."""
        ...

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109  (no error: just the end of waiting)
        """Return when a message may be visible, after `timeout` seconds at the latest."""
        ...

    async def of(self, execution: str, limit: int = 1_000) -> Sequence[Queued] | None:
        """At most `limit` messages of an execution, for repair and people; it need not be now.

        None where the queue cannot tell.
        """
        ...

    async def forget(self, execution: str) -> None:
        """Drop what is still queued for an ended execution. Tidying: nothing may depend on it.

        What makes it go on (`Cause.passes_the_end`) stays.
        """
        ...
