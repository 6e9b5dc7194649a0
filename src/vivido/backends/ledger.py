"""What the port `Limits` decides, once for all backends that change a key in one step.

`Ledger` decides over `Rows`, which a backend reads and writes within one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from vivido.model.journal import Message
from vivido.ports.limits import Claim, Entered, Entry, Slot, Standing


@dataclass(frozen=True, slots=True)
class Row:
    """A slot or a waiter as it is stored. `until` None: it waits.

    `told` False: it was granted a slot, and has not come yet. `wake`: it has lined up, and waits
    for this message.
    """

    limit: str
    key: str
    execution: str
    place: str
    since: float
    priority: float
    lease_seconds: float
    lasting: bool
    fence: int
    until: float | None = None
    told: bool = True
    wake: Message | None = None

    @property
    def slot(self) -> Slot:
        """The slot that its holder has."""
        return Slot(self.limit, self.key, self.execution, self.place, self.fence)


class Rows(Protocol):
    """The rows of a backend."""

    def state(self, limit: str, bound: float, stated: float, period: float = 0.0) -> None:
        """Store a bound, unless the one that is there was stated later."""

    def stated(self, limit: str) -> tuple[float, float]:
        """The bound that counts, and the period of a rate; (0, 0) if none was stated."""

    def get(self, limit: str, key: str, execution: str, place: str) -> Row | None:
        """One row."""

    def slots(self, limit: str, key: str) -> Sequence[Row]:
        """All slots of a key."""

    def first_waiter(self, limit: str, key: str) -> Row | None:
        """Whose turn it is."""

    def waits(self, limit: str, key: str, execution: str) -> bool:
        """Whether an execution waits for a slot."""

    def put(self, row: Row) -> None:
        """Store a row in place of the one of the same holder."""

    def remove(self, row: Row) -> None:
        """Delete the row of a holder."""

    def fence(self, limit: str) -> int:
        """A number above all that it gave before, for a limit whose bound is stated."""

    def due(self, limit: str, key: str) -> float:
        """When the bucket of a key will be full again; 0 if it is new."""

    def set_due(self, limit: str, key: str, due: float) -> None:
        """Store that."""


class Ledger:
    """Operations on the rows at one moment."""

    def __init__(self, rows: Rows, now: float) -> None:
        self._rows, self._now = rows, now

    def enter(self, claim: Claim) -> Entered:
        """See `Limits.enter`."""
        slots = self._granted(claim)
        row = self._row_of(claim)
        free = len(slots) < self._rows.stated(claim.limit)[0]
        if row is not None and row.until is not None:
            free = True
        if not free:
            return Entered(None, _wakes(slots))
        mine = row or _new(claim)
        wake = None if _is_under(mine, claim) else mine.wake
        mine = self._lease(replace(mine, told=True, wake=wake))
        return Entered(mine.slot, _wakes(one for one in slots if _who(one) != _who(mine)))

    def line_up(self, claim: Claim, wake: Message) -> Standing:
        """See `Limits.line_up`."""
        self._rows.state(claim.limit, claim.bound, claim.stated)
        row = self._row_of(claim)
        if row is None:
            fence = self._rows.fence(claim.limit)
            self._rows.put(replace(_new(claim), told=False, wake=wake, fence=fence))
        elif row.wake is None or wake.n > row.wake.n or _is_under(row, claim):
            self._rows.put(replace(row, wake=wake))
        return self.lapse(claim.limit, claim.key, claim.execution)

    def leave(self, slot: Slot) -> Sequence[Message]:
        """See `Limits.leave`."""
        row = self._rows.get(slot.limit, slot.key, slot.execution, slot.place)
        if row is not None and slot.fence == row.fence:
            self._free(row)
        elif row is not None and slot.fence is None:
            self._rows.remove(row)
        return _wakes(self._grant(slot.limit, slot.key))

    def forget(self, slot: Slot, wait: int) -> Sequence[Message]:
        """See `Limits.forget`."""
        row = self._rows.get(slot.limit, slot.key, slot.execution, slot.place)
        if row is not None and row.wake is not None and row.wake.n == wait:
            if row.until is not None and row.told:
                self._rows.put(replace(row, wake=None))
            else:
                self._rows.remove(row)
        return _wakes(self._grant(slot.limit, slot.key))

    def renew(self, slots: Sequence[Slot], seconds: float | None) -> Sequence[Slot]:
        """See `Limits.renew`."""
        lost = []
        for slot in slots:
            row = self._rows.get(slot.limit, slot.key, slot.execution, slot.place)
            if row is None or row.until is None or row.fence != slot.fence:
                lost.append(slot)
            else:
                lease = row.lease_seconds if seconds is None else seconds
                self._rows.put(replace(row, until=self._now + lease))
        return lost

    def lapse(self, limit: str, key: str, execution: str) -> Standing:
        """See `Limits.lapse`."""
        slots = self._grant(limit, key)
        ends = [row.until for row in slots if row.until is not None]
        overdue = [row.slot for row in slots if row.lasting and row.told and self._is_over(row)]
        waits = self._rows.waits(limit, key, execution)
        return Standing(_wakes(slots), min(ends, default=None), overdue, waits=waits)

    def take(self, limit: str, key: str, *, bound: int, period: float, stated: float) -> float:
        """See `Limits.take`: the bucket is kept as the moment at which it is full again."""
        self._rows.state(limit, bound, stated, period)
        count, per = self._rows.stated(limit)
        interval = per / count
        full = max(self._rows.due(limit, key), self._now) + interval
        self._rows.set_due(limit, key, full)
        return max(self._now, full - per)

    # ------------------------------------------------------------- within
    def _granted(self, claim: Claim) -> list[Row]:
        self._rows.state(claim.limit, claim.bound, claim.stated)
        return self._grant(claim.limit, claim.key)

    def _grant(self, limit: str, key: str) -> list[Row]:
        """Free the slots that are over, give what is free to who waits; returns all slots.

        Who has not come for a grant, as one that is paused, gets another only after all others.
        """
        slots, missed = [], []
        for row in self._rows.slots(limit, key):
            if not self._is_over(row) or (row.lasting and row.told):
                slots.append(row)
            elif row.told:
                self._free(row)
            else:
                self._rows.remove(row)
                missed.append(replace(row, since=self._now))
        slots += self._give(limit, key, len(slots))
        for row in missed:
            self._free(row)
        return slots + self._give(limit, key, len(slots)) if missed else slots

    def _give(self, limit: str, key: str, held: int) -> list[Row]:
        """Grant the slots that are free to the line."""
        bound, _ = self._rows.stated(limit)
        given: list[Row] = []
        while held + len(given) < bound and (first := self._rows.first_waiter(limit, key)):
            given.append(self._lease(first))
        return given

    def _free(self, row: Row) -> None:
        """The slot is free; who has lined up for it is in the line again."""
        if row.wake is None:
            self._rows.remove(row)
        else:
            self._rows.put(replace(row, until=None, told=False))

    def _lease(self, row: Row) -> Row:
        until, fence = self._now + row.lease_seconds, self._rows.fence(row.limit)
        leased = replace(row, until=until, fence=fence)
        self._rows.put(leased)
        return leased

    def _is_over(self, row: Row) -> bool:
        return row.until is not None and row.until <= self._now

    def _row_of(self, claim: Claim) -> Row | None:
        return self._rows.get(claim.limit, claim.key, claim.execution, claim.place)


def _new(claim: Claim) -> Row:
    return Row(
        claim.limit,
        claim.key,
        claim.execution,
        claim.place,
        claim.since,
        claim.priority,
        claim.lease_seconds,
        claim.lasting,
        0,
    )


def _is_under(row: Row, claim: Claim) -> bool:
    """Whether the claim comes under the wake of its own place in the line."""
    return row.wake is not None and row.wake.id in claim.under


def _who(row: Row) -> tuple[str, str]:
    return row.execution, row.place


def _wakes(slots: Iterable[Row]) -> tuple[Message, ...]:
    return tuple(row.wake for row in slots if not row.told and row.wake is not None)


def entry_of(row: Row, bound: float) -> Entry:
    """A row as people see it."""
    return Entry(
        row.limit,
        row.key,
        row.execution,
        row.place,
        int(bound),
        row.since,
        row.priority,
        row.until,
        row.fence,
    )


def shows(one: Entry, limit: str | None, key: str | None, execution: str | None) -> bool:
    """Whether an entry is of that limit, key and execution; None is any."""
    return (
        limit in (None, one.limit) and key in (None, one.key) and execution in (None, one.execution)
    )


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By key: the slots first, then who waits, by turn."""
    return sorted(entries, key=_place)


def _place(one: Entry) -> tuple[str, str, bool, float, float, int]:
    turn = (0.0, 0.0) if one.until is not None else (-one.priority, one.since)
    return one.limit, one.key, one.until is None, *turn, one.fence
