"""What a single card, pill or run of computations looks like."""

from __future__ import annotations

from vivido.drawing import icons, phrases
from vivido.drawing.outline import Card, Look, Quiet
from vivido.drawing.pieces import Box, Group, Line, Mark, Piece, Words
from vivido.drawing.widths import fitted, width_of
from vivido.visible import shortened

TITLE, DETAIL, SMALL, CODE = 13.0, 11.5, 10.5, 11.0  # font sizes, in pixels
_PILLS = {Look.START, Look.RETURN, Look.RAISE, Look.BREAK, Look.CONTINUE}
_QUIET_LINES = 4
_WIDEST = 300.0


def drawn(card: Card) -> Piece:
    """Return the piece of a card."""
    return _pill(card) if card.look in _PILLS else _card(card)


def line_number(line: int | None) -> str:
    """Return a line as people write it after a file's name."""
    return "" if line is None else f":{line}"


def _card(card: Card) -> Piece:
    icon = icons.of(card.look)
    indent = 15.0 if not icon else 34.0
    title = fitted(card.title, _WIDEST - 60, TITLE, bold=True)
    number = line_number(card.line)
    detail = fitted(card.detail, _WIDEST - 28, DETAIL)
    notes = fitted(phrases.joined(card.notes), _WIDEST - 28, SMALL)
    top = indent - 15 + width_of(title, TITLE, bold=True) + 16 + width_of(number, SMALL, mono=True)
    widths = (top, width_of(detail, DETAIL), width_of(notes, SMALL))
    width = max(136.0, round(max(widths)) + 28)
    x = -width / 2
    marks: list[Mark] = [Words(x + indent, 21, title, "title")]
    marks += [mark.moved(x + 22, 16.5) for mark in icon]
    if number:
        marks.append(Words(x + width - 11, 20.5, number, "line", "end"))
    y = 21.0
    for text, style, step in ((detail, "detail", 17.0), (notes, "note", 16.0)):
        if text:
            y += step
            marks.append(Words(x + 15, y, text, style))
    height = y + 13
    box = Box(x, 0, width, height, "card")
    stripe = Box(x + 5, 8, 3.5, height - 16, "stripe", radius=1.75)
    undo, reach = _undo(card.undo, width / 2, height)
    group = Group(card.id, card.look, card.line, card.about, (box, stripe, *marks, *undo))
    return Piece(width / 2, width / 2 + reach, height, (group,), card.ends)


def _undo(undo: str | None, x: float, height: float) -> tuple[tuple[Mark, ...], float]:
    """The way back: a dashed arrow to the compensation at the right of its step."""
    if undo is None:
        return (), 0.0
    text = fitted(f"undo: {undo}", 160, SMALL)
    width = round(width_of(text, SMALL)) + 20
    middle = height / 2
    way = Line(((x, middle), (x + 20, middle)), "back", arrow=True)
    pill = Box(x + 20, middle - 11, width, 22, "undo", radius=11)
    return (
        way,
        pill,
        Words(x + 20 + width / 2, middle + 3.7, text, "undone", "middle"),
    ), width + 20


def _pill(card: Card) -> Piece:
    started = card.look is Look.START
    title = fitted(card.title, _WIDEST, TITLE, bold=started)
    number = line_number(card.line)
    detail = fitted(card.detail, _WIDEST, CODE, mono=True)
    widths = (
        width_of(title, TITLE, bold=True)
        + (width_of(number, SMALL, mono=True) + 10 if number else 0),
        width_of(detail, CODE, mono=True),
    )
    width = max(72.0, round(max(widths)) + 36)
    height = 48.0 if detail else 32.0
    x = -width / 2
    shift = (width_of(number, SMALL, mono=True) + 8) / 2 if number else 0
    marks: list[Mark] = [
        Box(x, 0, width, height, "pill", radius=16),
        Words(-shift, 20.5, title, "title" if started else "plain", "middle"),
    ]
    if number:
        marks.append(Words(x + width - 14, 20.5, number, "line", "end"))
    if detail:
        marks.append(Words(0, 37, detail, "code", "middle"))
    group = Group(card.id, card.look, card.line, card.about, tuple(marks))
    return Piece(width / 2, width / 2, height, (group,), card.ends)


def question(node: str, text: str, line: int | None) -> Piece:
    """Return the head of a choice."""
    shown = fitted(text, _WIDEST, DETAIL, mono=True)
    number = line_number(line)
    width = round(width_of(shown, DETAIL, mono=True) + width_of(number, SMALL, mono=True)) + 44
    x = -width / 2
    shift = (width_of(number, SMALL, mono=True) + 8) / 2 if number else 0
    marks: list[Mark] = [
        Box(x, 0, width, 30, "question", radius=15),
        Words(-shift, 19.5, shown, "asked", "middle"),
    ]
    if number:
        marks.append(Words(x + width - 13, 19.5, number, "line", "end"))
    return Piece(width / 2, width / 2, 30, (Group(node, "choice", line, text, tuple(marks)),))


def quiet(shape: Quiet) -> Piece:
    """Return the piece of what only computes: small lines, the rest counted."""
    lines = [shortened(line, 46) for line in shape.lines[:_QUIET_LINES]]
    if len(shape.lines) > _QUIET_LINES:
        lines[-1] = f"… and {len(shape.lines) - _QUIET_LINES + 1} more"
    width = max(round(max(width_of(line, CODE, mono=True) for line in lines)) + 20, 40)
    height = 15.0 * len(lines) + 7
    box = Box(-width / 2, 0, width, height, "quiet", radius=5)
    words = tuple(
        Words(0, 15.0 * place + 15, line, "code", "middle") for place, line in enumerate(lines)
    )
    node = shape.ids[0] if shape.ids else ""
    group = Group(node, Look.QUIET, None, "\n".join(shape.lines), (box, *words))
    return Piece(width / 2, width / 2, height, (group,))
