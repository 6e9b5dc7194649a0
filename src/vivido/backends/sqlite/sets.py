"""Arrivals, waits and parked messages in tables. All of it is bookkeeping: relaxed commits."""

from collections.abc import Sequence

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.backends.wire import dumps, loads, message_body, message_of, wait_body, wait_of
from vivido.errors import InvariantError
from vivido.model.journal import Message
from vivido.ports.arriving import arrive
from vivido.ports.effects import Arrive, Effect
from vivido.ports.sets import Wait


class SqliteJoins:
    """The `Joins` port: arrivals of one transaction at one item are one write."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def arrive(
        self,
        execution: str,
        fork: str,
        item: str,
        members: Sequence[int],
        most: int | None = None,
    ) -> Sequence[int]:
        """See `Joins.arrive`. Of arrivals that are written together, each sees those before it."""

        def run(transaction: Transaction) -> tuple[int, ...]:
            return tuple(_added(transaction, (execution, fork, item), members, most))

        return await self._writer.write(Change(run, durable=False))


class Arriving:
    """The `Joins` port within a transaction: it answers at once."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def arrive(
        self,
        execution: str,
        fork: str,
        item: str,
        members: Sequence[int],
        most: int | None = None,
    ) -> Sequence[int]:
        """See `Joins.arrive`."""
        return _added(self._transaction, (execution, fork, item), members, most)


def arrived(transaction: Transaction, arrival: Arrive) -> list[Effect]:
    """Arrive within a transaction; returns what follows."""
    try:
        arrive(Arriving(transaction), arrival).send(None)
    except StopIteration as answer:
        effects: list[Effect] = answer.value
        return effects
    raise InvariantError("an arrival within a transaction has waited for something")


def _added(
    transaction: Transaction, key: tuple[str, str, str], members: Sequence[int], most: int | None
) -> list[int]:
    """The list after members were added; it is written at the end of the transaction, once."""
    if key not in transaction.shared:
        row = transaction.run(queries.GET_JOIN, *key).fetchone()
        transaction.shared[key] = [] if row is None else loads(row[0])
    arrived: list[int] = transaction.shared[key]
    new = [member for member in dict.fromkeys(members) if member not in arrived]
    if most is not None:
        new = new[: max(0, most - len(arrived))]
    if new:
        arrived += new
        transaction.at_end[key] = lambda: _put(transaction, key, arrived)
    return arrived


def _put(transaction: Transaction, key: tuple[str, str, str], arrived: list[int]) -> None:
    transaction.run(queries.PUT_JOIN, *key, dumps(arrived, "a join item").decode())


class SqliteWaits:
    """The `Waits` port."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def put(self, wait: Wait) -> None:
        """See `Waits.put`."""
        await self._writer.write(self.putting(wait))

    def putting(self, wait: Wait) -> Change[None]:
        """The change that `put` makes."""
        row = (wait.execution, wait.branch, wait.n, wait_body(wait).decode())
        return _making(queries.PUT_WAIT, *row)

    async def remove(self, execution: str, branch: str, n: int) -> None:
        """See `Waits.remove`."""
        await self._writer.write(_making(queries.REMOVE_WAIT, execution, branch, n))

    async def scan(self, execution: str, job: str | None = None) -> Sequence[Wait]:
        """See `Waits.scan`."""
        query = queries.SCAN_WAITS if job is None else queries.WAITS_FOR_JOB
        where = (execution,) if job is None else (execution, job)
        return [wait_of(body) for (body,) in self._database.rows(query, *where)]

    def waiting(self, transaction: Transaction, execution: str, job: str) -> list[Wait]:
        """Within a transaction: the waits for a job."""
        rows = transaction.run(queries.WAITS_FOR_JOB, execution, job).fetchall()
        return [wait_of(body) for (body,) in rows]


class SqliteParked:
    """The `Parked` port."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    async def put(self, message: Message) -> None:
        """See `Parked.put`."""
        row = (message.execution, message.id, message.pool, message_body(message).decode())
        await self._writer.write(_making(queries.PUT_PARKED, *row))

    async def remove(self, message: Message) -> None:
        """See `Parked.remove`."""
        await self._writer.write(_making(queries.REMOVE_PARKED, message.execution, message.id))

    async def scan(self, execution: str) -> Sequence[Message]:
        """See `Parked.scan`."""
        rows = self._database.rows(queries.SCAN_PARKED, execution)
        return [message_of(id_, pool, execution, body) for id_, pool, body in rows]

    async def executions(self, after: str = "", limit: int = 1_000) -> Sequence[str]:
        """See `Parked.executions`."""
        return [one for (one,) in self._database.rows(queries.PARKED_EXECUTIONS, after, limit)]


def _making(query: str, *parameters: object) -> Change[None]:
    def run(transaction: Transaction) -> None:
        transaction.run(query, *parameters)

    return Change(run, durable=False)
