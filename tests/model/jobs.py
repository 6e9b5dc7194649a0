"""How a branch spawns a job and joins it later: a fork of one child whose parent goes on."""

from __future__ import annotations

from typing import Any

from tests.model.forks import first, unit
from tests.model.nouns import Joined, Msg, Rec, child_of, stopped

ACK = ("ack",)


def spawn(turn: Any) -> Rec:
    """The record that begins a job; it obliges to send the job's first message."""
    return Rec("SPAWN", (*turn.b, (turn.head + 1, turn.st.pc)))


def sent(turn: Any) -> Any:
    """Jobs without a record are sent again."""
    some = turn.st.jobs
    for job in some:
        records = yield "query", child_of(job, 0), 0
        if not records:
            yield "send", first(job, 0, doubt=True)


def result(turn: Any, job: Any) -> Any:
    """Join a job that has ended, or wait for it."""
    records = yield "query", child_of(job, 0), 0
    if records and records[-1].kind == "END":
        return (yield from joined(turn, job, records[-1]))
    return Rec("WAIT", ("job", job))


def joined(turn: Any, job: Any, end: Rec) -> Any:
    """JOIN of a job: a stop of it, which only an unwinding gives, leaves META."""
    how = end.data[0]
    if how == "stopped" and "stale_meta" not in turn.m:  # then META has said so for some time
        turn.meta = yield "get", turn.key
    error = "" if how == "ok" else "cancelled" if stopped(turn.meta, turn.b) else "failed"
    unwinds = turn.st.back or turn.st.phase == "error"
    return Rec("JOIN", Joined(error, unit((end,)), job if unwinds else (), job))


def arm(turn: Any, wake: Msg) -> Any:
    """Wait for a job: put the item, then look whether it has ended, or was never sent."""
    job = turn.st.plan[1]
    early = "job_read_early" in turn.m
    records = (yield "query", child_of(job, 0), 0) if early else None
    yield "put", ("WAITS", turn.b, turn.head), wake
    if not early:
        records = yield "query", child_of(job, 0), 0
    if not records:
        yield "send", first(job, 0)
    elif records[-1].kind == "END":
        yield "send", wake._replace(cause="join")


def ended(turn: Any) -> Any:
    """A job's END obliges to wake who waits for it."""
    job = (*turn.b[:-1], turn.b[-1][:2])
    waiting = yield "scan", "WAITS", turn.b[0]
    for _, wake in waiting:
        if wake.state.plan == ("job", job):
            yield "send", wake._replace(cause="join")


def unwind(turn: Any) -> Any:
    """Before anything is undone, the jobs that are open are stopped and joined."""
    job = turn.st.jobs[0]
    yield "stop", turn.key, job
    if "no_sweep" not in turn.m:
        yield "send", Msg(turn.b[:1], 0, None, "sweep", data=job)
    after = yield "query", turn.b, turn.head
    if any(r.kind == "JOIN" and r.data.scope == job for r in after):
        yield "unstop", turn.key, job  # a twin has joined it: nobody is left to be stopped
    return (yield from result(turn, job))
