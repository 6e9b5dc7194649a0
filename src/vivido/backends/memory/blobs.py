"""Blobs in a dict, each with the executions that refer to it."""

from collections.abc import Collection

from vivido.errors import Unavailable


class MemoryBlobs:
    """The `Blobs` port."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._used_by: dict[str, set[str]] = {}

    async def put(self, execution: str, digest: str, data: bytes) -> None:
        """See `Blobs.put`."""
        self._blobs.setdefault(digest, data)
        self._used_by.setdefault(digest, set()).add(execution)

    async def refer(self, execution: str, digests: Collection[str]) -> None:
        """See `Blobs.refer`."""
        for digest in digests:
            if digest not in self._blobs:
                raise Unavailable(f"the blob {digest[:12]!r} is not there (any more)")
            self._used_by[digest].add(execution)

    def get(self, digest: str) -> bytes | None:
        """See `Blobs.get`."""
        return self._blobs.get(digest)

    def forget(self, execution: str) -> int:
        """Drop the references of an execution, and the blobs that nobody else refers to."""
        for digest, users in list(self._used_by.items()):
            users.discard(execution)
            if not users:
                del self._used_by[digest]
                del self._blobs[digest]
        return len(self._blobs)
