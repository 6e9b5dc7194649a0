"""Slots, waiters and buckets in dicts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vivido.backends.ledger import Ledger, Row, entry_of, in_order, shows
from vivido.model.journal import Message
from vivido.ports.limits import Claim, Entered, Entry, Slot, Standing
from vivido.ports.world import Clock

_Holder = tuple[str, str]
_Turn = tuple[float, float, int, _Holder]  # sorts by whose turn it is


@dataclass(slots=True)
class _Key:
    slots: dict[_Holder, Row] = field(default_factory=dict)
    waiters: dict[_Holder, Row] = field(default_factory=dict)
    line: list[_Turn] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)  # by execution
    due: float = 0.0

    def rows(self) -> list[Row]:
        """All of them."""
        return [*self.slots.values(), *self.waiters.values()]


@dataclass(slots=True)
class _Stated:
    bound: float
    period: float
    at: float
    fence: int = 0


class MemoryLimits:
    """The `Limits` port; it is its own `Rows`: no method gives up control half-way."""

    def __init__(self, clock: Clock, keep: Callable[[Any], Any]) -> None:
        self._clock = clock
        self._keep = keep
        self._keys: dict[tuple[str, str], _Key] = {}
        self._limits: dict[str, _Stated] = {}

    @property
    def _ledger(self) -> Ledger:
        return Ledger(self, self._clock.now())

    async def enter(self, claim: Claim) -> Entered:
        """See `Limits.enter`."""
        return self._ledger.enter(claim)

    async def line_up(self, claim: Claim, wake: Message) -> Standing:
        """See `Limits.line_up`."""
        return self._ledger.line_up(claim, self._keep(wake))

    async def leave(self, slot: Slot) -> Sequence[Message]:
        """See `Limits.leave`."""
        return self._ledger.leave(slot)

    async def forget(self, slot: Slot, wait: int) -> Sequence[Message]:
        """See `Limits.forget`."""
        return self._ledger.forget(slot, wait)

    async def renew(self, slots: Sequence[Slot], seconds: float | None = None) -> Sequence[Slot]:
        """See `Limits.renew`."""
        return self._ledger.renew(slots, seconds)

    async def lapse(self, limit: str, key: str, execution: str) -> Standing:
        """See `Limits.lapse`."""
        return self._ledger.lapse(limit, key, execution)

    async def take(
        self, limit: str, key: str, *, bound: int, period: float, stated: float
    ) -> float:
        """See `Limits.take`."""
        return self._ledger.take(limit, key, bound=bound, period=period, stated=stated)

    async def view(
        self, *, limit: str | None = None, key: str | None = None, execution: str | None = None
    ) -> Sequence[Entry]:
        """See `Limits.view`."""
        rows = (row for one in self._keys.values() for row in one.rows())
        found = [entry_of(row, self._limits[row.limit].bound) for row in rows]
        return in_order(one for one in found if shows(one, limit, key, execution))

    def drop(self, execution: str) -> None:
        """Delete what an execution holds and waits for."""
        for key in self._keys.values():
            for row in key.rows():
                if row.execution == execution:
                    self.remove(row)

    # ------------------------------------------------------------- rows
    def state(self, limit: str, bound: float, stated: float, period: float = 0.0) -> None:
        """See `Rows.state`."""
        known = self._limits.setdefault(limit, _Stated(bound, period, stated))
        if stated >= known.at:
            known.bound, known.period, known.at = bound, period, stated

    def stated(self, limit: str) -> tuple[float, float]:
        """See `Rows.stated`."""
        known = self._limits.get(limit)
        return (0.0, 0.0) if known is None else (known.bound, known.period)

    def get(self, limit: str, key: str, execution: str, place: str) -> Row | None:
        """See `Rows.get`."""
        found = self._key(limit, key)
        return found.slots.get((execution, place)) or found.waiters.get((execution, place))

    def slots(self, limit: str, key: str) -> Sequence[Row]:
        """See `Rows.slots`."""
        return list(self._key(limit, key).slots.values())

    def first_waiter(self, limit: str, key: str) -> Row | None:
        """See `Rows.first_waiter`."""
        found = self._key(limit, key)
        return found.waiters[found.line[0][3]] if found.line else None

    def waits(self, limit: str, key: str, execution: str) -> bool:
        """See `Rows.waits`."""
        return self._key(limit, key).waiting[execution] > 0

    def put(self, row: Row) -> None:
        """See `Rows.put`."""
        self.remove(row)
        found, holder = self._key(row.limit, row.key), (row.execution, row.place)
        if row.until is None:
            found.waiters[holder] = row
            found.waiting[row.execution] += 1
            insort(found.line, _turn(row))
        else:
            found.slots[holder] = row

    def remove(self, row: Row) -> None:
        """See `Rows.remove`."""
        found, holder = self._key(row.limit, row.key), (row.execution, row.place)
        found.slots.pop(holder, None)
        if (old := found.waiters.pop(holder, None)) is not None:
            found.waiting[row.execution] -= 1
            del found.line[bisect_left(found.line, _turn(old))]

    def fence(self, limit: str) -> int:
        """See `Rows.fence`."""
        self._limits[limit].fence += 1
        return self._limits[limit].fence

    def due(self, limit: str, key: str) -> float:
        """See `Rows.due`."""
        return self._key(limit, key).due

    def set_due(self, limit: str, key: str, due: float) -> None:
        """See `Rows.set_due`."""
        self._key(limit, key).due = due

    def _key(self, limit: str, key: str) -> _Key:
        return self._keys.setdefault((limit, key), _Key())


def _turn(row: Row) -> _Turn:
    return -row.priority, row.since, row.fence, (row.execution, row.place)
