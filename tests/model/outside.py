"""Calls from outside, and the jobs that they and stops have done by a message."""

from __future__ import annotations

from typing import Any

from tests.model import forks
from tests.model.nouns import Meta, Msg, Rec, State, within


def job(turn: Any) -> Any:
    """Done under the lease of a message; safe to repeat."""
    if turn.msg.cause == "spread":
        yield from forks.spread(turn)
        return
    execution = turn.b[0]
    if turn.msg.cause == "sweep":  # wake what a stop has to reach
        waiting = yield "scan", "WAITS", execution
        for _, wake in waiting:
            if within(wake.branch, turn.msg.data):
                yield "send", wake._replace(cause="stop")
    held = yield "scan", "PARKED", execution
    for key, parked in held:
        yield "send", parked
        yield "del", key


def api(call: str, m: Any) -> Any:
    """A call from outside, repeated by its client until it is answered."""
    key = "META", "r"
    match call:
        case "start":
            yield "new", key, Meta()
            yield "send", Msg(("r",), 0, State())
        case "pause":
            yield "pause", key, True
        case "resume":
            yield "pause", key, False
            yield "send", Msg(("r",), 0, None, "resume")
        case "cancel":
            yield "stop", key, ("r",)
            yield "send", Msg(("r",), 0, None, "sweep", data=("r",))
        case "event":
            yield from event(m)
        case "redrive":
            meta = yield "get", key
            if meta and meta.status == "failed":
                yield "send", Msg(("r",), meta.as_of, None, "redrive")


def event(m: Any) -> Any:
    """An event comes: into the inbox first, then to all who wait."""
    yield "new", ("INBOX", "e"), "e"
    waiting = yield "scan", "WAITS", "r"
    for _, wake in waiting:
        if "event_by_sender" not in m:
            yield "send", wake._replace(cause="event")
            continue
        # the sender, who has no lease, appends to the waiter's journal
        rec = Rec("WOKE", "event", -1)
        if not (yield "consume", ("INBOX", "e"), ("J", wake.branch, wake.n + 1), rec):
            yield "send", Msg(wake.branch, wake.n + 1, None)
