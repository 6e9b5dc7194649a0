"""How a turn forks into children and joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido.engine.needs import Fork, names
from vivido.engine.reforking import REFORK
from vivido.errors import ValueNotStorable
from vivido.model.journal import Json, Kind, Message, Record
from vivido.ports import Ack, Send
from vivido.runtime import compensating, redriving, spreading

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


async def fork(turn: Turn, need: Fork) -> bool:
    """Append FORK and send the first children."""
    turn.state.phase, turn.state.wait, turn.need = "fork", need.plan, None
    turn.state.vars.discard(REFORK)
    try:
        data = {**names(need), **pure.whole(turn.state)}
        first = Send(children(turn, turn.head + 1))
        await turn.append(Kind.FORK, data, [first, Ack(turn.delivery)])
    except ValueNotStorable as error:
        return await turn.refuse(error, names(need))
    return False


def children(turn: Turn, number: int) -> list[Message]:
    """The first messages of the fork at hand, recorded as `number`."""
    state = {"at": turn.state.at, "vars": turn.state.vars.stored, "wait": turn.state.wait}
    fork = spreading.forked(turn.engine, turn.program, turn.branch, number, state)
    return spreading.first(turn.engine, turn.execution, fork, doubt=turn.message.doubt)


async def send_children(turn: Turn) -> bool:
    """The head is a FORK: send the children again."""
    turn.state.vars.all_encoded()
    await turn.perform_effects([Send(children(turn, turn.head)), Ack(turn.delivery)])
    return False


async def join(turn: Turn) -> bool:
    """All children have arrived: read their ends and go on."""
    plan = turn.state.wait
    records = await turn.engine.ports.journal.ends(
        turn.execution, turn.branch, turn.head, plan["width"]
    )
    ended = [end_of(turn, record) for record in records]
    if "undo" in plan:
        return await compensating.join(turn, ended)
    scope = f"{turn.branch}.{turn.head}"
    ended = await redriving.with_kept(turn, plan, scope, ended)
    data = {"unstop": scope} if scope in turn.meta.stops else {}
    if turn.meta.stopped(turn.branch) is not None:
        pure.joined_when_stopped(turn.program, turn.state, scope, ended)
        await turn.append(Kind.JOIN, {**data, **pure.follows(turn.state)})
        return True
    node = turn.state.at[-1]
    return await turn.settle(
        Kind.JOIN,
        {"node": node, **data},
        pure.joined(turn.program, turn.state, turn.engine.now(), scope, ended),
    )


def end_of(turn: Turn, record: Record | None) -> Json:
    """How a child ended, with its value; `begun`, where it was stopped after it had begun."""
    if record is None:
        return {"status": "stopped"}
    load = turn.engine.payloads.inline
    end = {
        name: load(part) if name in ("value", "error") else part
        for name, part in record.data["end"].items()
    }
    return end if end["status"] != "stopped" or record.n == 1 else {**end, "begun": True}
