"""What is a definition, said so that other tools understand it? As a JSON Schema, one a format."""

from __future__ import annotations

from typing import Any

from vivido.model.definition import FORMAT, Definition


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of definitions of the format that is written."""
    found = Definition.model_json_schema(mode="validation")
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vivido:definition:{FORMAT}",
        "title": f"Vivido definition, format {FORMAT}",
    }
    return about | {name: value for name, value in found.items() if name not in about}
