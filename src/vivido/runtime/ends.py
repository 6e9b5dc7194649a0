"""What the end of a branch obliges to.

Decided by its END record alone, so that every repetition does the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vivido import ids
from vivido.model.journal import Json
from vivido.ports import Joins


@dataclass(frozen=True, slots=True)
class Child:
    """Which child of which fork a branch is.

    The hidden variable ``$branch`` and the branch's name.
    """

    fork: str  # scope, as "r.5"
    parent: str
    number: int  # of the FORK record
    i: int
    width: int
    lanes: int
    fast: bool

    @classmethod
    def of(cls, branch: str, data: Json) -> Child:
        """Read the hidden variable."""
        place = ids.parent_of(branch)
        assert place is not None  # noqa: S101
        return cls(
            ids.scope_of(branch),
            place.branch,
            place.fork,
            place.child,
            data["width"],
            data["lanes"],
            data["fast"],
        )

    def next_in_lane(self, status: str) -> str | None:
        """The child to send when this one has ended; a stopped child ends its lane."""
        following = self.i + self.lanes
        if status == "stopped" or following >= self.width:
            return None
        return ids.child_branch(self.parent, self.number, following)

    def arriving(self, status: str) -> list[int]:
        """Who arrives.

        The child, and if it was stopped the rest of its lane, which will never begin.
        """
        return list(range(self.i, self.width, self.lanes)) if status == "stopped" else [self.i]


async def arrive(joins: Joins, execution: str, child: Child, status: str, per_item: int) -> bool:
    """Arrive, up the tree of join items as far as they are full.

    Says whether all children have arrived.
    """
    arriving, size, level = child.arriving(status), child.width, 0
    while True:
        full: list[int] = []
        for item, members in _by_item(arriving, per_item):
            arrived = await joins.arrive(execution, child.fork, f"{level}/{item}", members)
            if len(arrived) == min(per_item, size - item * per_item):
                full.append(item)
        size = -(-size // per_item)
        if not full or size == 1:
            return bool(full)
        arriving, level = full, level + 1


def _by_item(members: list[int], per_item: int) -> Iterator[tuple[int, list[int]]]:
    groups: dict[int, list[int]] = {}
    for member in members:
        groups.setdefault(member // per_item, []).append(member)
    yield from groups.items()
