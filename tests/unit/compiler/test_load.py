"""What does a file of workflows give: its definitions, and every finding at once?"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vivido.compiler import LoadedFile, check_file, compile_file, compile_workflow
from vivido.errors import DefinitionError

Write = Callable[[str, str], Path]

GOOD = """
from vivido import step, workflow

@step
def one() -> int:
    return 1

@workflow
def second() -> int:
    return one()

@workflow(name="renamed")
def first() -> int:
    return second()
"""


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Write a file; what importing it leaves behind goes afterwards."""
    names: list[str] = []

    def save(name: str, source: str) -> Path:
        if name not in sys.modules:
            names.append(name)
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        return path

    before = list(sys.path)
    yield save
    sys.path[:] = before
    for name in names:
        sys.modules.pop(name, None)


def codes(loaded: LoadedFile) -> list[tuple[str, int]]:
    """Codes and lines of all findings."""
    return [(found.code, found.line) for found in loaded.diagnostics]


def test_all_workflows_of_a_file(write: Write) -> None:
    """Workflows come by name, in the order of the source; imported ones are not the file's."""
    loaded = compile_file(write("loaded_good", GOOD))
    assert list(loaded.workflows) == ["second", "renamed"]
    assert list(loaded.definitions) == ["second", "renamed"]
    assert codes(loaded) == []
    assert loaded.definitions["renamed"].ref == "loaded_good:first"
    other = write("loaded_other", "from loaded_good import first, second\n")
    assert compile_file(other).workflows == {}


def test_the_folder_is_importable(write: Write) -> None:
    """A file may import its neighbours."""
    write("loaded_neighbour", "LIMIT = 3\n")
    path = write("loaded_neighbours", f"from loaded_neighbour import LIMIT\n{GOOD}")
    assert codes(compile_file(path)) == []


def test_a_file_is_imported_once(write: Write) -> None:
    """Compiled again, a file is the same module: classes stay the same."""
    path = write("loaded_once", GOOD)
    assert compile_file(path).module is compile_file(path).module


def test_not_python(write: Write) -> None:
    """A syntax error is a finding at its place."""
    loaded = compile_file(write("loaded_broken", "x = 1\ndef broken(:\n    pass\n"))
    assert (codes(loaded), loaded.module) == ([("V101", 2)], None)


def test_import_that_fails(write: Write) -> None:
    """What importing raises is a finding at the line that raised it."""
    loaded = compile_file(write("loaded_failing", "x = 1\n\ny = x / 0\n"))
    assert codes(loaded) == [("V102", 3)]
    assert "ZeroDivisionError: division by zero" in loaded.diagnostics[0].message
    assert "loaded_failing" not in sys.modules


def test_no_python_file(tmp_path: Path) -> None:
    """A file of another kind is not imported."""
    path = tmp_path / "notes.txt"
    path.write_text("x = 1\n")
    assert codes(compile_file(path)) == [("V102", 1)]


def test_wrong_declarations(write: Write) -> None:
    """What a decorator refuses is the author's mistake, not a failed import."""
    loaded = compile_file(
        write("loaded_wrong", "from vivido import step\n\n@step(retry='x')\ndef f(): ...\n")
    )
    assert codes(loaded) == [("V601", 3)]
    assert loaded.diagnostics[0].message.startswith("This is declared wrongly: ")


@pytest.mark.parametrize("name", ["queue", "pytest"])
def test_names_of_other_modules(name: str, write: Write) -> None:
    """A file that would take the place of a module of Python's, or one in use, is not imported."""
    module = importlib.import_module(name)
    loaded = compile_file(write(name, GOOD))
    assert codes(loaded) == [("V102", 1)]
    assert sys.modules[name] is module


def test_everything_at_once(write: Write) -> None:
    """Findings of all workflows of a file, of checks and lowering alike, in the order of lines."""
    source = """
from vivido import step, workflow

client = object()

@step
def one(n: int) -> int:
    return n

@workflow
def first() -> object:
    return client

@workflow
def second() -> int:
    return one(missing)
"""
    loaded = compile_file(write("loaded_findings", source))
    assert codes(loaded) == [("V211", 12), ("V301", 16)]
    assert loaded.definitions == {}
    assert check_file(loaded.path) == loaded.diagnostics
    with pytest.raises(DefinitionError) as raised:
        compile_workflow(loaded.workflows["second"])
    assert [found.code for found in raised.value.diagnostics] == ["V301"]


def test_a_workflow_without_source(write: Write) -> None:
    """A workflow that cannot be read is a finding; the others are compiled."""
    lost = """
names = {"__name__": __name__}
exec("def lost(): return 1", names)
lost = workflow(names["lost"])
"""
    loaded = compile_file(write("loaded_lost", GOOD + lost))
    assert [code for code, _ in codes(loaded)] == ["V103"]
    assert list(loaded.definitions) == ["second", "renamed"]
