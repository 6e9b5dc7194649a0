"""Whether a process that holds leases is alive: the kernel drops its lock when it dies, however.

Each owner locks the byte with its number in a file beside the store (`state.db-owners`, which
stays empty). POSIX locks belong to a process and a file: closing *any* descriptor of the file
drops them all, and a process never meets its own. So there is one descriptor for each file in a
process, kept in a table of this module, and never a second `open`. A child made by fork has no
locks of its parent; it must open the store itself.
"""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vivido.errors import Unavailable

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]


class Liveness(Protocol):
    """How to tell who is alive."""

    def claim(self, owner: int) -> None:
        """Say that this process is `owner` from now on."""

    def release(self, owner: int) -> None:
        """Say that it no longer is."""

    def alive(self, owner: int, seen_at: float, now: float) -> bool:
        """Whether the process of `owner` is there; `seen_at` is when it last said so in a row."""

    def close(self) -> None:
        """Let go of what belongs to the system."""


@dataclass(slots=True)
class _LockFile:
    descriptor: int
    process: int
    own: set[int] = field(default_factory=set)
    stores: int = 0


_files: dict[str, _LockFile] = {}  # by real path: the locks are the process's, so is this table
_guard = threading.Lock()


class LockedBytes:
    """`Liveness` by locks."""

    def __init__(self, store: Path) -> None:
        """Open the file. Raises OSError."""
        self._path = os.path.realpath(f"{store}-owners")
        with _guard:
            file = _files.get(self._path)
            if file is None or file.process != os.getpid():
                descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                file = _files[self._path] = _LockFile(descriptor, os.getpid())
            file.stores += 1
        self._file = file

    def claim(self, owner: int) -> None:
        """Lock the byte. Raises Unavailable: somebody else has it, or the disk knows no locks."""
        with _guard:
            try:
                fcntl.lockf(self._file.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, owner)
            except OSError as error:
                raise Unavailable(
                    f"byte {owner!r} of {self._path!r} cannot be locked: {error.strerror}; "
                    "put the store on a local disk"
                ) from error
            self._file.own.add(owner)

    def release(self, owner: int) -> None:
        """Unlock the byte."""
        with _guard:
            fcntl.lockf(self._file.descriptor, fcntl.LOCK_UN, 1, owner)
            self._file.own.discard(owner)

    def alive(self, owner: int, seen_at: float, now: float) -> bool:  # noqa: ARG002  (the lock says it)
        """Whether somebody locks the byte."""
        with _guard:
            if owner in self._file.own:
                return True
            try:
                fcntl.lockf(self._file.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, owner)
            except OSError:
                return True
            fcntl.lockf(self._file.descriptor, fcntl.LOCK_UN, 1, owner)
            return False

    def close(self) -> None:
        """Close the file if no other store of this process uses it."""
        with _guard:
            self._file.stores -= 1
            if not self._file.stores:
                os.close(self._file.descriptor)
                del _files[self._path]


class Heartbeats:
    """`Liveness` by time, where there are no such locks: alive is who was seen of late.

    `seconds` is how long a silent process is taken for alive.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def claim(self, owner: int) -> None:
        """Nothing: the row in the store says it."""

    def release(self, owner: int) -> None:
        """Nothing: the row is removed."""

    def alive(self, owner: int, seen_at: float, now: float) -> bool:  # noqa: ARG002  (the time says it)
        """Whether it was seen of late."""
        return now - seen_at < self._seconds

    def close(self) -> None:
        """Nothing is held."""


def has_locks() -> bool:
    """Whether this system has such locks."""
    return fcntl is not None
