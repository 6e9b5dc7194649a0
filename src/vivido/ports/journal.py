"""The journal of a branch: append-only records 1, 2, 3 …: state, history and lock in one."""

from collections.abc import Sequence
from typing import Protocol

from vivido.model.journal import Meta, Record


class Journal(Protocol):
    """All journals of all executions."""

    async def append(self, execution: str, branch: str, record: Record) -> Record | None:
        """Add record `record.n` if there is none of that number; durable when it returns.

        Returns None if it was added, else the record that is there, unchanged. The caller never
        skips a number.
        """
        ...

    async def head(self, execution: str, branch: str, n: int) -> tuple[Meta | None, Record | None]:
        """META and record `n + 1`, read consistently in one request, in either order."""
        ...

    async def read(
        self, execution: str, branch: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Record]:
        """The records with numbers above `after`, ascending, at most `limit`; consistent."""
        ...

    async def ends(
        self, execution: str, branch: str, fork: int, width: int, first: int = 0
    ) -> Sequence[Record | None]:
        """The last record of each child `branch.fork:i` if it is an END, else None.

        Of the children from `first` up to `width`, in order.
        """
        ...

    async def last(self, execution: str, branch: str) -> Record | None:
        """The last record of a branch, or None; consistent."""
        ...

    async def heads(
        self, execution: str, after: str = "", limit: int = 1_000
    ) -> Sequence[tuple[str, Record]]:
        """Branches with their last record, by name above `after`, at most `limit`: for repair.

        A branch comes before its children.
        """
        ...

    async def branches(self, execution: str) -> Sequence[str]:
        """All branches of the execution that have a record, sorted: for people and for repair."""
        ...
