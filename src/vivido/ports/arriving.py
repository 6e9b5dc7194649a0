"""What the arrival of a child comes to: who begins next, whether the others stop, who is told.

Enter the own group, look what its list says, start the next child or close what will never begin,
and climb through the items that are full (`vivido.model.arrivals` says how the lists are read).
Each step is safe to repeat: a list says the same to whoever enters it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from vivido.ids import child_branch
from vivido.model.arrivals import Ended, entry
from vivido.model.journal import Cause, Message, StopHow
from vivido.ports.effects import Arrive, Effect, Send, Stop
from vivido.ports.sets import Joins


async def arrive(joins: Joins, arrival: Arrive) -> list[Effect]:
    """Enter all items that are concerned; returns what follows, in order."""
    return await _Arriving(joins, arrival).all()


class _Arriving:
    def __init__(self, joins: Joins, arrival: Arrive) -> None:
        self.joins, self.arrival, self.siblings = joins, arrival, arrival.siblings
        self.mine = entry(arrival.child, arrival.how)
        self.decided: Ended | None = None
        self.next: int | None = None
        self.joined = False

    async def all(self) -> list[Effect]:
        siblings, child = self.siblings, self.arrival.child
        group = siblings.group_of(child)
        arrived = await self.enter(f"0/{group}", self.mine)
        place, closed = arrived.index(self.mine), siblings.closed_at(arrived)
        if place == closed and self.arrival.how != "stopped":
            self.decided = self.arrival.how
        elif siblings.groups > 1:
            await self.tally()
        if closed is None or place < closed:
            await self.follow(group, place)
        if siblings.is_full(group, arrived, closed):
            await self.climb(group, arrived)
        if place == closed:
            await self.close_behind(group)
        return list(chain(self._stops(), self._starts(), self._tells()))

    async def enter(self, item: str, *entries: int, most: int | None = None) -> Sequence[int]:
        """The list of an item after entering it."""
        arrival = self.arrival
        return await self.joins.arrive(arrival.execution, arrival.fork, item, entries, most)

    async def tally(self) -> None:
        """Whether this outcome is the last that the fork endures or needs, over all its groups."""
        how, child = self.arrival.how, self.arrival.child
        bound = self.siblings.bound(how)
        if bound is None or bound == 1 or bound > self.siblings.per_item:
            return
        counted = await self.enter(how, child, most=bound)
        if len(counted) == bound and counted[-1] == child:
            self.decided = how

    async def follow(self, group: int, place: int) -> None:
        """Find the child that begins next: in this group, else further down its chain."""
        self.next = self.siblings.started_by(group, place)
        while self.next is None and (behind := self.siblings.behind(group)) is not None:
            group = behind
            arrived = await self.enter(f"0/{group}", self.mine)
            place, closed = arrived.index(self.mine), self.siblings.closed_at(arrived)
            if closed is None or place < closed:
                self.next = self.siblings.started_by(group, place)

    async def close_behind(self, group: int) -> None:
        """The groups down the chain will not begin, or not go on: whoever is first says so."""
        closes = entry(self.arrival.child, "stopped")
        while (behind := self.siblings.behind(group)) is not None:
            group = behind
            arrived = await self.enter(f"0/{group}", closes)
            closed = self.siblings.closed_at(arrived)
            if closed is None or arrived[closed] != closes:
                return  # whoever closed it goes on from there
            if self.siblings.is_full(group, arrived, closed):
                await self.climb(group, arrived)

    async def climb(self, group: int, arrived: Sequence[int]) -> None:
        """A full group enters the item above it, and so on; the last one tells the parent."""
        siblings = self.siblings
        if siblings.groups > 1 and any(
            (siblings.bound(how) or 0) > siblings.per_item for how in ("ok", "failed")
        ):
            await self.sum_up(group, arrived)
        size, level, place = siblings.groups, 0, group
        while size > 1:
            level, above = level + 1, place // siblings.per_item
            full = await self.enter(f"{level}/{above}", place)
            if len(full) < min(siblings.per_item, size - above * siblings.per_item):
                return
            size, place = -(-size // siblings.per_item), above
        self.joined = True

    async def sum_up(self, group: int, arrived: Sequence[int]) -> None:
        """Add the group's counts to those of the others: bounds that are large are seen there."""
        mine = self.siblings.counts(group, arrived)
        counted = await self.enter("tally", mine)
        decided = self.siblings.decided_at(counted)
        if decided is not None and counted[decided[0]] == mine:
            self.decided = decided[1]

    # ------------------------------------------------------------- what follows
    def _stops(self) -> list[Effect]:
        arrival = self.arrival
        if self.decided is None:
            return []
        how: StopHow = "failed" if self.decided == "failed" else "decided"
        if self.decided == "ok" and arrival.finish:
            how = "closed"
        joined = (arrival.joined.branch, arrival.joined.n + 1)
        stop = Stop(arrival.execution, arrival.fork, how, joined)
        if how == "closed":
            return [stop]
        return [stop, Send([self._message("s", Cause.SWEEP, branch="r", n=0, data=arrival.fork)])]

    def _starts(self) -> list[Effect]:
        if self.next is None:
            return []
        parent = self.arrival.joined
        branch = child_branch(parent.branch, parent.n, self.next)
        return [Send([self._message("n", Cause.GO, branch=branch, n=0)])]

    def _tells(self) -> list[Effect]:
        return [Send([self.arrival.joined])] if self.joined else []

    def _message(self, mark: str, cause: Cause, **more: object) -> Message:
        """A message whose id is made of that of `joined`, which is new at each delivery."""
        joined = self.arrival.joined
        return replace(joined, id=f"{joined.id}{mark}", cause=cause, **more)  # type: ignore[arg-type]
