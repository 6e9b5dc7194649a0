"""The outline as vertices, edges and clusters: for tools that lay out by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

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
from vivido.drawing.phrases import joined

Form = Literal["card", "pill", "question", "bar", "quiet", "undo"]
Way = Literal["flow", "back", "error"]
_PILLS = {Look.START, Look.RETURN, Look.RAISE, Look.BREAK, Look.CONTINUE}


@dataclass(frozen=True, slots=True)
class Vertex:
    """A thing with a key ("n1", "n2" …) of its own; `lines` are plain text."""

    key: str
    form: Form
    look: str
    lines: tuple[str, ...]


@dataclass(slots=True)
class Cluster:
    """Things inside a labelled box."""

    key: str
    title: str
    look: str
    inside: list[Vertex | Cluster] = field(default_factory=list)

    def vertices(self) -> Iterator[Vertex]:
        """Yield all vertices inside, those of clusters inside too."""
        for item in self.inside:
            if isinstance(item, Vertex):
                yield item
            else:
                yield from item.vertices()


@dataclass(frozen=True, slots=True)
class Edge:
    """From a vertex to another; `of` is the cluster that the edge leaves as a whole."""

    source: str
    target: str
    label: str = ""
    way: Way = "flow"
    of: str | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """A way that leads on from here."""

    source: str
    label: str = ""
    way: Way = "flow"
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A whole definition; `root` is not drawn as a box."""

    root: Cluster
    edges: tuple[Edge, ...]


def network(outline: Outline) -> Network:
    """Return the vertices, clusters and edges of an outline, keyed in the order of the source."""
    builder = _Builder()
    begin = builder.card(outline.start, [])
    builder.row(outline.body, begin)
    for block in outline.blocks:
        builder.shape(block, [])
    return Network(builder.here, tuple(builder.edges))


class _Builder:
    def __init__(self) -> None:
        self.here = Cluster("root", "", "")
        self.edges: list[Edge] = []
        self._count = 0
        self._left: list[_End] = []  # by a break, on the way out of the innermost loop
        self._next: list[_End] = []  # by a continue, on the way to its next round

    def _key(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def _vertex(self, form: Form, look: str, lines: tuple[str, ...], ends: list[_End]) -> str:
        vertex = Vertex(self._key("n"), form, look, tuple(line for line in lines if line))
        self.here.inside.append(vertex)
        self.edges += [Edge(e.source, vertex.key, e.label, e.way, e.of) for e in ends]
        return vertex.key

    def row(self, row: Row, ends: list[_End]) -> list[_End]:
        """Add a body that is reached by `ends`; returns the ways that lead out of it."""
        for shape in row:
            ends = self.shape(shape, ends)
        return ends

    def shape(self, shape: Shape, ends: list[_End]) -> list[_End]:
        """Add a shape that is reached by `ends`; returns the ways that lead out of it."""
        match shape:
            case Card():
                return self.card(shape, ends)
            case Quiet(lines=lines):
                return [_End(self._vertex("quiet", Look.QUIET, lines, ends))]
            case Choice():
                asked = (shape.question, _at(shape.line))
                head = self._vertex("question", "choice", asked, ends)
                return [
                    end for arm in shape.arms for end in self.row(arm.body, [_End(head, arm.label)])
                ]
            case Frame():
                return self._frame(shape, ends)
            case Fork():
                return self._fork(shape, ends)
            case Attempt():
                return self._attempt(shape, ends)

    def card(self, card: Card, ends: list[_End]) -> list[_End]:
        """Add a card, and its compensation beside it."""
        form: Form = "pill" if card.look in _PILLS else "card"
        lines = (f"{card.title} {_at(card.line)}".rstrip(), card.detail, joined(card.notes))
        key = self._vertex(form, card.look, lines, ends)
        if card.undo is not None:
            self._vertex("undo", "undo", (f"undo: {card.undo}",), [_End(key, way="back")])
        if card.look is Look.BREAK:
            self._left.append(_End(key))
        if card.look is Look.CONTINUE:
            self._next.append(_End(key))
        return [] if card.ends else [_End(key)]

    def _inside(
        self, title: str, look: str, row: Row, ends: list[_End]
    ) -> tuple[Cluster, list[_End]]:
        around = self.here
        self.here = cluster = Cluster(self._key("c"), title, look)
        around.inside.append(cluster)
        if row:
            ends = self.row(row, ends)
        else:  # a box that holds nothing is drawn by no tool
            ends = [_End(self._vertex("quiet", Look.QUIET, ("…",), ends))]
        self.here = around
        return cluster, ends

    def _frame(self, frame: Frame, ends: list[_End]) -> list[_End]:
        title = joined((f"{frame.title} {_at(frame.line)}".rstrip(), *frame.notes))
        if frame.look is Look.LOOP:
            return self._loop(title, frame, ends)
        _, inner = self._inside(title, frame.look, frame.body, ends)
        return [] if frame.id.startswith("$block") else inner

    def _loop(self, title: str, frame: Frame, ends: list[_End]) -> list[_End]:
        """A loop: its rounds lead back to its first vertex, and what follows is reached from it."""
        around = self._left, self._next
        self._left, self._next = [], []
        cluster, inner = self._inside(title, frame.look, frame.body, ends)
        first = next(cluster.vertices()).key
        rounds = [*inner, *self._next]
        self.edges += [Edge(end.source, first, "again", "back") for end in rounds]
        out = [*inner, *self._left] or [_End(first, "after it")]
        self._left, self._next = around
        return out

    def _fork(self, fork: Fork, ends: list[_End]) -> list[_End]:
        title = f"{fork.title} {_at(fork.line)}".rstrip()
        head = self._vertex("bar", "fork", (title, *fork.notes), ends)
        inner = [end for arm in fork.arms for end in self.row(arm.body, [_End(head, arm.label)])]
        return [_End(self._vertex("bar", "fork", (fork.ending,), inner))]

    def _attempt(self, attempt: Attempt, ends: list[_End]) -> list[_End]:
        title = f"try {_at(attempt.line)}".rstrip()
        cluster, out = self._inside(title, Look.TRY, attempt.body, ends)
        last = list(cluster.vertices())[-1].key
        if attempt.orelse:
            _, out = self._inside("else", Look.BLOCK, attempt.orelse, out)
        out = [
            *out,
            *(end for arm in attempt.handlers for end in self._handler(arm, last, cluster)),
        ]
        if attempt.final:
            reached = out or [_End(last, way="error", of=cluster.key)]
            _, final = self._inside("finally", Look.FINALLY, attempt.final, reached)
            return final if out else []
        return out

    def _handler(self, handler: Arm, last: str, cluster: Cluster) -> list[_End]:
        end = _End(last, way="error", of=cluster.key)
        return self._inside(f"on {handler.label}", Look.HANDLER, handler.body, [end])[1]


def _at(line: int | None) -> str:
    return "" if line is None else f":{line}"
