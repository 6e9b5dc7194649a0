"""Switches in a table."""

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.ports.switches import SwitchedOff

_ALL = ""  # no workflow has this name


class SqliteSwitches:
    """The `Switches` port."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def set(self, workflow: str | None, *, paused: bool) -> None:
        """See `Switches.set`."""
        query = queries.SWITCH_OFF if paused else queries.SWITCH_ON

        def run(transaction: Transaction) -> None:
            transaction.run(query, _ALL if workflow is None else workflow)

        await self._writer.write(Change(run, durable=True))

    async def read(self) -> SwitchedOff:
        """See `Switches.read`."""
        names = {name for (name,) in self._database.rows(queries.SWITCHED_OFF)}
        return SwitchedOff(frozenset(names - {_ALL}), _ALL in names)
