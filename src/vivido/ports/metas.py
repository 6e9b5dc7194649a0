"""META of executions: one item each, changed only by conditional writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from vivido.model.journal import Json, Meta, Pins, Status, StopHow

NO_PINS: Final = Pins()


@dataclass(frozen=True, slots=True)
class MetaFilter:
    """Which executions to list; a field that is None does not restrict."""

    workflow: str | None = None
    status: Status | None = None
    created_before: float | None = None
    limit: int = 100
    after: tuple[float, str] | None = None  # created and id of the last that was listed before

    def takes(self, meta: Meta) -> bool:
        """Whether `meta` is among them, the limit aside."""
        return (
            self.workflow in (None, meta.workflow)
            and self.status in (None, meta.status)
            and (self.created_before is None or meta.created < self.created_before)
            and (self.after is None or (meta.created, meta.execution) < self.after)
        )


class Metas(Protocol):
    """All executions. `updated` is when META last changed.

    A change of an execution that has no META does nothing.
    """

    async def create(self, meta: Meta) -> Meta | None:
        """Add META if the execution has none; durable.

        Returns None if added, else what is there, unchanged.
        """
        ...

    async def get(self, execution: str) -> Meta | None:
        """META, read consistently; None if there is none."""
        ...

    async def set_status(
        self,
        execution: str,
        status: Status,
        as_of: int,
        *,
        output: Json | None = None,
        error: Json | None = None,
    ) -> None:
        """Set the status that the root's record `as_of` gave, if META's `as_of` is lower.

        Also if it is the same, and neither status is an end: see `Meta.with_status`.
        """
        ...

    async def stop(self, execution: str, scope: str, how: StopHow) -> None:
        """Add `scope` to `stops` unless it is there or the status is terminal; durable.

        What is only "closed" may still be stopped.
        """
        ...

    async def unstop(self, execution: str, scope: str) -> None:
        """Remove `scope` from `stops`, whatever the status; nothing happens if it is not there."""
        ...

    async def pause(self, execution: str, *, paused: bool) -> None:
        """Set or clear the pause flag unless the status is terminal; durable."""
        ...

    async def redrive(self, execution: str, as_of: int, pins: Pins = NO_PINS) -> None:
        """Make META running again as of the root's record `as_of`, if its own is lower; durable.

        It then has no stops, no pause and no result, and what `pins` says.
        """
        ...

    async def list(self, which: MetaFilter) -> Sequence[Meta]:
        """At most `limit` executions, the newest first by `created`, then by the greater id."""
        ...
