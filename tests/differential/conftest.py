"""One event loop for all comparisons, and what they compare on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.differential.differential import Differential, Tally, sqlite_machine

Make = Callable[..., Differential]


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """The event loop."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    """What all comparisons did together."""
    total = Tally()
    yield total
    print(f"\n{total}")


@pytest.fixture
def differential(tmp_path: Path, runner: asyncio.Runner) -> Iterator[Differential]:
    """A comparison on memory and on a file."""
    for machine in sqlite_machine(tmp_path / "state.db"):
        yield Differential(tmp_path, runner, sqlite=machine)
