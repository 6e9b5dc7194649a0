"""Where does everything go? Each shape becomes a piece, from the inside out."""

from __future__ import annotations

from dataclasses import replace

from vivido.drawing import cards, phrases
from vivido.drawing.outline import (
    Arm,
    Attempt,
    Card,
    Choice,
    Fork,
    Frame,
    Look,
    Outline,
    Quiet,
    Row,
    Shape,
)
from vivido.drawing.pieces import (
    ASIDE,
    GAP,
    NOTHING,
    Box,
    Group,
    Line,
    Mark,
    Piece,
    Words,
    centred,
    side_by_side,
    stacked,
)
from vivido.drawing.widths import fitted, width_of

_HEAD = 26.0  # the band of a frame with its title
_PAD = 16.0
_FALL = 34.0  # from the head of a choice or fork to its arms
_SHEETS = {Look.MAP: 2}  # frames behind a frame that stands for many


def figure(outline: Outline) -> Piece:
    """Return the whole figure: the main body, nested functions at its right."""
    main = stacked([cards.drawn(outline.start), *_pieces(outline.body)])
    if not main.ends:
        dot = Box(-5, 0, 10, 10, "end", radius=5)
        main = stacked([main, Piece(5, 5, 10, (dot,))])
    marks = list(main.marks)
    right, height = main.right, main.height
    for block in outline.blocks:
        piece = framed(block)
        x = right + 2 * ASIDE + piece.left
        marks += piece.at(x, 0)
        right, height = x + piece.right, max(height, piece.height)
    return Piece(main.left, right, height, tuple(marks), main.ends)


def row(shapes: Row) -> Piece:
    """Return the piece of a body."""
    return stacked(_pieces(shapes))


def _pieces(shapes: Row) -> list[Piece]:
    return [piece_of(shape) for shape in shapes]


def piece_of(shape: Shape) -> Piece:
    """Return the piece of one shape."""
    match shape:
        case Card():
            return cards.drawn(shape)
        case Quiet():
            return cards.quiet(shape)
        case Frame():
            return framed(shape)
        case Choice():
            return _choice(shape)
        case Fork():
            return _fork(shape)
        case Attempt():
            return _attempt(shape)


# ------------------------------------------------------------------ frames
def framed(frame: Frame) -> Piece:
    """Return a body inside its labelled box; a loop shows its way back at the left."""
    inner = row(frame.body)
    loops = frame.look is Look.LOOP
    left, right = inner.left + _PAD + (14 if loops else 0), inner.right + _PAD
    title = fitted(frame.title, 320, cards.DETAIL, bold=True)
    notes = fitted(phrases.joined(frame.notes), 260, cards.SMALL)
    number = cards.line_number(frame.line)
    head = width_of(title, cards.DETAIL, bold=True) + width_of(notes, cards.SMALL) + 24
    head += width_of(number, cards.SMALL, mono=True) + (26 if notes else 14)
    right = max(right, head - left)
    height = _HEAD + 12 + inner.height + _PAD
    marks: list[Mark] = [
        Box(-left + 5 * sheet, 5 * sheet, left + right, height, "frame", radius=10)
        for sheet in range(_SHEETS.get(frame.look, 0), -1, -1)
    ]
    marks.append(Words(-left + 12, 17.5, title, "frame-title"))
    if notes:
        x = -left + 12 + width_of(title, cards.DETAIL, bold=True) + 12
        marks.append(Words(x, 17.5, notes, "note"))
    if number:
        marks.append(Words(right - 11, 17.5, number, "line", "end"))
    group = Group(
        frame.id, frame.look, frame.line, "\n".join((frame.title, *frame.notes)), tuple(marks)
    )
    top = _HEAD + 12
    ways: list[Mark] = [Line(((0, _HEAD), (0, top)))] if inner.marks else []
    if not inner.ends:
        end = height if not loops else top + inner.height + 7
        ways.append(Line(((0, top + inner.height), (0, end))))
    if loops:
        ways.append(_way_back(left, top - 6, top + inner.height + 7, inner.ends))
    ends = inner.ends and not loops and frame.look in (Look.SAGA, Look.DEADLINE)
    extra = 5.0 * _SHEETS.get(frame.look, 0)
    return Piece(left, right + extra, height + extra, (group, *ways, *inner.at(0, top)), ends)


