"""The scenarios: small executions, each with what may happen to it and what must come of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.model.events import EVENTS
from tests.model.limits import LIMITS
from tests.model.nouns import EVERY, Meta, Node, Policy


class Scenario(NamedTuple):
    """A program, the adversary's means, and how it may end."""

    name: str
    root: tuple[Node, ...]
    ends: set[str]  # how it may end, with the calls of `apis` at any moment
    faults: int = 2
    kinds: str = "crash late twice"
    apis: tuple[tuple[str, ...], ...] = (("start",),)  # sequences of calls, side by side
    compensates: bool = False
    hops: bool = False  # inline chaining or a hop, as the adversary likes
    control: bool = False  # META is read again in an inline chain
    heals: bool = False  # what fails succeeds after a redrive
    child: tuple[Node, ...] = ()  # the program of the child execution
    waits_at: int = 0
    may_wait: bool = False
    strict: bool = False  # no twins can arise: what took effect has to be compensated
    split: bool = False  # META and the next record are read one after the other
    walks: int = 0  # too large to exhaust: so many random walks instead
    large: bool = False  # takes longer than a test may: `make model` runs it
    mutations: tuple[str, ...] = ()
    late: tuple[str, ...] = ()  # of these, what takes longer to catch than a test may
    machine: Any = None  # runs it, if not the protocol of branches

    @property
    def may_stop(self) -> bool:
        """Whether a stop may come from outside."""
        return "'cancel'" in repr(self.apis)

    @property
    def tidies(self) -> bool:
        """Whether messages with nothing to do may be taken away: not where they may be parked."""
        return not self.split and "'pause'" not in repr(self.apis)

    @property
    def sleepers(self) -> bool:
        """Whether a sweep may find anybody: a wait, or a parked message."""
        text = repr((self.root, self.child, self.apis))
        return any(f"'{word}'" in text for word in ("wait", "child", "pause", "join", "spawn"))

    def program(self, b: Any) -> tuple[Node, ...]:
        """The program of a branch."""
        program = self.child if b[0] == "c" else self.root
        for place in b[1:]:
            if isinstance(place[1], tuple) and place[1][0] == "undo":
                program = ()
                continue
            pc, i = original(place)
            node = program[pc]
            program = node.bodies[i] if node.bodies else node.body
        return program

    def node(self, scope: Any) -> Node:
        """The fork that a scope is of."""
        pc = scope[-1][1]
        if not isinstance(pc, tuple):
            return self.program(scope[:-1])[pc]
        if pc[0] == "undo":
            return fork(pc[1], pc[1], allowed=pc[1])
        node = self.program(scope[:-1])[pc[1]]
        width = len(pc[2])
        return node._replace(width=width, lanes=min(node.lanes, width))

    def fails(self, node: Node, b: Any, meta: Meta) -> bool:
        """Whether a node that fails does so in this branch."""
        here = node.bad == EVERY or (len(b) > 1 and declared(b) in node.bad)
        return here and not (meta.redriven and self.heals)


def original(place: Any) -> tuple[int, int]:
    """The fork's node, and which of its children as declared, if it is one that is done again."""
    _, pc, i = place
    while isinstance(pc, tuple):
        _, _, some, old = pc
        i, pc = some[i], old[-1][1]
    return pc, i


def declared(b: Any) -> int:
    """Which child of the fork as it was declared a branch is."""
    undoes = isinstance(b[-1][1], tuple) and b[-1][1][0] == "undo"
    return b[-1][2] if undoes else original(b[-1])[1]


def step(name: str, **more: Any) -> Node:
    """A step."""
    return Node("step", name, **more)


def fork(width: int, lanes: int, *body: Node, **more: Any) -> Node:
    """A fork whose children are alike; what is no field of a node is its policy's."""
    policy = Policy(**{k: more.pop(k) for k in Policy._fields if k in more})
    return Node("fork", width=width, lanes=lanes, body=body, policy=policy, **more)


