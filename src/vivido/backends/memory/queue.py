"""A queue whose order is foreseen: by when a message becomes visible, then by when it was sent."""

import asyncio
import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vivido.model.journal import Delivery, Message
from vivido.ports.queue import Queued
from vivido.ports.world import Clock, Ids


@dataclass(slots=True)
class _Entry:
    message: Message
    place: int  # in the order of sending
    visible_at: float
    receives: int = 0
    delivery: str = ""  # the newest
    leased: bool = False  # and it was not given back


class MemoryQueue:
    """The `Queue` port, and what a simulation needs to move the clock (`next_visible`)."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        keep: Callable[[Message], Message],
        lease_seconds: float,
        *,
        stale_acks: bool = False,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._keep = keep
        self._lease_seconds = lease_seconds
        self._stale_acks = stale_acks  # a delete through an outdated handle works, as it may on SQS
        self._entries: dict[str, _Entry] = {}
        self._place = 0
        # (visible_at, place, id) by pool. An entry whose time has changed leaves its old line
        # behind, to be skipped.
        self._lines: dict[str, list[tuple[float, int, str]]] = {}
        self._changed = asyncio.Event()

    async def send(self, messages: Sequence[Message], delay: float = 0.0) -> None:
        """See `Queue.send`."""
        self.add([self._keep(message) for message in messages], delay)

    def add(self, messages: Sequence[Message], delay: float) -> None:
        """Put messages in that nobody else holds."""
        visible_at = self._clock.now() + delay
        for message in messages:
            if message.id not in self._entries:
                self._place += 1
                self._entries[message.id] = entry = _Entry(message, self._place, visible_at)
                self._line_up(entry)

    def _line_up(self, entry: _Entry) -> None:
        line = self._lines.setdefault(entry.message.pool, [])
        heapq.heappush(line, (entry.visible_at, entry.place, entry.message.id))
        self._changed.set()

    async def receive(self, pool: str, limit: int) -> Sequence[Delivery]:
        """See `Queue.receive`."""
        now = self._clock.now()
        deliveries: list[Delivery] = []
        while len(deliveries) < limit and (entry := self._first(pool)) and entry.visible_at <= now:
            entry.visible_at = now + self._lease_seconds
            entry.receives += 1
            entry.delivery = self._ids.new()
            entry.leased = True
            self._line_up(entry)
            deliveries.append(Delivery(self._keep(entry.message), entry.delivery, entry.receives))
        return deliveries

    def _first(self, pool: str) -> _Entry | None:
        """The entry of a pool that is visible first, past or future."""
        line = self._lines.get(pool, [])
        while line:
            visible_at, place, id_ = line[0]
            entry = self._entries.get(id_)
            if entry and (entry.visible_at, entry.place) == (visible_at, place):
                return entry
            heapq.heappop(line)
        return None

    async def ack(self, delivery: Delivery) -> None:
        """See `Queue.ack`: here nothing, after a newer delivery."""
        if self._newest(delivery):
            del self._entries[delivery.message.id]

    async def back(self, delivery: Delivery, delay: float) -> None:
        """See `Queue.back`: here nothing, after a newer delivery."""
        self._hide(delivery, delay, leased=False)

    def _hide(self, delivery: Delivery, delay: float, *, leased: bool) -> None:
        if entry := self._newest(delivery):
            entry.visible_at, entry.leased = self._clock.now() + delay, leased
            self._line_up(entry)

    async def renew(self, deliveries: Sequence[Delivery]) -> None:
        """See `Queue.renew`: here nothing, after a newer delivery."""
        for delivery in deliveries:
            self._hide(delivery, self._lease_seconds, leased=True)

    def _newest(self, delivery: Delivery) -> _Entry | None:
        entry = self._entries.get(delivery.message.id)
        return entry if entry and (self._stale_acks or entry.delivery == delivery.id) else None

    async def of(self, execution: str, limit: int = 1_000) -> Sequence[Queued] | None:
        """See `Queue.of`."""
        mine = [entry for entry in self._entries.values() if entry.message.execution == execution]
        now = self._clock.now()
        return [
            Queued(
                self._keep(entry.message),
                entry.visible_at,
                entry.leased and entry.visible_at > now,
            )
            for entry in mine[:limit]
        ]

    async def forget(self, execution: str) -> None:
        """See `Queue.forget`."""
        gone = [
            id_
            for id_, entry in self._entries.items()
            if entry.message.execution == execution and not entry.message.cause.passes_the_end
        ]
        for id_ in gone:
            del self._entries[id_]

    def next_visible(self) -> float | None:
        """When the next message of any pool becomes visible, or did (seconds since 1970), or None.

        A leased message counts with the end of its lease.
        """
        firsts = [entry.visible_at for pool in self._lines if (entry := self._first(pool))]
        return min(firsts, default=None)

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109  (no error: just the end of waiting)
        """Return when a message may have become visible, after `timeout` seconds at the latest."""
        soon = self.next_visible()
        if soon is not None:
            timeout = min(timeout, soon - self._clock.now())
        if timeout > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._changed.wait()
            except TimeoutError:
                pass
