"""Deletes what is old, in short transactions: others write in between.

An execution whose META is deleted is a leftover until the last of its rows is gone. Its blobs go
when no other execution uses them; only uses older than the sweep's bound are its own, younger ones
belong to an execution that was started anew under the same id.
"""

from collections.abc import Sequence

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.backends.wire import meta_of
from vivido.model.journal import Meta, Status
from vivido.ports.retention import Swept

_ROWS = 2_000  # of one transaction: a few milliseconds
_BLOBS = 50
_ENDS = [status.value for status in Status if status.is_end]  # five: `queries` counts on it


class SqliteRetention:
    """The `Retention` port."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def expired(self, ended_before: float, limit: int) -> Sequence[Meta]:
        """See `Retention.expired`."""
        rows = self._database.rows(queries.EXPIRED, *_ENDS, ended_before, ended_before, limit)
        return [meta_of(body) for (body,) in rows]

    async def sweep(self, ended_before: float, limit: int) -> Swept:
        """See `Retention.sweep`."""
        for meta in await self.expired(ended_before, limit):
            await self._write(_deleting(meta.execution, ended_before))
        swept = Swept()
        for execution, before in self._database.rows(queries.LEFTOVERS, limit):
            while await self._write(_records(execution)):
                pass
            await self._write(_rest(execution))
            swept += await self._blobs_of(execution, before)
            await self._write(_done(execution))
            swept += Swept(executions=1)
        for (execution,) in self._database.rows(queries.NEVER_CREATED, ended_before, limit):
            swept += await self._blobs_of(execution, ended_before)
        await self._write(_buckets(ended_before))
        return swept

    async def _blobs_of(self, execution: str, before: float) -> Swept:
        swept = Swept()
        while True:
            more, part = await self._writer.write(_blobs(execution, before))
            swept += part
            if not more:
                return swept

    async def _write(self, change: Change[int]) -> int:
        return await self._writer.write(change)


def forget(transaction: Transaction, execution: str) -> None:
    """Delete at once what is left of an execution: its id is being used again."""
    row = transaction.run(queries.GET_LEFTOVER, execution).fetchone()
    if row is None:
        return
    while _records(execution).run(transaction):
        pass
    _rest(execution).run(transaction)
    while _blobs(execution, row[0]).run(transaction)[0]:
        pass
    _done(execution).run(transaction)


def _deleting(execution: str, before: float) -> Change[int]:
    """Delete META, if it is still as it was when it was found expired."""

    def run(transaction: Transaction) -> int:
        which = (execution, *_ENDS, before, before)
        deleted = transaction.run(queries.DELETE_META, *which).rowcount
        if deleted:
            transaction.run(queries.ADD_LEFTOVER, execution, before)
        return deleted

    return Change(run, durable=False)


def _records(execution: str) -> Change[int]:
    def run(transaction: Transaction) -> int:
        return transaction.run(queries.DELETE_RECORDS, execution, _ROWS).rowcount

    return Change(run, durable=False)


def _rest(execution: str) -> Change[int]:
    def run(transaction: Transaction) -> int:
        return sum(transaction.run(query, execution).rowcount for query in queries.DELETE_REST)

    return Change(run, durable=False)


def _buckets(before: float) -> Change[int]:
    """Forget the buckets of rates that have been full for as long: new ones are full, too."""

    def run(transaction: Transaction) -> int:
        return transaction.run(queries.DELETE_BUCKETS, before).rowcount

    return Change(run, durable=False)


def _blobs(execution: str, before: float) -> Change[tuple[bool, Swept]]:
    """Drop some uses, and the blobs that nobody else uses. The result: there may be more."""

    def run(transaction: Transaction) -> tuple[bool, Swept]:
        found = transaction.run(queries.USED, execution, before, _BLOBS).fetchall()
        blobs = size = 0
        for (digest,) in found:
            transaction.run(queries.UNUSE_BLOB, execution, digest)
            if transaction.run(queries.IS_USED, digest).fetchone():
                continue
            sizes = transaction.run(queries.SIZE_OF_BLOB, digest).fetchall()
            blobs, size = blobs + len(sizes), size + sum(one for (one,) in sizes)
            transaction.run(queries.DELETE_BLOB, digest)
            transaction.run(queries.DELETE_CHUNKS, digest)
        return len(found) == _BLOBS, Swept(0, blobs, size)

    return Change(run, durable=False)


def _done(execution: str) -> Change[int]:
    def run(transaction: Transaction) -> int:
        return transaction.run(queries.REMOVE_LEFTOVER, execution).rowcount

    return Change(run, durable=False)
