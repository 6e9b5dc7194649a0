"""Notes: what steps say while they run, for people. Nothing depends on it, and some may be lost.

A step may say far more than its one record, and before there is one. So lines and progress are kept
beside the journal: bounded, written seldom, not durable. Times are seconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

KEPT: Final = 10_000
"""How many lines of one execution are kept: the newest."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a step has logged. `path` is its step path; `level` a word, as "info"."""

    time: float
    branch: str
    path: str
    step: str
    attempt: int
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running step is. `fraction` None: it has only said that it is alive."""

    time: float
    branch: str
    path: str
    step: str
    attempt: int
    fraction: float | None
    text: str | None = None


class Notes(Protocol):
    """The notes of all executions."""

    async def log(self, execution: str, lines: Sequence[Line]) -> None:
        """Add lines, numbered on from the last; of all of them the newest `KEPT` stay."""
        ...

    async def lines(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[int, Line]]:
        """The lines with numbers above `after` (the first is 1), ascending, at most `limit`."""
        ...

    async def progress(self, execution: str, progress: Progress) -> None:
        """Store how far the step at that branch and path is, in place of what was said before."""
        ...

    async def done(self, execution: str, branch: str, path: str) -> None:
        """Remove what was stored of it; nothing happens if there is nothing."""
        ...

    async def running(self, execution: str) -> Sequence[Progress]:
        """What is stored, by branch and path. A process that died leaves what it had said."""
        ...
