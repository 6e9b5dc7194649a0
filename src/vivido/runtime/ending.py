"""How a turn ends a branch: what the END record says, and what it obliges to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido import ids
from vivido.engine.fork import BRANCH
from vivido.engine.needs import End
from vivido.errors import ValueNotStorable
from vivido.model.journal import Cause, Json, Kind, Status, StopHow
from vivido.ports import Ack, Arrive, Effect, PutStatus, Send
from vivido.runtime import ends
from vivido.runtime.ends import Child

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


async def obey(turn: Turn, how: StopHow) -> bool:
    """A stop takes the place of the next node."""
    turn.need = None
    if turn.is_root:
        return await turn.settle(
            Kind.CANCEL, {"how": how}, pure.stopped(turn.program, turn.state, how)
        )
    return await append_end(turn, pure.end_of_stopped(turn.state), {})


def stops_others(turn: Turn, need: End) -> bool:
    """Whether a child's failure stops its siblings.

    Then the error is recorded before the stop, and the end after it.
    """
    return (
        need.error is not None
        and not turn.is_root
        and bool(turn.state.vars.encoded(BRANCH)["fast"])
    )


async def end(turn: Turn, need: End, data: dict[str, Json]) -> bool:
    """Append END; an outcome that led to it is part of it."""
    if stops_others(turn, need):
        await turn.engine.control.stop(turn.execution, ids.scope_of(turn.branch), "failed")
    try:
        end = (
            pure.end_of_root(turn.state, need)
            if turn.is_root
            else pure.end_of_child(turn.state, need)
        )
        return await append_end(turn, end, data)
    except ValueNotStorable as error:
        return await turn.refuse(error, data)


async def append_end(turn: Turn, end: Json, data: dict[str, Json]) -> bool:
    """Append END and do what it obliges to, as far as possible in the same commit."""
    data = {**data, "end": end, **pure.said(turn.state)}
    if turn.is_root:
        await turn.append(Kind.END, data, root_ended(turn, end, turn.head + 1))
        await turn.engine.execution_ended(turn.meta, end)
        return False
    child = Child.of(turn.branch, turn.state.vars.encoded(BRANCH))
    if end["status"] in child.enough:
        await turn.append(Kind.END, data)
        await decide(turn, child, end)
        await turn.perform_effects(child_ended(turn, child, end))
    else:
        await turn.append(Kind.END, data, child_ended(turn, child, end))
    return False


async def ended(turn: Turn) -> bool:
    """The head is an END: repeat what it obliges to."""
    end = turn.state.wait
    if turn.is_root:
        await turn.perform_effects(root_ended(turn, end, turn.head))
        await turn.engine.execution_ended(turn.meta, end)
        return False
    child = Child.of(turn.branch, turn.state.vars.encoded(BRANCH))
    await decide(turn, child, end)
    await turn.perform_effects(child_ended(turn, child, end))
    return False


def root_ended(turn: Turn, end: Json, number: int) -> list[Effect]:
    """Tell the parent execution, then META; `number` is that of the END record."""
    effects: list[Effect] = []
    if (parent := turn.meta.parent) is not None:
        effects.append(
            Send(
                [
                    turn.engine.message(
                        parent.execution, Cause.CHILD, branch=parent.branch, n=parent.n, data=end
                    )
                ]
            )
        )
    status = PutStatus(
        turn.execution, Status(end["status"]), number, end.get("value"), end.get("error")
    )
    return [*effects, status, Ack(turn.delivery)]


async def decide(turn: Turn, child: Child, end: Json) -> None:
    """Stop the others if enough have failed or succeeded.

    After END, which says so, and before the arrival: so no join overtakes the stop.
    """
    how = await ends.decides(turn.engine.ports.joins, turn.execution, child, end["status"])
    if how is not None:
        await turn.engine.control.stop(turn.execution, child.fork, how)


def child_ended(turn: Turn, child: Child, end: Json) -> list[Effect]:
    """The next child of the lane begins, then this one arrives at the join."""
    message = turn.engine.message
    following = child.next_in_lane(end["status"])
    lane = [] if following is None else [Send([message(turn.execution, branch=following)])]
    arrival = Arrive(
        turn.execution,
        child.fork,
        tuple(child.arriving(end["status"])),
        child.width,
        turn.engine.settings.join_item_children,
        message(turn.execution, Cause.JOIN, branch=child.parent, n=child.number),
    )
    return [*lane, arrival, Ack(turn.delivery)]
