"""Who begins when in a fork, and what it comes to: arithmetic, without state.

A **group** is the children of one join item. A **slot** is the right to have one child under way:
there are `max_concurrency` of them. The slots are dealt to the first groups; the p-th to arrive in
a group's item starts the child that follows the group's own slots and the p that arrived before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.model.nouns import FAN_IN, Node

LOOKS = 3  # other chains that a slot visits when its own has nothing left


def groups(width: int) -> int:
    """How many join items the children of a fork have."""
    return -(-width // FAN_IN)


def members(node: Node, group: int) -> range:
    """The children of a group."""
    return range(group * FAN_IN, min(node.width, (group + 1) * FAN_IN))


def chains(node: Node) -> int:
    """How many groups are begun at once; group g hands its slots on to group g + this."""
    lanes = min(node.lanes, node.width)
    count = min(groups(node.width), -(-lanes // node.dense))
    while sum(len(members(node, g)) for g in range(count)) < lanes:
        count += 1
    return count


def slots(node: Node, group: int) -> int:
    """How many children of a group begin with the fork: the slots are dealt in turn, as room is."""
    dealt = [0] * chains(node)
    left, g = min(node.lanes, node.width), 0
    while left:
        if dealt[g % len(dealt)] < len(members(node, g % len(dealt))):
            dealt[g % len(dealt)] += 1
            left -= 1
        g += 1
    return dealt[group] if group < len(dealt) else 0


def beginners(node: Node) -> list[int]:
    """The children that begin with the fork."""
    return [
        i for group in range(groups(node.width)) for i in members(node, group)[: slots(node, group)]
    ]


def started_by(node: Node, group: int, place: int) -> int | None:
    """The child that the `place`-th arrival (from 0) in a group's item starts."""
    following = members(node, group)[slots(node, group) + place :]
    return following[0] if following else None


def unbegun(node: Node, group: int, order: Sequence[int], who: int) -> tuple[int, ...]:
    """Whom a stopped child arrives for: the one it would start, and all that nobody starts yet."""
    mine = started_by(node, group, order.index(who))
    rest = members(node, group)[slots(node, group) + len(order) :]
    return tuple(i for i in (mine, *rest) if i is not None and i not in order)


def route(node: Node, group: int, *, steal: bool) -> Iterator[int]:
    """The groups that a slot visits, in order, when its own has no child left to start."""
    step = chains(node)
    if node.lanes >= node.width:
        return
    yield from range(group + step, groups(node.width), step)
    if steal:
        for other in range(1, min(LOOKS + 1, step)):
            chain = (group + other) % step
            yield max(range(chain, groups(node.width), step))


def bound(node: Node, how: str) -> int | None:
    """So many ends of this kind decide the fork; None: they never do."""
    policy = node.policy
    if policy.first:
        return 1
    most = policy.need if how == "ok" else policy.allowed + 1
    return most if 0 < most <= node.width else None


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
