"""What may be stored: the shape of the JSON, its bounds, and how a refusal names the place.

A value is refused deep inside of it, where nobody knows the way there. So the refusal collects the
way while it passes outwards (`Refused.within`), and the public functions make a sentence of it.
"""

import reprlib
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from vivido.errors import ValueNotStorable

# What orjson takes: dict with text keys, list, str, int of 64 bits, finite float, bool, None.
Json: TypeAlias = Any

TAG: Final = "$"
"""The one key that says what a JSON object stands for; keys of ours beside it begin with it too."""

VALUE: Final = "v"
"""Where a tagged object keeps its content, unless it has fields of its own."""

MAX_DEPTH: Final = 200
"""Levels of JSON in one value. orjson takes 254, and a record puts a few around a value."""

MAX_PARTS: Final = 5_000_000
"""Items in one value, so that a small nest of shared lists cannot expand without end."""

_SHOWN_STEPS: Final = 12  # of a longer way only the two ends are shown


class Refused(Exception):
    """A part of a value cannot be stored; `what` follows the way to it in the sentence.

    It never leaves this package. `trail` holds the steps from there outwards, each with the object
    in which it was taken.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.trail: list[tuple[str, object]] = []

    def within(self, step: str, holder: object) -> None:
        """Note that the part was found at `step` (``".lock"``, ``"[3]"``) of `holder`."""
        self.trail.append((step, holder))

    def as_error(self, name: str) -> ValueNotStorable:
        """Return the error for a value that its caller calls `name`."""
        steps = [step for step, _ in reversed(self.trail)]
        return ValueNotStorable(f"{_path(name, steps)} {self.what}")


class BoundPassed(Refused):
    """A value is too deep or too large; often it contains itself, and then that is what we say."""

    def as_error(self, name: str) -> ValueNotStorable:
        """Return the error, which names the cycle where there is one."""
        seen: dict[int, int] = {}
        steps: list[str] = []
        for step, holder in reversed(self.trail):
            if id(holder) in seen:
                back = _path(name, steps[: seen[id(holder)]])
                return ValueNotStorable(
                    f"{_path(name, steps)} is {back} again, and a value that contains itself cannot"
                    " be stored: keep an id there instead of the object"
                )
            seen[id(holder)] = len(steps)
            steps.append(step)
        return super().as_error(name)


class Room:
    """How much one value may still hold: asked before every container."""

    __slots__ = ("open_errors", "parts")

    def __init__(self) -> None:
        self.parts = MAX_PARTS
        # Exceptions being written: one that refers back to itself is cut there, not refused.
        self.open_errors: set[int] = set()

    def take(self, depth: int, parts: int) -> None:
        """Make room for a container of `parts` items at `depth`, or raise `BoundPassed`."""
        self.parts -= parts
        if depth > MAX_DEPTH:
            raise BoundPassed(
                f"is nested more than {MAX_DEPTH} levels deep and cannot be stored: make it flatter"
            )
        if self.parts < 0:
            raise BoundPassed(
                f"is where the value passes {MAX_PARTS:,} items in all, and cannot be stored:"
                " write it to a file or bucket and keep where it lies"
            )


Writer: TypeAlias = Callable[[Any, int, Room], Json]
"""(value, depth, room) → JSON. Raises `Refused`."""

Reader: TypeAlias = Callable[[Json], Any]
"""JSON → value."""

Copier: TypeAlias = Callable[[Any, int, Room], Any]
"""(value, depth, room) → a value that shares nothing that can change. Raises `Refused`."""


def shown(key: object) -> str:
    """Return a short text for a key in the way to a value."""
    return reprlib.repr(key)


def _path(name: str, steps: Sequence[str]) -> str:
    if len(steps) > _SHOWN_STEPS:
        half = _SHOWN_STEPS // 2
        steps = [*steps[:half], "…", *steps[-half:]]
    return name + "".join(steps)
