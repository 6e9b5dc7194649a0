"""Blobs in rows of a megabyte: a large one is written in several transactions, its size last.

Until its size is there, a blob is not there. A commit that follows is durable only together with
all commits before it, so these need not wait for the disk.
"""

from collections.abc import Collection, Iterator

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.errors import Unavailable
from vivido.ports.world import Clock

CHUNK = 1_000_000  # bytes of one row
_AT_ONCE = 8  # rows in one transaction: about 10 ms in which others wait


class SqliteBlobs:
    """The `Blobs` port."""

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def put(self, execution: str, digest: str, data: bytes) -> None:
        """See `Blobs.put`."""
        view, step = memoryview(data), CHUNK * _AT_ONCE
        for start in range(0, max(len(data), 1), step):
            if await self._writer.write(self._putting(execution, digest, view, start)):
                return

    def _putting(self, execution: str, digest: str, view: memoryview, start: int) -> Change[bool]:
        """The change that stores some rows. Its result: the blob is there as a whole."""
        now, end = self._clock.now(), start + CHUNK * _AT_ONCE

        def run(transaction: Transaction) -> bool:
            if start == 0:
                transaction.run(queries.USE_BLOB, execution, digest, now)
                if transaction.run(queries.HAS_BLOB, digest).fetchone():
                    return True
            for number, part in _chunks(view[start:end]):
                transaction.run(queries.PUT_CHUNK, digest, start // CHUNK + number, part)
            if end >= len(view):
                transaction.run(queries.PUT_BLOB, digest, len(view))
            return False

        return Change(run, durable=False)

    async def refer(self, execution: str, digests: Collection[str]) -> None:
        """See `Blobs.refer`."""
        now = self._clock.now()

        def run(transaction: Transaction) -> None:
            for digest in digests:
                if not transaction.run(queries.HAS_BLOB, digest).fetchone():
                    raise Unavailable(f"the blob {digest[:12]!r} is not there (any more)")
                transaction.run(queries.USE_BLOB, execution, digest, now)

        await self._writer.write(Change(run, durable=False))

    def get(self, digest: str) -> bytes | bytearray | None:
        """See `Blobs.get`."""
        row = self._database.row(queries.SIZE_OF_BLOB, digest)
        if row is None:
            return None
        if row[0] <= CHUNK:
            chunk = self._database.row(queries.GET_CHUNK, digest, 0)
            return None if chunk is None else bytes(chunk[0])
        whole = bytearray(row[0])  # filled in place: joined chunks would take the memory twice
        for number in range(-(-row[0] // CHUNK)):
            chunk = self._database.row(queries.GET_CHUNK, digest, number)
            if chunk is None:  # retention was quicker
                return None
            whole[number * CHUNK : number * CHUNK + len(chunk[0])] = chunk[0]
        return whole


def _chunks(view: memoryview) -> Iterator[tuple[int, memoryview]]:
    for number, start in enumerate(range(0, len(view), CHUNK)):
        yield number, view[start : start + CHUNK]
