"""What a fork's children are to each other, and what their ends come to.

The arithmetic of who begins when is the engine's own (`vivido.model.arrivals`): the model tries
every interleaving of the lists that it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.model.nouns import Node

from vivido.model.arrivals import Siblings


class Mistaken(Siblings):
    """The arithmetic done wrong (mutations): the list of a group is read in another way."""

    def closed_at(self, arrived: Sequence[int]) -> int | None:
        """As if all of a list counted, and not what comes first in it."""
        closed = super().closed_at(arrived)
        return None if closed is None else len(arrived) - 1


class Unclosed(Siblings):
    """A closed group is waited for as if all of it had to come (mutation)."""

    def is_full(self, group: int, arrived: Sequence[int], closed: int | None) -> bool:
        """Whether all children of the group have ended."""
        return super().is_full(group, arrived, None)


def siblings(node: Node, m: Any = frozenset()) -> Siblings:
    """The children of a fork."""
    kind = Mistaken if "count_whole" in m else Unclosed if "full_unclosed" in m else Siblings
    policy = node.policy
    allowed, need = policy.allowed, policy.need or None
    if policy.first:
        allowed, need = node.width, None
    return kind(node.width, min(node.lanes, node.width), allowed, need, node.fan)


def decided(node: Node, ok: int, failed: int) -> str | None:
    """What a fork comes to after so many ends; None: it goes on."""
    policy = node.policy
    if policy.need and ok >= policy.need:
        return "enough"
    if failed > policy.allowed:
        return "failed"
    if ok + failed < node.width:
        return None
    return "failed" if policy.need else "all"


def reached(node: Node, ends: Sequence[Any]) -> bool:
    """Whether some end decided the fork, so that it may have been stopped."""
    how = [end.data[0] for end in ends if end]
    bounds = ((kind, siblings(node).bound(kind)) for kind in ("ok", "failed"))
    return node.policy.first or any(most and how.count(kind) >= most for kind, most in bounds)


def verdict(node: Node, ends: Sequence[Any], winner: int | None, *, outer: bool) -> str:
    """The error of a JOIN, or "": from the ENDs and the winner alone, but for a stop around it."""
    how = [end.data[0] if end else "stopped" for end in ends]
    if node.policy.first:
        came = None if winner is None else how[winner]
    else:
        came = decided(node, how.count("ok"), how.count("failed"))
    if came in (None, "stopped"):
        return "cancelled" if outer else "lost"
    return "failed" if came == "failed" and not node.policy.collect else ""
