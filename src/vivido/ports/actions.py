"""Actions: who asked for what of an execution that only sets a flag, when and why.

What operators decide is a record of a journal; pausing, resuming and cancelling set flags of META,
so they leave a line here. A line is written before the flag: it says what was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Action:
    """A request. `time`: seconds since 1970; `what`: as "pause"; `note`: why, in their words."""

    time: float
    who: str
    what: str
    note: str | None = None


class Actions(Protocol):
    """The requests for all executions; they go with the execution."""

    async def add(self, execution: str, action: Action) -> None:
        """Add a line behind the last; durable."""
        ...

    async def read(self, execution: str) -> Sequence[Action]:
        """All lines, in the order in which they were added."""
        ...
