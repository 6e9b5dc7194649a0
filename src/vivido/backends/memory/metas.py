"""META items in a dict."""

from collections.abc import Callable, Sequence

from vivido.model.journal import Json, Meta, Pins, Status, StopHow
from vivido.ports.metas import NO_PINS, MetaFilter
from vivido.ports.world import Clock


class MemoryMetas:
    """The `Metas` port."""

    def __init__(self, clock: Clock, keep: Callable[[Meta], Meta]) -> None:
        self._clock = clock
        self._keep = keep
        self._metas: dict[str, Meta] = {}

    def at(self, execution: str) -> Meta | None:
        """META, or None."""
        meta = self._metas.get(execution)
        return None if meta is None else self._keep(meta)

    def ended(self, before: float) -> list[Meta]:
        """Those that retention may delete, the oldest first."""
        found = [
            meta
            for meta in self._metas.values()
            if meta.status.is_end
            and meta.updated < before
            and (meta.parent is None or meta.parent.execution not in self._metas)
        ]
        found.sort(key=lambda meta: (meta.created, meta.execution))
        return [self._keep(meta) for meta in found]

    def drop(self, execution: str) -> None:
        """Delete META."""
        self._metas.pop(execution, None)

    async def create(self, meta: Meta) -> Meta | None:
        """See `Metas.create`."""
        if old := self.at(meta.execution):
            return old
        self._metas[meta.execution] = self._keep(meta)
        return None

    async def get(self, execution: str) -> Meta | None:
        """See `Metas.get`."""
        return self.at(execution)

    def _change(self, execution: str, change: Callable[[Meta], Meta]) -> None:
        if meta := self._metas.get(execution):
            self._metas[execution] = self._keep(change(meta))

    async def set_status(
        self,
        execution: str,
        status: Status,
        as_of: int,
        *,
        output: Json | None = None,
        error: Json | None = None,
    ) -> None:
        """See `Metas.set_status`."""
        now = self._clock.now()
        self._change(execution, lambda meta: meta.with_status(status, as_of, now, output, error))

    async def stop(self, execution: str, scope: str, how: StopHow) -> None:
        """See `Metas.stop`."""
        self._change(execution, lambda meta: meta.with_stop(scope, how, self._clock.now()))

    async def unstop(self, execution: str, scope: str) -> None:
        """See `Metas.unstop`."""
        self._change(execution, lambda meta: meta.without_stop(scope, self._clock.now()))

    async def pause(self, execution: str, *, paused: bool) -> None:
        """See `Metas.pause`."""
        self._change(execution, lambda meta: meta.with_pause(self._clock.now(), paused=paused))

    async def redrive(self, execution: str, as_of: int, pins: Pins = NO_PINS) -> None:
        """See `Metas.redrive`."""
        self._change(execution, lambda meta: meta.redriven(as_of, self._clock.now(), pins))

    async def list(self, which: MetaFilter) -> Sequence[Meta]:
        """See `Metas.list`."""
        found = [meta for meta in self._metas.values() if which.takes(meta)]
        found.sort(key=lambda meta: (meta.created, meta.execution), reverse=True)
        return [self._keep(meta) for meta in found[: which.limit]]
