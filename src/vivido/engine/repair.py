"""What should be in the queue for these journals? The last record of each branch says it.

A message that is sent again is no more than a twin: it stands at the head as it was read, so either
nobody has appended since, and its driver does first what the head obliges to, or somebody has, and
it is deleted. So it is safe to send what is not missing; the sweeper asks for less, since it
repeats itself: for what has not moved for long, and waits for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from vivido import ids
from vivido.model.journal import Cause, Kind, Message, Meta, Record

_JOBS = (Cause.SWEEP, Cause.RESUME, Cause.TIMEOUT, Cause.LAPSE)  # of the execution, no branch's


@dataclass(frozen=True, slots=True)
class Head:
    """What repair needs of the last record of a branch. Times are seconds since 1970."""

    branch: str
    n: int
    kind: Kind
    time: float
    by: str
    until: float | None = None  # nothing is to happen before: a timer, a backoff
    backoff: bool = False  # and that is a message given back, no timer to be armed
    child: str | None = None  # the child execution that it waits for
    turn: bool = False  # it waits for a slot of a limit, until another lets go
    job: str | None = None  # the branch of the job that it waits for
    width: int = 0  # of a fork

    @classmethod
    def of(cls, execution: str, branch: str, record: Record) -> Head:
        """Read a record; its values are left behind, however large."""
        data = record.data
        wait = (data.get("state") or {}).get("wait") or {}
        child = ids.child_execution_id(execution, branch, record.n) if "child" in wait else None
        return cls(
            branch,
            record.n,
            record.kind,
            record.time,
            record.by,
            None if "limit" in wait else wait.get("timer", data.get("again_at")),
            backoff="again_at" in data and "state" not in data,
            child=wait.get("undo", child) if record.kind is Kind.WAIT else None,
            turn="limit" in wait,
            job=f"{wait['job']}:0" if "job" in wait else None,
            width=wait.get("width", 0) if record.kind is Kind.FORK else 0,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A message that should be in the queue, visible at `at`.

    `since`: from when on nothing has happened that should have; inf where something is waited for.
    """

    branch: str
    n: int
    cause: Cause
    at: float
    doubt: bool = False
    since: float = inf
    child: str | None = None  # the branch waits for this execution, which may be what is stuck


class Standing:
    """Where all branches of an execution stand: `heads`, a parent before its children."""

    def __init__(self, heads: Iterable[Head]) -> None:
        self.heads = {head.branch: head for head in heads}
        self.root = self.heads.get(ids.ROOT)
        forks = (head for head in self.heads.values() if head.kind is Kind.FORK)
        self.forks = {f"{fork.branch}.{fork.n}": _Inside(fork) for fork in forks}
        for head in self.heads.values():
            scopes = [scope for scope in ids.scopes_of(head.branch) if scope in self.forks]
            for scope in scopes:
                self.forks[scope].latest = max(self.forks[scope].latest, head.time)
            if scopes and scopes[0] == ids.scope_of(head.branch):
                self.forks[scopes[0]].add(head)

    def since(self, head: Head) -> float | None:
        """Since when this branch should have moved; None where it is over for good."""
        if head.kind is Kind.ATTENTION:
            return inf  # for an operator
        if head.job is not None and (job := self.heads.get(head.job)) is not None:
            return inf if job.kind is not Kind.END else max(head.time, job.time)
        if head.kind is Kind.FORK:
            return self.forks[f"{head.branch}.{head.n}"].since
        if head.kind is not Kind.END or head.branch == ids.ROOT:
            return max(head.time, head.until or 0.0)
        fork = self.forks.get(ids.scope_of(head.branch))
        return None if fork is None else fork.since  # until it is joined, an END arrives again


class There:
    """Messages that exist, for later."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.branches: dict[str, list[Message]] = {}
        self.causes: set[Cause] = set()
        for message in messages:
            self.causes.add(message.cause)
            self.branches.setdefault(message.branch, []).append(message)

    def does(self, due: Due, standing: Standing) -> bool:
        """Whether one of them does what is due: it stands at the branch's head, or wrote it."""
        if due.cause is Cause.RESUME and Cause.LAPSE in self.causes:
            return True  # what is parked waits for a slot
        if due.cause in _JOBS:
            return due.cause in self.causes
        head = standing.heads.get(due.branch)
        if head is not None and head.turn and Cause.LAPSE in self.causes:
            return True  # it looks whether a slot has become free
        at, by = (0, "") if head is None else (head.n, head.by)
        return any(
            message.n == at or by in (message.id, *message.line)
            for message in self.branches.get(due.branch, ())
            if message.cause not in _JOBS
        )


class _Inside:
    """What has happened inside a fork."""

    def __init__(self, fork: Head) -> None:
        self.width, self.latest = fork.width, fork.time
        self.begun = self.unfinished = 0

    def add(self, child: Head) -> None:
        self.begun += 1
        self.unfinished += child.kind is not Kind.END

    @property
    def since(self) -> float:
        """Since when it stands still; inf where each child is judged by itself."""
        return inf if self.unfinished and self.begun == self.width else self.latest


def missing(
    meta: Meta, standing: Standing, parked: Sequence[Message], now: float, *, paused: bool
) -> list[Due]:
    """All messages that an execution needs, whether or not they are there.

    What is `parked` drives its branch, as soon as it is sent. `paused`: the execution is, by its
    own flag or with its workflow.
    """
    root = standing.root
    if meta.status.is_end:
        if root is None or root.kind is Kind.END:
            return []
        cause = Cause.UNDO if root.kind is Kind.UNDO else Cause.REDRIVE  # META is behind
        return [Due(ids.ROOT, root.n, cause, now, since=root.time)]
    held = There(parked)
    found = [due for due in _branches(meta, standing, now) if not held.does(due, standing)]
    if parked and (meta.stops or not paused):
        found.append(Due(ids.ROOT, 0, Cause.RESUME, now, since=meta.updated))
    if meta.deadline is not None:
        found.append(Due(ids.ROOT, 0, Cause.TIMEOUT, max(now, meta.deadline), since=meta.deadline))
    return found


def _branches(meta: Meta, standing: Standing, now: float) -> Iterator[Due]:
    """One message for each branch that is to move."""
    if standing.root is None:
        since = max(meta.created, meta.updated)
        yield Due(ids.ROOT, 0, Cause.GO, now, doubt=True, since=since)
    for head in standing.heads.values():
        since_ = standing.since(head)
        if since_ is None:
            continue
        due = Due(head.branch, head.n, Cause.GO, now, doubt=True, since=since_, child=head.child)
        if head.backoff and head.until is not None and head.until > now:
            due = replace(due, at=head.until, doubt=False)  # the next attempt has not begun
        yield due


def leftovers(meta: Meta, standing: Standing) -> list[str]:
    """The scopes that are stopped and have nobody left in them to obey.

    Whoever stopped them came late, and died before it could look whether they were over.
    """
    live = {
        scope
        for head in standing.heads.values()
        if head.kind is not Kind.END
        for scope in (*ids.scopes_of(head.branch), f"{head.branch}.{head.n}")
    }
    return sorted(set(meta.stops) - live - {ids.ROOT})


def overdue(
    dues: Iterable[Due], standing: Standing, before: float, there: Collection[Message]
) -> list[Due]:
    """Those that wait for nothing, have not moved since `before`, and are not `there`."""
    present = There(there)
    return [due for due in dues if due.since < before and not present.does(due, standing)]
