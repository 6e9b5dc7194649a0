"""``vivido schema``: the JSON Schema of definitions."""

from __future__ import annotations

import click

from vivido.cli import console
from vivido.model.schema import schema


@click.command("schema", short_help="Print the JSON Schema of definitions.")
def command() -> int:
    """Print the JSON Schema of definitions, of the format that this version writes."""
    console.put_json(schema())
    return 0
