"""Actions in lists."""

from collections.abc import Sequence

from vivido.ports.actions import Action


class MemoryActions:
    """The `Actions` port."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Action]] = {}

    async def add(self, execution: str, action: Action) -> None:
        """See `Actions.add`."""
        self._lines.setdefault(execution, []).append(action)

    async def read(self, execution: str) -> Sequence[Action]:
        """See `Actions.read`."""
        return list(self._lines.get(execution, ()))

    def drop(self, execution: str) -> None:
        """Delete all lines of an execution."""
        self._lines.pop(execution, None)
