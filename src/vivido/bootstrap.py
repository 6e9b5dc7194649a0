"""Which backend to run on: the only place that chooses one."""

from collections.abc import Callable
from dataclasses import dataclass

from vivido.backends.memory import memory_ports
from vivido.backends.sqlite import SqliteStore
from vivido.ports.bundle import Ports


@dataclass(frozen=True, slots=True)
class Local:
    """A backend on this machine: `ports`, for one event loop, and `close`, to be called once."""

    ports: Ports
    close: Callable[[], None]


def open_local(path: str | None = None, *, only: str | None = None) -> Local:
    """Open the store in the file `path`, made if there is none; without a path, a memory.

    `only`: the execution that this process drives, with its child executions; all others in the
    file are left to whoever drives them. Raises UsageError, NeedsAttention or Unavailable for a
    file that cannot be used.
    """
    if path is None:
        return Local(memory_ports(atomic=True), close=lambda: None)
    store = SqliteStore(path)
    if only is not None:
        store.only(only)
    return Local(store.ports, store.close)
