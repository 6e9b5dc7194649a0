"""Several who wait on one key of events: each may get its own, an event is consumed once.

The journal of one who waits is WAIT, then WOKE (by an event, or by its timer). A sender puts the
event into the inbox of the key, then wakes all who wait there. Who is woken tries what the inbox
holds, the oldest first, until it gets one or nothing is left.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.model.explore import Run
from tests.model.nouns import Msg, Rec
from tests.model.store import World

ACK = ("ack",)


def delivery(mid: int, msg: Msg, timers: Any, m: Any) -> Any:
    """One delivery: append WAIT and arm it, or consume."""
    own = {mid}
    after = yield "query", msg.branch, msg.n
    if any(r.by not in own for r in after):
        yield ACK
        return
    head = msg.n + len(after)
    if head == 0:
        old = yield "new", ("J", msg.branch, 1), Rec("WAIT", None, mid)
        if old is not None:
            if old.by not in own:
                yield ACK
            return
        head = 1
    if head == 1 and msg.n == 0:
        yield from arm(msg.branch, timers, m)
    elif head == 1 and msg.cause == "timer":
        old = yield "new", ("J", msg.branch, 2), Rec("WOKE", "timer", mid)
        if old is not None and old.by in own:
            return
    elif head == 1:
        done = yield from consume(mid, msg.branch, m)
        if not done:
            return
    yield ACK


def arm(branch: Any, timers: Any, m: Any) -> Any:
    """Each side writes before it reads: a sender, or this, sees the other."""
    early = (yield ("inbox",)) if "subscribe_late" in m else None
    yield "put", ("WAITS", branch, 1), Msg(branch, 1, None, "event")
    if branch[0] in timers:
        yield "send", Msg(branch, 1, None, "timer")
    found = early if early is not None else (yield ("inbox",))
    if found:
        yield "send", Msg(branch, 1, None, "event")


def consume(mid: int, branch: Any, m: Any) -> Any:
    """Take the first event that is there; False: this may be the only lease."""
    while True:
        found = yield ("inbox",)
        if not found:
            old = yield "get", ("J", branch, 2)  # taken, perhaps by another delivery of this one
            return old is None or old.by != mid or "taken_is_over" in m
        old = yield "consume", ("INBOX", found[0]), ("J", branch, 2), Rec("WOKE", found[0], mid)
        if old is None:
            return True
        if old != "gone":
            return old.by != mid
        if "gone_is_over" in m:
            return True


def send(event: str, m: Any) -> Any:
    """An event comes; the sender repeats this until it is answered."""
    yield "new", ("INBOX", event), "e"
    waiting = yield ("scan_all",)
    some = waiting[:1] if "wake_one" in m else waiting
    for wake in some:
        yield "send", wake


def start(waiters: int) -> Any:
    """All begin to wait."""
    who = 0
    while who < waiters:
        yield "send", Msg((who,), 0, None)
        who += 1


class EventsRun(Run):
    """`sc.waiters` wait, once each; those in `sc.timers` with a timer."""

    def generator(self, p: Any) -> Any:
        """A worker or a call."""
        if p.what[0] == "api":
            return start(self.sc.waiters) if p.what[1] == "start" else send(p.what[1], self.m)
        return delivery(p.what[1], self.bodies[p.what[1]], self.sc.timers, self.m)

    def tidy(self, w: World) -> None:
        """Nothing is taken away."""

    def check_send(self, w: World, body: Msg) -> None:
        """A message carries no state."""

    def check_append(self, w: World, b: Any, n: int, rec: Rec) -> None:
        """One event, or the timer, wakes a WAIT."""

    def check_consumed(self, w: World) -> None:
        """Counted at rest, by event."""

    def op_inbox(self, w: World, _: Any) -> Any:
        """What is there and not taken, oldest first."""
        return tuple(
            k[1] for k, v in sorted(w.store.items(), key=repr) if k[0] == "INBOX" and v == "e"
        )

    def op_scan_all(self, w: World, _: Any) -> Any:
        """Who waits on the key."""
        return tuple(v for k, v in sorted(w.store.items(), key=repr) if k[0] == "WAITS")

    def op_consume(self, w: World, p: Any, inbox: Any, key: Any, rec: Rec) -> Any:
        """One transaction, once for each event."""
        answer = super().op_consume(w, p, inbox, key, rec)
        if w.store.get(key) == rec:
            taken = [k for k, r in w.store.items() if k[0] == "J" and r.data == rec.data]
            if len(taken) > 1:
                self.wrong(f"{rec.data} was consumed by {len(taken)}")
        return answer

    def at_rest(self, w: World) -> str:
        """Nobody waits while an event is there; no event is lost."""
        heads = [w.records((who,)) for who in range(self.sc.waiters)]
        sent = [call for calls in self.sc.apis for call in calls if call != "start"]
        there = self.op_inbox(w, None)
        used = [rs[1].data for rs in heads if len(rs) > 1 and rs[1].data != "timer"]
        if there and any(len(rs) < 2 for rs in heads):
            self.wrong(f"somebody waits though {there} are in the inbox")
        if sorted((*used, *there)) != sorted(sent):
            self.wrong(f"sent {sent}, consumed {used}, there are {there}")
        return f"{len(used)} consumed"


class Waiting(NamedTuple):
    """So many who wait; events are sent side by side with the start."""

    name: str
    waiters: int
    apis: tuple[tuple[str, ...], ...]
    faults: int
    kinds: str = "kill"
    timers: frozenset[int] = frozenset()
    walks: int = 0
    mutations: tuple[str, ...] = ()
    large: bool = False
    late: tuple[str, ...] = ()
    machine: Any = EventsRun


# fmt: off
EVENTS = [
    Waiting("2 wait, 1 event", 2, (("start",), ("e0",)), 1, "kill", large=True, mutations=("subscribe_late",)),
    Waiting("2 wait, sent again", 2, (("start",), ("e0",)), 1, "crash", large=True, mutations=("inbox_delete",)),
    Waiting("2 wait, 2 events in turn", 2, (("start", "e0", "e1"),), 0, large=True),
    Waiting("2 wait, 2 events", 2, (("start",), ("e0", "e1")), 0, large=True, mutations=("wake_one", "gone_is_over")),
    Waiting("1 waits, 2 events", 1, (("start",), ("e0",), ("e1",)), 1, "crash"),
    Waiting("one gives up", 2, (("start",), ("e0",)), 0, timers=frozenset({0}), mutations=("wake_one",)),
    Waiting("3 wait, 2 events *", 3, (("start",), ("e0",), ("e1",)), 3, "crash late twice", frozenset({1}), walks=4000),
]
