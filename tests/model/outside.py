"""Calls from outside, and the jobs that they and stops have done by a message."""

from __future__ import annotations

from typing import Any

from tests.model import forks
from tests.model.nouns import META_END, Meta, Msg, Rec, State, within


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
        case "repair":
            yield from repair(m)
        case "redrive":
            meta = yield "get", key
            if meta and meta.status == "failed":
                yield "send", Msg(("r",), meta.as_of, None, "redrive")


def repair(m: Any) -> Any:
    """META and the last record of every branch say what should be in the queue."""
    for x in ("r", "c"):
        meta = yield "get", ("META", x)
        if meta is None:
            continue
        heads = yield "heads", x
        last = {b: (n, rec) for b, n, rec in heads}
        if meta.status in META_END:
            if last[x,][1].kind != "END":  # a redrive that has not told META
                yield "send", Msg((x,), last[x,][0], None, "redrive" if x == "r" else "undo")
            continue
        some = [b for b, (_, rec) in last.items() if should_move(b, rec, last, m)]
        for b in some:
            yield "send", Msg(b, last[b][0], None, doubt="repair_no_doubt" not in m)
        if not heads:
            yield "send", Msg((x,), 0, State(), doubt="repair_no_doubt" not in m)
        held = yield "scan", "PARKED", x
        if held:
            yield "send", Msg((x,), 0, None, "resume")


def should_move(b: Any, rec: Rec, last: Any, m: Any) -> bool:
    """Whether a branch with this last record has something to do."""
    if rec.kind != "END" or len(b) == 1:
        return True
    if "repair_no_ends" in m:
        return False
    n, parent = last[b[:-1]]
    return parent.kind != "END" if parent.kind != "FORK" else n == b[-1][0]


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
