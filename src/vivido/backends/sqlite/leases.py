"""Which messages this process holds: ready to be received, or delivered until their lease ends.

Pure bookkeeping: time and ids are arguments. In the file a held message only says whose it is. So
a message that this process sent to itself is received, and an expired lease found, without reading
or writing the file.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vivido.model.journal import Delivery, Message


@dataclass(slots=True)
class _Delivered:
    message: Message
    receives: int
    delivery: str
    until: float


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A lease that ended by time; `receives` is what the next delivery says."""

    message: Message
    receives: int
    delivery: str


class Leases:
    """`seconds` is how long a delivery is leased; `bound` is how many messages are held at most."""

    def __init__(self, seconds: float, bound: int) -> None:
        self._seconds = seconds
        self._bound = bound
        self._ready: dict[
            str, deque[tuple[Message, int]]
        ] = {}  # by pool, with the receive count to be
        self._ready_count = 0
        self._delivered: dict[str, _Delivered] = {}  # by message id
        self._ends: list[
            tuple[float, str]
        ] = []  # heap of (until, message id); outdated ones are skipped

    @property
    def room(self) -> int:
        """How many more messages should be held."""
        return self._bound - self._ready_count - len(self._delivered)

    def add(self, message: Message, receives: int) -> None:
        """Make a message of this process ready; `receives` is what its next delivery says."""
        self._ready.setdefault(message.pool, deque()).append((message, receives))
        self._ready_count += 1

    def ready_in(self, pool: str) -> int:
        """How many messages of a pool are ready."""
        return len(self._ready.get(pool, ()))

    def ready(self) -> Iterator[tuple[Message, int]]:
        """All messages that are ready, with the receive count to be."""
        for line in self._ready.values():
            yield from line

    def take(self, pool: str, limit: int, now: float, new_id: Callable[[], str]) -> list[Delivery]:
        """Deliver at most `limit` of the messages that are ready."""
        line = self._ready.get(pool)
        if not line:
            return []
        count = min(limit, len(line))
        self._ready_count -= count
        return [self.deliver(*line.popleft(), now, new_id()) for _ in range(count)]

    def deliver(self, message: Message, receives: int, now: float, delivery: str) -> Delivery:
        """Begin the lease of a message."""
        held = _Delivered(message, receives, delivery, now + self._seconds)
        self._delivered[message.id] = held
        heapq.heappush(self._ends, (held.until, message.id))
        return Delivery(message, delivery, receives)

    def holds(self, delivery: Delivery) -> bool:
        """Whether this is the newest delivery of a message that is still leased to this process."""
        held = self._delivered.get(delivery.message.id)
        return held is not None and held.delivery == delivery.id

    def end(self, delivery: Delivery) -> None:
        """Forget a delivery that was acknowledged or given back."""
        if self.holds(delivery):
            del self._delivered[delivery.message.id]

    def renew(self, delivery: Delivery, now: float) -> None:
        """Begin the lease of a delivery anew."""
        if self.holds(delivery):
            held = self._delivered[delivery.message.id]
            held.until = now + self._seconds
            heapq.heappush(self._ends, (held.until, delivery.message.id))

    def first_end(self) -> float | None:
        """When the first lease ends."""
        while self._ends:
            until, id_ = self._ends[0]
            held = self._delivered.get(id_)
            if held is not None and held.until == until:
                return until
            heapq.heappop(self._ends)
        return None

    def lapsed(self, now: float) -> list[Lapsed]:
        """What was delivered and not acknowledged in time; it stays delivered until `take_back`."""
        end = self.first_end()
        if end is None or end > now:
            return []
        return [
            Lapsed(held.message, held.receives + 1, held.delivery)
            for held in self._delivered.values()
            if held.until <= now
        ]

    def take_back(self, lapsed: Lapsed) -> None:
        """Make it ready again, unless it was acknowledged or given back in the meantime."""
        held = self._delivered.get(lapsed.message.id)
        if held is not None and held.delivery == lapsed.delivery:
            del self._delivered[lapsed.message.id]
            self.add(lapsed.message, lapsed.receives)

    def forget(self, execution: str) -> None:
        """Drop what is ready of an execution; what is delivered may be worked at."""
        for pool, line in self._ready.items():
            kept = deque(
                one for one in line if one[0].execution != execution or one[0].cause.passes_the_end
            )
            self._ready_count -= len(line) - len(kept)
            self._ready[pool] = kept
