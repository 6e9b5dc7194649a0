"""Small sets that branches meet in: arrivals at a join, waits of an execution, parked messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vivido.model.journal import Json, Message


class Joins(Protocol):
    """Join items: lists of numbers, named by fork, level and place (protocol.md "Fork and join").

    A list holds each number once, in the order of arrival, and what it holds never changes place.
    """

    async def arrive(
        self,
        execution: str,
        fork: str,
        item: str,
        members: Sequence[int],
        most: int | None = None,
    ) -> Sequence[int]:
        """Append the members that are not in the list; returns all of it.

        With `most` a member is appended only while the list is shorter. Adding twice changes
        nothing. `fork` is a scope as "r.5". Of arrivals at the same time exactly one gets the
        last list.
        """
        ...


@dataclass(frozen=True, slots=True)
class Wait:
    """A branch waits at its record `n`: for a time, an event, a child execution, an operator."""

    execution: str
    branch: str
    n: int
    timer: float | None = None
    child: str | None = None
    event: Json | None = None
    job: str | None = None  # the scope of a job
    limit: Json | None = None  # [limit, key] of which a slot or a token is awaited


class Waits(Protocol):
    """What waits. An item may outlive its wait: the journal then refuses a message to it."""

    async def put(self, wait: Wait) -> None:
        """Store the item under execution, branch and number; again is the same."""
        ...

    async def remove(self, execution: str, branch: str, n: int) -> None:
        """Remove the item; nothing happens if there is none."""
        ...

    async def scan(self, execution: str, job: str | None = None) -> Sequence[Wait]:
        """All waits of an execution, or those for one job; consistent."""
        ...


class Parked(Protocol):
    """Messages that a pause holds back, by their id."""

    async def put(self, message: Message) -> None:
        """Store the message; again is the same."""
        ...

    async def remove(self, message: Message) -> None:
        """Remove it; nothing happens if there is none."""
        ...

    async def scan(self, execution: str) -> Sequence[Message]:
        """All parked messages of an execution; consistent."""
        ...

    async def executions(self, after: str = "", limit: int = 1_000) -> Sequence[str]:
        """Executions that have parked messages, by id above `after`, at most `limit`."""
        ...