def branches(*bodies: tuple[Node, ...], lanes: int = 0, **more: Any) -> Node:
    """A fork whose children differ."""
    node = fork(len(bodies), lanes or len(bodies), **more)
    return node._replace(bodies=bodies)


def spawn(*body: Node) -> Node:
    """A job, to be joined later."""
    return Node("spawn", width=1, lanes=1, body=body)


RESULT = Node("join")
A, B, X = step("a", undo=True), step("b", undo=True), step("x")
FAIL = step("fail", fails=9)
WAIT, TIMER, EVENT = Node("wait"), Node("wait", timer=True), Node("wait", event=True)
ALL = "crash late twice undead echo"
START = ("start",)
OK = {"succeeded"}


def failing(*bad: int, **more: Any) -> Node:
    """A step that fails in these children."""
    return step("f", fails=9, bad=bad, **more)


# fmt: off
BASICS = [
    Scenario("step", (A,), OK, 2, hops=True, mutations=("ack_first", "trust_redelivery", "no_line", "delete_same", "overwrite", "meta_first"), large=True),
    Scenario("step, all faults", (A,), OK, 2, ALL),
    Scenario("chain of 3", (A, B, step("c")), OK, 1, hops=True, large=True),
    Scenario("chain of 2", (A, B), OK, 2),
    Scenario("retry", (step("a", fails=1, attempts=2),), OK, 2, mutations=("no_line",), large=True),
    Scenario("poison", (step("a"),), {"succeeded", "failed"}, 4, "crash"),
    Scenario("at_most_once", (step("a", once=True),), {"succeeded", "failed"}, 2, ALL, mutations=("no_claim",)),
    Scenario("at_most_once, echo", (step("a", once=True),), OK, 2, "echo", hops=True, mutations=("no_delivery_id",)),
    Scenario("saga", (A, B, FAIL), {"compensated"}, 2, compensates=True, mutations=("trust_first",), large=True),
    Scenario("saga, hops", (A, FAIL), {"compensated"}, 1, ALL, compensates=True, hops=True),
    Scenario("event", (EVENT,), OK, 1, ALL, (START, ("event",)), hops=True, mutations=("subscribe_late", "event_by_sender", "inbox_delete"), large=True),
    Scenario("event, copies *", (EVENT,), OK, 2, "kill twice", (START, ("event",)), walks=6000, mutations=("taken_is_over",)),
    Scenario("event or timer", (Node("wait", event=True, timer=True),), OK, 1, "crash", (START, ("event",)), large=True),
    Scenario("event or timer *", (Node("wait", event=True, timer=True), A), OK, 3, ALL, (START, ("event",)), hops=True, walks=4000),
    Scenario("timer", (TIMER, A), OK, 2, mutations=("first_only",), late=("first_only",), large=True),
    Scenario("pause, resume", (A, B), OK, 1, "kill", (("start", "pause", "resume"),), control=True, mutations=("park_no_reread",), large=True),
    Scenario("pause, copies *", (X,), OK, 2, "kill twice", (("start", "pause", "resume"),), walks=4000, mutations=("park_go_on",)),
    Scenario("pause, resume *", (A, B), OK, 3, ALL, (("start", "pause", "resume"),), hops=True, control=True, walks=4000),
    Scenario("cancel", (A, B), OK | {"cancelled"}, 1, "crash late twice", (("start", "cancel"),), hops=True, control=True, compensates=True, large=True),
    Scenario("cancel, in doubt", (A, B), OK | {"cancelled"}, 2, "kill", (("start", "cancel"),), compensates=True, strict=True, mutations=("stop_in_doubt",)),
    Scenario("cancel, plain", (A, B), OK | {"cancelled"}, 1, "crash late twice", (("start", "cancel"),), hops=True, control=True, large=True),
    Scenario("cancel a fork", (fork(2, 1, A),), OK | {"cancelled"}, 1, "kill", (("start", "cancel"),), compensates=True, mutations=("stop_blind",)),
    Scenario("cancel a wait", (A, EVENT), {"cancelled"}, 1, "crash late twice", (("start", "cancel"),), compensates=True, mutations=("wait_no_meta",), large=True),
    Scenario("cancel, paused", (A,), OK | {"cancelled"}, 1, "kill", (("start", "pause", "cancel"),), compensates=True),
    Scenario("cancel, paused *", (A, B), OK | {"cancelled"}, 3, ALL, (("start", "pause", "cancel"),), compensates=True, hops=True, walks=4000),
    Scenario("child execution", (Node("child"),), OK, 1, hops=True, child=(A,), waits_at=1, mutations=("meta_before_parent",), large=True),
    Scenario("redrive", (A, step("f", fails=9)), {"failed", "succeeded"}, 1, ALL, (START, ("redrive",)), heals=True, mutations=("no_as_of",)),
]

