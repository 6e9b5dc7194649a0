"""Are the definitions of the examples still those that people looked at?

What they become is stored, pinned by running executions, drawn and compared: a change of one line
in the compiler shows here. ``VIVIDO_REGENERATE=1`` writes the files anew.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vivido.compiler import compile_file
from vivido.drawing import mermaid
from vivido.model import formats
from vivido.model.definition import Definition

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "definitions").glob("*.py"))
GOLDEN = Path(__file__).with_name("definitions")


@pytest.fixture(autouse=True)
def imports() -> Iterator[None]:
    """Leave the modules that the examples import behind for nobody."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / "definitions")):
            del sys.modules[name]


def pretty(definition: Definition) -> str:
    """A definition as a file that can be read and compared."""
    return json.dumps(definition.as_json(), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_compile_to_what_they_did(path: Path) -> None:
    """Each workflow of an example has its JSON and its drawing, without findings."""
    loaded = compile_file(path)
    assert [str(found) for found in loaded.diagnostics] == []
    for name, definition in loaded.definitions.items():
        for ending, shown in (("json", pretty(definition)), ("mmd", mermaid(definition))):
            golden = GOLDEN / f"{name}.{ending}"
            if os.environ.get("VIVIDO_REGENERATE") == "1":
                golden.write_text(shown, "utf-8")
            assert shown == golden.read_text("utf-8")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_golden_definitions_can_be_read(path: Path) -> None:
    """A stored definition is read, and written again as it was."""
    definition = formats.read(path.read_text())
    assert pretty(definition) == path.read_text()
    assert definition.name == path.stem
