"""A store: one file, all ports over it."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from vivido.backends.sqlite.actions import SqliteActions
from vivido.backends.sqlite.atomic import SqliteAtomic
from vivido.backends.sqlite.blobs import SqliteBlobs
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.journal import SqliteJournal
from vivido.backends.sqlite.leases import Leases
from vivido.backends.sqlite.limits import SqliteLimits
from vivido.backends.sqlite.liveness import Heartbeats, Liveness, LockedBytes, has_locks
from vivido.backends.sqlite.metas import SqliteMetas
from vivido.backends.sqlite.notes import SqliteNotes
from vivido.backends.sqlite.owners import Owners
from vivido.backends.sqlite.queue import SqliteQueue
from vivido.backends.sqlite.registry import SqliteRegistry
from vivido.backends.sqlite.retention import SqliteRetention
from vivido.backends.sqlite.sets import SqliteJoins, SqliteParked, SqliteWaits
from vivido.backends.sqlite.stats import Stats
from vivido.backends.sqlite.switches import SqliteSwitches
from vivido.backends.sqlite.writer import Writer
from vivido.backends.world import SystemClock, SystemIds
from vivido.errors import UsageError
from vivido.ports.bundle import Ports
from vivido.ports.world import Clock, Ids

MESSAGES_HELD = 256  # by one process, so that others sharing the file find work


class SqliteStore:
    """Opens the file `path`, made if there is none; `ports` are to be used in one event loop.

    `busy_seconds`: how long a change waits for another process; `poll_seconds`: how soon a message
    or the death of another process is noticed. `stats` counts what is done. Raises UsageError (no
    store, no permission, a newer format), NeedsAttention (damaged), Unavailable (locked, full).
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        lease_seconds: float = 90.0,
        busy_seconds: float = 5.0,
        poll_seconds: float = 0.2,
        liveness: Liveness | None = None,
    ) -> None:
        clock, ids = clock or SystemClock(), ids or SystemIds()
        self._database = database = Database(Path(path))
        self._writer = writer = Writer(database, busy_seconds)
        metas = SqliteMetas(database, writer, clock)
        journal = SqliteJournal(database, writer, metas)
        liveness = liveness or _liveness(database, lease_seconds)
        owners = Owners(database, writer, liveness, clock, poll_seconds)
        leases = Leases(lease_seconds, MESSAGES_HELD)
        queue = SqliteQueue(database, writer, owners, leases, clock, ids, poll_seconds)
        self._queue = queue
        waits, limits = SqliteWaits(database, writer), SqliteLimits(database, writer, clock)
        self.ports = Ports(
            journal=journal,
            metas=metas,
            queue=queue,
            joins=SqliteJoins(writer),
            waits=waits,
            parked=SqliteParked(database, writer),
            limits=limits,
            blobs=SqliteBlobs(database, writer, clock),
            retention=SqliteRetention(database, writer),
            notes=SqliteNotes(database, writer),
            actions=SqliteActions(database, writer),
            switches=SqliteSwitches(database, writer),
            registry=SqliteRegistry(database, writer),
            clock=clock,
            ids=ids,
            atomic=SqliteAtomic(writer, journal, metas, queue, waits, limits),
        )

    @property
    def stats(self) -> Stats:
        """What has been done so far."""
        return self._database.stats

    @property
    def closed(self) -> bool:
        """Whether it can no longer be used."""
        return self._writer.closed

    def only(self, execution: str) -> None:
        """Receive from now on only the messages of an execution and its child executions."""
        self._queue.only(execution)

    def close(self) -> None:
        """Make the changes that wait, give messages back, close the file; again is nothing."""
        if not self.closed:
            self._writer.close()
            self._queue.release()
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _liveness(database: Database, lease_seconds: float) -> Liveness:
    if not has_locks():
        return Heartbeats(lease_seconds)
    try:
        return LockedBytes(database.path)
    except OSError as error:
        database.close()
        raise UsageError(
            f"the file {f'{database.path}-owners'!r} beside the store cannot be opened: "
            f"{error.strerror}; check that it belongs to you"
        ) from error