FORKS = [
    Scenario("fork 2", (fork(2, 2, X),), OK, 1),
    Scenario("fork 3, tree", (fork(3, 3, X),), OK, 1, "crash"),
    Scenario("fork 3, 1 lane", (fork(3, 1, X),), OK, 1),
    Scenario("fork 3, 2 lanes", (fork(3, 2, X),), OK, 1, "crash"),
    Scenario("fork 4, 2 lanes *", (fork(4, 2, A, failing(1)),), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000, large=True),
    Scenario("fail fast, 1 lane", (fork(3, 1, failing(1, undo=True)),), {"compensated"}, 1, "crash", compensates=True),
    Scenario("fail fast, 2 lanes", (fork(3, 2, failing(0, undo=True)),), {"compensated"}, 1, "crash", compensates=True, large=True),
    Scenario("fail fast, waiter", (fork(2, 2, failing(0), WAIT),), {"failed"}, 0, mutations=("no_sweep", "wait_no_meta")),
    Scenario("fail fast, waiter *", (fork(3, 2, failing(0), WAIT),), {"failed"}, 2, ALL, hops=True, walks=4000),
    Scenario("nested fork", (fork(2, 2, fork(2, 2, X)),), OK, 0),
    Scenario("nested, fail *", (fork(2, 2, fork(2, 1, failing(1))),), {"failed"}, 2, ALL, hops=True, walks=4000),
    Scenario("nested, stop *", (fork(2, 2, failing(0), fork(1, 1, X)),), {"failed"}, 1, "kill", walks=4000, mutations=("stop_blind",)),
    Scenario("all controls *", (A, fork(2, 2, B), EVENT), OK | {"cancelled"}, 3, ALL, (("start", "pause", "resume"), ("cancel",), ("event",)), compensates=True, hops=True, control=True, may_wait=True, walks=6000),
]

