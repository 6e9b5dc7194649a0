"""Retention: what is kept of an execution that has ended, and for how long.

An execution can be deleted when it has ended, its META has not changed since a moment, and it is no
child of an execution that is still there: a parent may look for its children again. With it go its
journals, messages, arrivals, waits and lines, and the blobs to which no other execution refers.
Nothing else goes: no definition, and nothing of an execution that runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vivido.model.journal import Meta


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep has deleted: executions, blobs, and the bytes of those."""

    executions: int = 0
    blobs: int = 0
    bytes: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            self.executions + other.executions,
            self.blobs + other.blobs,
            self.bytes + other.bytes,
        )


class Retention(Protocol):
    """Deletes what is old."""

    async def expired(self, ended_before: float, limit: int) -> Sequence[Meta]:
        """At most `limit` executions that can be deleted, not changed since `ended_before`."""
        ...

    async def sweep(self, ended_before: float, limit: int) -> Swept:
        """Delete at most `limit` executions not changed since `ended_before` (seconds since 1970).

        META goes first, in one step with the condition: from then on nothing wakes the execution,
        and its id is free. The rest follows in steps that a crash may part; the next sweep, or the
        next start under the same id, goes on. Blobs put long ago for an execution that was never
        created go too.
        """
        ...
