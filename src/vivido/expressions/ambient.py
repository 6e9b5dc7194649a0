"""Where do the clock and random numbers of an expression come from?

The only file of this package that touches them. What is evaluated in tests gets an `Ambient` of
virtual time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ambient:
    """The clock (seconds since 1970 UTC), a clock that never goes back (seconds), and randomness.

    The source is the operating system's, so that two processes forked from one never draw the same
    numbers.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    random: random.Random = field(default_factory=random.SystemRandom)


SYSTEM = Ambient()
