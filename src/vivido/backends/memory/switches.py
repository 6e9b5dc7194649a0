"""Switches in a set."""

from vivido.ports.switches import SwitchedOff


class MemorySwitches:
    """The `Switches` port."""

    def __init__(self) -> None:
        self._off: set[str | None] = set()

    async def set(self, workflow: str | None, *, paused: bool) -> None:
        """See `Switches.set`."""
        if paused:
            self._off.add(workflow)
        else:
            self._off.discard(workflow)

    async def read(self) -> SwitchedOff:
        """See `Switches.read`."""
        return SwitchedOff(
            frozenset(name for name in self._off if name is not None), None in self._off
        )
