"""What follows a record, as data: effects in the order in which they happen, safe to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vivido.model.arrivals import Ended, Siblings
from vivido.model.journal import Delivery, Json, Message, Meta, Pins, Status, StopHow
from vivido.ports.limits import Slot
from vivido.ports.sets import Wait


@dataclass(frozen=True, slots=True)
class Send:
    """Put messages into the queue, visible after `delay` seconds."""

    messages: Sequence[Message]
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Ack:
    """Delete a delivered message."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Back:
    """Give a delivered message back, visible again after `delay` seconds."""

    delivery: Delivery
    delay: float


@dataclass(frozen=True, slots=True)
class PutStatus:
    """Set META's status as of a record of the root."""

    execution: str
    status: Status
    as_of: int
    output: Json | None = None
    error: Json | None = None


@dataclass(frozen=True, slots=True)
class Reopen:
    """Make META of an ended execution running again: see `Metas.redrive`."""

    execution: str
    as_of: int
    pins: Pins


@dataclass(frozen=True, slots=True)
class PutMeta:
    """Create an execution if it does not exist."""

    meta: Meta


@dataclass(frozen=True, slots=True)
class Arm:
    """Put a wait item."""

    wait: Wait


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a scope, unless `joined` (a branch, the number of a record) is there already.

    Then its fork is joined, and nobody is left to be stopped: an entry would stay for ever.
    """

    execution: str
    scope: str
    how: StopHow
    joined: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Unstop:
    """Remove the stop of a fork that is joined."""

    execution: str
    scope: str


@dataclass(frozen=True, slots=True)
class Arrive:
    """A child of a fork has ended: `arriving.arrive` says what follows.

    `joined` is the message to its parent, if it is the last; `finish`: where enough have succeeded
    those that have begun are left to end.
    """

    execution: str
    fork: str  # scope, as "r.5"
    child: int
    how: Ended
    siblings: Siblings
    joined: Message
    finish: bool = False


@dataclass(frozen=True, slots=True)
class Tell:
    """A job has ended: send `joined` to every wait for it, at the branch and record of that."""

    execution: str
    job: str  # scope, as "r.5"
    joined: Message

    def messages(self, waits: Sequence[Wait]) -> list[Message]:
        """One for each wait; their ids are made of that of `joined`, which is new each time."""
        return [
            replace(self.joined, id=f"{self.joined.id}{i}", branch=wait.branch, n=wait.n)
            for i, wait in enumerate(waits)
        ]


@dataclass(frozen=True, slots=True)
class Leave:
    """Give up a slot of a limit, then send the wakes of those who got one (`Limits.leave`)."""

    slot: Slot


Effect = (
    Send | Ack | Back | PutStatus | Reopen | PutMeta | Arm | Stop | Unstop | Arrive | Leave | Tell
)
