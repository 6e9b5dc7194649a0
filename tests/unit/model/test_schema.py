"""Is the published JSON Schema the one of this code?

``VIVIDO_REGENERATE=1`` writes ``docs/definition.schema.json`` anew.
"""

import os
from pathlib import Path
from typing import Any

import orjson

from vivido.cli.console import json_text
from vivido.model.definition import FORMAT
from vivido.model.schema import schema

PUBLISHED = Path(__file__).parents[3] / "docs" / "definition.schema.json"


def test_the_published_schema_is_fresh() -> None:
    """It is what `vivido schema` prints today."""
    printed = json_text(schema(), indent=True) + "\n"
    if os.environ.get("VIVIDO_REGENERATE") == "1":
        PUBLISHED.write_text(printed, "utf-8")
    assert printed == PUBLISHED.read_text("utf-8")


def test_the_schema_names_its_format() -> None:
    """Who keeps several of them tells them apart by id and title."""
    found = schema()
    assert found["$id"] == f"urn:vivido:definition:{FORMAT}"
    assert found["title"] == f"Vivido definition, format {FORMAT}"
    assert found["properties"]["format"]["const"] == FORMAT


def test_nothing_unknown_is_allowed_anywhere() -> None:
    """A misspelt field is an error for every tool that reads the schema."""
    closed = {name: part.get("additionalProperties") for name, part in schema()["$defs"].items()}
    assert set(closed.values()) == {False}


def test_each_node_has_an_id_of_the_right_form() -> None:
    """The form that the reader checks stands in the schema too."""
    nodes = [part for part in schema()["$defs"].values() if "kind" in part["properties"]]
    with_id = [node["properties"]["id"] for node in nodes if "id" in node["properties"]]
    assert len(with_id) == 29
    assert {one["pattern"] for one in with_id} == {r"^[^\s/\[\]#$~]+$"}


def references(part: Any) -> set[str]:
    """All names that a schema refers to."""
    match part:
        case {"$ref": str(name)}:
            return {name.removeprefix("#/$defs/")}
        case dict():
            return {name for inner in part.values() for name in references(inner)}
        case list():
            return {name for inner in part for name in references(inner)}
    return set()


def test_the_schema_is_whole() -> None:
    """Every part that is referred to is there, and every part is referred to."""
    found = orjson.loads(orjson.dumps(schema()))
    assert references(found) == set(found["$defs"])
