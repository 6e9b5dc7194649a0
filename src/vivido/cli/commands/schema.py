"""``vivido schema``: the JSON Schema of definitions."""

from __future__ import annotations

import click

from vivido.cli import console
from vivido.model.definition import FORMAT, Definition


@click.command("schema", short_help="Print the JSON Schema of definitions.")
def command() -> int:
    """Print the JSON Schema of definitions, of the format that this version writes."""
    schema = Definition.model_json_schema(mode="validation")
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vivido:definition:{FORMAT}",
        "title": f"Vivido definition, format {FORMAT}",
    }
    console.put_json(
        {**about, **{name: value for name, value in schema.items() if name != "title"}}
    )
    return 0
