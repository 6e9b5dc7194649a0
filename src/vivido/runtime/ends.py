"""Which child of which fork a branch is, and what its arrival says.

Read from the hidden variable ``$branch`` and the branch's name, so that every repetition says the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import ids
from vivido.engine.fork import BRANCH
from vivido.engine.racing import FIRST
from vivido.engine.state import State
from vivido.errors import InvariantError
from vivido.model.arrivals import STOPPED, Ended, Siblings, child_of
from vivido.model.journal import Json, Message
from vivido.ports import Arrive

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


def siblings(plan: Json, per_item: int) -> Siblings:
    """The children of a fork, from its plan or from what a child was told of it.

    Those of a race are in one item, however many: one list says who was first.
    """
    if FIRST in plan:
        per_item = max(per_item, plan["width"])
    return Siblings(plan["width"], plan["lanes"], plan.get("allowed"), plan.get("need"), per_item)


def place_of(branch: str) -> ids.Place:
    """Where a child was forked off."""
    place = ids.parent_of(branch)
    if place is None:
        raise InvariantError("the root is no child of a fork")
    return place


def arrival(execution: str, state: State, how: Ended, per_item: int, joined: Message) -> Arrive:
    """The arrival of a child whose state this is; `joined` goes to its parent."""
    told = state.vars.inline(state.vars.encoded(BRANCH))
    return Arrive(
        execution,
        f"{joined.branch}.{joined.n}",
        told["i"],
        how,
        siblings(told, per_item),
        joined,
        finish=told.get("finish", False),
    )


async def winner(turn: Turn, plan: Json, scope: str) -> int | None:
    """Which child of a race ended first; None where a stop around was first. It never changes."""
    arrived = await turn.engine.ports.joins.arrive(turn.execution, scope, "0/0", ())
    closed = siblings(plan, turn.engine.settings.join_item_children).closed_at(arrived)
    if closed is None or arrived[closed] % 3 == STOPPED:
        return None
    return child_of(arrived[closed])
