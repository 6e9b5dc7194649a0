"""What do the clock and random numbers say? The same to the plain call and to the engine.

A `Script` draws numbers and keeps them. The plain call reads what counted in the engine: draws of
a delivery that crashed before its commit were in vain, those of one that committed count.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

from vivido.expressions.ambient import Ambient

_BITS = 1 << 53


class Script(random.Random):
    """Numbers in [0, 1), first those that are given; `counted` are those that were not in vain."""

    def __new__(cls, *_args: object) -> Script:
        """Python's own generator would take the arguments for a seed."""
        return super().__new__(cls)

    def __init__(self, seed: int, given: Sequence[float] = ()) -> None:
        super().__init__(seed)
        self._given = list(reversed(given))
        self._source = random.Random(seed)  # noqa: S311  (meant to be foreseen)
        self._pending: list[float] = []
        self.counted: list[float] = []

    def random(self) -> float:
        """The next number; everything else that is drawn is made of it."""
        number = self._given.pop() if self._given else self._source.random()
        self._pending.append(number)
        return number

    def getrandbits(self, k: int) -> int:
        """So many bits, made of one number."""
        return random.Random(int(self.random() * _BITS)).getrandbits(k)  # noqa: S311

    def now(self) -> float:
        """A clock that jumps about: seconds since 1970."""
        return float(int(self.random() * 1_000_000))

    def commit(self) -> None:
        """What was drawn since the last commit counts."""
        self.counted += self._pending
        self._pending = []

    def forget(self) -> None:
        """What was drawn since the last commit was in vain."""
        self._pending = []

    def ambient(self) -> Ambient:
        """The script, for expressions."""
        return Ambient(now=self.now, monotonic=self.now, random=self)

    def modules(self) -> dict[str, SimpleNamespace]:
        """The script in the place of the modules that draw, for plain Python."""

        def uuid4() -> uuid.UUID:
            return uuid.UUID(int=self.getrandbits(128), version=4)

        return {
            "random": self,
            "time": SimpleNamespace(time=self.now),
            "uuid": SimpleNamespace(uuid4=uuid4),
        }


_playing: list[Script] = []


def chance() -> float:
    """The next number of the run that is going on, for functions of the author's."""
    return _playing[-1].random()


@contextmanager
def playing(script: Script) -> Iterator[None]:
    """Let the author's functions draw from a script."""
    _playing.append(script)
    try:
        yield
    finally:
        _playing.pop()


@contextmanager
def playing_plainly(script: Script, module: ModuleType) -> Iterator[None]:
    """Let a module's `random`, `time` and `uuid` draw from a script, too."""
    names = script.modules()
    before = {name: vars(module)[name] for name in names if name in vars(module)}
    vars(module).update({name: names[name] for name in before})
    try:
        with playing(script):
            yield
    finally:
        vars(module).update(before)
