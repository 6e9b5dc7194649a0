"""Does the writer keep its neighbours apart: failures, cancellations, other processes, the end?"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vivido.backends.sqlite import SqliteStore
from vivido.errors import Unavailable, UsageError
from vivido.model.journal import Kind, Message, Record


def record(n: int = 1, **data: object) -> Record:
    """Make record `n`."""
    return Record(n, Kind.OK, "m", "d", 1.0, data)


@pytest.fixture
def blocker(path: Path, store: SqliteStore) -> Iterator[sqlite3.Connection]:
    """Give a connection that writes to the file, as another process does."""
    assert not store.closed
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


async def test_a_busy_file_is_waited_for(store: SqliteStore, blocker: sqlite3.Connection) -> None:
    """While another process writes, a change waits and the loop goes on; then it is made."""
    appending = asyncio.create_task(store.ports.journal.append("x", "r", record()))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not appending.done()
    blocker.execute("COMMIT")
    assert await appending is None
    assert list(await store.ports.journal.read("x", "r")) == [record()]


async def test_reading_does_not_wait(store: SqliteStore, blocker: sqlite3.Connection) -> None:
    """Another process's transaction does not hold up a read."""
    assert blocker.in_transaction
    assert list(await store.ports.journal.read("x", "r")) == []


async def test_a_file_that_stays_busy_is_unavailable(
    opened: Callable[..., SqliteStore], path: Path, blocker: sqlite3.Connection
) -> None:
    """Past its bound a change fails with what to do, and can be made again later."""
    store = opened(busy_seconds=0.02)
    with pytest.raises(Unavailable) as raised:
        await store.ports.journal.append("x", "r", record())
    assert str(raised.value) == (
        f"the store {str(path)!r} is locked by another process for too long: "
        "end what holds it (a backup, a database browser)"
    )
    blocker.execute("COMMIT")
    assert await store.ports.journal.append("x", "r", record()) is None


async def test_who_comes_later_waits_as_long(
    opened: Callable[..., SqliteStore], blocker: sqlite3.Connection
) -> None:
    """Changes that join while the file is busy are made with the others."""
    store = opened()
    first = asyncio.create_task(store.ports.journal.append("x", "r", record(1)))
    for _ in range(5):
        await asyncio.sleep(0)
    second = asyncio.create_task(store.ports.journal.append("x", "r.1:0", record(1)))
    await asyncio.sleep(0)
    blocker.execute("COMMIT")
    assert [await first, await second] == [None, None]
    assert store.stats.durable == 1


async def test_a_cancelled_change_is_not_made(store: SqliteStore) -> None:
    """Who gives up before its turn is over has asked nothing; its neighbours are served."""
    cancelled = asyncio.create_task(store.ports.journal.append("x", "r", record()))
    kept = asyncio.create_task(store.ports.journal.append("x", "r.1:0", record()))
    asyncio.get_running_loop().call_soon(cancelled.cancel)
    assert await kept is None
    assert list(await store.ports.journal.branches("x")) == ["r.1:0"]


async def test_a_cancelled_receive_loses_no_message(store: SqliteStore) -> None:
    """A message that was leased for nobody is there for the next who asks."""
    await store.ports.queue.send([Message("m1", "x", "r", 0)])
    receiving = asyncio.create_task(store.ports.queue.receive("default", 1))
    while not store.stats.statements.get("visible"):  # noqa: ASYNC110  (a turn, no time)
        await asyncio.sleep(0)
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)
    (delivery,) = await store.ports.queue.receive("default", 1)
    assert (delivery.message.id, delivery.receives) == ("m1", 1)


async def test_what_still_waits_is_made_at_the_end(
    opened: Callable[..., SqliteStore],
) -> None:
    """Closing makes the changes that were asked for."""
    store = opened()
    appending = asyncio.create_task(store.ports.journal.append("x", "r", record()))
    await asyncio.sleep(0)
    store.close()
    assert await appending is None
    assert list(await opened().ports.journal.read("x", "r")) == [record()]


async def test_what_still_waits_for_a_busy_file_at_the_end_fails(
    opened: Callable[..., SqliteStore], blocker: sqlite3.Connection
) -> None:
    """Closing does not wait for another process."""
    assert blocker.in_transaction
    store = opened()
    appending = asyncio.create_task(store.ports.journal.append("x", "r", record()))
    await asyncio.sleep(0)
    store.close()
    with pytest.raises(Unavailable):
        await appending


async def test_a_closed_store_says_so(store: SqliteStore) -> None:
    """Reading and writing say that the store is closed; closing again is nothing."""
    store.close()
    store.close()
    for work in (
        store.ports.journal.read("x", "r"),
        store.ports.journal.append("x", "r", record()),
        store.ports.queue.receive("default", 1),
    ):
        with pytest.raises(UsageError, match="is closed: open it again"):
            await work
