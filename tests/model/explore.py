"""Every interleaving of a scenario, with the adversary's faults: breadth first, or by random walks."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from typing import Any

from tests.model.delivery import Turn
from tests.model.nouns import JOBS, Msg, Violation
from tests.model.outside import api
from tests.model.store import Store, World

MOST_DELIVERIES = 7


class Process:
    """A worker or a call at some point: what it runs, the answers so far, its next operation."""

    __slots__ = ("answer", "before", "body", "op", "turn", "what")

    def __init__(self, what: tuple[Any, ...], before: Process | None, answer: Any) -> None:
        self.what, self.before, self.answer = what, before, answer
        self.body = before is not None and before.op[0] == "body"  # has just run one
        self.op: Any = None
        self.turn: Turn | None = None


class Run(Store):
    """A scenario under some mutations. A process is replayed from its answers: it has no state."""

    def __init__(self, sc: Any, mutations: frozenset[str] = frozenset()) -> None:
        self.sc, self.m = sc, mutations
        self.ids: dict[Any, int] = {}
        self.bodies: list[Any] = [None]
        self.numbers: dict[Any, int] = {}
        self.all: list[Process] = []
        self.beside, self.finals = 0, set[str]()

    @classmethod
    def of(cls, sc: Any, *mutations: str) -> Run:
        """The run of a scenario, on the machine that it is for."""
        return (sc.machine or cls)(sc, frozenset(mutations))

    def message(self, body: Msg, copies: int) -> int:
        """The id of a message; deterministic, so that equal worlds meet."""
        if (body, copies) not in self.ids:
            self.ids[body, copies] = len(self.bodies)
            self.bodies.append(body)
        return self.ids[body, copies]

    # ------------------------------------------------------------- processes
    def process(self, what: tuple[Any, ...], before: int | None = None, answer: Any = None) -> int:
        """The number of a process after one more answer; -1: it is over."""
        key = (what, None) if before is None else (before, answer)
        if key not in self.numbers:
            p = Process(what, None if before is None else self.all[before], answer)
            place = self.replay(p)
            if place and place not in self.numbers:
                self.numbers[place] = len(self.all)
                self.all.append(p)
            self.numbers[key] = self.numbers[place] if place else -1
        return self.numbers[key]

    def replay(self, p: Process) -> Any:
        """Run it up to where it is: its next operation, and what it still knows (None: nothing)."""
        answers, at = [], p
        while at.before is not None:
            answers.append(at.answer)
            at = at.before
        g = self.generator(p)
        try:
            p.op = next(g)
            while answers:
                p.op = g.send(answers.pop())
        except StopIteration:
            return None
        place = (p.what, p.body, self.place(g, p.turn))
        if p.op[0] == "ack" and next(g, None) is None:
            return ("last", *p.what[:3])
        return place

    @staticmethod
    def place(g: Any, turn: Turn | None) -> Any:
        """Where a generator is, with all that its frames know.

        So a loop with a `yield` in it goes over a local variable: an iterator is in no frame.
        """
        known = [] if turn is None else turn.known()
        while g is not None:
            frame, g = g.gi_frame, g.gi_yieldfrom
            here = {k: v for k, v in frame.f_locals.items() if k not in ("self", "turn")}
            known.append((frame.f_code.co_name, frame.f_lasti, *map(Run.frozen, here.values())))
        return tuple(known)

    @staticmethod
    def frozen(value: Any) -> Any:
        """A value that can be hashed."""
        if isinstance(value, set):
            return frozenset(value)
        if isinstance(value, dict):
            return frozenset(value.items())
        return tuple(value) if isinstance(value, list) else value

    def generator(self, p: Process) -> Any:
        """A worker or a call from its beginning."""
        if p.what[0] == "api":
            return api(p.what[1], self.m)
        _, mid, delivery, again = p.what
        p.turn = Turn(mid, self.bodies[mid], delivery, again, self.sc, self.m)
        return p.turn.run()

    def busy(self, w: World) -> list[Any]:
        """The branches whose bodies have just run."""
        found = [self.all[p] for p in w.procs]
        return [self.bodies[p.what[1]].branch for p in found if p.body]

    def holders(self, w: World, mid: int) -> int:
        """How many workers have the message."""
        return sum(self.all[p].what[:2] == ("worker", mid) for p in w.procs)

    # ------------------------------------------------------------- what may happen next
    def successors(self, w: World) -> Iterator[tuple[str, World]]:
        """All (label, world) that may follow; where only one may follow it, it has followed."""
        for label, c in self.nexts(w):
            done, after = [label], c
            while not after.faults and len(only := list(self.forced(after))) == 1:
                done.append(only[0][0])
                after = only[0][1]
            self.tidy(after)
            yield "; ".join(done), after

    def tidy(self, w: World) -> None:
        """Take away messages that can only be deleted unread: another drives their branch."""
        if self.sc.tidies and not self.m & {"trust_first", "trust_redelivery"}:
            for mid in [mid for mid in w.queue if self.inert(w, mid) and not self.holders(w, mid)]:
                w.put(w.queue, mid, None)

    def inert(self, w: World, mid: int) -> bool:
        """Whether another message has written after the record that it continues from."""
        msg: Msg = self.bodies[mid]
        if msg.cause in JOBS:
            return False
        own = {mid, *msg.line}
        return any(r.by not in own for r in w.records(msg.branch, msg.n))

    def forced(self, w: World) -> Iterator[tuple[str, World]]:
        """What follows where some process concerns nobody else."""
        held = self.held(w)
        for p in w.procs:
            if self.all[p].op[0] != "choose" and self.alone(w, p, held):
                yield from self.alternatives(w, p, held)
                return

    def held(self, w: World) -> dict[int, list[int]]:
        """The workers that have each message."""
        held: dict[int, list[int]] = {}
        for p in w.procs:
            if self.all[p].what[0] == "worker":
                held.setdefault(self.all[p].what[1], []).append(p)
        return held

    def nexts(self, w: World) -> Iterator[tuple[str, World]]:
        """All (label, world) that may be next."""
        held = self.held(w)
        for p in w.procs:  # what concerns nobody else goes first: the order makes no difference
            if self.alone(w, p, held):
                yield from self.alternatives(w, p, held)
                return
        for p in w.procs:
            yield from self.step(w, p)
            yield from self.crash(w, p)
        for mid in w.queue:
            yield from self.deliveries(w, mid, held)
        yield from self.lose(w)
        for i, (calls, busy) in enumerate(w.todo):
            if calls and not busy:
                c = w.copy()
                c.todo = (*w.todo[:i], (calls, True), *w.todo[i + 1 :])
                yield from self.step(c, self.process(("api", calls[0])))

    def alternatives(
        self, w: World, p: int, held: dict[int, list[int]]
    ) -> Iterator[tuple[str, World]]:
        """It goes on, or what the adversary may do to it instead."""
        yield from self.step(w, p)
        if self.all[p].op[0] != "choose":
            yield from self.crash(w, p)
        if self.all[p].op[0] == "ack":
            yield from self.deliveries(w, self.all[p].what[1], held)

    def alone(self, w: World, p: int, held: dict[int, list[int]]) -> bool:
        """Whether its next operation commutes with all that others may do."""
        what, op = self.all[p].what, self.all[p].op
        if op[0] == "ack":
            there = w.queue.get(
                what[1]
            )  # of a job, only the deleting worker knows that it was there
            return there is None or (len(held[what[1]]) == 1 and there[1] == what[2])
        return op[0] in ("choose", "send", "body")

    def deliveries(self, w: World, mid: int, held: Any) -> Iterator[tuple[str, World]]:
        """The ways in which the queue may hand out a message."""
        if mid not in w.queue:
            return
        received, deliveries, present = w.queue[mid]
        if present and mid not in held:
            again = "asked" if received == 2 else received > 0
            yield from self.deliver(w, mid, again, 0, "deliver")
        elif w.faults and present and deliveries < 4:
            for kind, again in (("late", True), ("twice", False)):
                if kind in self.sc.kinds:
                    yield from self.deliver(w, mid, again, 1, kind.upper())
        elif w.faults and not present and "undead" in self.sc.kinds:
            for again in (True, False):
                yield from self.deliver(w, mid, again, 1, "UNDEAD")

    def deliver(
        self, w: World, mid: int, again: Any, cost: int, label: str
    ) -> Iterator[tuple[str, World]]:
        """Hand it out to a new worker, which performs its first operation."""
        received, deliveries, _ = w.queue[mid]
        if deliveries > MOST_DELIVERIES:
            raise Violation("livelock: one message was delivered eight times")
        c = w.copy()
        c.put(c.queue, mid, (1 if received or again else received + 1, deliveries + 1, True))
        c.faults -= cost
        for step, after in self.step(c, self.process(("worker", mid, deliveries + 1, again))):
            yield f"{label}{' again' if again else ''} {step}", after

    def crash(self, w: World, p: int) -> Iterator[tuple[str, World]]:
        """It ends here. A message comes back, a client repeats its call."""
        what = self.all[p].what
        if w.faults and (
            "crash" in self.sc.kinds or ("kill" in self.sc.kinds and what[0] != "api")
        ):
            c = w.copy()
            c.faults, c.procs = w.faults - 1, w.procs - {p}
            if what[0] == "api":
                c.todo = tuple((s, busy and s[0] != what[1]) for s, busy in w.todo)
            yield f"CRASH {self.who(p)}", c

    def lose(self, w: World) -> Iterator[tuple[str, World]]:
        """The whole queue is lost, and all who work; somebody has everything repaired."""
        if w.faults and "lose" in self.sc.kinds and w.queue:
            c = w.copy()
            c.faults, c.procs = w.faults - 1, frozenset()
            for mid in w.queue:
                c.put(c.queue, mid, (0, 0, False))
            c.todo = (*((calls, False) for calls, _ in w.todo), (("repair",), False))
            yield "LOSE", c

    def step(self, w: World, p: int) -> Iterator[tuple[str, World]]:
        """It performs its next operation."""
        what, op = self.all[p].what, self.all[p].op
        for answer, c in self.apply(w.copy(), self.all[p], op):
            q = self.process(what, p, answer)
            c.procs = w.procs - {p}
            if q >= 0:
                c.procs |= {q}
            elif what[0] == "api":
                c.todo = tuple(
                    (s[1:], False) if busy and s[0] == what[1] else (s, busy) for s, busy in w.todo
                )
            yield f"{self.who(p)}: {self.show(op, answer)}", c

    # ------------------------------------------------------------- for people
    def who(self, p: int) -> str:
        """A process, in a trace."""
        what = self.all[p].what
        if what[0] == "api":
            return str(what[1])
        msg = self.bodies[what[1]]
        return f"{msg.cause}#{what[1]}.{what[2]}({'.'.join(map(str, msg.branch))}@{msg.n})"

    @staticmethod
    def show(op: Any, answer: Any) -> str:
        """An operation, in a trace."""
        name, *a = op
        if name == "send":
            return f"send {a[0].cause} {'.'.join(map(str, a[0].branch))}@{a[0].n}"
        if name in ("new", "consume") and hasattr(a[-1], "kind"):
            return f"append {a[-1].kind} at {a[-2][2]}{' REFUSED' if answer else ''}"
        shown = f" -> {answer}" if name in ("choose", "enter") else ""
        return f"{name} {' '.join(str(x) for x in a)[:60]}{shown}"

    # ------------------------------------------------------------- exploring
    def first(self) -> World:
        """Before anything has happened."""
        return World(self.sc.faults, tuple((s, False) for s in self.sc.apis))

    def is_at_rest(self, w: World) -> bool:
        """Whether nothing can move any more."""
        there = any(present for _, _, present in w.queue.values())
        return not w.procs and not there and not any(s for s, _ in w.todo)

    def explore(self, limit: int | None = None) -> tuple[int, str, list[str]]:
        """Breadth first. Gives how many worlds, what is wrong ("" if nothing), and how it came."""
        first = self.first()
        came, todo = {first.key(): 0}, deque([first])
        while todo:
            w = todo.popleft()
            k = w.key()
            try:
                for _, c in self.successors(w):
                    if (ck := c.key()) not in came:
                        came[ck] = k
                        todo.append(c)
                if self.is_at_rest(w):
                    self.finals.add(self.at_rest(w))
            except Violation as v:
                return len(came), str(v), self.trace(came, k)
            if limit and len(came) > limit:
                return len(came), "state limit", []
        return len(came), "", []

    def broken(self, limit: int) -> tuple[int, str, list[str]]:
        """Look for what the mutations break: by walks where too much can happen for a search."""
        by_walks = set(self.m) & set(getattr(self.sc, "walked", ()))
        return self.walk(self.sc.walks) if by_walks else self.explore(limit)

    def walk(self, times: int) -> tuple[int, str, list[str]]:
        """Random walks, the same at each run. Gives how many steps, what is wrong, and how it came."""
        dice, steps = random.Random(1), 0  # noqa: S311  meant to be repeated
        for _ in range(times):
            w, labels = self.first(), []
            try:
                while nexts := list(self.successors(w)):
                    calm = [x for x in nexts if x[1].faults == w.faults]
                    label, w = dice.choice(nexts if dice.random() < 0.1 or not calm else calm)
                    labels.append(label)
                    steps += 1
                self.finals.add(self.at_rest(w))
            except Violation as v:
                return steps, str(v), labels
        return steps, "", []

    def trace(self, came: dict[int, int], k: int) -> list[str]:
        """The labels on the way to a world: walk it again."""
        path = [k]
        while came[path[-1]]:
            path.append(came[path[-1]])
        w, labels = self.first(), []
        for key in path[-2::-1]:
            label, w = next((label, c) for label, c in self.successors(w) if c.key() == key)
            labels.append(label)
        return labels
