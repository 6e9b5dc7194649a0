"""Definitions in a table, as their canonical JSON."""

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.model import formats
from vivido.model.definition import Definition


class SqliteRegistry:
    """The `Registry` port. A definition never changes, so one that was read is kept."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._known: dict[str, Definition] = {}
        self._stored: dict[int, Definition] = {}  # by identity: a digest costs more than a start

    async def put(self, definition: Definition) -> None:
        """See `Registry.put`. Every start puts its definition: only the first does anything."""
        if self._stored.get(id(definition)) is definition:
            return
        digest, body = definition.digest, definition.canonical_json()

        def run(transaction: Transaction) -> None:
            transaction.run(queries.PUT_DEFINITION, digest, body)

        await self._writer.write(Change(run, durable=True))
        self._stored[id(definition)] = definition

    async def get(self, digest: str) -> Definition | None:
        """See `Registry.get`."""
        if digest not in self._known:
            row = self._database.row(queries.GET_DEFINITION, digest)
            if row is None:
                return None
            self._known[digest] = formats.read(row[0])
        return self._known[digest]