POLICIES = [
    Scenario("tolerated", (fork(3, 1, failing(0), allowed=1),), OK, 1, "crash late twice", mutations=("join_counter",)),
    Scenario("tolerated, side by side", (fork(3, 3, failing(0), allowed=1),), OK, 1, "crash", large=True),
    Scenario("past the tolerance", (fork(3, 3, failing(0, 1), allowed=1), X), {"failed"}, 1, "crash", large=True),
    Scenario("past it, undone", (fork(3, 2, failing(0, 2, undo=True), allowed=1),), {"compensated"}, 1, "crash", compensates=True, large=True),
    Scenario("past it, collected", (fork(3, 2, failing(0, 1), allowed=1, collect=True), X), OK, 1, "crash", mutations=("keep_stop",), large=True),
    Scenario("2 of 3", (fork(3, 3, X, need=2), X), OK, 1, "crash", large=True),
    Scenario("2 of 3, one fails", (fork(3, 2, failing(1), need=2, allowed=1), X), OK, 1, "crash", large=True),
    Scenario("2 of 3, missed", (fork(3, 3, failing(0, 2), need=2, allowed=1),), {"failed"}, 1, "crash", large=True),
    Scenario("1 of 3, 1 lane", (fork(3, 1, X, need=1), X), OK, 1),
    Scenario("1 of 2, waiter", (branches((X,), (WAIT,), need=1), X), OK, 0, mutations=("no_sweep", "wait_no_meta")),
    Scenario("1 of 2, waiter, faults", (branches((X,), (WAIT,), need=1), X), OK, 1, large=True),
    Scenario("1 of 2, the rest ends", (branches((X,), (TIMER, X), need=1, finish=True), X), OK, 1, mutations=("finish_stops",), large=True),
    Scenario("1 of 3, the rest ends", (fork(3, 1, X, need=1, finish=True), X), OK, 1),
    Scenario("first", (branches((X,), (X,), first=True), X), OK, 1, mutations=("tally_open",), large=True),
    Scenario("first, one fails", (branches((FAIL,), (X,), first=True),), {"succeeded", "failed"}, 1, "crash"),
    Scenario("first, event or timer", (branches((EVENT,), (TIMER,), first=True), X), OK, 0, "", (START, ("event",)), large=True),
    Scenario("first, event or timer *", (branches((EVENT,), (TIMER,), first=True), X), OK, 2, ALL, (START, ("event",)), hops=True, walks=4000),
    Scenario("policies, cancelled", (fork(2, 2, X, need=1), B), OK | {"cancelled"}, 0, "", (("start", "cancel"),), compensates=True),
    Scenario("policies *", (fork(4, 2, A, failing(1), need=2, allowed=1), B, FAIL), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000),
]

STOPS = [
    Scenario("joined, goes on", (fork(2, 2, failing(0), collect=True), X), OK, 1, "crash", mutations=("keep_stop",)),
    Scenario("joined, late child", (fork(2, 2, failing(0), collect=True), X), OK, 1, "late", mutations=("stop_no_reread",), large=True),
    Scenario("joined, copies", (fork(2, 1, failing(0), collect=True), X), OK, 1, "twice undead", mutations=()),
    Scenario("joined, all faults *", (fork(3, 2, failing(0, 1), collect=True, allowed=1), fork(2, 2, failing(0), collect=True), X), OK, 3, ALL, hops=True, walks=6000),
]

SLOTS = [
    Scenario("slow child", (branches((EVENT,), (X,), (X,), lanes=2),), OK, 0, may_wait=True, mutations=("static_lanes",)),
    Scenario("slow child, faults", (branches((EVENT,), (X,), (X,), lanes=2),), OK, 1, "crash", may_wait=True),
    Scenario("slow child, two items", (branches((EVENT,), (X,), (X,), (X,), lanes=2),), OK, 1, "crash", may_wait=True, mutations=("no_visit",)),
    Scenario("down a chain", (fork(5, 1, X),), OK, 1, "crash"),
    Scenario("two chains", (fork(6, 3, X),), OK, 0),
    Scenario("3 at once", (fork(5, 2, X, fan=3),), OK, 0),
    Scenario("closed", (fork(4, 1, failing(0)),), {"failed"}, 1, mutations=("close_own", "decider_starts")),
    Scenario("closed, one item", (fork(4, 2, failing(0), fan=4),), {"failed"}, 1, "crash", mutations=("full_unclosed", "count_whole", "unstop_by_meta"), large=True),
    Scenario("closed, side by side", (fork(5, 2, failing(0), fan=5),), {"failed"}, 1, "kill", large=True),
    Scenario("closed, two items", (fork(4, 2, failing(0)),), {"failed"}, 1, "crash", large=True),
    Scenario("closed, down a chain", (fork(6, 2, failing(0)),), {"failed"}, 0),
    Scenario("closed behind", (fork(6, 2, failing(2), allowed=0),), {"failed"}, 0),
    Scenario("counted", (fork(4, 2, failing(0, 2), allowed=1),), {"failed"}, 1, "kill", mutations=("tally_starts_nobody",), large=True),
    Scenario("counted, 1 lane", (fork(5, 1, failing(0, 2), allowed=1),), {"failed"}, 1, "crash", mutations=("start_before_stop",)),
    Scenario("counted by groups", (fork(6, 2, X, need=3), X), OK, 0),
    Scenario("slots, all faults *", (fork(7, 3, A, failing(4), fan=3),), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000),
    Scenario("closed, all faults *", (fork(7, 3, A, failing(0, 4), allowed=1),), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000),
    Scenario("counted, all faults *", (fork(8, 3, A, failing(1, 2, 4, 6), allowed=3, need=5), FAIL), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000),
]

