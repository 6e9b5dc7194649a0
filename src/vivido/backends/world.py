"""The clock and the ids of a real process."""

import os
import random
import secrets
import time


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()  # noqa: TID251  (this is the Clock port)


class SystemIds:
    """Ids without coordination: 80 random bits drawn once by a process, then a running number.

    A running number costs a tenth of fresh random bits, and rows that are inserted together lie
    together.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._prefix = secrets.token_hex(10)
        self._count = 0

    def new(self) -> str:
        """An identifier that nobody else will ever get; also not the child of an `os.fork`."""
        if self._process != os.getpid():
            self._begin()
        self._count += 1
        return f"{self._prefix}{self._count:08x}"

    def random(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311  (jitter, no secret)
