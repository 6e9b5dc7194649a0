"""Marks with places, and pieces of a figure that are put together from the inside out.

A piece hangs on a spine: the flow enters at (0, 0) and leaves at (0, `height`); `left` and `right`
say how far it reaches to both sides. Lengths are in pixels, y goes down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    style: str
    radius: float = 8

    def moved(self, x: float, y: float) -> Box:
        """The same, elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is its base line."""

    x: float
    y: float
    text: str
    style: str
    anchor: Literal["start", "middle", "end"] = "start"

    def moved(self, x: float, y: float) -> Words:
        """The same, elsewhere."""
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Line:
    """A way along points, with round bends; with an arrow head at its end if `arrow`."""

    points: tuple[Point, ...]
    style: str = "flow"
    arrow: bool = False

    def moved(self, x: float, y: float) -> Line:
        """The same, elsewhere."""
        return replace(self, points=tuple((px + x, py + y) for px, py in self.points))


@dataclass(frozen=True, slots=True)
class Group:
    """The marks of one node."""

    node: str
    look: str
    line: int | None
    about: str
    marks: tuple[Mark, ...]

    def moved(self, x: float, y: float) -> Group:
        """The same, elsewhere."""
        return replace(self, marks=tuple(mark.moved(x, y) for mark in self.marks))


Mark = Box | Words | Line | Group


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the figure around its spine.

    `ends`: the flow does not leave it at its bottom. `bare`: what leads to it needs no arrow head.
    """

    left: float
    right: float
    height: float
    marks: tuple[Mark, ...] = ()
    ends: bool = False
    bare: bool = False

    def at(self, x: float, y: float) -> tuple[Mark, ...]:
        """The marks, with the spine's top at (x, y)."""
        return tuple(mark.moved(x, y) for mark in self.marks)


GAP = 24.0  # between one piece and the next below it
ASIDE = 28.0  # between pieces side by side
NOTHING = Piece(20.0, 20.0, 0.0, bare=True)


def stacked(pieces: Iterable[Piece]) -> Piece:
    """Put pieces below each other, with arrows between them."""
    placed = list(pieces)
    if not placed:
        return NOTHING
    marks: list[Mark] = []
    bottom = 0.0
    for before, piece in zip([None, *placed], placed, strict=False):
        if before is not None:
            if not before.ends:
                marks.append(Line(((0, bottom), (0, bottom + GAP)), arrow=not piece.bare))
            bottom += GAP
        marks += piece.at(0, bottom)
        bottom += piece.height
    left, right = max(piece.left for piece in placed), max(piece.right for piece in placed)
    return Piece(left, right, bottom, tuple(marks), placed[-1].ends, placed[0].bare)


def side_by_side(pieces: Iterable[Piece]) -> list[float]:
    """Return the spine's x of each piece, the first at 0."""
    spines: list[float] = []
    edge = 0.0
    for piece in pieces:
        spines.append(edge + ASIDE + piece.left if spines else 0.0)
        edge = spines[-1] + piece.right
    return spines


def centred(spines: list[float]) -> list[float]:
    """Return the same spines with the middle of the outer ones at 0."""
    middle = (spines[0] + spines[-1]) / 2
    return [spine - middle for spine in spines]
