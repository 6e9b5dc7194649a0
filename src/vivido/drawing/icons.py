"""Small signs beside the titles of cards, around (0, 0).

They are drawn with lines, because fonts differ in which signs they have.
"""

from __future__ import annotations

from vivido.drawing.outline import Look
from vivido.drawing.pieces import Box, Line, Mark

_CLOCK: tuple[Mark, ...] = (
    Box(-6.5, -6.5, 13, 13, "icon", radius=6.5),
    Line(((0, -3.8), (0, 0), (2.8, 0)), "icon"),
)
_PERSON: tuple[Mark, ...] = (
    Box(-2.8, -6.5, 5.6, 5.6, "icon", radius=2.8),
    Line(((-5.5, 6.5), (-5.5, 1.8), (5.5, 1.8), (5.5, 6.5)), "icon"),
)
_LETTER: tuple[Mark, ...] = (
    Box(-7, -5, 14, 10, "icon", radius=1.5),
    Line(((-6.5, -4), (0, 1)), "icon"),
    Line(((0, 1), (6.5, -4)), "icon"),
)
_SHEETS: tuple[Mark, ...] = (
    Box(-6.5, -6.5, 9, 9, "icon", radius=2),
    Line(((-2.5, 6), (6.2, 6), (6.2, -2.5)), "icon"),
)
_INTO: tuple[Mark, ...] = (
    Line(((-6, -4), (-6, 4), (2, 4)), "icon"),
    Line(((-1, 0.5), (3, 4)), "icon"),
    Line(((3, 4), (-1, 7.5)), "icon"),
)
_ICONS = {
    Look.WAIT: _CLOCK,
    Look.PERSON: _PERSON,
    Look.EVENT: _LETTER,
    Look.CHILD: _SHEETS,
    Look.CALL: _INTO,
}


def of(look: Look) -> tuple[Mark, ...]:
    """Return the sign of a look; nothing for most."""
    return _ICONS.get(look, ())
