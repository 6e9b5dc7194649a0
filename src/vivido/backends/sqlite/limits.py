"""Slots, waiters and buckets in tables: each operation is one change, so one transaction.

All of it is bookkeeping: relaxed commits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from vivido.backends.ledger import Ledger, Row, entry_of, in_order, shows
from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.backends.wire import dumps, loads, message_body, message_of
from vivido.model.journal import Message
from vivido.ports.limits import Claim, Entered, Entry, Slot, Standing
from vivido.ports.world import Clock

T = TypeVar("T")


class SqliteLimits:
    """The `Limits` port."""

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def enter(self, claim: Claim) -> Entered:
        """See `Limits.enter`."""
        return await self._write(lambda ledger: ledger.enter(claim))

    async def line_up(self, claim: Claim, wake: Message) -> Standing:
        """See `Limits.line_up`."""
        return await self._write(lambda ledger: ledger.line_up(claim, wake))

    async def leave(self, slot: Slot) -> Sequence[Message]:
        """See `Limits.leave`."""
        return await self._writer.write(self.leaving(slot))

    def leaving(self, slot: Slot) -> Change[Sequence[Message]]:
        """The change that `leave` makes."""
        return self._change(lambda ledger: ledger.leave(slot))

    async def forget(self, slot: Slot, wait: int) -> Sequence[Message]:
        """See `Limits.forget`."""
        return await self._write(lambda ledger: ledger.forget(slot, wait))

    async def renew(self, slots: Sequence[Slot], seconds: float | None = None) -> Sequence[Slot]:
        """See `Limits.renew`."""
        return await self._write(lambda ledger: ledger.renew(slots, seconds))

    async def lapse(self, limit: str, key: str, execution: str) -> Standing:
        """See `Limits.lapse`."""
        return await self._write(lambda ledger: ledger.lapse(limit, key, execution))

    async def take(
        self, limit: str, key: str, *, bound: int, period: float, stated: float
    ) -> float:
        """See `Limits.take`."""
        return await self._write(
            lambda ledger: ledger.take(limit, key, bound=bound, period=period, stated=stated)
        )

    async def view(
        self, *, limit: str | None = None, key: str | None = None, execution: str | None = None
    ) -> Sequence[Entry]:
        """See `Limits.view`."""
        if execution is not None:
            rows = self._database.rows(queries.VIEW_CLAIMS_OF, execution)
        elif limit is not None:
            rows = self._database.rows(queries.VIEW_LIMIT, limit)
        else:
            rows = self._database.rows(queries.VIEW_CLAIMS)
        found = [entry_of(_row(row), bound) for *row, bound in rows]
        return in_order(one for one in found if shows(one, limit, key, execution))

    async def _write(self, decide: Callable[[Ledger], T]) -> T:
        return await self._writer.write(self._change(decide))

    def _change(self, decide: Callable[[Ledger], T]) -> Change[T]:
        now = self._clock.now()
        return Change(lambda transaction: decide(Ledger(_Rows(transaction), now)), durable=False)


class _Rows:
    """The rows as one transaction sees them; see `ledger.Rows`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def state(self, limit: str, bound: float, stated: float, period: float = 0.0) -> None:
        known = self._transaction.run(queries.GET_LIMIT, limit).fetchone()
        if known is None or (stated >= known[2] and known[:2] != (bound, period)):
            self._transaction.run(queries.STATE_LIMIT, limit, bound, period, stated)

    def stated(self, limit: str) -> tuple[float, float]:
        known = self._transaction.run(queries.GET_LIMIT, limit).fetchone()
        return (0.0, 0.0) if known is None else known[:2]

    def get(self, limit: str, key: str, execution: str, place: str) -> Row | None:
        return self._one(queries.GET_CLAIM, limit, key, execution, place)

    def slots(self, limit: str, key: str) -> Sequence[Row]:
        return [_row(row) for row in self._transaction.run(queries.HELD, limit, key)]

    def first_waiter(self, limit: str, key: str) -> Row | None:
        return self._one(queries.FIRST_IN_LINE, limit, key)

    def waits(self, limit: str, key: str, execution: str) -> bool:
        found = self._transaction.run(queries.IS_IN_LINE, limit, key, execution)
        return found.fetchone() is not None

    def put(self, row: Row) -> None:
        self._transaction.run(
            queries.PUT_CLAIM,
            row.limit,
            row.key,
            row.execution,
            row.place,
            row.since,
            row.priority,
            row.lease_seconds,
            row.lasting,
            row.fence,
            row.until,
            row.told,
            None if row.wake is None else _wake_text(row.wake),
        )

    def remove(self, row: Row) -> None:
        self._transaction.run(queries.REMOVE_CLAIM, row.limit, row.key, row.execution, row.place)

    def fence(self, limit: str) -> int:
        self._transaction.run(queries.NEXT_FENCE, limit)
        return int(self._transaction.run(queries.GET_FENCE, limit).fetchone()[0])

    def due(self, limit: str, key: str) -> float:
        found = self._transaction.run(queries.GET_BUCKET, limit, key).fetchone()
        return 0.0 if found is None else float(found[0])

    def set_due(self, limit: str, key: str, due: float) -> None:
        self._transaction.run(queries.PUT_BUCKET, limit, key, due)

    def _one(self, query: str, *parameters: str) -> Row | None:
        found = self._transaction.run(query, *parameters).fetchone()
        return None if found is None else _row(found)


def _row(row: Sequence[Any]) -> Row:
    *plain, lasting, fence, until, told, wake = row
    message = None if wake is None else _wake_of(wake)
    limit, key, execution, place, since, priority, lease_seconds = plain
    return Row(
        limit,
        key,
        execution,
        place,
        since,
        priority,
        lease_seconds,
        bool(lasting),
        fence,
        until,
        bool(told),
        message,
    )


def _wake_text(wake: Message) -> str:
    head = [wake.id, wake.pool, wake.execution, message_body(wake).decode()]
    return dumps(head, f"message {wake.id!r}").decode()


def _wake_of(text: str) -> Message:
    return message_of(*loads(text))
