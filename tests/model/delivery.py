"""One delivery of one message: the protocol's steps 1 to 6, as a generator of atomic operations.

Every `yield` is ONE operation of the store or the queue, and may be the last: the adversary ends a
worker between any two. `"name" in self.m` is a mutation: one line of the protocol done wrong.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from tests.model import ends, forks, jobs, outside, waits
from tests.model.nouns import (
    JOBS,
    META_END,
    POISON,
    Meta,
    Msg,
    Rec,
    State,
    fold,
    scope_of,
    stopped,
)

Steps = Generator[tuple[Any, ...], Any, Any]
ACK = ("ack",)
ALONE = {"CLAIM", "RESUMED", "ERROR", "CANCEL", "FORK", "WAIT"}  # never followed by a hop


class Turn:
    """The work under one delivery."""

    meta: Meta
    st: State

    def __init__(self, mid: int, msg: Msg, delivery: int, again: Any, sc: Any, m: Any) -> None:
        self.mid, self.msg, self.delivery = mid, msg, delivery
        self.sc, self.m = sc, m
        self.asked = again == "asked"  # given back for a retry: this redelivery was asked for
        self.again = bool(again) or msg.doubt
        self.b, self.root = msg.branch, len(msg.branch) == 1
        self.program = sc.program(self.b)
        self.own = frozenset({mid} if "no_line" in m else {mid, *msg.line})
        self.key = ("META", self.b[0])
        self.head, self.writer = msg.n, 0
        self.after: tuple[Rec, ...] = ()
        self.doubt = self.counted = self.mine = False
        self.woken: str | None = None

    def known(self) -> list[Any]:
        """All that it still knows, for telling whether two workers are at the same point."""
        return [v for k, v in vars(self).items() if k not in ("sc", "m", "program", "msg")]

    def run(self) -> Steps:
        """Do what the message says."""
        if (yield from self.admitted()) and (yield from self.caught_up()):
            while (yield from self.once()):
                pass

    @property
    def node(self) -> Any:
        """The node at the head; None at the end of the program."""
        return self.program[self.st.pc] if self.st.pc < len(self.program) else None

    def stopped(self) -> bool:
        """Whether a stop concerns the branch."""
        return stopped(self.meta, self.b, begun=self.head > 0)

    # ------------------------------------------------------------- 1. META
    def admitted(self) -> Steps:
        """Whether the message may drive its branch now."""
        if self.sc.split:
            self.meta = yield "get", self.key
        else:
            self.meta, self.after = yield "head", self.key, self.b, self.msg.n
        passes = self.msg.cause in ("redrive", "undo")
        if self.meta is None or (self.meta.status in META_END and not passes):
            yield ACK
            return False
        if self.msg.cause in JOBS:
            yield from outside.job(self)
            yield ACK
            return False
        if self.meta.paused and not stopped(self.meta, self.b):
            return (yield from self.parked())
        return True

    def parked(self) -> Steps:
        """Hold the message back. Each side writes before it reads."""
        doubt = self.again and not self.asked
        parked = self.msg._replace(line=frozenset({*self.msg.line, self.mid}), doubt=doubt)
        yield "put", ("PARKED", self.b[0], self.mid), parked
        if "park_no_reread" not in self.m:
            self.meta = yield "get", self.key
        held = self.meta.paused and not stopped(self.meta, self.b)
        if not held:
            if "park_go_on" not in self.m:  # not under this message: a copy may have deleted it
                yield "send", parked
            yield "del", ("PARKED", self.b[0], self.mid)
        if "park_go_on" in self.m and not held:
            return True
        yield ACK
        return False

    # ------------------------------------------------------------- 2. the head
    def caught_up(self) -> Steps:
        """Fold to the head; False: another message drives the branch, or it was handed on."""
        yield from self.base()
        if self.sc.split and (self.again or "trust_first" not in self.m):
            self.after = yield "query", self.b, self.msg.n
        if "trust_redelivery" in self.m:
            self.after = ()
        for i, r in enumerate(self.after):
            if r.by not in self.own and not ("first_only" in self.m and i):
                yield ACK
                return False
            self.st, self.head, self.writer = fold(self.st, r, self.program), self.head + 1, r.by
        self.after = ()
        self.doubt = (self.again and not self.asked) or self.st.resumed > 0
        advanced = self.head > self.msg.n
        if self.msg.doubt:  # after a loss: what is open and has no record may never have been sent
            yield from jobs.sent(self)
        if self.msg.cause in ("redrive", "undo") and (advanced or self.st.phase != "ended"):
            again = self.redriven if self.msg.cause == "redrive" else self.reopened
            if not (yield from again(self.msg.n + 1 if advanced else self.head)):
                return False
        ended = self.st.phase == "ended" or self.msg.cause not in ("redrive", "undo")
        if not advanced and ended and self.msg.cause != "go":
            self.woken = self.msg.cause
        if "stop_blind" in self.m and self.stopped():
            self.forget_head()
        may_hand_on = self.sc.hops and self.again and advanced and self.st.phase == "run"
        if may_hand_on and not self.st.owes and (yield ("choose",)):  # again, perhaps
            yield from self.hand_on()
            return False
        return True

    def forget_head(self) -> None:
        """A stop ends the branch whatever its head obliges it to (mutation)."""
        if self.st.phase == "fork" or (self.st.phase == "error" and not self.root):
            self.st = self.st._replace(phase="run")

    def base(self) -> Steps:
        """The state at the message's record; the normal path reads nothing for it."""
        if self.msg.state is not None:
            self.st = self.msg.state
            return
        self.st = State()
        if not self.root:
            self.st = yield from forks.begins(self, scope_of(self.b), self.b[-1][2])
        for r in (yield "query", self.b, 0)[: self.msg.n]:
            self.st = fold(self.st, r, self.program)

    def redriven(self, n: int) -> Steps:
        """META runs again as of record `n`; False: the redriven run is over already."""
        yield "reopen_any" if "reopen_any" in self.m else "reopen", self.key, n, "running"
        return (yield from self.still())

    def reopened(self, n: int) -> Steps:
        """META compensates as of record `n`; False: all is undone already."""
        yield "reopen", self.key, n, "compensating"
        return (yield from self.still())

    def still(self) -> Steps:
        """Whether META, read again, has not ended."""
        self.meta = yield "get", self.key
        if self.meta.status in META_END:
            yield ACK
            return False
        return True

    # ------------------------------------------------------------- 3. and 4. what comes next
    def once(self) -> Steps:
        """One record: what the head obliges to, else the next node. False: nothing more to do."""
        if self.st.owes:
            yield from forks.settle(self)
        rec = yield from self.next()
        return rec is not None and (yield from self.commit(rec)) and (yield from self.on(rec))

    def next(self) -> Steps:
        """What to append; None: this delivery is over."""
        match self.st.phase:
            case "ended" if self.woken == "redrive":
                return Rec("REDRIVE")
            case "ended" if self.woken == "undo":
                return Rec("UNDO", self.msg.data)
            case "ended":
                return (yield from ends.ended(self))
            case "fork" if self.woken != "join":
                return (yield from forks.send(self))
            case "fork":
                return (yield from forks.join(self))
            case "wait" if not self.woken:
                return (yield from waits.arm(self))
            case "wait":
                return (yield from waits.wake(self))
            case "error":
                return (yield from ends.error(self))
        return (yield from self.perform())

    def perform(self) -> Steps:
        """The node at the head, or a stop in its place."""
        node = self.node
        if node is None:
            if self.st.jobs and "end_with_job" not in self.m:
                return (yield from jobs.result(self, self.st.jobs[0]))
            return Rec("END", ("succeeded" if self.root else "ok", self.st.stack))
        if self.stopped() and not (node.kind == "step" and self.in_doubt()):
            return self.obey()
        if node.kind == "fork":
            return (yield from forks.again(self)) if self.st.last else Rec("FORK")
        if node.kind == "spawn":
            return jobs.spawn(self)
        if node.kind == "join":
            return (yield from jobs.result(self, self.st.jobs[0]))
        if node.kind in ("wait", "child"):
            return Rec("WAIT")
        return (yield from self.step(node))

    def in_doubt(self) -> bool:
        """A step that may have begun is finished before a stop is obeyed."""
        return self.doubt and not {"stop_in_doubt", "stop_blind"} & self.m

    def obey(self) -> Rec:
        """What a stop puts in the place of a node."""
        if self.root or self.st.jobs:
            return Rec("CANCEL")
        return Rec("END", ("stopped", self.st.stack))

    def step(self, node: Any) -> Steps:
        """Perform a step."""
        st = self.st
        if node.once and st.claimed and not self.mine:
            return Rec("ERROR", "StepInterrupted")
        if node.once and not st.claimed and "no_claim" not in self.m:
            return Rec("CLAIM")
        if self.doubt and not self.counted and not node.once:
            return Rec("RESUMED") if st.resumed < POISON else Rec("ERROR", "PoisonMessage")
        yield "body", self.b, self.head, node.name
        if st.tried >= node.fails or not self.sc.fails(node, self.b, self.meta):
            return Rec("OK")
        return Rec("ATTEMPT") if st.tried + 1 < node.attempts else Rec("ERROR")

    # ------------------------------------------------------------- 5. the commit
    def commit(self, rec: Rec) -> Steps:
        """Append; False: refused."""
        if "meta_first" in self.m and self.root and rec.kind == "END":
            yield "status", self.key, rec.data[0], self.head + 1
        if "job_scan_early" in self.m and rec.kind == "END" and not self.root:
            yield from jobs.ended(self)
        rec = rec._replace(by=self.mid, delivery=self.delivery if "echo" in self.sc.kinds else 0)
        old = yield from self.append(rec)
        if old == "gone":  # someone else took the event: go on waiting
            yield ACK
            return False
        if (
            old
            and (old.by, old.delivery) == (self.mid, self.delivery)
            and "no_delivery_id" not in self.m
        ):
            old = None  # this very delivery: the SDK repeated a request that had worked
        if old:  # own: do not delete, this may be the only lease
            if old.by not in self.own or "delete_same" in self.m:
                yield ACK
            return False
        self.st, self.head, self.writer = fold(self.st, rec, self.program), self.head + 1, self.mid
        self.doubt, self.counted = self.doubt and rec.kind in ("CLAIM", "RESUMED"), True
        self.mine, self.woken = rec.kind == "CLAIM", None
        return True

    def append(self, rec: Rec) -> Steps:
        """Gives the record that is there already, or None."""
        key = ("J", self.b, self.head + 1)
        if "overwrite" in self.m:
            yield "put", key, rec
            return None
        if rec.kind == "WOKE" and rec.data == "event":
            return (yield "consume", ("INBOX", "e"), key, rec)
        return (yield "new", key, rec)

    # ------------------------------------------------------------- 6. go on
    def on(self, rec: Rec) -> Steps:
        """Inline (True), or by a successor."""
        if rec.kind == "REDRIVE":
            return (yield from self.redriven(self.head))
        if rec.kind == "UNDO":
            return (yield from self.reopened(self.head))
        if rec.kind == "ATTEMPT" and (yield ("choose",)):  # short: this message comes back after it
            yield ("back",)
            return False
        if self.st.phase not in ("run", "error") or rec.kind in ALONE:
            return True
        if self.st.owes:
            yield from forks.settle(self)
        hop = rec.kind == "ATTEMPT" or (self.sc.hops and (yield ("choose",)))
        if not hop and self.sc.control:
            self.meta = yield "get", self.key  # a META that has aged is read again
            moving = {"running"} if self.st.phase == "run" else {"running", "compensating"}
            hop = self.meta.paused or self.meta.status not in moving
        if hop:
            yield from self.hand_on()
        return not hop

    def hand_on(self) -> Steps:
        """Send the successor, then delete this message."""
        line = frozenset({self.mid}) if self.writer == self.mid else self.own
        if "ack_first" in self.m:
            yield ACK
        yield "send", Msg(self.b, self.head, self.st, line=line)
        yield ACK
