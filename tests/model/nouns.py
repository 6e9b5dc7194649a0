"""What is stored and sent in the model, and how a journal folds to a state.

A branch is a tuple: `("r",)` is the root of the execution `r`; `("r", (2, 0, 1))` is child 1 of the
fork that the root recorded as 2 and that node 0 of its program is. The scope of its fork is
`("r", (2, 0))`. (The protocol writes `r.2:1` and `r.2`; the node is here for the model's ease.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

FAN_IN = 2  # a join item covers so many children (100 in the protocol)
POISON = 3  # resumptions of one node with nothing recorded in between (5 in the protocol)
LIMIT = 3_000_000  # worlds that an exploration may take
EVERY = ("every",)  # `bad`: whoever performs the node

Branch = tuple[Any, ...]


class Violation(Exception):
    """An invariant is broken; the message says which."""


class Policy(NamedTuple):
    """What a fork makes of failures and successes."""

    allowed: int = 0  # failures endured
    need: int = 0  # successes that are enough; 0: all are wanted
    first: bool = False  # the first child that ends decides
    collect: bool = False  # failures are a value, no error
    finish: bool = False  # who has begun when it is decided goes on to the end


class Node(NamedTuple):
    """One place in a program."""

    kind: str  # step | fork | spawn | join | wait | child
    name: str = ""
    undo: bool = False  # has a compensation
    fails: int = 0  # so many attempts fail
    bad: tuple[Any, ...] = EVERY  # in a fork: only these children fail
    attempts: int = 1  # the policy's bound
    once: bool = False  # at_most_once
    body: tuple[Any, ...] = ()  # fork: the program of each child
    bodies: tuple[Any, ...] = ()  # or one for each
    width: int = 0  # fork: how many children
    lanes: int = 0  # fork: max_concurrency
    fan: int = FAN_IN  # fork: a join item covers so many children
    spread: bool = False  # fork: its children are sent by spreaders
    policy: Policy = Policy()
    event: bool = False  # wait: for an event
    timer: bool = False  # wait: with a timer


class Meta(NamedTuple):
    """What is known of an execution as a whole."""

    status: str = "running"
    as_of: int = 0  # number of the root's record that gave the status
    paused: bool = False
    stops: frozenset[Branch] = frozenset()  # scopes that are stopped
    closed: frozenset[Branch] = frozenset()  # scopes in which nobody begins any more
    redriven: bool = False
    parent: int = 0  # of a child execution: the WAIT that started it


JOBS = {"sweep", "resume", "spread"}  # causes of messages that append nothing
META_END = {"succeeded", "failed", "compensated", "cancelled"}


class Rec(NamedTuple):
    """One entry of a journal."""

    kind: str
    data: Any = None
    by: int = 0  # message
    delivery: int = 0


class Joined(NamedTuple):
    """What JOIN says."""

    error: str  # "" | failed | cancelled
    stack: tuple[Any, ...]
    unstop: Branch = ()  # the fork's scope, if its entry has to leave META
    scope: Branch = ()  # the fork or job that is joined
    undo: bool = False  # a fork of what is undone: its unit is popped


class State(NamedTuple):
    """What a journal folds to; a message carries it."""

    phase: str = "run"  # run | fork | wait | error | ended
    pc: int = 0
    tried: int = 0  # attempts that failed
    claimed: bool = False
    resumed: int = 0
    stack: tuple[Any, ...] = ()
    why: Any = ""
    owes: Any = ()  # what the last record obliges to before anything else follows
    jobs: tuple[Branch, ...] = ()  # scopes of jobs that are open
    plan: Any = ()  # of a FORK that undoes or does again; of a WAIT for a job or for an undoing
    back: bool = False  # it waits, or has forked, while it unwinds: no stop reaches it
    last: Branch = ()  # the fork that failed
    tell: int = 0  # the parent's WAIT that undoes this execution


class Msg(NamedTuple):
    """Says: this branch, whose journal ends at `n`, is to go on."""

    branch: Branch
    n: int
    state: State | None  # None: read the journal
    cause: str = (
        "go"  # go | join | timer | event | stop | child | redrive | sweep | resume | spread
    )
    line: frozenset[int] = frozenset()  # the messages that it stands for
    doubt: bool = False  # a parked redelivery
    data: Any = None  # a sweep's scope, a spreader's range


class Item(NamedTuple):
    """A join item: who arrived, in order."""

    order: tuple[int, ...] = ()


def scope_of(branch: Branch) -> Branch:
    """The scope of the fork that a child belongs to."""
    return (*branch[:-1], branch[-1][:2])


def child_of(scope: Branch, i: int) -> Branch:
    """Child `i` of a fork, given by its scope."""
    return (*scope[:-1], (*scope[-1], i))


def within(branch: Branch, scope: Branch) -> bool:
    """Whether a stop of the scope concerns the branch."""
    if len(scope) == 1:
        return branch[:1] == scope
    return (
        branch[: len(scope) - 1] == scope[:-1]
        and branch[len(scope) - 1 :][:1] != ()
        and (branch[len(scope) - 1][:2] == scope[-1])
    )


def stopped(meta: Meta, branch: Branch, *, begun: bool = True) -> bool:
    """Whether a scope around the branch is stopped, or closed before the branch has begun."""
    if any(within(branch, scope) for scope in meta.stops):
        return True
    return not begun and len(branch) > 1 and scope_of(branch) in meta.closed


def start_of(fork: Rec, i: int) -> State:
    """How child `i` of a recorded fork begins (one that is done again: see `forks.begins`)."""
    if fork.kind == "FORK" and fork.data and fork.data[0] == "undo":
        return State("error", stack=fork.data[1][i], why="undo")
    return State()


def undoes(branch: Branch) -> bool:
    """Whether a branch, or one around it, only undoes what others did."""
    return any(place[1][:1] == ("undo",) for place in branch[1:] if isinstance(place[1], tuple))


def fold(s: State, r: Rec, program: tuple[Node, ...]) -> State:  # noqa: PLR0912
    """The state after a record."""
    s = s._replace(owes=())
    match r.kind:
        case "OK":
            push = (program[s.pc].name,) if program[s.pc].undo else ()
            return State("run", s.pc + 1, stack=s.stack + push, jobs=s.jobs)
        case "WOKE":
            return _woke(s, r.data)
        case "SPAWN":
            return State(
                "run", s.pc + 1, stack=s.stack, jobs=(*s.jobs, r.data), owes=("go", r.data)
            )
        case "UNDO":
            return s._replace(phase="error", why="failed", tell=r.data)
        case "JOIN":
            return _joined(s, r.data, program)
        case "ATTEMPT":
            return s._replace(tried=s.tried + 1, resumed=0)
        case "UNDONE":
            return s._replace(phase="error", stack=s.stack[:-1], resumed=0, back=False, plan=())
        case "REDRIVE":
            return State("run", s.pc, stack=s.stack, last=s.last)
        case "CLAIM":
            return s._replace(claimed=True)
        case "RESUMED":
            return s._replace(resumed=s.resumed + 1)
        case "FORK" | "WAIT":
            back = s.phase == "error"
            return s._replace(phase=r.kind.lower(), resumed=0, plan=r.data or (), back=back)
        case "ERROR" | "CANCEL":
            why = "failed" if r.kind == "ERROR" else "cancelled"
            return s._replace(phase="error", why=why, resumed=0)
        case "END":
            return s._replace(phase="ended", why=r.data, resumed=0)
    raise AssertionError(r.kind)


def _woke(s: State, data: Any) -> State:
    """What was waited for came; a child execution that succeeded can be undone."""
    if not isinstance(data, tuple):
        return State("run", s.pc + 1, stack=s.stack, jobs=s.jobs)
    _, how, n = data
    if how == "succeeded":
        return State("run", s.pc + 1, stack=(*s.stack, ("child", n)) if n else s.stack, jobs=s.jobs)
    return State("error", s.pc, stack=s.stack, jobs=s.jobs, why=how)


def _joined(s: State, j: Joined, program: tuple[Node, ...]) -> State:
    owes = ("unstop", j.unstop) if j.unstop else ()
    jobs = tuple(job for job in s.jobs if job != j.scope)
    if j.undo:
        return s._replace(phase="error", stack=s.stack[:-1], owes=owes, plan=(), back=False)
    if s.back or s.phase == "error":  # a job of a branch that unwinds
        return s._replace(
            phase="error", stack=s.stack + j.stack, jobs=jobs, owes=owes, plan=(), back=False
        )
    pc = s.pc if j.error or s.pc == len(program) else s.pc + 1
    return State(
        "error" if j.error else "run",
        pc,
        stack=s.stack + j.stack,
        jobs=jobs,
        why=j.error,
        owes=owes,
        last=j.scope if j.error else (),
    )
