"""How a branch arms its wait, and what it does when something wakes it."""

from __future__ import annotations

from typing import Any

from tests.model.nouns import Meta, Msg, Rec, State, stopped

ACK = ("ack",)


def arm(turn: Any) -> Any:
    """WAIT is at the head: make sure that something wakes it. Each side writes before it reads."""
    node, wake = turn.node, Msg(turn.b, turn.head, turn.st)
    late = "subscribe_late" in turn.m
    if late and node.event and (yield "get", ("INBOX", "e")) == "e":
        yield "send", wake._replace(cause="event")
    yield "put", ("WAITS", turn.b, turn.head), wake
    if node.timer:
        yield "send", wake._replace(cause="timer")
    if node.kind == "child":
        yield "new", ("META", "c"), Meta()
        yield "send", Msg(("c",), 0, State())
    if node.event and not late and (yield "get", ("INBOX", "e")) == "e":
        yield "send", wake._replace(cause="event")
    if "wait_no_meta" not in turn.m:
        meta = yield "get", turn.key
        if stopped(meta, turn.b):
            yield "send", wake._replace(cause="stop")
    yield ACK


def wake(turn: Any) -> Any:
    """Something came for the WAIT at the head."""
    if turn.stopped():
        return turn.obey()
    if turn.woken == "stop":
        yield ACK
        return None
    if turn.woken == "event" and (yield "get", ("INBOX", "e")) != "e":
        # taken: perhaps by another delivery of this message, and then this may be the only lease
        old = None if "taken_is_over" in turn.m else (yield "get", ("J", turn.b, turn.head + 1))
        if not old or old.by not in turn.own:
            yield ACK
        return None
    return Rec("WOKE", turn.woken)
