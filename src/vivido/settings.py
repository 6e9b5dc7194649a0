"""Which numbers the protocol runs with, and what they may be set to.

The words in parentheses name the section of the protocol that gives the number its meaning.
"""

from dataclasses import dataclass, fields

from vivido.errors import UsageError

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The bounds of one deployment. Seconds, bytes and counts; all of them positive."""

    function_seconds: float = 60.0
    """How long one delivery may work before it must hand on (Lease)."""

    lease_margin_seconds: float = 30.0
    """How much longer a message stays leased, so that no step outlives its lease (Lease)."""

    meta_age_seconds: float = 5.0
    """How old META may be within a delivery before it is read again (A delivery, 6)."""

    poison_bound: int = 5
    """How many unasked redeliveries in a row end in `PoisonMessage` (A delivery, 4)."""

    short_backoff_seconds: float = 60.0
    """Up to here a backoff is the message's own invisibility, past it a timer (Retries)."""

    attempts_per_message: int = 500
    """After how many attempts a message hands on: queues bound the receives of one (Retries)."""

    join_item_children: int = 100
    """How many children one join item counts: none grows past a kilobyte (Fork and join)."""

    spreader_width: int = 100
    """So many children, or parts of a range of them, one delivery sends (Fork and join)."""

    message_delay_seconds: float = 900.0
    """Up to here a timer is a delayed message; past it, a one-time schedule (Waiting: Timers)."""

    inline_value_bytes: int = 8 * 1024
    """How large an encoded value may be inside a record or message, else it is a blob (Data)."""

    inline_total_bytes: int = 64 * 1024
    """How large all values of one record or message may be; the largest go first (Data)."""

    max_value_bytes: int = 1_000_000_000
    """How large an encoded value may be at all: a step that gives more fails (Data)."""

    retention_seconds: float = 30 * 86_400.0
    """How long an execution is kept after its end: a day at least (Data)."""

    stuck_seconds: float = 600.0
    """How long an execution that waits for nothing may stand before it is repaired (Repair)."""

    sweep_seconds: float = 10.0
    """How often the sweeper looks at the next executions, in seconds (Repair)."""

    nodes_without_record: int = 1_000
    """After how many nodes without a record one is appended (Recorded before the next effect)."""

    def __post_init__(self) -> None:
        """Refuse what the protocol cannot run with."""
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:  # `not >` refuses nan too
                raise UsageError(
                    f"the setting {field.name} is {value!r}: it must be more than zero"
                )
        if self.spreader_width == 1:
            raise UsageError("the setting spreader_width is 1, which splits nothing: use 2 or more")
        if self.retention_seconds < _DAY:
            raise UsageError(
                f"the setting retention_seconds is {self.retention_seconds!r}: "
                f"an execution is kept for a day ({_DAY:.0f}) at least, since late messages and "
                "people still ask for it"
            )
        if self.inline_total_bytes < self.inline_value_bytes:
            raise UsageError(
                f"the setting inline_total_bytes is {self.inline_total_bytes!r}, less than "
                f"inline_value_bytes {self.inline_value_bytes!r}: one value must fit into the total"
            )

    @property
    def lease_seconds(self) -> float:
        """How long a message stays invisible to others: a crash is noticed at its end (Lease)."""
        return self.function_seconds + self.lease_margin_seconds
