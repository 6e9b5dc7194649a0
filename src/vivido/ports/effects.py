"""What follows a record, as data: effects in the order in which they happen, safe to repeat."""

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from itertools import groupby

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


@dataclass(frozen=True, slots=True)
class Arrive:
    """Arrive at the join items of a fork; where that completes it, send `joined`.

    `members` are the children that arrive, of `width` in all. Items hold `per_item` members each; a
    full one arrives in its parent item, level by level, so that none grows large.
    """

    execution: str
    fork: str  # scope, as "r.5"
    members: tuple[int, ...]
    width: int
    per_item: int
    joined: Message

    def climb(self) -> Generator[tuple[str, Sequence[int]], Collection[int], bool]:
        """Yield item and members to add, take all members of the item; return: is it complete."""
        arriving, size, level = list(self.members), self.width, 0
        while True:
            full: list[int] = []
            for item, members in groupby(arriving, lambda member: member // self.per_item):
                arrived = yield f"{level}/{item}", list(members)
                if len(arrived) == min(self.per_item, size - item * self.per_item):
                    full.append(item)
            size = -(-size // self.per_item)
            if not full or size == 1:
                return bool(full)
            arriving, level = full, level + 1


Effect = Send | Ack | Back | PutStatus | PutMeta | Arm | Stop | Arrive
