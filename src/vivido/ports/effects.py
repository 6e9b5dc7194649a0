"""What follows a record, as data: effects in the order in which they happen, safe to repeat."""

from collections.abc import Sequence
from dataclasses import dataclass

from vivido.model.journal import Delivery, Json, Message, Meta, Status, StopHow
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
class PutMeta:
    """Create an execution if it does not exist."""

    meta: Meta


@dataclass(frozen=True, slots=True)
class Arm:
    """Put a wait item."""

    wait: Wait


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a scope."""

    execution: str
    scope: str
    how: StopHow


Effect = Send | Ack | Back | PutStatus | PutMeta | Arm | Stop
