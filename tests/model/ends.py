"""What an END obliges to: decided by the record alone, so that every repetition does the same."""

from __future__ import annotations

from typing import Any

from tests.model import executions, forks, jobs
from tests.model.nouns import Msg, Rec, scope_of
from tests.model.plan import siblings

from vivido.model.arrivals import entry

ACK = ("ack",)


def error(turn: Any) -> Any:
    """An error that nothing catches is at the head: compensate, or end."""
    st, compensates = turn.st, turn.sc.compensates
    if st.jobs and not ("undo_before_jobs" in turn.m and st.stack and turn.root):
        return (yield from jobs.unwind(turn))
    if st.why == "undo":
        return (yield from undo(turn)) if st.stack else Rec("END", ("ok", ()))
    if not turn.root:
        return Rec("END", ("stopped" if st.why == "cancelled" else "failed", st.stack))
    if not st.stack or not compensates:
        return Rec("END", ("compensated" if compensates and st.why == "failed" else st.why, ()))
    yield "status", turn.key, "compensating", turn.head
    return (yield from undo(turn))


def undo(turn: Any) -> Any:
    """Undo what is on top of the stack: a step, a child execution, or units side by side."""
    match top := turn.st.stack[-1]:
        case ("child", n):
            return Rec("WAIT", ("undo", n))
        case ("units", stacks):
            if "undo_forwards" in turn.m:
                stacks = tuple(stack[::-1] for stack in stacks)
            return Rec("FORK", ("undo", stacks))
    yield "body", turn.b, turn.head, "undo " + top
    return Rec("UNDONE", top)


def ended(turn: Any) -> Any:
    """END is at the head."""
    if turn.root:
        yield from execution_ended(turn)
    elif turn.sc.node(scope_of(turn.b)).kind == "spawn":
        if "job_scan_early" not in turn.m:
            yield from jobs.ended(turn)
    else:
        yield from child_ended(turn)
    yield ACK


def execution_ended(turn: Any) -> Any:
    """Tell the parent execution, and last META."""
    how = turn.st.why[0]
    if "meta_before_parent" in turn.m:
        yield "status", turn.key, how, turn.head
    if turn.b[0] == "c":
        yield from executions.ended(turn)
    yield "status_any" if "no_as_of" in turn.m else "status", turn.key, how, turn.head


# ------------------------------------------------------------- a child
def child_ended(turn: Any) -> Any:
    """Enter the group's list: what it says decides who stops, who begins, and whether all are there."""
    node, i, how = turn.sc.node(scope_of(turn.b)), turn.b[-1][2], turn.st.why[0]
    turn.meta = None  # it has no say in this
    all_, mine = siblings(node, turn.m), entry(i, how)
    group = all_.group_of(i)
    order = yield from enter(turn, (0, group), mine)
    place, closed = order.index(mine), all_.closed_at(order)
    decided, following, joined = how if place == closed and how != "stopped" else "", None, False
    if not decided:
        decided = yield from tally(turn, node, i, how)
    mute = "tally_starts_nobody" in turn.m and decided
    if (closed is None or place < closed or "decider_starts" in turn.m) and not mute:
        following = yield from follow(turn, group, place, mine)
    if all_.is_full(group, order, closed):
        joined, summed = yield from climb(turn, group, order)
        decided = decided or summed
    if place == closed and "close_own" not in turn.m:
        behind, summed = yield from close_behind(turn, group, i)
        joined, decided = joined or behind, decided or summed
    if "static_lanes" in turn.m:
        following = i + node.lanes if i + node.lanes < node.width else None
    if "start_before_stop" in turn.m and following is not None:
        yield "send", forks.first(scope_of(turn.b), following, doubt=turn.msg.doubt)
    if decided:
        yield from stop(turn, node, decided)
    if following is not None:
        yield "send", forks.first(scope_of(turn.b), following, doubt=turn.msg.doubt)
    if joined:
        yield "send", Msg(turn.b[:-1], turn.b[-1][0], None, "join")


def enter(turn: Any, item: Any, who: int, most: int | None = None) -> Any:
    """Append to a list who is not in it yet; gives all of it, in order."""
    op = "count" if "join_counter" in turn.m else "enter"
    return (yield op, ("JOINED", scope_of(turn.b), *item), who, most)


def tally(turn: Any, node: Any, i: int, how: str) -> Any:
    """Whether this end is the one that decides, over all groups."""
    if how == "stopped":
        return ""
    if node.policy.first:
        first = yield from enter(turn, ("first",), i, None if "tally_open" in turn.m else 1)
        return how if i in first else ""
    all_ = siblings(node)
    bound = all_.bound(how)
    if all_.groups == 1 or bound is None or bound == 1 or bound > node.fan:
        return ""
    counted = yield from enter(turn, (how,), i, bound)
    return how if len(counted) == bound and counted[-1] == i else ""


def follow(turn: Any, group: int, place: int, mine: int) -> Any:
    """The child that begins next: in this group, else further down its chain."""
    all_ = siblings(turn.sc.node(scope_of(turn.b)), turn.m)
    following = all_.started_by(group, place)
    while following is None and "no_visit" not in turn.m:
        behind = all_.behind(group)
        if behind is None:
            break
        group = behind
        order = yield from enter(turn, (0, group), mine)
        place, closed = order.index(mine), all_.closed_at(order)
        if closed is None or place < closed:
            following = all_.started_by(group, place)
    return following


def close_behind(turn: Any, group: int, i: int) -> Any:
    """The groups down the chain will not begin, or not go on: whoever is first says so."""
    all_, closes = siblings(turn.sc.node(scope_of(turn.b)), turn.m), entry(i, "stopped")
    joined, decided = False, ""
    while (behind := all_.behind(group)) is not None:
        group = behind
        order = yield from enter(turn, (0, group), closes)
        closed = all_.closed_at(order)
        if closed is None or order[closed] != closes:
            break  # whoever closed it goes on from there
        if all_.is_full(group, order, closed):
            full, summed = yield from climb(turn, group, order)
            joined, decided = joined or full, decided or summed
    return joined, decided


def climb(turn: Any, group: int, order: Any) -> Any:
    """A full item enters the one above it, and so on: have all arrived, and is it decided?"""
    node = turn.sc.node(scope_of(turn.b))
    all_, decided = siblings(node, turn.m), ""
    if all_.groups > 1 and any((all_.bound(how) or 0) > node.fan for how in ("ok", "failed")):
        mine = all_.counts(group, order)
        counted = yield from enter(turn, ("tally",), mine)
        at = all_.decided_at(counted)
        if at is not None and counted[at[0]] == mine:
            decided = at[1]
    size, level, place = all_.groups, 0, group
    while size > 1:
        level, above = level + 1, place // node.fan
        full = yield from enter(turn, (level, above), place)
        if len(full) < min(node.fan, size - above * node.fan):
            return False, decided
        size, place = -(-size // node.fan), above
    return True, decided


def stop(turn: Any, node: Any, how: str) -> Any:
    """Stop the fork. Each side writes before it reads: a fork that is joined gets no entry."""
    where = scope_of(turn.b)
    closes = node.policy.finish and how == "ok" and "finish_stops" not in turn.m
    yield "close" if closes else "stop", turn.key, where
    if "stop_no_reread" not in turn.m:
        after = yield "get", ("J", turn.b[:-1], turn.b[-1][0] + 1)
        if after:
            yield "unstop", turn.key, where
    if not closes and "no_sweep" not in turn.m:
        yield "send", Msg(turn.b[:1], 0, None, "sweep", data=where)
