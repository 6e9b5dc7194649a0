"""Who of a fork begins when, and what its arrivals come to: arithmetic, without state.

The children of one join item are a **group**. Its item is a list without repetition: each child
enters itself, with how it ended. The place in that list is what it means: the child at place `p`
starts the group's child `slots + p`, unless the group was **closed** before: by a child that was
stopped, or by the one with which the group's own counts reach what the fork endures or needs. What
stands before a place never changes, so everybody who reads the list reads the same out of it.

Groups that begin together hand their slots on to the groups behind them, each along its **chain**.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Ended = Literal["ok", "failed", "stopped"]
_HOW: Final[tuple[Ended, ...]] = ("ok", "failed", "stopped")
STOPPED: Final = 2  # what an entry says of who was stopped, modulo 3


def entry(child: int, how: Ended) -> int:
    """What a child enters into the list of its group."""
    return 3 * child + _HOW.index(how)


def child_of(of: int) -> int:
    """Whose entry it is."""
    return of // 3


@dataclass(frozen=True, slots=True)
class Siblings:
    """The children of one fork: how many, how many at once, and which outcomes end it.

    `allowed`: so many may fail (None: all of them); `need`: so many successes are enough.
    """

    width: int
    at_once: int
    allowed: int | None = 0
    need: int | None = None
    per_item: int = 100

    @property
    def groups(self) -> int:
        """How many join items there are on the lowest level."""
        return -(-self.width // self.per_item)

    def group_of(self, child: int) -> int:
        """In which group a child is."""
        return child // self.per_item

    def members(self, group: int) -> range:
        """The children of a group."""
        return range(group * self.per_item, min(self.width, (group + 1) * self.per_item))

    def bound(self, how: Ended) -> int | None:
        """So many outcomes of that kind end the fork; None: they never do."""
        if how == "ok":
            bound = self.need
        elif how == "failed":
            bound = None if self.allowed is None else self.allowed + 1
        else:
            bound = None
        return bound if bound is not None and bound <= self.width else None

    # ------------------------------------------------------------- slots
    @property
    def chains(self) -> int:
        """How many groups begin together; group `g` hands its slots on to `g + chains`."""
        return -(-self.at_once // self.per_item)

    def slots(self, group: int) -> int:
        """How many children of a group begin with the fork: a share in proportion to its size."""
        if self.at_once >= self.width:
            return len(self.members(group))
        if group >= self.chains:
            return 0
        return self._dealt(group + 1) - self._dealt(group)

    def _dealt(self, groups: int) -> int:
        """How many children of the first groups begin with the fork."""
        first = min(self.width, self.chains * self.per_item)
        return self.at_once * min(self.width, groups * self.per_item) // first

    def beginners(self, first: int, end: int) -> Iterator[int]:
        """The children that begin with the fork, in order, from place `first` to `end`."""
        for group in range(self.chains):
            before, after = self._dealt(group), self._dealt(group + 1)
            for place in range(max(first, before), min(end, after)):
                yield group * self.per_item + place - before

    def behind(self, group: int) -> int | None:
        """The next group of the chain, if its children do not begin with the fork."""
        following = group + self.chains
        return following if following < self.groups else None

    # ------------------------------------------------------------- what a list says
    def closed_at(self, arrived: Sequence[int]) -> int | None:
        """The place that closed the group, or None."""
        failures, successes = self.bound("failed"), self.bound("ok")
        failed = succeeded = 0
        for place, one in enumerate(arrived):
            how = one % 3
            if how == STOPPED:
                return place
            if how:
                failed += 1
                if failed == failures:
                    return place
            elif successes is not None:
                succeeded += 1
                if succeeded == successes:
                    return place
        return None

    def started_by(self, group: int, place: int) -> int | None:
        """The child of a group that the one at that place of its list starts."""
        members = self.members(group)
        local = self.slots(group) + place
        return members[local] if local < len(members) else None

    def is_full(self, group: int, arrived: Sequence[int], closed: int | None) -> bool:
        """Whether all children of the group that were ever to begin have ended."""
        members = self.members(group)
        told = len(arrived) if closed is None else closed
        begun = min(len(members), self.slots(group) + told)
        if len(arrived) < begun or (closed is None and begun < len(members)):
            return False
        there = {one // 3 for one in arrived}
        return all(child in there for child in members[:begun])

    # ------------------------------------------------------------- counts of whole groups
    def counts(self, group: int, arrived: Sequence[int]) -> int:
        """What a full group enters into the tally: its number, successes and failures."""
        members, size = self.members(group), self.per_item + 1
        how = [one % 3 for one in arrived if one // 3 in members]
        return (group * size + how.count(0)) * size + how.count(1)

    def decided_at(self, tally: Sequence[int]) -> tuple[int, Ended] | None:
        """The place in the tally with which enough have succeeded or failed, and which."""
        size = self.per_item + 1
        failed = succeeded = 0
        for place, one in enumerate(tally):
            succeeded += one // size % size
            failed += one % size
            for how, count in (("ok", succeeded), ("failed", failed)):
                bound = self.bound(how)  # type: ignore[arg-type]
                if bound is not None and count >= bound:
                    return place, how  # type: ignore[return-value]
        return None
