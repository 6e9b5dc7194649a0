"""What an END obliges to: decided by the record alone, so that every repetition does the same."""

from __future__ import annotations

from typing import Any

from tests.model import forks
from tests.model.nouns import FAN_IN, Msg, Rec, scope_of
from tests.model.plan import bound, groups, members, route, started_by, unbegun

ACK = ("ack",)


def error(turn: Any) -> Any:
    """An error that nothing catches is at the head: compensate, or end."""
    st, compensates = turn.st, turn.sc.compensates
    if not turn.root:
        return Rec("END", ("failed", st.stack))
    if not st.stack or not compensates:
        return Rec("END", ("compensated" if compensates and st.why == "failed" else st.why, ()))
    yield "status", turn.key, "compensating", turn.head
    yield "body", turn.b, turn.head, "undo " + st.stack[-1]
    return Rec("UNDONE", st.stack[-1])


def ended(turn: Any) -> Any:
    """END is at the head."""
    if turn.root:
        yield from execution_ended(turn)
    else:
        yield from child_ended(turn)
    yield ACK


def execution_ended(turn: Any) -> Any:
    """Tell the parent execution, and last META."""
    how = turn.st.why[0]
    if "meta_before_parent" in turn.m:
        yield "status", turn.key, how, turn.head
    if turn.b[0] == "c":
        yield "send", Msg(("r",), turn.sc.waits_at, None, "child")
    yield "status_any" if "no_as_of" in turn.m else "status", turn.key, how, turn.head


def child_ended(turn: Any) -> Any:
    """Decide the fork if this end does, arrive, start who is next; the last sends the parent on."""
    node, i, how = turn.sc.node(scope_of(turn.b)), turn.b[-1][2], turn.st.why[0]
    turn.meta = None  # it has no say in this
    if "start_before_stop" in turn.m:
        yield from arrive(turn, node, i, how)
    if (yield from decides(turn, node, i, how)):
        yield from stop(turn, node, how)
    yield from arrive(turn, node, i, how)


# ------------------------------------------------------------- the decision
def decides(turn: Any, node: Any, i: int, how: str) -> Any:
    """Whether this end is past what the fork endures, or the last that it needs."""
    most = bound(node, how)
    if how == "stopped" or most is None:
        return False
    if most == 1 and not node.policy.first:
        return True
    where = scope_of(turn.b)
    item = ("TALLY", where) if node.policy.first else ("TALLY", where, how)
    if "tally_counter" in turn.m:
        return len((yield "count", item, i)) >= most
    members = yield "add", item, i, None if "tally_open" in turn.m else most
    return i in members and len(members) >= most  # who came too late leaves it to them


def stop(turn: Any, node: Any, how: str) -> Any:
    """Stop the fork. Each side writes before it reads: a fork that is joined gets no entry."""
    where = scope_of(turn.b)
    if node.policy.finish and how == "ok" and "finish_stops" not in turn.m:
        yield "close", turn.key, where
    else:
        yield "stop", turn.key, where
        if "no_sweep" not in turn.m:
            yield "send", Msg(turn.b[:1], 0, None, "sweep", data=where)
    if "stop_no_reread" not in turn.m and (yield "get", ("J", turn.b[:-1], turn.b[-1][0] + 1)):
        yield "unstop", turn.key, where


# ------------------------------------------------------------- arrivals
def arrive(turn: Any, node: Any, i: int, how: str) -> Any:
    """Enter the group's item; the place there says whom to start."""
    where, group = scope_of(turn.b), i // FAN_IN
    order = yield from enter(turn, node, group, i, how)
    if how == "stopped":
        for other in route(node, group, steal=False):
            yield from enter(turn, node, other, i, how)
    else:
        following = started_by(node, group, order.index(i))
        for other in route(node, group, steal="no_steal" not in turn.m):
            if following is not None:
                break
            visited = yield from enter(turn, node, other, i, how)
            following = started_by(node, other, visited.index(i))
        if "static_lanes" in turn.m:
            following = i + node.lanes if i + node.lanes < node.width else None
        if following is not None:
            yield "send", forks.first(where, following)


def enter(turn: Any, node: Any, group: int, i: int, how: str) -> Any:
    """Enter an item; a stopped child enters also those of the group that will never begin."""
    item = ("JOINED", scope_of(turn.b), 0, group)
    order = yield "count" if "join_counter" in turn.m else "enter", item, (i,), None
    while how == "stopped" and (rest := unbegun(node, group, order, i)):
        expected = None if "close_blind" in turn.m else len(order)
        order = yield "enter", item, rest, expected
    here = members(node, group)
    full = len(order) >= len(here) if "join_counter" in turn.m else all(j in order for j in here)
    mine = i in here or how == "stopped"  # a slot that only visits leaves it to the members
    if full and mine and (yield from climb(turn, node, group)):
        yield "send", Msg(turn.b[:-1], turn.b[-1][0], None, "join")
    return order


def climb(turn: Any, node: Any, group: int) -> Any:
    """A full item enters the one above it, and so on; says whether all children have arrived."""
    level, size, place = 0, groups(node.width), group
    while size > 1:
        level, above = level + 1, place // FAN_IN
        item = ("JOINED", scope_of(turn.b), level, above)
        order = yield "enter", item, (place,), None
        if len(order) < min(FAN_IN, size - above * FAN_IN):
            return False
        size, place = -(-size // FAN_IN), above
    return True
