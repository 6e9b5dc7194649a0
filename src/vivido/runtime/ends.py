"""What the end of a branch obliges to.

Decided by its END record alone, so that every repetition does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vivido import ids
from vivido.model.journal import Json, StopHow
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
    fast: bool  # the first failure stops the others
    enough: Mapping[str, int]  # or so many outcomes of that status do

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
            data.get("enough", {}),
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


async def decides(joins: Joins, execution: str, child: Child, status: str) -> StopHow | None:
    """How the others are to be stopped, if with this child enough have failed or succeeded.

    Outcomes are collected as arrivals are, so that one that is repeated counts once.
    """
    if status not in child.enough:
        return None
    same = await joins.arrive(execution, child.fork, status, [child.i])
    if len(same) < child.enough[status]:
        return None
    return "failed" if status == "failed" else "decided"
