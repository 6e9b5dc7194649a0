"""The figure as SVG text: light or dark as the reader's system is, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape

from vivido.drawing.layout import figure
from vivido.drawing.outline import Outline, State
from vivido.drawing.pieces import Box, Group, Line, Mark, Point, Words
from vivido.drawing.reading import outline
from vivido.drawing.theme import STYLE
from vivido.model.definition import Definition
from vivido.visible import visible

_MARGIN = 20.0
_BEND = 8.0  # radius of the corners of lines


def svg(definition: Definition, statuses: Mapping[str, State] | None = None) -> str:
    """Return a drawing of the definition, a whole SVG document.

    `statuses` colours nodes by their id, as an execution has gone through them. Each node is a
    group with its id in `data-node` and its line in `data-line`. All colours are CSS variables
    (``--vv-…``) that a page may set.
    """
    shapes = outline(definition)
    piece = figure(shapes)
    width, height = piece.left + piece.right + 2 * _MARGIN, piece.height + 2 * _MARGIN
    marks = piece.at(piece.left + _MARGIN, _MARGIN)
    body = "\n".join(line for mark in marks for line in _printed(mark, statuses or {}))
    key = f"vv-{re.sub(r'[^A-Za-z0-9_]', '-', shapes.name)}"
    return "\n".join((*_opening(shapes, key, width, height), body, "</svg>", ""))


def _opening(shapes: Outline, key: str, width: float, height: float) -> Iterator[str]:
    size = f'width="{_number(width)}" height="{_number(height)}"'
    box = f'viewBox="0 0 {_number(width)} {_number(height)}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} class="vv" role="img" '
        f'aria-labelledby="{key}-title {key}-desc">'
    )
    yield f'<title id="{key}-title">{_text(f"The workflow {shapes.name}")}</title>'
    summary = shapes.summary or "What it does, from top to bottom"
    yield f'<desc id="{key}-desc">{_text(summary)}</desc>'
    yield f"<style>{STYLE}</style>"
    yield (
        '<defs><marker id="vv-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        '<path class="vv-head" d="M0.5 1 7.5 4 0.5 7z"/></marker></defs>'
    )


def _printed(mark: Mark, statuses: Mapping[str, State]) -> Iterator[str]:
    match mark:
        case Box():
            yield (
                f'<rect class="vv-{mark.style}" x="{_number(mark.x)}" y="{_number(mark.y)}"'
                f' width="{_number(mark.width)}" height="{_number(mark.height)}"'
                f' rx="{_number(mark.radius)}"/>'
            )
        case Words():
            anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
            place = f'x="{_number(mark.x)}" y="{_number(mark.y)}"'
            yield f'<text class="vv-{mark.style}" {place}{anchor}>{_text(mark.text)}</text>'
        case Line():
            head = ' marker-end="url(#vv-head)"' if mark.arrow else ""
            yield f'<path class="vv-way vv-{mark.style}" d="{_path(mark.points)}"{head}/>'
        case Group():
            yield from _group(mark, statuses)


def _group(group: Group, statuses: Mapping[str, State]) -> Iterator[str]:
    state = statuses.get(group.node)
    classes = f"vv-{group.look}" + ("" if state is None else f" vv-is-{state}")
    node = f' data-node="{_text(group.node)}"' if group.node else ""
    line = "" if group.line is None else f' data-line="{group.line}"'
    yield f'<g class="{classes}"{node}{line}>'
    if group.about:
        yield f"<title>{_text(group.about)}</title>"
    for mark in group.marks:
        yield from _printed(mark, statuses)
    yield "</g>"


def _path(points: tuple[Point, ...]) -> str:
    """A way along points, its corners rounded."""
    parts = [f"M{_pair(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(_BEND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        parts.append(f"L{_pair(_towards(corner, before, bend))}")
        parts.append(f"Q{_pair(corner)} {_pair(_towards(corner, after, bend))}")
    parts.append(f"L{_pair(points[-1])}")
    return "".join(parts)


def _distance(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, goal: Point, distance: float) -> Point:
    length = _distance(start, goal)
    share = distance / length if length else 0
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0") if value else "0"


def _text(text: str) -> str:
    return escape(visible(text))
