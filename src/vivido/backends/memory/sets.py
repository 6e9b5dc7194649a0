"""Arrivals, waits and parked messages in dicts."""

from collections.abc import Callable, Sequence

from vivido.model.journal import Message
from vivido.ports.sets import Wait


class MemoryJoins:
    """The `Joins` port."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str, str], list[int]] = {}

    async def arrive(
        self,
        execution: str,
        fork: str,
        item: str,
        members: Sequence[int],
        most: int | None = None,
    ) -> Sequence[int]:
        """See `Joins.arrive`."""
        arrived = self._items.setdefault((execution, fork, item), [])
        for member in members:
            if member not in arrived and (most is None or len(arrived) < most):
                arrived.append(member)
        return tuple(arrived)

    def drop(self, execution: str) -> None:
        """Delete all arrivals of an execution."""
        for key in [key for key in self._items if key[0] == execution]:
            del self._items[key]


class MemoryWaits:
    """The `Waits` port."""

    def __init__(self, keep: Callable[[Wait], Wait]) -> None:
        self._keep = keep
        self._waits: dict[str, dict[tuple[str, int], Wait]] = {}

    async def put(self, wait: Wait) -> None:
        """See `Waits.put`."""
        self._waits.setdefault(wait.execution, {})[wait.branch, wait.n] = self._keep(wait)

    async def remove(self, execution: str, branch: str, n: int) -> None:
        """See `Waits.remove`."""
        self._waits.get(execution, {}).pop((branch, n), None)

    async def scan(self, execution: str, job: str | None = None) -> Sequence[Wait]:
        """See `Waits.scan`."""
        waits = self._waits.get(execution, {})
        found = (waits[place] for place in sorted(waits))
        return [self._keep(wait) for wait in found if job is None or wait.job == job]

    def drop(self, execution: str) -> None:
        """Delete all waits of an execution."""
        self._waits.pop(execution, None)


class MemoryParked:
    """The `Parked` port."""

    def __init__(self, keep: Callable[[Message], Message]) -> None:
        self._keep = keep
        self._parked: dict[str, dict[str, Message]] = {}

    async def put(self, message: Message) -> None:
        """See `Parked.put`."""
        self._parked.setdefault(message.execution, {})[message.id] = self._keep(message)

    async def remove(self, message: Message) -> None:
        """See `Parked.remove`."""
        self._parked.get(message.execution, {}).pop(message.id, None)

    async def scan(self, execution: str) -> Sequence[Message]:
        """See `Parked.scan`."""
        parked = self._parked.get(execution, {})
        return [self._keep(parked[id]) for id in sorted(parked)]  # noqa: A001  (its name)

    async def executions(self, after: str = "", limit: int = 1_000) -> Sequence[str]:
        """See `Parked.executions`."""
        return sorted(one for one, parked in self._parked.items() if parked and one > after)[:limit]

    def drop(self, execution: str) -> None:
        """Delete all parked messages of an execution."""
        self._parked.pop(execution, None)
