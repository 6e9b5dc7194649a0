"""How a branch forks, and what it makes of its children's ends."""

from __future__ import annotations

from typing import Any

from tests.model.nouns import Joined, Msg, Rec, child_of, start_of, stopped
from tests.model.plan import reached, siblings, verdict

ACK = ("ack",)


def scope(turn: Any) -> tuple[Any, ...]:
    """The scope of the fork at the head."""
    return (*turn.b, (turn.head, turn.st.pc))


def send(turn: Any) -> Any:
    """FORK is at the head: send the children that begin with it, alone or by spreaders."""
    node = turn.node
    some = tuple(siblings(node).beginners(0, min(node.lanes, node.width)))
    if node.spread:
        yield "send", spreader(scope(turn), some)
    else:
        for i in some:
            yield "send", first(scope(turn), i)
    yield ACK


def first(where: tuple[Any, ...], i: int) -> Msg:
    """The first message of a child."""
    return Msg(child_of(where, i), 0, start_of(Rec("FORK"), i))


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
    where, node = scope(turn), turn.node
    ends = yield "ends", where, node.width
    winner = None
    if node.policy.first:
        winner = next(iter((yield "get", ("JOINED", where, "first")) or ()), None)
    outer = stopped(turn.meta, turn.b)
    error = verdict(node, ends, winner, outer=outer)
    stack: tuple[Any, ...] = sum((r.data[1] for r in ends if r), ())
    flagged = reached(node, ends)
    if "unstop_by_meta" in turn.m:
        flagged = where in turn.meta.stops | turn.meta.closed
    return Rec("JOIN", Joined(error, stack, where if flagged else ()))


def settle(turn: Any) -> Any:
    """JOIN is at the head: the fork's entry leaves META before anything else follows."""
    _, where = turn.st.owes
    if "keep_stop" not in turn.m:
        yield "unstop", turn.key, where
    turn.st = turn.st._replace(owes=())
