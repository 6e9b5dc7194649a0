"""What is stored and sent while an execution runs: META, records, messages.

All times are seconds since 1970, UTC. All values inside are encoded (`vivido.values`): plain JSON
that people can
read. These classes say what the fields mean; `engine` decides what goes into them, backends store
them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

Json = Any  # what orjson takes: dict with string keys, list, str, int, float, bool, None
Decision = Literal["retry", "skip", "resolve"]  # of a person, on a compensation that failed
StopHow = Literal["failed", "cancelled", "cancelled_plain", "timed_out", "decided", "closed"]


class Status(StrEnum):
    """What META says of an execution."""

    RUNNING = "running"
    COMPENSATING = "compensating"
    NEEDS_ATTENTION = "needs_attention"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    COMPENSATED = "compensated"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"

    @property
    def is_end(self) -> bool:
        """Whether nothing moves any more, short of a redrive."""
        return self not in _MOVING


_MOVING = {Status.RUNNING, Status.COMPENSATING, Status.NEEDS_ATTENTION}


class Kind(StrEnum):
    """What a record says happened to its branch."""

    OK = "OK"  # a step gave its result
    ATTEMPT = "ATTEMPT"  # an attempt failed and will be tried again
    ERROR = "ERROR"  # a step failed for good
    CLAIM = "CLAIM"  # an at-most-once step is about to run
    RESUMED = "RESUMED"  # a redelivery that nobody asked for performs the node again
    SET = "SET"  # what may differ when evaluated again was evaluated
    FORK = "FORK"  # children begin
    SPAWN = "SPAWN"  # a job begins, and the branch goes on
    JOIN = "JOIN"  # all of them have ended
    WAIT = "WAIT"  # a timer, an event or a child execution is awaited
    WOKE = "WOKE"  # it came
    CANCEL = "CANCEL"  # a stop reached the root
    UNDONE = "UNDONE"  # a compensation gave its result
    ATTENTION = "ATTENTION"  # a compensation failed for good: a person must decide
    OPERATOR = "OPERATOR"  # what that person decided
    REDRIVE = "REDRIVE"  # an ended execution goes on
    UNDO = "UNDO"  # a child execution that had succeeded undoes itself, as its parent is undone
    END = "END"  # the branch is over


class Cause(StrEnum):
    """Why a message was sent."""

    GO = "go"
    JOIN = "join"
    TIMER = "timer"
    EVENT = "event"
    STOP = "stop"
    CHILD = "child"
    OPERATOR = "operator"
    REDRIVE = "redrive"
    UNDO = "undo"
    SPREAD = "spread"  # it stands for the first messages of children: a range of them
    SWEEP = "sweep"
    RESUME = "resume"
    SLOT = "slot"  # a limit has a slot for a branch that waits
    LAPSE = "lapse"  # the leases of a limit may be over
    TIMEOUT = "timeout"  # the execution's own time is over

    @property
    def passes_the_end(self) -> bool:
        """Whether it makes an ended execution go on."""
        return self in (Cause.REDRIVE, Cause.UNDO)


@dataclass(frozen=True, slots=True)
class Record:
    """Entry `n` (from 1) of a branch's journal, written once and never changed.

    `data` by kind (a field that holds nothing is absent):
      all                     node, path (step path), and the state that follows: at (position),
      vars (changed
                              variables), more (items appended to list variables), gone (deleted
                              variables), phase,
                              push (what may have to be compensated), error, logs, shown (published
                              values)
      OK ERROR ATTEMPT UNDONE attempt (from 1), began (seconds), result | error; ATTEMPT: receives,
      again_at
      FORK                    fork {width, lanes, items, policy}, state (all of it, so that a join
      reads no more)
      WAIT                    wait {timer, child}, state
      END                     end {status, value | error, stack}
    """

    n: int
    kind: Kind
    by: str  # id of the message under which it was written
    delivery: str  # and of the delivery of that message
    time: float
    data: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """Says: branch `branch`, whose journal ends at record `n`, is to go on from `state`.

    `state` None: the receiver reads the journal from record `n` on. `line`: the other messages that
    it stands for.
    `doubt`: a parked redelivery, whose step may have begun.
    """

    id: str
    execution: str
    branch: str
    n: int
    cause: Cause = Cause.GO
    state: Json = None
    line: tuple[str, ...] = ()
    doubt: bool = False
    pool: str = "default"
    data: Json = None  # the event, the operator's decision, the ended child


@dataclass(frozen=True, slots=True)
class Delivery:
    """One handing over of a message. `receives` counts them from 1; `id` is new at each."""

    message: Message
    id: str
    receives: int = 1


@dataclass(frozen=True, slots=True)
class ParentWait:
    """The wait of a parent execution: whom to tell when a child execution ends."""

    execution: str
    branch: str
    n: int


@dataclass(frozen=True, slots=True)
class Pins:
    """What a record of an operator changes in META beside the status. None: it stays as it is.

    `digest` and `version` come together, from another definition; `deadline` is a new time limit.
    """

    deadline: float | None = None
    digest: str | None = None
    version: str | None = None
    parent: ParentWait | None = None


@dataclass(frozen=True, slots=True)
class Meta:
    """What is known of an execution as a whole."""

    execution: str
    workflow: str
    version: str
    digest: str
    input: dict[str, Json]  # parameter name to encoded value
    created: float
    status: Status = Status.RUNNING
    as_of: int = 0  # the root's record that gave the status
    updated: float = 0.0
    paused: bool = False
    stops: dict[str, StopHow] = field(default_factory=dict)  # scope to reason
    deadline: float | None = None
    parent: ParentWait | None = None
    tags: dict[str, str] = field(default_factory=dict)
    output: Json = None  # with a terminal status
    error: Json = None

    def stopped(self, branch: str, *, begun: bool = True) -> StopHow | None:
        """How a scope that holds `branch` was stopped, or None.

        What is only "closed" stops those that have not begun.
        """
        if not self.stops:
            return None
        around = [
            how
            for scope, how in self.stops.items()
            if scope == "r" or branch.startswith(f"{scope}:")
        ]
        whole = next((how for how in around if how != "closed"), None)
        return "closed" if whole is None and around and not begun else whole

    def with_status(
        self, status: Status, as_of: int, now: float, output: Json = None, error: Json = None
    ) -> Meta:
        """The same with a newer status; itself where `as_of` is not newer.

        A late writer changes nothing. While the root stands at a fork, a branch of it may come to
        need attention and to go on: as of the same record, but never to or from an end.
        """
        ends = self.status.is_end or status.is_end or status is self.status
        if self.as_of > as_of or (self.as_of == as_of and ends):
            return self
        return replace(self, status=status, as_of=as_of, updated=now, output=output, error=error)

    def with_stop(self, scope: str, how: StopHow, now: float) -> Meta:
        """The same with `scope` stopped.

        Itself where it is stopped already or the status is terminal.
        """
        if self.status.is_end or self.stops.get(scope, "closed") != "closed":
            return self
        return self._with_stops({**self.stops, scope: how}, now)

    def without_stop(self, scope: str, now: float) -> Meta:
        """The same without that stop; itself where there is none."""
        return self._with_stops({k: v for k, v in self.stops.items() if k != scope}, now)

    def _with_stops(self, stops: dict[str, StopHow], now: float) -> Meta:
        return self if stops == self.stops else replace(self, stops=stops, updated=now)

    def with_pause(self, now: float, *, paused: bool) -> Meta:
        """The same with the pause flag set or cleared.

        Itself where that is so or the status is terminal.
        """
        if self.status.is_end or self.paused is paused:
            return self
        return replace(self, paused=paused, updated=now)

    def redriven(self, as_of: int, now: float, pins: Pins) -> Meta:
        """The same, running again: no stops, no pause, no result.

        Itself where `as_of` is not newer.
        """
        if self.as_of >= as_of:
            return self
        running = replace(self.with_status(Status.RUNNING, as_of, now), stops={}, paused=False)
        return replace(
            running,
            deadline=self.deadline if pins.deadline is None else pins.deadline,
            digest=pins.digest or self.digest,
            version=pins.version or self.version,
            parent=pins.parent or self.parent,
        )
