"""What the end of a branch obliges to.

Decided by its END record alone, so that every repetition does the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from vivido import ids
from vivido.model.journal import Json


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
