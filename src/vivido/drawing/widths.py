"""How wide is a text? By a table, so that the same definition is the same picture on every machine.

The widths are those of Helvetica in 1/1000 of the font size (Adobe's published metrics), with a
margin because a reader's system has a font of its own.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_BY_WIDTH: Final = {
    222: "'ijl|",
    278: " !,./:;I[\\]ft",
    333: "()-`r{}",
    370: '"*',
    500: "Jcksvxyz",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    890: "%",
    944: "W",
    1015: "@…→",
}
_WIDTHS: Final = {letter: width for width, letters in _BY_WIDTH.items() for letter in letters}
_USUAL: Final = 556
_MARGIN: Final = 1.14
_BOLD: Final = 1.1
_MONO: Final = 0.602


def width_of(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """Return the width of a line of text, in the unit of `size`; rather more than less."""
    if mono:
        return sum(_cells(character) for character in text) * size * _MONO
    thousandths = sum(_thousandths(character) for character in text)
    return thousandths / 1000 * size * _MARGIN * (_BOLD if bold else 1.0)


def fitted(text: str, room: float, size: float, *, bold: bool = False, mono: bool = False) -> str:
    """Return `text`, cut with … so that it is at most `room` wide."""
    if width_of(text, size, bold=bold, mono=mono) <= room:
        return text
    kept = text
    while kept and width_of(kept + "…", size, bold=bold, mono=mono) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _thousandths(character: str) -> int:
    if character in _WIDTHS:
        return _WIDTHS[character]
    return _USUAL * _cells(character)


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
