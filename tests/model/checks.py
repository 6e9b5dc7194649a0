"""What must never happen: checked at each operation, and in each state in which nothing can move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.model.nouns import (
    META_END,
    Msg,
    Rec,
    State,
    Violation,
    child_of,
    fold,
    scope_of,
    start_of,
    stopped,
    undoes,
    within,
)
from tests.model.plan import decided, siblings

if TYPE_CHECKING:
    from tests.model.store import World


class Checks:
    """The invariants. `sc` is the scenario, `m` its mutations, `bodies` the messages by id."""

    sc: Any
    m: Any
    bodies: list[Any]
    beside: int  # most duplicate bodies seen beside max_concurrency

    def wrong(self, what: str) -> None:
        """An invariant is broken."""
        raise Violation(what)

    # ------------------------------------------------------------- at an operation
    def check_append(self, w: World, b: Any, n: int, rec: Rec) -> None:
        """Journals have no gaps and end with END; a JOIN comes when nobody moves below it."""
        before = w.store.get(("J", b, n - 1))
        if n > 1 and before is None:
            self.wrong(f"record {n} of {b} has no predecessor")
        if before and before.kind == "END" and rec.kind not in ("REDRIVE", "UNDO"):
            self.wrong(f"{rec.kind} after END in {b}")
        if rec.kind == "END" and n > 1 and len(b) > 1 and rec.data[0] == "stopped":
            self.check_stopped(w, b)
        if rec.kind == "JOIN":
            if moving := {x for x in w.live() if within(x, rec.data.scope)}:
                self.wrong(f"JOIN while {moving} have not ended")
            joined = [r.data.scope for r in w.records(b) if r.kind == "JOIN"]
            if rec.data.scope in joined:
                self.wrong(f"{rec.data.scope} is joined twice")
        if rec.kind == "END" and (moving := {x for x in w.live() if x[: len(b)] == b != x}):
            self.wrong(f"END while {moving} have not ended")

    def check_stopped(self, w: World, b: Any) -> None:
        """A branch ends as stopped because somebody said so, and not where it may finish."""
        left_alone = self.sc.node(scope_of(b)).policy.finish and not self.sc.may_stop
        if left_alone or not stopped(w.store["META", b[0]], b):
            self.wrong(f"{b} is stopped, and should have been left to its end")

    def check_consumed(self, w: World) -> None:
        """An event is consumed once."""
        w.put(w.ghost, "consumed", w.ghost.get("consumed", 0) + 1)
        if w.ghost["consumed"] > 1:
            self.wrong("one event was consumed twice")

    def check_entered(self, key: Any, order: Any) -> None:
        """Of those that end first, one is the first."""
        if key[2] == "first" and len(order) > 1:
            self.wrong(f"{len(order)} children of {key[1]} are the first")

    def check_unstop(self, w: World, scope: Any) -> None:
        """A stop leaves META when nobody is left who must obey it."""
        if moving := {b for b in w.live() if within(b, scope)}:
            self.wrong(f"the stop of {scope} is removed while {moving} have not ended")

    def check_unstopped(self, w: World, left: Any) -> None:
        """No stop outlives its fork, but one whose writer died just then, as the execution ended."""
        if len(left) > self.sc.faults - w.faults:
            self.wrong(f"META still names {left}")

    def check_status(self, w: World, key: Any, status: str, n: int) -> None:
        """META says what the journal says, and is terminal once for each END."""
        meta, root = w.store[key], w.records((key[1],))
        reopened = any(r.kind in ("REDRIVE", "UNDO") for r in root[meta.as_of : n])
        if meta.status in META_END and meta.status != status and not reopened:
            self.wrong(f"terminal status {meta.status} became {status}")
        if status in META_END:
            last = root[n - 1 : n]
            if not last or last[0].kind != "END" or last[0].data[0] != status:
                self.wrong(f"META says {status}, the root's journal does not end so")
            moving = {b for b in w.live() if b[0] == key[1]}
            if moving and len(root) == n:
                self.wrong(f"META says {status} while {moving} have not ended")

    def check_send(self, w: World, body: Msg) -> None:
        """No more children than lanes are under way; a message carries what its journal says."""
        b = body.branch
        if body.cause == "go" and body.n == 0 and ("sent", b) not in w.ghost:
            w.put(w.ghost, ("sent", b), 1)
            if len(b) > 1 and self.siblings(w.live(), b) > self.sc.node(scope_of(b)).lanes:
                self.wrong("more children than max_concurrency are started and not ended")
        begins_otherwise = any(isinstance(place[1], tuple) for place in b[1:])
        if body.state and body.n and not self.m and not begins_otherwise:
            st, program = State(), self.sc.program(b)
            for r in w.records(b)[: body.n]:
                st = fold(st, r, program)
            if st._replace(owes=()) != body.state._replace(owes=()):
                self.wrong(f"a message carries {body.state}, its journal folds to {st}")

    @staticmethod
    def siblings(branches: Any, b: Any) -> int:
        """How many of the branches are of the same fork as `b`."""
        return sum(len(x) > 1 and scope_of(x) == scope_of(b) for x in branches)

    def check_body(self, w: World, p: Any, b: Any, name: str) -> None:
        """When a body may run."""
        seen = p.turn.meta
        if seen.paused and not stopped(seen, b):
            self.wrong("a step starts under a META that says paused")
        if name.startswith("undo "):
            others = {x for x in w.live() if x != b[: len(x)] and not undoes(x)}
            moving = others if b[0] == "r" else {x for x in others if x[0] == b[0]}
            if moving:
                self.wrong(f"compensation runs while {moving} have not ended")
            return
        if seen.status != "running":
            self.wrong(f"body of {name} starts under a META that says {seen.status}")
        place = next(pc for pc, n in enumerate(self.sc.program(b)) if n.name == name)
        node = self.sc.program(b)[place]
        if len(b) > 1 and isinstance(b[-1][1], tuple):
            self.check_again(w, b, place)
        if node.once or node.undo:
            w.put(w.ghost, ("ran", b, name), min(2, w.ghost.get(("ran", b, name), 0) + 1))
            if node.once and w.ghost["ran", b, name] > 1:
                self.wrong(f"the body of at_most_once {name} ran twice")
        if len(b) > 1:
            self.check_lanes(w, b)

    def check_lanes(self, w: World, b: Any) -> None:
        """Bodies of unfinished children are bounded; in one lane nobody begins who is not needed."""
        fork = self.sc.node(scope_of(b))
        same = [x for x in self.busy(w) if x[:-1] == b[:-1] and scope_of(x) == scope_of(b)] + [b]
        if len({x for x in same if not w.ended(x)}) > fork.lanes:
            self.wrong("bodies of more than max_concurrency unfinished children run")
        self.beside = max(self.beside, len(same) - fork.lanes)
        if fork.lanes == 1 and not w.records(b):
            ends = (w.records(child_of(scope_of(b), i))[-1:] for i in range(fork.width))
            how = [rs[0].data[0] for rs in ends if rs and rs[0].kind == "END"]
            if decided(fork, how.count("ok"), how.count("failed")):
                self.wrong(f"{b} begins though its fork is decided")

    def busy(self, w: World) -> list[Any]:
        """The branches whose bodies are running."""
        raise NotImplementedError

    def holders(self, w: World, mid: int) -> int:
        """How many workers have the message."""
        raise NotImplementedError

    # ------------------------------------------------------------- at rest
    def at_rest(self, w: World) -> str:
        """Nothing can move: is that right? Gives the status."""
        meta, root = w.store.get(("META", "r")), w.records(("r",))
        if meta is None or meta.status not in META_END:
            if not (meta and self.sc.may_wait and self.waits(w, meta)):
                last = root and root[-1].kind
                self.wrong(f"stall: nothing moves, META {meta and meta.status}, root ends {last}")
        elif meta.status not in self.sc.ends:
            self.wrong(f"ended as {meta.status}, expected {self.sc.ends}")
        elif w.live():
            self.wrong(f"the execution ended, {w.live()} have not")
        if root and meta.status in META_END and root[-1].data[:1] != (meta.status,):
            self.wrong(f"META says {meta.status}, the root ended as {root[-1].data}")
        for key in [k for k, v in w.store.items() if k[0] == "META" and v.status in META_END]:
            self.check_unstopped(w, (w.store[key].stops | w.store[key].closed) - {key[1:]})
        taken = w.ghost.get("consumed", 0) + (w.store.get(("INBOX", "e")) == "e")
        if any("event" in s for s in self.sc.apis) and taken != 1:
            self.wrong("the event is lost")
        if meta.status in ("compensated", "cancelled") and self.sc.compensates:
            for x in ("r", "c"):
                self.check_compensated(w, w.records((x,)), x)
        return str(meta.status)

    def waits(self, w: World, meta: Any) -> bool:
        """Whether all that has not ended waits for an event that has not come."""
        heads = {b: w.records(b)[-1:] for b in w.live()}
        kinds = {rs[0].kind if rs else "" for rs in heads.values()}
        still = "WAIT" in kinds and kinds <= {"WAIT", "FORK"}
        for b, rs in heads.items():
            if rs and rs[0].kind == "FORK":
                self.check_busy(w, b)
        return still and not meta.stops and w.store.get(("INBOX", "e")) != "e"

    def check_busy(self, w: World, b: Any) -> None:
        """While children wait, no lane idles that could begin another."""
        n = len(w.records(b))
        scope = next(
            scope_of(x) for x in w.live() if x[: len(b)] == b and x[len(b) :][:1] > ((n,),)
        )
        fork = self.sc.node(scope)
        journals = [w.records(child_of(scope, i)) for i in range(fork.width)]
        if (
            siblings(fork).chains == 1
            and () in journals
            and sum(rs[-1].kind != "END" for rs in journals if rs) < fork.lanes
        ):
            self.wrong(f"a lane idles though a child of {scope} has not begun")

    def check_compensated(self, w: World, records: Any, x: str) -> None:
        """What was completed was compensated, in exactly the reverse order; units side by side."""
        meta = w.store.get(("META", x))
        if meta and meta.status == "succeeded" and any(r.kind == "OK" for r in records):
            self.wrong(f"{x} succeeded and was not undone")
        undone = {r.data for k, r in w.store.items() if k[0] == "J" and r.kind == "UNDONE"}
        pops: list[Any] = []
        pushed: list[Any] = []
        st = State()
        for r in records:
            before, st = st, fold(st, r, self.sc.program((x,)))
            if len(st.stack) > len(before.stack):
                pushed += st.stack[len(before.stack) :]
            elif len(st.stack) < len(before.stack) and r.kind != "END":
                pops += before.stack[len(st.stack) :]
        if pops != pushed[::-1]:
            self.wrong(f"completed {pushed}, compensated {pops}")
        for b in {k[1] for k in w.store if k[0] == "J" and undoes(k[1])}:
            self.check_unit(w, b)
        for _, b, name in [k for k in w.ghost if k[0] == "ran" and self.sc.strict]:
            if name not in undone and "ERROR" not in [r.kind for r in w.records(b)]:
                self.wrong(f"{name} took effect and was never compensated")

    def check_unit(self, w: World, b: Any) -> None:
        """A branch that undoes another undoes its stack, from the top."""
        fork, parent = w.store["J", b[:-1], b[-1][0]], w.records(b[:-1])
        st = State("error", stack=fork.data[1][b[-1][2]])
        before = start_of(Rec("FORK"), 0) if len(b) == 2 else None
        wanted = [one for one in st.stack[::-1] if not isinstance(one, tuple)]
        done = [r.data for r in w.records(b) if r.kind == "UNDONE"]
        if before is not None:
            for r in parent[: b[-1][0] - 1]:
                before = fold(before, r, self.sc.program(b[:-1]))
            stack = before.stack[-1][1][b[-1][2]]
            wanted = [one for one in stack[::-1] if not isinstance(one, tuple)]
        if done != wanted:
            self.wrong(f"{b} had to undo {wanted}, and undid {done}")

    def check_again(self, w: World, b: Any, place: int) -> None:
        """What had succeeded before a redrive is not performed again."""
        _, (_, _, some, old), i = b[-1]
        records, st = w.records(child_of(old, some[i])), State()
        for r in records:
            if r.kind == "OK" and st.pc == place:
                self.wrong(f"node {place} of child {some[i]} had succeeded, and is performed again")
            st = fold(st, r, self.sc.program(b))
