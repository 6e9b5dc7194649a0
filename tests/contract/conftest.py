"""Which backends keep the promises of the ports? Every test of this folder runs over each of them.

A test that is a coroutine function runs in an event loop of its own.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.backends.sqlite import SqliteStore
from vivido.ports import Ports

LEASE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Backend:
    """One store under test. `elsewhere` is the same store as another process sees it."""

    ports: Ports
    elsewhere: Ports
    clock: VirtualClock


def memory(_folder: Path) -> Iterator[Backend]:
    """Memory without the Atomic port; there is no other process."""
    clock = VirtualClock(1_000.0)
    ports = memory_ports(clock=clock, ids=SeededIds(1))
    yield Backend(ports, ports, clock)


def memory_atomic(_folder: Path) -> Iterator[Backend]:
    """Memory with the Atomic port."""
    clock = VirtualClock(1_000.0)
    ports = memory_ports(clock=clock, ids=SeededIds(1), atomic=True)
    yield Backend(ports, ports, clock)


def sqlite(folder: Path) -> Iterator[Backend]:
    """One file, opened twice."""
    clock = VirtualClock(1_000.0)
    with (
        SqliteStore(folder / "state.db", clock=clock, ids=SeededIds(1)) as store,
        SqliteStore(folder / "state.db", clock=clock, ids=SeededIds(2)) as other,
    ):
        yield Backend(store.ports, other.ports, clock)


BACKENDS: dict[str, Callable[[Path], Iterator[Backend]]] = {
    "memory": memory,
    "memory-atomic": memory_atomic,
    "sqlite": sqlite,
}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """Give one backend after the other, each empty."""
    yield from BACKENDS[request.param](tmp_path)


@pytest.fixture
def ports(backend: Backend) -> Ports:
    """Give the ports of a backend."""
    return backend.ports


@pytest.fixture
def elsewhere(backend: Backend) -> Ports:
    """Give the ports of the same store, as another process has them."""
    return backend.elsewhere


@pytest.fixture
def clock(backend: Backend) -> VirtualClock:
    """Give the clock of a backend."""
    return backend.clock


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run coroutine functions; the rest is pytest's."""
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    names = inspect.signature(pyfuncitem.function).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
