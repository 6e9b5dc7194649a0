"""Lines and progress in dicts."""

from collections import deque
from collections.abc import Sequence

from vivido.ports.notes import KEPT, Line, Progress


class MemoryNotes:
    """The `Notes` port."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[tuple[int, Line]]] = {}
        self._progress: dict[str, dict[tuple[str, str], Progress]] = {}

    async def log(self, execution: str, lines: Sequence[Line]) -> None:
        """See `Notes.log`."""
        kept = self._lines.setdefault(execution, deque(maxlen=KEPT))
        last = kept[-1][0] if kept else 0
        kept.extend(enumerate(lines, last + 1))

    async def lines(
        self, execution: str, after: int = 0, limit: int | None = None
    ) -> Sequence[tuple[int, Line]]:
        """See `Notes.lines`."""
        found = [one for one in self._lines.get(execution, ()) if one[0] > after]
        return found[:limit]

    async def progress(self, execution: str, progress: Progress) -> None:
        """See `Notes.progress`."""
        self._progress.setdefault(execution, {})[progress.branch, progress.path] = progress

    async def done(self, execution: str, branch: str, path: str) -> None:
        """See `Notes.done`."""
        self._progress.get(execution, {}).pop((branch, path), None)

    async def running(self, execution: str) -> Sequence[Progress]:
        """See `Notes.running`."""
        found = self._progress.get(execution, {})
        return [found[place] for place in sorted(found)]

    def drop(self, execution: str) -> None:
        """Delete all notes of an execution."""
        self._lines.pop(execution, None)
        self._progress.pop(execution, None)
