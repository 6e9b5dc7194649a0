"""What is said, and what is lost, when the file or its disk fails?"""

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from vivido.backends.sqlite import SqliteStore
from vivido.backends.sqlite.failures import translated
from vivido.errors import (
    InvariantError,
    NeedsAttention,
    Unavailable,
    UsageError,
    VividoError,
)
from vivido.model.journal import Kind, Record


def record(n: int, **data: object) -> Record:
    """Make record `n`."""
    return Record(n, Kind.OK, "m", "d", 1.0, data)


def fill_disk(store: SqliteStore) -> None:
    """Let the file not grow any more."""
    pages = pragma(store, "page_count")
    pragma(store, f"max_page_count = {pages}")


def make_room(store: SqliteStore) -> None:
    """Let the file grow again."""
    pragma(store, "max_page_count = 1000000")


def pragma(store: SqliteStore, text: str) -> int:
    """Ask the store's own connection."""
    (value,) = store._database.connection.execute(f"PRAGMA {text}").fetchone()  # noqa: SLF001  (no port for that)
    return int(value)


async def test_a_full_disk_loses_nothing(store: SqliteStore, path: Path) -> None:
    """What does not fit fails and says so; what is stored stays; with room all goes on."""
    await store.ports.journal.append("x", "r", record(1))
    fill_disk(store)
    with pytest.raises(Unavailable) as raised:
        await store.ports.journal.append("x", "r", record(2, large="x" * 1_000_000))
    assert str(raised.value) == (
        f"the store {str(path)!r} cannot grow: make room on its disk; nothing stored so far is lost"
    )
    assert list(await store.ports.journal.read("x", "r")) == [record(1)]
    make_room(store)
    assert await store.ports.journal.append("x", "r", record(2)) is None
    assert list(await store.ports.journal.read("x", "r")) == [record(1), record(2)]


async def test_what_does_not_fit_fails_alone(store: SqliteStore) -> None:
    """What fits is stored although a neighbour of the same turn does not fit."""
    await store.ports.journal.append("x", "r", record(1))
    fill_disk(store)
    outcomes = await asyncio.gather(
        store.ports.journal.append("x", "r", record(2)),
        store.ports.journal.append("x", "r.1:0", record(1, large="x" * 1_000_000)),
        store.ports.journal.append("x", "r.1:1", record(1)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [type(None), Unavailable, type(None)]
    assert list(await store.ports.journal.branches("x")) == ["r", "r.1:1"]


async def test_a_file_that_may_not_be_written(store: SqliteStore) -> None:
    """Writing says that the file is not writable; reading goes on."""
    await store.ports.journal.append("x", "r", record(1))
    store._database.connection.execute("PRAGMA query_only = ON")  # noqa: SLF001  (root may write every file)
    with pytest.raises(UsageError, match="belong to you and are writable"):
        await store.ports.journal.append("x", "r", record(2))
    assert list(await store.ports.journal.read("x", "r")) == [record(1)]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is named, and left as it was."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, " * 100)
    with pytest.raises(UsageError) as raised:
        SqliteStore(path)
    assert str(raised.value) == f"{str(path)!r} is not a Vivido store: choose another file"
    assert path.read_text() == "not a database, " * 100


def test_a_database_of_another_program(tmp_path: Path) -> None:
    """It is refused, and gets no tables of ours."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
    with pytest.raises(UsageError, match="is a database of another program"):
        SqliteStore(path)
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("theirs",)]


def test_a_newer_file(path: Path, opened: Callable[..., SqliteStore]) -> None:
    """A file of a newer Vivido is refused with what to do."""
    opened().close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(
        UsageError, match=r"newer Vivido \(format 99, this one knows \d+\): upgrade"
    ):
        opened()


@pytest.mark.parametrize("place", ["a folder", "below a file"])
def test_a_path_that_cannot_be_a_file(tmp_path: Path, place: str) -> None:
    """It is named."""
    (tmp_path / "file").write_text("")
    path = tmp_path if place == "a folder" else tmp_path / "file" / "state.db"
    with pytest.raises(UsageError, match=r"the store '.*' cannot be"):
        SqliteStore(path)


def test_a_lock_file_that_cannot_be_made(path: Path) -> None:
    """The file beside the store is named, and the store is not left open."""
    path.with_name(f"{path.name}-owners").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"the file '.*state.db-owners' beside the store cannot"):
        SqliteStore(path)


def damage(path: Path) -> None:
    """Write over all pages but the first two."""
    intact = path.read_bytes()
    path.write_bytes(intact[:8192] + b"\xff" * (len(intact) - 8192))


async def test_a_damaged_file(opened: Callable[..., SqliteStore], path: Path) -> None:
    """Reading it asks for a person, and says what to do."""
    store = opened()
    for n in range(1, 200):
        await store.ports.journal.append("x", "r", record(n, text="x" * 100))
    store.close()
    damage(path)
    with pytest.raises(NeedsAttention, match=r"is damaged .* recover"):
        await opened().ports.journal.read("x", "r")


def test_files_and_folder_are_private(path: Path, opened: Callable[..., SqliteStore]) -> None:
    """Nobody else may read what is stored; the folder is made for this user only."""
    store = opened()
    asyncio.run(append_and_receive(store))
    modes = {
        file.name: stat.S_IMODE(file.stat().st_mode)
        for file in [path.parent, *path.parent.iterdir()]
    }
    assert modes == {
        "store": 0o700,
        "state.db": 0o600,
        "state.db-owners": 0o600,
        "state.db-shm": 0o600,
        "state.db-wal": 0o600,
    }


async def append_and_receive(store: SqliteStore) -> None:
    """Make all files of a store."""
    await store.ports.journal.append("x", "r", record(1))
    await store.ports.queue.receive("default", 1)


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """Only what is made is made private."""
    tmp_path.chmod(0o755)
    SqliteStore(tmp_path / "state.db").close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_BUSY", Unavailable),
        ("SQLITE_BUSY_RECOVERY", Unavailable),
        ("SQLITE_LOCKED", Unavailable),
        ("SQLITE_FULL", Unavailable),
        ("SQLITE_IOERR", Unavailable),
        ("SQLITE_IOERR_FSYNC", Unavailable),
        ("SQLITE_NOMEM", Unavailable),
        ("SQLITE_PROTOCOL", Unavailable),
        ("SQLITE_READONLY", UsageError),
        ("SQLITE_READONLY_DBMOVED", UsageError),
        ("SQLITE_CANTOPEN", UsageError),
        ("SQLITE_PERM", UsageError),
        ("SQLITE_NOTADB", UsageError),
        ("SQLITE_TOOBIG", UsageError),
        ("SQLITE_CORRUPT", NeedsAttention),
        ("SQLITE_CORRUPT_INDEX", NeedsAttention),
        ("SQLITE_ERROR", InvariantError),
        ("SQLITE_CONSTRAINT_NOTNULL", InvariantError),
        ("SQLITE_MISUSE", InvariantError),
        ("", InvariantError),
    ],
)
def test_who_acts_on_which_error(name: str, kind: type[VividoError]) -> None:
    """Each error of SQLite becomes one that says who must act, and names the file."""
    error = sqlite3.OperationalError("something")
    if name:
        error.sqlite_errorname = name
    translation = translated(error, Path("the/state.db"))
    assert (type(translation), "the/state.db" in str(translation)) == (kind, True)
