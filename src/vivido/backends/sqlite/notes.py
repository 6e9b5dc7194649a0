"""Lines and progress in two tables; no commit of theirs waits for the disk."""

from collections.abc import Sequence
from sys import maxsize

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.ports.notes import KEPT, Line, Progress


class SqliteNotes:
    """The `Notes` port."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def log(self, execution: str, lines: Sequence[Line]) -> None:
        """See `Notes.log`."""

        def run(transaction: Transaction) -> None:
            (last,) = transaction.run(queries.LAST_LINE, execution).fetchone()
            for number, line in enumerate(lines, (last or 0) + 1):
                what = (line.branch, line.path, line.step, line.attempt, line.level, line.text)
                transaction.run(queries.ADD_LINE, execution, number, line.time, *what)
            old = (last or 0) + len(lines) - KEPT
            if old > 0:
                transaction.run(queries.DROP_LINES, execution, old)

        await self._writer.write(Change(run, durable=False))

    async def lines(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[int, Line]]:
        """See `Notes.lines`."""
        bound = maxsize if limit is None else limit
        rows = self._database.rows(queries.READ_LINES, execution, after, bound)
        return [(number, Line(*what)) for number, *what in rows]

    async def progress(self, execution: str, progress: Progress) -> None:
        """See `Notes.progress`."""
        one = progress
        what = (one.time, one.branch, one.path, one.step, one.attempt, one.fraction, one.text)

        def run(transaction: Transaction) -> None:
            transaction.run(queries.PUT_PROGRESS, execution, *what)

        await self._writer.write(Change(run, durable=False))

    async def done(self, execution: str, branch: str, path: str) -> None:
        """See `Notes.done`."""

        def run(transaction: Transaction) -> None:
            transaction.run(queries.REMOVE_PROGRESS, execution, branch, path)

        await self._writer.write(Change(run, durable=False))

    async def running(self, execution: str) -> Sequence[Progress]:
        """See `Notes.running`."""
        return [Progress(*row) for row in self._database.rows(queries.READ_PROGRESS, execution)]
