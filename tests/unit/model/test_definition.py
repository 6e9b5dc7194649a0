"""Is a definition what its text and digest say? Each leaf of each golden definition is changed."""

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vivido.errors import DefinitionError
from vivido.model import formats
from vivido.model.definition import Definition

TESTS = Path(__file__).parents[2]
GOLDEN = sorted((TESTS / "golden" / "definitions").glob("*.json"))
ALL_KINDS: Definition = runpy.run_path(str(TESTS / "unit" / "drawing" / "kinds.py"))["ALL"]
DEFINITIONS = {
    "all kinds": ALL_KINDS.as_json(),
    **{path.stem: json.loads(path.read_text("utf-8")) for path in GOLDEN},
}
ORIGIN = {"line", "doc", "source"}
Way = tuple[str | int, ...]


def leaves(data: Any, way: Way = ()) -> Iterator[tuple[Way, Any]]:
    """Yield each scalar of some JSON with the way to it."""
    if isinstance(data, dict | list):
        for key, inner in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(inner, (*way, key))
    else:
        yield way, data


def changed(data: Any, way: Way, value: Any) -> Any:
    """Return a copy with another value at that place."""
    copy = json.loads(json.dumps(data))
    at = copy
    for key in way[:-1]:
        at = at[key]
    at[way[-1]] = value
    return copy


def other(value: Any) -> Any:
    """Return another scalar of the same kind."""
    if isinstance(value, bool):
        return not value
    return value + "x" if isinstance(value, str) else (value or 0) + 1


def is_origin(way: Way) -> bool:
    """Whether a place says only where something was written, or what people read there.

    A name or argument that happens to be called `line` is not such a place.
    """
    tables = {"args", "names", "steps", "workflows", "blocks", "tags"}
    for before, key in zip((None, *way), way, strict=False):
        if key in ("schema", "value"):  # what is inside is not ours
            return False
        if key in ORIGIN and before not in tables:
            return True
    return False


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_text_is_the_definition(name: str) -> None:
    """Read from its canonical text it is the same, and so is its text."""
    definition = formats.read_data(DEFINITIONS[name])
    text = definition.canonical_json()
    assert formats.read(text) == definition
    assert formats.read(text).canonical_json() == text
    assert json.loads(text) == definition.as_json() == DEFINITIONS[name]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_digest_ignores_where_it_was_written_and_nothing_else(name: str) -> None:
    """Lines, comments and the file; any other change makes it another definition."""
    data = DEFINITIONS[name]
    digest = formats.read_data(data).digest
    wrong: list[Way] = []
    seen = {True: 0, False: 0}
    for way, value in leaves(data):
        try:
            same = formats.read_data(changed(data, way, other(value))).digest == digest
        except DefinitionError:
            continue  # a kind or a format, which cannot be just anything
        seen[same] += 1
        if same is not is_origin(way):
            wrong.append(way)
    assert wrong == []
    assert min(seen.values()) > 5


def test_names_are_not_mistaken_for_origins() -> None:
    """An argument, a step, a constant that is called `line` or `doc` counts."""

    def digest(**more: Any) -> str:
        node = {"id": "s", "kind": "step", "step": "line", "args": {"doc": more.get("arg", "1")}}
        constant = {"kind": "constant", "value": {"line": more.get("constant", 1)}}
        step = {"ref": more.get("ref", "m:f"), "params": [{"name": "source"}]}
        return formats.read_data(
            {
                "format": 1,
                "name": "w",
                "tags": {"doc": more.get("tag", "x")},
                "steps": {"line": step},
                "names": {"doc": constant},
                "blocks": {"main": {"body": [node], "line": more.get("line", 1)}},
            }
        ).digest

    same = digest()
    assert digest(line=7) == same
    others = [digest(arg="2"), digest(constant=2), digest(ref="m:g"), digest(tag="y")]
    assert len({same, *others}) == 5


def test_tables_are_sorted_and_arguments_are_not() -> None:
    """Two people who write the same tables have the same definition; arguments have an order."""
    one = {"format": 1, "name": "w", "tags": {"b": "1", "a": "2"}, "blocks": {"main": {}}}
    assert list(formats.read_data(one).tags) == ["a", "b"]
    args = {"b": "1", "a": "2"}
    body = [{"id": "s", "kind": "step", "step": "s", "args": args}]
    written = formats.read_data({**one, "blocks": {"main": {"body": body}}})
    assert list(written.main.body[0].args) == ["b", "a"]  # type: ignore[union-attr]


def test_what_equals_its_default_is_left_out() -> None:
    """So that a definition is as short as what it says."""
    spelled_out = {
        "format": 1, "name": "w", "version": "1", "tags": {}, "params": [], "doc": None,
        "blocks": {"main": {"body": [{"id": "b", "kind": "break", "line": None}], "locals": []}},
    }  # fmt: skip
    assert formats.read_data(spelled_out).as_json() == {
        "format": 1,
        "name": "w",
        "blocks": {"main": {"body": [{"id": "b", "kind": "break"}]}},
    }