SPREAD = [
    Scenario("spread 3", (fork(3, 3, X, spread=True),), OK, 1, "crash", mutations=("spreader_acks",), large=True),
    Scenario("spread 2, stopped", (fork(2, 2, failing(0), spread=True),), {"failed"}, 1, mutations=("spreader_stops",), large=True),
    Scenario("spread 3, cancelled", (fork(3, 3, X, spread=True),), {"succeeded", "cancelled"}, 0, "", (("start", "cancel"),)),
    Scenario("spread, all faults *", (fork(5, 4, A, failing(2), spread=True),), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000),
]

CHILD = Node("child")
JOBS = [
    Scenario("job, asked", (spawn(X), RESULT), OK, 1, "crash"),
    Scenario("job", (spawn(X), X, RESULT), OK, 1, mutations=("job_read_early", "job_scan_early"), large=True),
    Scenario("job, nobody asks", (spawn(X), X), OK, 1, "crash late", mutations=("end_with_job",), large=True),
    Scenario("job fails", (spawn(FAIL), A, RESULT), {"compensated"}, 1, "crash", compensates=True),
    Scenario("job, parent fails", (spawn(A), B, FAIL), {"compensated"}, 1, "crash", compensates=True, mutations=("undo_before_jobs", "keep_stop"), large=True, late=("keep_stop",)),
    Scenario("job waits, parent fails", (spawn(WAIT), A, FAIL), {"compensated"}, 1, "kill", compensates=True, mutations=("no_sweep",), large=True),
    Scenario("job, parent fails, calm", (spawn(A), B, FAIL), {"compensated"}, 0, "", compensates=True),
    Scenario("job waits, calm", (spawn(WAIT), FAIL), {"failed"}, 0, ""),
    Scenario("job, cancelled", (spawn(A), B, RESULT), OK | {"cancelled"}, 0, "", (("start", "cancel"),), compensates=True, mutations=("stale_meta",), large=True),
    Scenario("job of a child", (fork(2, 2, spawn(A), failing(0)),), {"compensated"}, 0, compensates=True, large=True),
    Scenario("job, all faults *", (A, spawn(B, X), spawn(FAIL), RESULT, X, RESULT), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=4000),
]

CHILDREN = [
    Scenario("child, undone, calm", (CHILD, FAIL), {"compensated"}, 0, "", child=(A,), waits_at=1, compensates=True),
    Scenario("child, stopped, calm", (CHILD,), OK | {"cancelled"}, 0, "", (("start", "cancel"),), child=(A,), waits_at=1, compensates=True, large=True),
    Scenario("child, undone", (CHILD, FAIL), {"compensated"}, 1, "crash", child=(A,), waits_at=1, compensates=True, mutations=("child_not_pushed",), large=True),
    Scenario("child, late undo", (CHILD, FAIL), {"compensated"}, 1, "late twice", child=(A,), waits_at=1, compensates=True, large=True),
    Scenario("child, stopped", (CHILD, X), OK | {"cancelled"}, 0, "", (("start", "cancel"),), child=(A, WAIT), waits_at=1, compensates=True, mutations=("stop_leaves_child",), large=True),
    Scenario("child, stopped, faults", (CHILD, X), OK | {"cancelled"}, 1, "kill", (("start", "cancel"),), child=(A,), waits_at=1, compensates=True, large=True),
    Scenario("child fails", (A, Node("child")), {"compensated"}, 1, "crash", child=(B, FAIL), waits_at=2, compensates=True),
    Scenario("child, all faults *", (A, CHILD, B, FAIL), {"compensated"}, 3, ALL, (("start", "cancel"),), child=(A, B), waits_at=2, compensates=True, hops=True, walks=4000)._replace(ends={"compensated", "cancelled"}),
]

