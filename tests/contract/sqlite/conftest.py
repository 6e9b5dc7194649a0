"""What do tests of the SQLite store alone need?"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vivido.backends.memory import SeededIds, VirtualClock
from vivido.backends.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a file that is not there yet."""
    return tmp_path / "store" / "state.db"


@pytest.fixture
def clock() -> VirtualClock:
    """Give a clock that stands still."""
    return VirtualClock(1_000.0)


@pytest.fixture
def opened(path: Path, clock: VirtualClock) -> Iterator[Callable[..., SqliteStore]]:
    """Give a way to open the file, as often as wanted; all are closed in the end."""
    stores: list[SqliteStore] = []

    def open_one(**options: Any) -> SqliteStore:
        store = SqliteStore(path, clock=clock, ids=SeededIds(len(stores)), **options)
        stores.append(store)
        return store

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[..., SqliteStore]) -> SqliteStore:
    """Give an open store."""
    return opened()
