"""Blobs: values too large for a record, by the hash of their content, for as long as they are used.

Who uses a blob is written beside it: an execution refers to it from the moment at which it is put
for that execution until retention deletes the execution. So executions share blobs, and none loses
one that it needs.
"""

from collections.abc import Collection
from typing import Protocol


class Blobs(Protocol):
    """The blobs of all executions."""

    async def put(self, execution: str, digest: str, data: bytes) -> None:
        """Store `data` under its SHA-256 (64 hexadecimal digits); `execution` refers to it.

        Again is the same. It is there as a whole or not at all, and it is lost to no failure that
        leaves a record which was appended later. The execution may not exist yet.
        """
        ...

    async def refer(self, execution: str, digests: Collection[str]) -> None:
        """Note that `execution` refers to blobs that another execution has put; again is the same.

        Raises Unavailable where one of them is not there.
        """
        ...

    def get(self, digest: str) -> bytes | bytearray | None:
        """The blob, or None. It blocks: an expression waits for its variable, in no coroutine."""
        ...
