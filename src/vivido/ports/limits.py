"""Limits by key: who holds a slot, who waits for one, and when the next token is due.

A *limit* (a name, as "concurrency shop:charge") bounds how many hold a slot of one *key* at once.
A slot is a lease: it ends by time, so that one whose holder is dead is free again. Who finds none
free may line up: a waiter holds no worker, only a message, its *wake*, and gets a slot from whoever
leaves, by priority (the highest first), then by how long it has waited. All of one limit and key is
changed in one step; a holder is known by its execution and place, so whatever is repeated changes
nothing. Nothing here is durable: what a power failure takes back was never relied upon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vivido.model.journal import Json, Message


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for a slot of which key.

    `place`: the branch and step path; "" for the execution itself. `bound`: how many slots there
    are, as `stated` at that time (seconds since 1970); of different bounds the one that was stated
    last counts for all keys of the limit. `since`: since when it waits. `under`: the messages under
    which it comes, and which will be deleted. `lasting`: the slot of a dead holder is not free
    until somebody says so (`leave`).
    """

    limit: str
    key: str
    execution: str
    place: str
    bound: int
    stated: float
    since: float
    priority: float = 0.0
    lease_seconds: float = 90.0
    under: tuple[str, ...] = ()
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """What is held. `fence` tells this lease from later ones of the same holder; they only grow.

    None: whichever it is, a place in the line too.
    """

    limit: str
    key: str
    execution: str
    place: str
    fence: int | None

    def as_json(self) -> Json:
        """For a record."""
        return [self.limit, self.key, self.execution, self.place, self.fence]


@dataclass(frozen=True, slots=True)
class Entered:
    """`slot` None: none is free, or others wait for it. `wakes` are to be sent."""

    slot: Slot | None
    wakes: Sequence[Message] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a key stands. `wakes` are to be sent.

    `first_end`: when the first of the leases ends; None: no slot is held. `overdue`: slots past
    their end that are lasting. `waits`: whether the execution that asked still waits.
    """

    wakes: Sequence[Message]
    first_end: float | None
    overdue: Sequence[Slot] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A slot or a waiter, for people. `until`: when the lease ends; None: it waits."""

    limit: str
    key: str
    execution: str
    place: str
    bound: int
    since: float
    priority: float
    until: float | None
    fence: int


class Limits(Protocol):
    """All limits. Times are the clock's."""

    async def enter(self, claim: Claim) -> Entered:
        """Take a slot, or find the one that the holder has: with a new fence and a new lease.

        A slot is free for whoever did not wait only if nobody waits for it. The holder's own place
        in the line is over if it came under the wake of that very place (`Claim.under`); else it
        stays with the slot.
        """
        ...

    async def line_up(self, claim: Claim, wake: Message) -> Standing:
        """Wait for a slot; `wake` is sent when there is one.

        A waiter keeps its place; its wake too, unless it comes under that, or lines up at a later
        record than that. If a slot is free it is granted at once, and `wake` is among `wakes`. A
        holder keeps its slot, and a place in the line beside it: once the slot is left, or its
        lease over, it waits.
        """
        ...

    async def leave(self, slot: Slot) -> Sequence[Message]:
        """Give the slot up, if it has that fence; returns the wakes to be sent.

        These are the wakes of all who were granted a slot of the key and have not come to `enter`:
        so they are repeated. When the lease of such a slot ends its waiter is in the line again.
        """
        ...

    async def forget(self, slot: Slot, wait: int) -> Sequence[Message]:
        """Give up what was lined up for under the record `wait`; returns the wakes to be sent.

        A place in the line, a slot that was granted and not entered, or only the place beside a
        slot that is held. The fence is not looked at.
        """
        ...

    async def renew(self, slots: Sequence[Slot], seconds: float | None = None) -> Sequence[Slot]:
        """Lease them anew from now on, as long as before or for `seconds`.

        Returns those that are not held with that fence any more.
        """
        ...

    async def lapse(self, limit: str, key: str, execution: str) -> Standing:
        """Free the slots whose lease is over, and grant what is free; `execution` asks."""
        ...

    async def take(
        self, limit: str, key: str, *, bound: int, period: float, stated: float
    ) -> float:
        """Reserve the next token of a bucket: returns from when it counts, now at the earliest.

        The bucket holds `bound` tokens, and gets as many in each `period` (seconds). As with slots,
        the `bound` and `period` that were stated last count.
        """
        ...

    async def view(
        self, *, limit: str | None = None, key: str | None = None, execution: str | None = None
    ) -> Sequence[Entry]:
        """Slots and waiters: of all, or of one limit, key, execution; slots first, then by turn."""
        ...
