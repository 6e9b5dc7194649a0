"""How a branch forks, and what it makes of its children's ends."""

from __future__ import annotations

from typing import Any

from tests.model.nouns import Joined, Msg, Rec, State, child_of, fold, start_of, stopped
from tests.model.plan import reached, siblings, verdict

ACK = ("ack",)


def scope(turn: Any) -> tuple[Any, ...]:
    """The scope of the fork at the head."""
    plan, pc = turn.st.plan, turn.st.pc
    match plan:
        case ("undo", stacks):
            pc = ("undo", len(stacks))
        case ("again", old, some):
            pc = ("again", pc, some, old)
    return (*turn.b, (turn.head, pc))


def send(turn: Any) -> Any:
    """FORK is at the head: send the children that begin with it, alone or by spreaders."""
    where = scope(turn)
    node = turn.sc.node(where)
    some = tuple(siblings(node).beginners(0, min(node.lanes, node.width)))
    if node.spread:
        yield "send", spreader(where, some)
    else:
        for i in some:
            state = yield from begins(turn, where, i)
            yield "send", Msg(child_of(where, i), 0, state, doubt=turn.msg.doubt)
    yield ACK


def begins(turn: Any, where: Any, i: int) -> Any:
    """How a child begins: one that is done again begins where it had failed or was stopped."""
    place = where[-1][1]
    if not isinstance(place, tuple):
        return State()
    if place[0] == "undo":
        fork = yield "get", ("J", where[:-1], where[-1][0])
        return start_of(fork, i)
    if "redrive_afresh" in turn.m:
        return State()
    old = child_of(place[3], place[2][i])
    state = yield from begins(turn, place[3], old[-1][2])
    records = yield "query", old, 0
    program = turn.sc.program(old)
    for r in records:
        state = fold(state, r, program)
    return State("run", state.pc, stack=state.stack)


def again(turn: Any) -> Any:
    """A fork that failed is done again: only the children that have not succeeded, in a new fork."""
    old = turn.st.last
    ends = yield "ends", old, turn.sc.node(old).width
    how = [end.data[0] if end else "stopped" for end in ends]
    if "redrive_failed" in turn.m:
        some = tuple(i for i, one in enumerate(how) if one == "failed")
    else:
        some = tuple(i for i, one in enumerate(how) if one != "ok")
    return Rec("FORK", ("again", old, some))


def all_ends(turn: Any, where: Any) -> Any:
    """The ENDs of all declared children: of this fork, and those kept from the forks before it."""
    place = where[-1][1]
    ends = yield "ends", where, turn.sc.node(where).width
    if not isinstance(place, tuple) or place[0] != "again":
        return ends
    kept = yield from all_ends(turn, place[3])
    merged = list(kept)
    for j, i in enumerate(place[2]):
        merged[i] = ends[j]
    return tuple(merged)


def first(where: tuple[Any, ...], i: int, *, doubt: bool = False) -> Msg:
    """The first message of a child."""
    return Msg(child_of(where, i), 0, State(), doubt=doubt)


def spreader(where: tuple[Any, ...], some: tuple[int, ...]) -> Msg:
    """A message that stands for the messages of these children."""
    return Msg((*where[:-1],), where[-1][0], None, "spread", data=(where, some))


def spread(turn: Any) -> Any:
    """Split a range of children. Spreaders ignore stops: the children obey them."""
    where, some = turn.msg.data
    if "spreader_stops" in turn.m and any(s == where for s in turn.meta.stops):
        return
    if "spreader_acks" in turn.m:
        yield ACK
    half = len(some) // 2
    if half:
        yield "send", spreader(where, some[:half])
        yield "send", spreader(where, some[half:])
    else:
        yield "send", first(where, some[0])


def join(turn: Any) -> Any:
    """All children have arrived: what their ENDs come to."""
    where = scope(turn)
    if turn.st.back:
        return Rec("JOIN", Joined("", (), (), where, undo=True))
    ends = yield from all_ends(turn, where)
    winner = None
    if turn.node.policy.first:
        first = yield "get", ("JOINED", where, "first")
        winner = next(iter(first or ()), None)
    error = verdict(turn.node, ends, winner, outer=stopped(turn.meta, turn.b))
    flagged = reached(turn.node, ends)
    if "unstop_by_meta" in turn.m:
        flagged = where in turn.meta.stops | turn.meta.closed
    return Rec("JOIN", Joined(error, unit(ends), where if flagged else (), where))


def unit(ends: Any) -> tuple[Any, ...]:
    """What the children of a fork leave to be undone: one unit, side by side."""
    stacks = tuple(r.data[1] for r in ends if r and r.data[1])
    return (("units", stacks),) if stacks else ()


def settle(turn: Any) -> Any:
    """What the last record obliges to, before anything else follows."""
    kind, where = turn.st.owes
    if kind == "go":
        yield "send", first(where, 0)
    elif "keep_stop" not in turn.m:
        yield "unstop", turn.key, where
    turn.st = turn.st._replace(owes=())
