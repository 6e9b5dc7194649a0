"""``vivido graph FILE[:NAME]``: a drawing of a workflow, or the definition itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from vivido.cli import console, sources
from vivido.drawing import dot, mermaid, svg
from vivido.model.definition import Definition
from vivido.model.formats import read


def _json(definition: Definition) -> str:
    return console.json_text(definition.as_json(), indent=True) + "\n"


_FORMATS: Final[dict[str, Callable[[Definition], str]]] = {
    "svg": svg,
    "mermaid": mermaid,
    "dot": dot,
    "json": _json,
}


@click.command("graph", short_help="Draw a workflow: svg, mermaid, dot, or its definition as json.")
@click.argument("place", metavar="NAME|FILE[:NAME]")
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(_FORMATS)),
    help="What to write; without, by the ending of -o, else svg.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write it; without, standard output.")
def command(place: str, kind: str | None, output: str | None) -> int:
    """Draw a workflow of a file, or of that name in definitions/."""
    definition = _definition(place)
    drawn = _FORMATS[kind or _kind_of(output)](definition)
    if output is None:
        click.echo(drawn, nl=False)
    else:
        Path(output).write_text(drawn, encoding="utf-8")
    return 0


def _definition(place: str) -> Definition:
    """Compile, or read a definition that is JSON itself."""
    if place.endswith(".json"):
        return read(Path(place).read_bytes())
    return sources.compiled(sources.place_of(place)).definition


def _kind_of(output: str | None) -> str:
    endings = {
        ".svg": "svg",
        ".mmd": "mermaid",
        ".md": "mermaid",
        ".dot": "dot",
        ".gv": "dot",
        ".json": "json",
    }
    return "svg" if output is None else endings.get(Path(output).suffix, "svg")
