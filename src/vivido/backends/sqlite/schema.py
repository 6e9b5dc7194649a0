"""The tables, and how a file gets them: made private, migrated, refused if it is not ours.

`PRAGMA user_version` counts the migrations that a file has had. A migration is never changed, only
added.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from vivido.errors import UsageError

_APPLICATION_ID = 0x56495644  # "VIVD": `file state.db` shows it
_BUSY_AT_OPEN = 5.0  # seconds: another process may be creating the same file
_BUSY_MS = 10  # of one try; `writer` tries again without blocking the loop

# Everything is found by its primary key; tables without rowid are one tree each, so one write each.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE metas (
            execution TEXT NOT NULL PRIMARY KEY, workflow TEXT NOT NULL, status TEXT NOT NULL,
            created REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX metas_by_time ON metas (created, execution)",
        "CREATE INDEX metas_by_workflow ON metas (workflow, created, execution)",
        "CREATE INDEX metas_by_status ON metas (status, created, execution)",
        """CREATE TABLE records (
            execution TEXT NOT NULL, branch TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL,
            by TEXT NOT NULL, delivery TEXT NOT NULL, time REAL NOT NULL, data TEXT NOT NULL,
            PRIMARY KEY (execution, branch, n)) WITHOUT ROWID""",
        # A message with an owner is leased to it and in no index: most are sent that way.
        """CREATE TABLE messages (
            execution TEXT NOT NULL, id TEXT NOT NULL, pool TEXT NOT NULL, visible_at REAL NOT NULL,
            owner INTEGER, receives INTEGER NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (execution, id)) WITHOUT ROWID""",
        "CREATE INDEX messages_to_come ON messages (pool, visible_at) WHERE owner IS NULL",
        # AUTOINCREMENT: the number of a dead owner is never given to another.
        """CREATE TABLE owners (
            owner INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL,
            seen_at REAL NOT NULL)""",
        """CREATE TABLE joins (
            execution TEXT NOT NULL, fork TEXT NOT NULL, item TEXT NOT NULL, members TEXT NOT NULL,
            PRIMARY KEY (execution, fork, item)) WITHOUT ROWID""",
        """CREATE TABLE waits (
            execution TEXT NOT NULL, branch TEXT NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (execution, branch, n)) WITHOUT ROWID""",
        """CREATE TABLE parked (
            execution TEXT NOT NULL, id TEXT NOT NULL, pool TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (execution, id)) WITHOUT ROWID""",
        "CREATE TABLE definitions (digest TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL)",
    ),
    (
        # A blob is there when its size is; its chunks come before, and have rowids: they are large.
        """CREATE TABLE blobs (
            digest TEXT NOT NULL PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE chunks (
            digest TEXT NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (digest, n))""",
        """CREATE TABLE uses (
            execution TEXT NOT NULL, digest TEXT NOT NULL, time REAL NOT NULL,
            PRIMARY KEY (execution, digest)) WITHOUT ROWID""",
        "CREATE INDEX uses_by_digest ON uses (digest)",
        # Executions whose META is deleted and whose rest is to follow.
        """CREATE TABLE leftovers (
            execution TEXT NOT NULL PRIMARY KEY, time REAL NOT NULL) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE lines (
            execution TEXT NOT NULL, n INTEGER NOT NULL, time REAL NOT NULL, branch TEXT NOT NULL,
            path TEXT NOT NULL, step TEXT NOT NULL, attempt INTEGER NOT NULL, level TEXT NOT NULL,
            text TEXT NOT NULL, PRIMARY KEY (execution, n)) WITHOUT ROWID""",
        """CREATE TABLE progress (
            execution TEXT NOT NULL, branch TEXT NOT NULL, path TEXT NOT NULL, time REAL NOT NULL,
            step TEXT NOT NULL, attempt INTEGER NOT NULL, fraction REAL, text TEXT,
            PRIMARY KEY (execution, branch, path)) WITHOUT ROWID""",
    ),
    (
        # Workflows that are paused, "" for all of them.
        "CREATE TABLE switches (workflow TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
    ),
    (
        # Slots, and waiters: those have no `until`.
        """CREATE TABLE claims (
            limit_name TEXT NOT NULL, key TEXT NOT NULL, execution TEXT NOT NULL,
            place TEXT NOT NULL, since REAL NOT NULL, priority REAL NOT NULL,
            lease_seconds REAL NOT NULL, lasting INTEGER NOT NULL, fence INTEGER NOT NULL,
            until REAL, told INTEGER NOT NULL, wake TEXT,
            PRIMARY KEY (limit_name, key, execution, place)) WITHOUT ROWID""",
        "CREATE INDEX claims_held ON claims (limit_name, key) WHERE until IS NOT NULL",
        """CREATE INDEX claims_in_line ON claims (limit_name, key, priority DESC, since, fence)
            WHERE until IS NULL""",
        "CREATE INDEX claims_of_execution ON claims (execution)",
        """CREATE TABLE limits (
            name TEXT NOT NULL PRIMARY KEY, bound REAL NOT NULL, period REAL NOT NULL,
            stated REAL NOT NULL, fence INTEGER NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE buckets (
            limit_name TEXT NOT NULL, key TEXT NOT NULL, due REAL NOT NULL,
            PRIMARY KEY (limit_name, key)) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE actions (
            execution TEXT NOT NULL, n INTEGER NOT NULL, time REAL NOT NULL, who TEXT NOT NULL,
            what TEXT NOT NULL, note TEXT, PRIMARY KEY (execution, n)) WITHOUT ROWID""",
    ),
    (
        """CREATE INDEX waits_for_jobs ON waits (execution, json_extract(body, '$.job'))
            WHERE json_extract(body, '$.job') IS NOT NULL""",
    ),
)


def connect(path: Path) -> sqlite3.Connection:
    """Open the store, made if there is none. Raises UsageError, OSError and sqlite3.Error."""
    create_private(path)
    db = sqlite3.connect(path, timeout=_BUSY_AT_OPEN, isolation_level=None, cached_statements=256)
    try:
        _migrate(db, path)
        _configure(db, path)
    except BaseException:
        db.close()
        raise
    return db


def create_private(path: Path) -> None:
    """Make the file and its folder, where there are none, for this user only.

    SQLite gives its `-wal` and `-shm` the permissions of the file. An existing file is not even
    opened here: closing it would drop the locks that SQLite holds on it for another connection of
    this process
    (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    db.execute("BEGIN")  # one look at all that tells whose file it is: another process may be at it
    version = _version(db, path)
    db.execute("COMMIT")
    if version == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    for migration in MIGRATIONS[_version(db, path) :]:  # anew: another process may have been first
        for statement in migration:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    db.execute("COMMIT")


def _version(db: sqlite3.Connection, path: Path) -> int:
    version = _number(db, "PRAGMA user_version")
    ours = _number(db, "PRAGMA application_id") == _APPLICATION_ID
    if not ours and (version or _number(db, "SELECT count(*) FROM sqlite_master")):
        raise UsageError(
            f"{str(path)!r} is a database of another program: choose another file for the store"
        )
    if version > len(MIGRATIONS):
        raise UsageError(
            f"{str(path)!r} was written by a newer Vivido (format {version!r}, this one knows "
            f"{len(MIGRATIONS)!r}): upgrade vivido, or choose another file for the store"
        )
    return version


def _number(db: sqlite3.Connection, query: str) -> int:
    (number,) = db.execute(query).fetchone()
    return int(number)


def _configure(db: sqlite3.Connection, path: Path) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise UsageError(
            f"{str(path)!r} is where SQLite cannot share memory (journal mode {mode!r}): "
            "put the store on a local disk"
        )
    # The log is written back each 4 MB, which takes about a millisecond. Longer logs were slower:
    # an append alone took 0.16 ms on average with 1,000 pages, 0.19 with 4,000, 0.30 with 16,000.
    db.execute("PRAGMA wal_autocheckpoint = 1000")
    db.execute(
        "PRAGMA cache_size = -8000"
    )  # 8 MB: the tips of the trees; journals are not read again
    db.execute("PRAGMA temp_store = MEMORY")  # no value in a file with other permissions
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
