"""How much may an evaluation cost, and what has it cost so far?

Fuel is charged by the size of what an operation makes or walks through, before it does so. One
unit stands for about 50 ns of work and 50 bytes of memory on a small machine, so the default
allowance ends within 100 ms and 64 MB.
"""

from __future__ import annotations

from typing import Any, NoReturn

from vivido.errors import ExpressionLimit
from vivido.expressions.ambient import SYSTEM, Ambient

FUEL = 1_000_000  # what one evaluation may spend
PER_ITEM = 20  # what is added for each item of a stream
INT_BITS = 1 << 16  # the longest integer: 19,728 decimal digits
FRACTION_BITS = 1 << 11  # numerators and denominators meet in gcd, which is quadratic
DECIMAL_DIGITS = 1_000  # also the largest exponent that is ever written out


class Meter:
    """The fuel that is left for one evaluation, and where it gets the time and random numbers from.

    `impure` is set when code of the author's ran that is not marked as pure and could not be
    foreseen when the expression was compiled (a method of a model whose name a built-in type has
    too).
    """

    __slots__ = ("ambient", "buckets", "fuel", "granted", "impure")

    def __init__(self, fuel: int = FUEL, ambient: Ambient = SYSTEM) -> None:
        self.fuel = fuel
        self.ambient = ambient
        self.impure = False
        self.granted: set[str] | None = None  # streams for whose items there is fuel
        self.buckets: dict[int, list[Any]] | None = None  # keys by hash, see `weighing`

    def charge(self, units: int) -> None:
        """Spend fuel; raises `ExpressionLimit` when none is left."""
        self.fuel -= units
        if self.fuel < 0:
            exhausted()

    def grant(self, key: str, items: int) -> None:
        """Add fuel for going through a stream: as much for each item, however many there are.

        Once in an evaluation, so that going through it again and again is bounded as before.
        """
        if self.granted is None:
            self.granted = set()
        if key not in self.granted:
            self.granted.add(key)
            self.fuel += PER_ITEM * items


def exhausted() -> NoReturn:
    """Say that the fuel is gone."""
    raise ExpressionLimit(
        "the expression does more work than an expression may: its fuel is spent; "
        "move this work into a step"
    )


def too_large(what: str, bound: str) -> NoReturn:
    """Say that one result would be out of bounds: `what` with its size, and the bound."""
    raise ExpressionLimit(
        f"{what} is more than an expression may make ({bound}); move this work into a step"
    )
