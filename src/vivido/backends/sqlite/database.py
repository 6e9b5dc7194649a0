"""The one connection of a store in a process, and reading from it."""

import sqlite3
from pathlib import Path
from typing import Any

from vivido.backends.sqlite.failures import is_busy, translated
from vivido.backends.sqlite.schema import connect
from vivido.backends.sqlite.stats import Stats
from vivido.errors import UsageError, VividoError

Row = tuple[Any, ...]
_TRIES = 100  # of a read that another process's recovery holds up, 10 ms each


class Database:
    """Used by one thread, that of the event loop. Raises errors of Vivido, never of sqlite3."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stats = Stats()
        self.closed = False
        self._synchronous = ""
        try:
            self.connection = connect(path)
        except sqlite3.Error as error:
            raise translated(error, path) from error
        except OSError as error:
            raise UsageError(
                f"the store {str(path)!r} cannot be created: {error.strerror}; choose another file"
            ) from error

    def rows(self, query: str, *parameters: Any) -> list[Row]:
        """What a query finds, as of the last commit of any process."""
        self.stats.texts[query] += 1
        return self._read(query, parameters)

    def _read(self, query: str, parameters: Row = ()) -> list[Row]:
        for tries_left in reversed(range(_TRIES)):
            try:
                return self.connection.execute(query, parameters).fetchall()
            except sqlite3.Error as error:
                if not (tries_left and is_busy(error)):
                    raise self.raised(error) from error
        raise AssertionError  # the last try returns or raises

    def raised(self, error: sqlite3.Error) -> VividoError:
        """The error to raise instead of one of SQLite."""
        if self.closed:
            return UsageError(f"the store {str(self.path)!r} is closed: open it again")
        return translated(error, self.path)

    def row(self, query: str, *parameters: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.rows(query, *parameters)), None)

    def changes_elsewhere(self) -> int:
        """A number that is another one when another connection has committed since."""
        return int(self._read("PRAGMA data_version")[0][0])

    def begin(self, *, durable: bool) -> None:
        """Begin to write. Raises sqlite3.Error: the writer knows what is to be tried again."""
        level = "FULL" if durable else "NORMAL"
        if level != self._synchronous:  # cannot be set inside a transaction
            self.connection.execute(f"PRAGMA synchronous = {level}")
            self._synchronous = level
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self, *, durable: bool) -> None:
        """End the transaction; returns when it is on disk, if it is to be durable."""
        self.connection.execute("COMMIT")
        if durable:
            self.stats.durable += 1
        else:
            self.stats.relaxed += 1

    def roll_back(self) -> None:
        """Undo the transaction, unless SQLite has done that itself, as where the disk is full."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection; the last one of all processes writes the log back into the file."""
        self.closed = True
        self.connection.close()