def _way_back(left: float, top: float, bottom: float, ends: bool) -> Line:  # noqa: FBT001
    x = -left + 13
    start = (x, bottom) if ends else (0.0, bottom)
    return Line((start, (x, bottom), (x, top), (0.0, top)), "loop", arrow=True)


# ------------------------------------------------------------------ choices
def _choice(choice: Choice) -> Piece:
    head = cards.question(choice.id, choice.question, choice.line)
    pieces = [_arm(arm) for arm in choice.arms]
    through = _through(choice.arms, pieces)
    if through is None:
        order = list(range(len(pieces)))
        spines = centred(side_by_side(pieces))
    else:
        order = [through, *(place for place in range(len(pieces)) if place != through)]
        spines = side_by_side([pieces[place] for place in order])
    fall = head.height + _FALL
    bottom = fall + max(pieces[place].height for place in order) + 18
    marks: list[Mark] = [*head.marks]
    for x, place in zip(spines, order, strict=True):
        piece = pieces[place]
        label = choice.arms[place].label
        marks += _way_in(x, head, fall, label, through is not None, not piece.bare)
        marks += piece.at(x, fall)
        if not piece.ends:
            marks.append(_way_out(x, fall + piece.height, bottom))
    left = max(head.left, *(pieces[p].left - x for x, p in zip(spines, order, strict=True)))
    right = max(head.right, *(pieces[p].right + x for x, p in zip(spines, order, strict=True)))
    return Piece(left, right, bottom, tuple(marks), all(piece.ends for piece in pieces))


def _arm(arm: Arm) -> Piece:
    """A body at least as wide as the label of its way."""
    piece = row(arm.body) if arm.body else NOTHING
    label = width_of(_label(arm.label), cards.SMALL, mono=True) + 14
    return replace(piece, right=max(piece.right, label))


def _label(text: str) -> str:
    return fitted(text, 200, cards.SMALL, mono=True)


def _through(arms: tuple[Arm, ...], pieces: list[Piece]) -> int | None:
    """Which of two arms goes straight on: the empty one, or the only one that does not end."""
    if len(arms) != 2:  # noqa: PLR2004
        return None
    ending = [piece.ends for piece in pieces]
    if ending in ([True, False], [False, True]):
        return ending.index(False)
    empty = [not arm.body for arm in arms]
    return empty.index(True) if any(empty) else None


def _way_in(
    x: float,
    head: Piece,
    fall: float,
    label: str,
    aside: bool,  # noqa: FBT001
    arrow: bool,  # noqa: FBT001
) -> list[Mark]:
    """The way from the head to an arm: straight down, out at the side, or spread below."""
    if x == 0:
        points: tuple[tuple[float, float], ...] = ((0, head.height), (0, fall))
    elif aside:
        middle = head.height / 2
        if x <= head.right + 12:  # the arm begins below the head itself
            points = ((x - 0.01, head.height), (x, fall))
        else:
            points = ((head.right, middle), (x, middle), (x, fall))
    else:
        points = ((0, head.height), (0, head.height + 9), (x, head.height + 9), (x, fall))
    return [Line(points, arrow=arrow), Words(x + 7, fall - 12, _label(label), "way-text")]


def _way_out(x: float, top: float, bottom: float) -> Line:
    if x == 0:
        return Line(((0, top), (0, bottom)))
    return Line(((x, top), (x, bottom - 9), (0, bottom - 9), (0, bottom)))


