"""Journals in one table, whose primary key is what makes an append conditional."""

from collections.abc import Sequence
from sys import maxsize
from typing import Any

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database, Row
from vivido.backends.sqlite.metas import SqliteMetas
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.backends.wire import dumps, loads
from vivido.ids import child_branch
from vivido.model.journal import Kind, Meta, Record


class SqliteJournal:
    """The `Journal` port."""

    def __init__(self, database: Database, writer: Writer, metas: SqliteMetas) -> None:
        self._database = database
        self._writer = writer
        self._metas = metas

    async def append(self, execution: str, branch: str, record: Record) -> Record | None:
        """See `Journal.append`."""
        return await self._writer.write(self.appending(execution, branch, record))

    def appending(self, execution: str, branch: str, record: Record) -> Change[Record | None]:
        """The change that `append` makes."""
        row = (execution, branch, record.n, *_columns(record, f"{branch!r} of {execution!r}"))

        def run(transaction: Transaction) -> Record | None:
            if transaction.run(queries.APPEND, *row).rowcount:
                return None
            return _record(transaction.run(queries.GET_RECORD, *row[:3]).fetchone())

        return Change(run, durable=True)

    def holds(self, transaction: Transaction, execution: str, branch: str, n: int) -> bool:
        """Whether there is a record of that number."""
        return transaction.run(queries.GET_RECORD, execution, branch, n).fetchone() is not None

    async def head(self, execution: str, branch: str, n: int) -> tuple[Meta | None, Record | None]:
        """See `Journal.head`."""
        ((body, *columns),) = self._database.rows(queries.HEAD, execution, execution, branch, n + 1)
        meta = None if body is None else self._metas.known(execution, body)
        return meta, None if columns[0] is None else _record(columns)

    async def read(
        self, execution: str, branch: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Record]:
        """See `Journal.read`."""
        bound = maxsize if limit is None else limit
        rows = self._database.rows(queries.READ_RECORDS, execution, branch, after, bound)
        return [_record(row) for row in rows]

    async def ends(
        self, execution: str, branch: str, fork: int, width: int, first: int = 0
    ) -> Sequence[Record | None]:
        """See `Journal.ends`."""
        children = dumps(
            [child_branch(branch, fork, child) for child in range(first, width)], "a fork"
        )
        ends: list[Record | None] = [None] * max(0, width - first)
        for child, *columns in self._database.rows(queries.READ_ENDS, children.decode(), execution):
            ends[child] = _record(columns)
        return ends

    async def last(self, execution: str, branch: str) -> Record | None:
        """See `Journal.last`."""
        row = self._database.row(queries.LAST_RECORD, execution, branch)
        return None if row is None else _record(row)

    async def heads(
        self, execution: str, after: str = "", limit: int = 1_000
    ) -> Sequence[tuple[str, Record]]:
        """See `Journal.heads`."""
        rows = self._database.rows(queries.HEADS, execution, after, limit)
        return [(branch, _record(columns)) for branch, *columns in rows]

    async def branches(self, execution: str) -> Sequence[str]:
        """See `Journal.branches`."""
        return [branch for (branch,) in self._database.rows(queries.BRANCHES, execution)]


def _columns(record: Record, where: str) -> Row:
    data = dumps(record.data, f"record {record.n!r} ({record.kind.value}) of {where}").decode()
    return (record.kind.value, record.by, record.delivery, record.time, data)


def _record(columns: Sequence[Any]) -> Record:
    n, kind, by, delivery, time, data = columns
    return Record(n, Kind(kind), by, delivery, time, loads(data))
