"""Switches: which workflows are paused as a whole, beside the pause of single executions."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What is paused: the workflows of these names, or all."""

    workflows: frozenset[str] = frozenset()
    all: bool = False

    def holds(self, workflow: str) -> bool:
        """Whether executions of that workflow are paused."""
        return self.all or workflow in self.workflows


class Switches(Protocol):
    """One row for each workflow that is paused, and one for all."""

    async def set(self, workflow: str | None, *, paused: bool) -> None:
        """Pause the executions of a workflow (None: of all), or let them go on; durable."""
        ...

    async def read(self) -> SwitchedOff:
        """All rows, consistent."""
        ...