UNDOING = [
    Scenario("units", (fork(2, 2, A, B), FAIL), {"compensated"}, 0, compensates=True, mutations=("undo_forwards",)),
    Scenario("units, faults", (fork(2, 2, A), FAIL), {"compensated"}, 1, "kill", compensates=True),
    Scenario("units in units *", (A, fork(2, 2, B, fork(2, 2, A)), FAIL), {"compensated"}, 3, ALL, compensates=True, hops=True, walks=3000),
]

REDRIVES = [
    Scenario("redrive a fork", (fork(2, 2, A, failing(0)), X), {"failed", "succeeded"}, 0, "", (START, ("redrive",)), heals=True, mutations=("redrive_afresh",)),
    Scenario("redrive a fork, stopped", (fork(3, 1, failing(0)), X), {"failed", "succeeded"}, 1, "kill", (START, ("redrive",)), heals=True, mutations=("redrive_failed",)),
    Scenario("redrive a fork, copies", (fork(2, 2, failing(0)),), {"failed", "succeeded"}, 1, "late twice", (START, ("redrive",)), heals=True, large=True),
    Scenario("redrive, reopened", (A, FAIL), {"failed", "succeeded"}, 1, ALL, (START, ("redrive",)), heals=True, mutations=("reopen_any",)),
    Scenario("redrive a fork *", (A, fork(4, 2, B, failing(1, 2), allowed=1), X), {"failed", "succeeded"}, 3, ALL, (START, ("redrive",)), heals=True, hops=True, walks=4000),
]

REPAIRS = [
    Scenario("lost, chain", (A, B), OK, 2, "lose kill"),
    Scenario("lost, fork", (fork(2, 2, X),), OK, 1, "lose", mutations=("repair_no_ends",)),
    Scenario("lost, chain of groups", (fork(4, 1, X),), OK, 1, "lose", large=True),
    Scenario("lost, 1 lane", (fork(2, 1, X),), OK, 1, "lose"),
    Scenario("lost, stopped", (fork(3, 1, failing(0)),), {"failed"}, 1, "lose"),
    Scenario("lost, wait", (Node("wait", event=True, timer=True), A), OK, 1, "lose", (START, ("event",))),
    Scenario("lost, job", (spawn(X), X, RESULT), OK, 1, "lose"),
    Scenario("lost, child", (CHILD, FAIL), {"compensated"}, 1, "lose", child=(A,), waits_at=1, compensates=True, large=True),
    Scenario("lost, units", (fork(2, 2, A), FAIL), {"compensated"}, 1, "lose", compensates=True, large=True),
    Scenario("lost, in doubt", (A, B), OK | {"cancelled"}, 1, "lose", (("start", "cancel"),), compensates=True, strict=True, mutations=("repair_no_doubt",)),
    Scenario("lost, redriven", (A, FAIL), {"failed", "succeeded"}, 1, "lose", (START, ("redrive",)), heals=True),
    Scenario("repaired, nothing lost", (fork(2, 2, X),), OK, 0, "", (START, ("repair",)), large=True),
    Scenario("lost, all faults *", (A, fork(4, 2, B, failing(1)), X), {"compensated"}, 3, "lose crash late twice", compensates=True, hops=True, walks=4000),
]

# fmt: on
GROUPS: dict[str, list[Any]] = {
    "basics": [sc._replace(split=True) for sc in BASICS],
    "forks": FORKS,
    "policies": POLICIES,
    "stops": STOPS,
    "slots": SLOTS,
    "spreaders": SPREAD,
    "jobs": JOBS,
    "child executions": CHILDREN,
    "undoing side by side": UNDOING,
    "redrive": REDRIVES,
    "repair": REPAIRS,
    "limits": LIMITS,
    "events": EVENTS,
}
