"""Deletes from all dicts of one memory what is old."""

from collections.abc import Sequence
from typing import Protocol

from vivido.backends.memory.blobs import MemoryBlobs
from vivido.backends.memory.metas import MemoryMetas
from vivido.backends.memory.queue import MemoryQueue
from vivido.model.journal import Meta
from vivido.ports.retention import Swept


class _Dropping(Protocol):
    """Whatever keeps something of executions."""

    def drop(self, execution: str) -> None:
        """Delete it."""


class MemoryRetention:
    """The `Retention` port: no method here gives up control, so a sweep is one step."""

    def __init__(
        self,
        metas: MemoryMetas,
        queue: MemoryQueue,
        blobs: MemoryBlobs,
        others: Sequence[_Dropping],
    ) -> None:
        self._metas = metas
        self._queue = queue
        self._blobs = blobs
        self._others = others

    async def expired(self, ended_before: float, limit: int) -> Sequence[Meta]:
        """See `Retention.expired`."""
        return self._metas.ended(ended_before)[:limit]

    async def sweep(self, ended_before: float, limit: int) -> Swept:
        """See `Retention.sweep`."""
        expired = await self.expired(ended_before, limit)
        for meta in expired:
            self._metas.drop(meta.execution)
            for other in self._others:
                other.drop(meta.execution)
            await self._queue.forget(meta.execution)
        deleted = {meta.execution for meta in expired}
        blobs, size = self._blobs.sweep(deleted, ended_before, self._is_gone)
        return Swept(len(expired), blobs, size)

    def _is_gone(self, execution: str) -> bool:
        return self._metas.at(execution) is None
