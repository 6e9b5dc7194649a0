"""The definition as a Mermaid flow chart, which GitHub and many wikis draw from a code block."""

from __future__ import annotations

from collections.abc import Iterator

from vivido.drawing.network import Cluster, Edge, Form, Vertex, network
from vivido.drawing.reading import outline
from vivido.model.definition import Definition
from vivido.visible import shortened, visible

_BRACKETS: dict[Form, tuple[str, str]] = {
    "card": ("[", "]"),
    "pill": ("([", "])"),
    "question": ("{{", "}}"),
    "bar": ("[[", "]]"),
    "quiet": ("[", "]"),
    "undo": ("([", "])"),
}
_CLASSES = {
    "quiet": "fill:transparent,stroke-dasharray:2 3",
    "undo": "stroke:#a96a05,color:#a96a05",
    "return": "stroke:#1f8f55",
    "raise": "stroke:#c8374a",
    "step": "stroke:#3b6fe0",
    "wait": "stroke:#0f8a8a",
    "child": "stroke:#7a4fd0",
}
_ARROWS = {"flow": "-->", "back": "-.->", "error": "-.->"}
_LONGEST = 80
# Inside quotes Mermaid reads these as markup, and "#" begins its own escapes.
_ESCAPED = {character: f"#{ord(character)};" for character in '#"<>&`\\'}


def mermaid(definition: Definition) -> str:
    """Return the text of a Mermaid chart, with a line end."""
    drawn = network(outline(definition))
    lines = ["flowchart TD", *_inside(drawn.root, 1), *(_edge(edge) for edge in drawn.edges)]
    used = {vertex.look for vertex in drawn.root.vertices()}
    for name, style in _CLASSES.items():
        if name in used:
            keys = ",".join(v.key for v in drawn.root.vertices() if v.look == name)
            lines += [f"  classDef {name}_ {style}", f"  class {keys} {name}_"]
    return "\n".join(lines) + "\n"


def _inside(cluster: Cluster, depth: int) -> Iterator[str]:
    indent = "  " * depth
    for item in cluster.inside:
        if isinstance(item, Vertex):
            opening, closing = _BRACKETS[item.form]
            yield f"{indent}{item.key}{opening}{_quoted(item.lines)}{closing}"
        else:
            yield f"{indent}subgraph {item.key}[{_quoted((item.title,))}]"
            yield from _inside(item, depth + 1)
            yield f"{indent}end"


def _edge(edge: Edge) -> str:
    label = f"|{_quoted((edge.label,))}|" if edge.label else ""
    return f"  {edge.of or edge.source} {_ARROWS[edge.way]}{label} {edge.target}"


def _quoted(lines: tuple[str, ...]) -> str:
    return '"' + "<br>".join(_escaped(line) for line in lines) + '"'


def _escaped(line: str) -> str:
    seen = visible(shortened(" ".join(line.split()), _LONGEST))
    return "".join(_ESCAPED.get(character, character) for character in seen)