# ------------------------------------------------------------------ forks
def _fork(fork: Fork) -> Piece:
    pieces = [_arm(arm) for arm in fork.arms] or [NOTHING]
    spines = centred(side_by_side(pieces))
    start = min(x - min(piece.left, 50) for x, piece in zip(spines, pieces, strict=True))
    stop = max(x + min(piece.right, 50) for x, piece in zip(spines, pieces, strict=True))
    label = phrases.joined((fork.title, *fork.notes))
    shown = fitted(label, 420, cards.SMALL)
    top = 22.0
    fall = top + 6 + _FALL - 4
    bottom = fall + max(piece.height for piece in pieces) + 20
    number = cards.line_number(fork.line)
    heading: list[Mark] = [
        Box(start, top, stop - start, 6, "bar", radius=3),
        Words(10, 14, shown, "note"),
    ]
    if number:
        heading.append(Words(-10, 14, number, "line", "end"))
    heading.append(Box(start, bottom, stop - start, 6, "bar", radius=3))
    marks: list[Mark] = [Line(((0, 0), (0, top)))]
    for x, arm, piece in zip(spines, fork.arms, pieces, strict=False):
        if arm.label:
            marks.append(Words(x + 7, fall - 11, _label(arm.label), "way-text"))
        marks.append(Line(((x, top + 6), (x, fall)), arrow=not piece.bare))
        marks += piece.at(x, fall)
        marks.append(Line(((x, fall + piece.height), (x, bottom))))
    marks.append(
        Group(fork.id, "fork", fork.line, "\n".join((fork.title, *fork.notes)), tuple(heading))
    )
    left = max(-start, *(piece.left - x for x, piece in zip(spines, pieces, strict=True)))
    right = max(
        *(piece.right + x for x, piece in zip(spines, pieces, strict=True)),
        stop,
        10 + width_of(shown, cards.SMALL),
    )
    return Piece(left, right, bottom + 6, tuple(marks), bare=True)


# ------------------------------------------------------------------ try
def _attempt(attempt: Attempt) -> Piece:
    body = framed(Frame(attempt.id, Look.TRY, "try", attempt.body, attempt.line))
    body = Piece(body.left, body.right, body.height, body.marks, row(attempt.body).ends)
    if attempt.orelse:
        orelse = framed(Frame("", Look.BLOCK, "else", attempt.orelse))
        body = stacked([body, orelse])
    piece = _with_handlers(attempt.handlers, body)
    if attempt.final:
        final = framed(Frame(f"{attempt.id}.finally", Look.FINALLY, "finally", attempt.final))
        final = Piece(final.left, final.right, final.height, final.marks, piece.ends)
        way = Line(((0, piece.height), (0, piece.height + GAP)), "rail", arrow=True)
        joined = stacked([piece, final])
        return Piece(
            joined.left,
            joined.right,
            joined.height,
            (*joined.marks, *([way] if piece.ends else [])),
            joined.ends,
        )
    return piece


def _with_handlers(handlers: tuple[Arm, ...], body: Piece) -> Piece:
    """The handlers at the right of the body, each reached along a rail that errors take."""
    if not handlers:
        return body
    pieces = [
        framed(Frame("", Look.HANDLER, f"on {handler.label}", handler.body)) for handler in handlers
    ]
    ends = [bool(handler.body) and row(handler.body).ends for handler in handlers]
    rail, top = 13.0, 34.0
    spines = side_by_side([body, *pieces])[1:]
    bottom = max(body.height, *(top + piece.height for piece in pieces))
    joins = not all(ends)
    if joins:
        bottom += 20
    marks: list[Mark] = []
    for x, piece, ended in zip(spines, pieces, ends, strict=True):
        marks.append(Line(((body.right, rail), (x, rail), (x, top)), "rail", arrow=True))
        marks += piece.at(x, top)
        if not ended:
            marks.append(_way_out(x, top + piece.height, bottom))
    marks += body.at(0, 0)
    if not body.ends:
        marks.append(Line(((0, body.height), (0, bottom))))
    right = spines[-1] + pieces[-1].right
    return Piece(body.left, right, bottom, tuple(marks), body.ends and not joins)
