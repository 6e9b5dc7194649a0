"""A clock that is moved by hand, and ids that are the same at each run."""

import random

from vivido.errors import InvariantError


class VirtualClock:
    """Stands still until `advance_to` moves it."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self._now

    def advance_to(self, time: float) -> None:
        """Move the clock; it never goes back."""
        if time < self._now:
            raise InvariantError(
                f"the clock stands at {self._now!r} and cannot go back to {time!r}"
            )
        self._now = time


class SeededIds:
    """Chance from a seed: ids are `s7-1`, `s7-2` … for seed 7."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._count = 0
        self._random = random.Random(seed)  # noqa: S311  (meant to be foreseen)

    def new(self) -> str:
        """The next id."""
        self._count += 1
        return f"s{self._seed}-{self._count}"

    def random(self) -> float:
        """The next number in [0, 1)."""
        return self._random.random()
