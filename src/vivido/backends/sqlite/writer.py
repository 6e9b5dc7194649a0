"""One writer that groups: all changes issued in one turn of the event loop are one transaction.

The first change of a turn asks the loop to call `_flush` when the turn is over; whoever comes
until then is in the group. A change that fails must not fail its group: then the group is rolled
back and its changes are made one by one, so a change has to be repeatable. Another process's
transaction is waited for without blocking the loop.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.failures import is_busy
from vivido.errors import UsageError

T = TypeVar("T")
_PAUSE = 0.002  # seconds, until a busy store is tried again


class Transaction:
    """What a change sees: the database, and what the changes of one transaction share."""

    __slots__ = ("_connection", "_counts", "at_end", "shared")

    def __init__(self, database: Database) -> None:
        self._connection = database.connection
        self._counts = database.stats.texts
        self.shared: dict[Hashable, Any] = {}
        self.at_end: dict[Hashable, Callable[[], object]] = {}  # written once, whoever asks for it

    def run(self, query: str, *parameters: Any) -> sqlite3.Cursor:
        """Run one of `queries`."""
        self._counts[query] += 1
        return self._connection.execute(query, parameters)


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """Something to do in a transaction.

    `run` may be called again after a rollback, so it changes nothing outside. `then` is called
    with its result once the transaction is committed, even if nobody waits any more.
    """

    run: Callable[[Transaction], T]
    durable: bool
    then: Callable[[T], object] | None = None


@dataclass(slots=True)
class _Waiting:
    change: Change[Any]
    future: asyncio.Future[Any]
    give_up_at: float  # by the loop's clock
    result: Any = field(default=None)


class Writer:
    """Makes changes. It waits `busy_seconds` for another process, then it raises Unavailable."""

    def __init__(self, database: Database, busy_seconds: float = 5.0) -> None:
        self._database = database
        self._busy_seconds = busy_seconds
        self._waiting: list[_Waiting] = []
        self._flush_called = False
        self.closed = False

    def write(self, change: Change[T]) -> asyncio.Future[T]:
        """Make the change with the others of this turn; when awaited it is committed."""
        if self.closed:
            raise UsageError(f"the store {str(self._database.path)!r} is closed: open it again")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Waiting(change, future, loop.time() + self._busy_seconds))
        if not self._flush_called:
            self._flush_called = True
            loop.call_soon(self._flush)
        return future

    def write_now(self, change: Change[T]) -> T:
        """Make the change in a transaction of its own, outside of any loop."""
        try:
            result: T = self._transact([change])[0]
        except sqlite3.Error as error:
            raise self._database.raised(error) from error
        if change.then:
            change.then(result)
        return result

    def close(self) -> None:
        """Make the changes that still wait, then no more."""
        self.closed = True
        self._flush()

    def _flush(self) -> None:
        self._flush_called = False
        group = [one for one in self._waiting if not one.future.done()]  # some were cancelled
        self._waiting = []
        self._settle(group)

    def _settle(self, group: list[_Waiting]) -> None:
        if not group:
            return
        try:
            results = self._transact([one.change for one in group])
        except Exception as error:  # noqa: BLE001  (whatever it is, it goes to whoever caused it)
            if isinstance(error, sqlite3.Error) and is_busy(error):
                self._try_again(group, error)
            elif len(group) == 1:
                group[0].future.set_exception(self._raised(error))
            else:
                for one in group:
                    self._settle([one])
            return
        for one, result in zip(group, results, strict=True):
            if one.change.then:
                one.change.then(result)
            if not one.future.done():
                one.future.set_result(result)

    def _transact(self, changes: Sequence[Change[Any]]) -> list[Any]:
        database, durable = self._database, any(change.durable for change in changes)
        transaction = Transaction(database)
        database.begin(durable=durable)
        try:
            results = [change.run(transaction) for change in changes]
            for write in transaction.at_end.values():
                write()
            database.commit(durable=durable)
        except BaseException:
            database.roll_back()
            raise
        database.stats.changes += len(changes)
        return results

    def _try_again(self, group: list[_Waiting], error: sqlite3.Error) -> None:
        loop = group[0].future.get_loop()
        now = loop.time()
        for one in group:
            if self.closed or one.give_up_at <= now:
                one.future.set_exception(self._raised(error))
        self._waiting = [one for one in group if not one.future.done()] + self._waiting
        if self._waiting and not self._flush_called:
            self._flush_called = True
            loop.call_later(_PAUSE, self._flush)

    def _raised(self, error: Exception) -> Exception:
        if isinstance(error, sqlite3.Error):
            raised = self._database.raised(error)
            raised.__cause__ = error
            return raised
        return error
