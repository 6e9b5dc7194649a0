"""The definition in Graphviz' DOT language."""

from __future__ import annotations

from collections.abc import Iterator

from vivido.drawing.network import Cluster, Edge, Form, Vertex, network
from vivido.drawing.reading import outline
from vivido.model.definition import Definition
from vivido.visible import shortened, visible

_FORMS: dict[Form, str] = {
    "card": 'shape=box style="rounded,filled" fillcolor="white"',
    "pill": 'shape=box style="rounded,filled" fillcolor="#eef1f6" margin="0.25,0.08"',
    "question": 'shape=hexagon style=filled fillcolor="white"',
    "bar": 'shape=box style=filled fillcolor="#dfe4ec" height=0.25',
    "quiet": "shape=plaintext fontname=monospace",
    "undo": 'shape=box style="rounded,filled" fillcolor="#fdf3e0" color="#a96a05"',
}
_WAYS = {
    "flow": "",
    "back": 'style=dashed color="#a96a05" constraint=false',
    "error": 'style=dashed color="#c8374a"',
}
_LONGEST = 80


def dot(definition: Definition) -> str:
    """Return the text of a directed graph, with a line end."""
    drawn = network(outline(definition))
    return "\n".join(
        (
            f"digraph {_quoted((definition.name,))} {{",
            '  compound=true rankdir=TB fontname="sans-serif" fontsize=11',
            '  node [fontname="sans-serif" fontsize=11]',
            '  edge [fontname="sans-serif" fontsize=10]',
            *_inside(drawn.root, 1),
            *(_edge(edge) for edge in drawn.edges),
            "}",
            "",
        )
    )


def _inside(cluster: Cluster, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for before, item in zip([None, *cluster.inside], cluster.inside, strict=False):
        if isinstance(item, Vertex):
            yield f"{indent}{item.key} [label={_quoted(item.lines)} {_FORMS[item.form]}]"
            if item.form == "undo" and before is not None:  # the step that it undoes
                yield f"{indent}{{rank=same {before.key} {item.key}}}"
        else:
            yield f"{indent}subgraph cluster_{item.key} {{"
            yield f'{indent}  label={_quoted((item.title,))} style=rounded color="#8592a6"'
            yield from _inside(item, depth + 1)
            yield f"{indent}}}"


def _edge(edge: Edge) -> str:
    leaving = "" if edge.of is None else f"ltail=cluster_{edge.of}"
    label = f"label={_quoted((edge.label,))}" if edge.label else ""
    attributes = " ".join(part for part in (label, leaving, _WAYS[edge.way]) if part)
    return f"  {edge.source} -> {edge.target}" + (f" [{attributes}]" if attributes else "")


def _quoted(lines: tuple[str, ...]) -> str:
    return '"' + "\\n".join(_escaped(line) for line in lines) + '"'


def _escaped(line: str) -> str:
    seen = visible(shortened(" ".join(line.split()), _LONGEST))
    return seen.replace("\\", "\\\\").replace('"', '\\"')
