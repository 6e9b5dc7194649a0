"""How a branch arms its wait, and what it does when something wakes it."""

from __future__ import annotations

from typing import Any

from tests.model import executions, jobs
from tests.model.nouns import Msg, Rec, child_of, stopped

ACK = ("ack",)


def arm(turn: Any) -> Any:
    """WAIT is at the head: make sure that something wakes it. Each side writes before it reads."""
    node, wake, plan = turn.node, Msg(turn.b, turn.head, turn.st), turn.st.plan
    if plan and plan[0] == "job":
        yield from jobs.arm(turn, wake)
    elif plan:
        yield from executions.arm_undo(turn, wake)
    else:
        yield from arm_node(turn, node, wake)
    if "wait_no_meta" not in turn.m and not turn.st.back:
        meta = yield "get", turn.key
        if stopped(meta, turn.b):
            yield "send", wake._replace(cause="stop")
    yield ACK


def arm_node(turn: Any, node: Any, wake: Msg) -> Any:
    """For an event, a timer, a child execution."""
    late = "subscribe_late" in turn.m
    if late and node.event and (yield "get", ("INBOX", "e")) == "e":
        yield "send", wake._replace(cause="event")
    yield "put", ("WAITS", turn.b, turn.head), wake
    if node.timer:
        yield "send", wake._replace(cause="timer")
    if node.kind == "child":
        yield from executions.arm(turn)
    if node.event and not late and (yield "get", ("INBOX", "e")) == "e":
        yield "send", wake._replace(cause="event")


def wake(turn: Any) -> Any:
    """Something came for the WAIT at the head."""
    plan = turn.st.plan
    if turn.woken == "child":
        return executions.woke(turn)
    if turn.st.back and turn.woken == "stop" and "obey_in_unwind" not in turn.m:
        yield ACK  # what is undone is not stopped
        return None
    if turn.stopped() and not turn.st.back:
        if turn.node is not None and turn.node.kind == "child":
            return (yield from executions.pass_on(turn))
        return turn.obey()
    if turn.st.back and turn.woken == "stop":
        return turn.obey()
    if turn.woken == "stop":
        yield ACK
        return None
    if plan:
        records = yield "query", child_of(plan[1], 0), 0
        if not records or records[-1].kind != "END":  # too early: its END sends again
            yield ACK
            return None
        return (yield from jobs.joined(turn, plan[1], records[-1]))
    if turn.woken == "event" and (yield "get", ("INBOX", "e")) != "e":
        # taken: perhaps by another delivery of this message, and then this may be the only lease
        old = None if "taken_is_over" in turn.m else (yield "get", ("J", turn.b, turn.head + 1))
        if not old or old.by not in turn.own:
            yield ACK
        return None
    return Rec("WOKE", turn.woken)
