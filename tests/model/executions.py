"""How an execution starts a child execution, stops it, and undoes it."""

from __future__ import annotations

from typing import Any

from tests.model.nouns import Meta, Msg, Rec, State, stopped

ACK = ("ack",)
CHILD = ("c",)
KEY = ("META", "c")


def arm(turn: Any) -> Any:
    """Start the child; if it has ended already, that is sent as a message."""
    yield "new", KEY, Meta(parent=turn.head)
    yield "send", Msg(CHILD, 0, State())
    records = yield "query", CHILD, 0
    if records and records[-1].kind == "END":
        yield "send", tells(turn.b, turn.head, records)


def tells(parent: Any, n: int, records: Any) -> Msg:
    """The message of a child execution that has ended."""
    how, stack = records[-1].data
    return Msg(parent, n, None, "child", data=(how, len(records) if stack else 0))


def ended(turn: Any) -> Any:
    """Tell the parent: at the WAIT that started it, or at the one that undoes it."""
    how, stack = turn.st.why
    n = turn.head if stack else 0
    yield "send", Msg(("r",), turn.st.tell or turn.meta.parent, None, "child", data=(how, n))


def woke(turn: Any) -> Rec:
    """The child has ended."""
    if turn.st.back:
        return Rec("UNDONE", turn.st.stack[-1])
    how, n = turn.msg.data
    if how == "succeeded":
        return Rec("WOKE", ("child", how, 0 if "child_not_pushed" in turn.m else n))
    return Rec("WOKE", ("child", "cancelled" if stopped(turn.meta, turn.b) else "failed", 0))


def pass_on(turn: Any) -> Any:
    """A stop is passed to the child; the wait ends when the child has."""
    if "stop_leaves_child" in turn.m:
        return turn.obey()
    yield "stop", KEY, CHILD
    yield "send", Msg(CHILD, 0, None, "sweep", data=CHILD)
    yield ACK
    return None


def arm_undo(turn: Any, wake: Msg) -> Any:
    """Have a child that had succeeded undo itself."""
    n = turn.st.plan[1]
    yield "put", ("WAITS", turn.b, turn.head), wake
    yield "send", Msg(CHILD, n, None, "undo", data=turn.head)
    records = yield "query", CHILD, n
    if records and records[-1].kind == "END":
        yield "send", Msg(turn.b, turn.head, None, "child", data=(records[-1].data[0], 0))
