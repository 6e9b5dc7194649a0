"""Blobs in a dict, each with the executions that refer to it and since when."""

from collections.abc import Callable, Collection

from vivido.errors import Unavailable
from vivido.ports.world import Clock


class MemoryBlobs:
    """The `Blobs` port."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._blobs: dict[str, bytes] = {}
        self._uses: dict[str, dict[str, float]] = {}  # by digest: execution, time

    async def put(self, execution: str, digest: str, data: bytes) -> None:
        """See `Blobs.put`."""
        self._blobs.setdefault(digest, data)
        self._uses.setdefault(digest, {})[execution] = self._clock.now()

    async def refer(self, execution: str, digests: Collection[str]) -> None:
        """See `Blobs.refer`."""
        for digest in digests:
            if digest not in self._blobs:
                raise Unavailable(f"the blob {digest[:12]!r} is not there (any more)")
            self._uses[digest][execution] = self._clock.now()

    def get(self, digest: str) -> bytes | None:
        """See `Blobs.get`."""
        return self._blobs.get(digest)

    def sweep(
        self, deleted: Collection[str], before: float, is_gone: Callable[[str], bool]
    ) -> tuple[int, int]:
        """Drop the uses of deleted executions, and old ones of those that are gone.

        Then the blobs that nobody uses. Returns how many, and how many bytes they had.
        """
        swept: list[bytes] = []
        for digest, uses in list(self._uses.items()):
            for execution, time in list(uses.items()):
                if execution in deleted or (time < before and is_gone(execution)):
                    del uses[execution]
            if not uses:
                del self._uses[digest]
                swept.append(self._blobs.pop(digest))
        return len(swept), sum(map(len, swept))
