"""Actions in a table."""

from collections.abc import Sequence

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.ports.actions import Action


class SqliteActions:
    """The `Actions` port."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def add(self, execution: str, action: Action) -> None:
        """See `Actions.add`."""
        what = (action.time, action.who, action.what, action.note)

        def run(transaction: Transaction) -> None:
            transaction.run(queries.ADD_ACTION, execution, execution, *what)

        await self._writer.write(Change(run, durable=True))

    async def read(self, execution: str) -> Sequence[Action]:
        """See `Actions.read`."""
        return [Action(*row) for row in self._database.rows(queries.READ_ACTIONS, execution)]
