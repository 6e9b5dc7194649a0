"""How a turn forks into children and joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido.engine import reforking
from vivido.engine.fork import MapNode
from vivido.engine.needs import Fork, names
from vivido.engine.racing import FIRST, WINNER
from vivido.engine.reforking import REFORK
from vivido.errors import ValueNotStorable
from vivido.model.arrivals import Ended
from vivido.model.journal import Json, Kind, Message, Record
from vivido.model.pages import LONG
from vivido.ports import Ack, Send
from vivido.runtime import compensating, ends, redriving, spreading
from vivido.runtime.paging import PageWriter

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


async def fork(turn: Turn, need: Fork) -> bool:
    """Append FORK and send the first children."""
    turn.state.phase, turn.state.wait, turn.need = "fork", need.plan, None
    turn.state.vars.discard(REFORK)
    try:
        await page_items(turn, need.plan)
        data = {**names(need), **pure.whole(turn.state)}
        first = Send(children(turn, turn.head + 1))
        await turn.append(Kind.FORK, data, [first, Ack(turn.delivery)])
    except ValueNotStorable as error:
        return await turn.refuse(error, names(need))
    return False


async def page_items(turn: Turn, plan: dict[str, Json]) -> None:
    """Store long lists of items in pages, once: a child then reads its own page and no more."""
    for name, items in plan.get("items", {}).items():
        if isinstance(items, list) and len(items) > LONG:
            writer = PageWriter(turn.engine.payloads, turn.execution, len(items))
            await writer.add(items)
            plan["items"][name] = await writer.reference()


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
    ended, found = await read_ends(turn, plan)
    if "undo" in plan:
        return await compensating.join(turn, ended)
    scope = f"{turn.branch}.{turn.head}"
    stops = scope in turn.meta.stops or stopped_by_an_end(turn, plan, ended)
    ended = await redriving.with_kept(turn, plan, scope, ended)
    data: dict[str, Json] = {"unstop": scope} if stops else {}
    if turn.meta.stopped(turn.branch) is not None:
        pure.joined_when_stopped(turn.program, turn.state, scope, ended)
        await turn.append(Kind.JOIN, {**data, **pure.follows(turn.state)})
        return True
    node = turn.state.at[-1]
    if FIRST in plan and (place := await ends.winner(turn, plan, scope)) is not None:
        data[WINNER] = place
        turn.state.wait = {**plan, WINNER: reforking.original(plan, place)}
    return await turn.settle(
        Kind.JOIN,
        {"node": node, **data},
        pure.joined(turn.program, turn.state, turn.engine.now(), scope, ended, found),
    )


def stopped_by_an_end(turn: Turn, plan: Json, ended: list[Json]) -> bool:
    """Whether one of the ends stops the fork: META may say so only later, and then too late."""
    children = ends.siblings(
        {**plan, **plan.get("told", {})}, turn.engine.settings.join_item_children
    )
    how = [end["status"] for end in ended]
    kinds: tuple[Ended, ...] = ("ok", "failed")
    bounds = {kind: bound for kind in kinds if (bound := children.bound(kind)) is not None}
    return any(how.count(kind) >= bound for kind, bound in bounds.items())


async def read_ends(turn: Turn, plan: Json) -> tuple[list[Json], Json]:
    """How the children ended, page by page.

    Where their values become a long list, they are not among that: the reference to the list is.
    """
    width, ended = plan["width"], list[Json]()
    writer = None
    if width > LONG and gives_list(turn, plan):
        writer = PageWriter(turn.engine.payloads, turn.execution, width)
    for first in range(0, width, LONG):
        records = await turn.engine.ports.journal.ends(
            turn.execution, turn.branch, turn.head, min(width, first + LONG), first
        )
        if writer is None:
            ended += [end_of(turn, record) for record in records]
            continue
        last = [{} if record is None else record.data["end"] for record in records]
        await writer.add(end["value"] for end in last if end.get("status") == "ok")
        ended += [_without_value(record) for record in records]
    return ended, None if writer is None else await writer.reference()


def gives_list(turn: Turn, plan: Json) -> bool:
    """Whether the fork gives the plain list of its children's values, and reads them all here."""
    node = turn.program.nodes[turn.state.at[-1]]
    return isinstance(node, MapNode) and not node.collect and not {"undo", "again"} & plan.keys()


_OK: Json = {"status": "ok"}  # as nearly all: one for all of them


def _without_value(record: Record | None) -> Json:
    if record is None:
        return {"status": "stopped"}
    end = record.data["end"]
    if end.keys() == {"status", "value"}:
        return _OK
    rest = {name: part for name, part in end.items() if name != "value"}
    return rest if end["status"] != "stopped" or record.n == 1 else {**rest, "begun": True}


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
