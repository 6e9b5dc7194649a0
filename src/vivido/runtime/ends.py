"""Which child of which fork a branch is, and what its arrival says.

Read from the hidden variable ``$branch`` and the branch's name, so that every repetition says the
same.
"""

from __future__ import annotations

from vivido import ids
from vivido.engine.fork import BRANCH
from vivido.engine.state import State
from vivido.errors import InvariantError
from vivido.model.arrivals import Ended, Siblings
from vivido.model.journal import Json, Message
from vivido.ports import Arrive


def siblings(plan: Json, per_item: int) -> Siblings:
    """The children of a fork, from its plan or from what a child was told of it."""
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
