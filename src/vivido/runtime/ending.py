"""How a turn ends a branch: what the END record says, and what it obliges to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido.engine.handles import open_jobs
from vivido.engine.needs import End
from vivido.engine.walk import BRANCH
from vivido.errors import ValueNotStorable
from vivido.model.journal import Cause, Json, Kind, Status, StopHow
from vivido.ports import Ack, Effect, PutStatus, Tell
from vivido.runtime import compensating, ends, redriving

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


async def obey(turn: Turn, how: StopHow) -> bool:
    """A stop takes the place of the next node."""
    turn.need = None
    if turn.is_root or open_jobs(turn.state.vars):  # nobody ends before its jobs
        return await turn.settle(
            Kind.CANCEL, {"how": how}, pure.stopped(turn.program, turn.state, how)
        )
    return await append_end(turn, pure.end_of_stopped(turn.state), {})


async def end(turn: Turn, need: End, data: dict[str, Json]) -> bool:
    """Append END; an outcome that led to it is part of it."""
    try:
        end = (
            pure.end_of_root(turn.state, need, has_parent=turn.meta.parent is not None)
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
    await turn.append(Kind.END, data, child_ended(turn, end))
    return False


async def ended(turn: Turn) -> bool:
    """The head is an END: repeat what it obliges to."""
    end = turn.state.wait
    if turn.is_root and turn.woken is Cause.UNDO:
        return await compensating.undo_execution(turn)
    if turn.is_root and turn.woken is Cause.REDRIVE and turn.message.data is not None:
        return await redriving.redrive(turn)
    if turn.is_root:
        await turn.perform_effects(root_ended(turn, end, turn.head))
        await turn.engine.execution_ended(turn.meta, end)
        return False
    await turn.perform_effects(child_ended(turn, end))
    return False


def root_ended(turn: Turn, end: Json, number: int) -> list[Effect]:
    """Tell the parent execution, then META; `number` is that of the END record."""
    told = compensating.tells(turn, end, number)
    status = PutStatus(
        turn.execution, Status(end["status"]), number, end.get("value"), end.get("error")
    )
    return [*([told] if told else []), status, Ack(turn.delivery)]


def child_ended(turn: Turn, end: Json) -> list[Effect]:
    """It arrives at the join: that decides whether the others stop, and who begins next."""
    place = ends.place_of(turn.branch)
    # Where messages were lost, who is told to begin may have begun.
    here = {"branch": place.branch, "n": place.fork, "doubt": turn.message.doubt}
    joined = turn.engine.message(turn.execution, Cause.JOIN, **here)
    told = turn.state.vars.inline(turn.state.vars.encoded(BRANCH))
    if "job" in told:
        return [Tell(turn.execution, f"{place.branch}.{place.fork}", joined), Ack(turn.delivery)]
    per_item = turn.engine.settings.join_item_children
    arrival = ends.arrival(turn.execution, turn.state, end["status"], per_item, joined)
    return [arrival, Ack(turn.delivery)]
