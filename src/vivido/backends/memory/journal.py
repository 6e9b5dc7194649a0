"""Journals as lists: record `n` is item `n - 1`."""

from collections.abc import Callable, Sequence

from vivido.backends.memory.metas import MemoryMetas
from vivido.errors import InvariantError
from vivido.ids import child_branch
from vivido.model.journal import Kind, Meta, Record


class MemoryJournal:
    """The `Journal` port."""

    def __init__(self, metas: MemoryMetas, keep: Callable[[Record], Record]) -> None:
        self._metas = metas
        self._keep = keep
        self._records: dict[str, dict[str, list[Record]]] = {}

    def at(self, execution: str, branch: str, n: int) -> Record | None:
        """Record `n`, or None."""
        records = self._of(execution, branch)
        return self._keep(records[n - 1]) if n <= len(records) else None

    def add(self, execution: str, branch: str, record: Record) -> None:
        """Append without asking whether the number is free."""
        records = self._records.setdefault(execution, {}).setdefault(branch, [])
        if record.n != len(records) + 1:
            raise InvariantError(
                f"record {record.n!r} of {branch!r} in {execution!r} does not follow "
                f"record {len(records)!r}: a number was skipped"
            )
        records.append(record)

    def drop(self, execution: str) -> None:
        """Delete all journals of an execution."""
        self._records.pop(execution, None)

    def _of(self, execution: str, branch: str) -> list[Record]:
        return self._records.get(execution, {}).get(branch, [])

    async def append(self, execution: str, branch: str, record: Record) -> Record | None:
        """See `Journal.append`."""
        if old := self.at(execution, branch, record.n):
            return old
        self.add(execution, branch, self._keep(record))
        return None

    async def head(self, execution: str, branch: str, n: int) -> tuple[Meta | None, Record | None]:
        """See `Journal.head`."""
        return self._metas.at(execution), self.at(execution, branch, n + 1)

    async def read(
        self, execution: str, branch: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Record]:
        """See `Journal.read`."""
        stop = None if limit is None else after + limit
        return [self._keep(record) for record in self._of(execution, branch)[after:stop]]

    async def ends(
        self, execution: str, branch: str, fork: int, width: int, first: int = 0
    ) -> Sequence[Record | None]:
        """See `Journal.ends`."""
        return [
            self._end(execution, child_branch(branch, fork, child)) for child in range(first, width)
        ]

    def _end(self, execution: str, branch: str) -> Record | None:
        records = self._of(execution, branch)
        return self._keep(records[-1]) if records and records[-1].kind is Kind.END else None

    async def last(self, execution: str, branch: str) -> Record | None:
        """See `Journal.last`."""
        records = self._of(execution, branch)
        return self._keep(records[-1]) if records else None

    async def heads(
        self, execution: str, after: str = "", limit: int = 1_000
    ) -> Sequence[tuple[str, Record]]:
        """See `Journal.heads`."""
        journals = self._records.get(execution, {})
        found = sorted(branch for branch in journals if branch > after)[:limit]
        return [(branch, self._keep(journals[branch][-1])) for branch in found]

    async def branches(self, execution: str) -> Sequence[str]:
        """See `Journal.branches`."""
        return sorted(self._records.get(execution, {}))
