"""Snippets of workflows, compiled as files, and what the checks find in them.

Below a line of a snippet, a comment with carets says what is found there: `#   ^^^^ V303`.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from vivido.authoring import Workflow
from vivido.compiler.checks import check_all
from vivido.compiler.diagnostics import Diagnostic, Report, render
from vivido.compiler.read import read

HEAD = "from checks_shop import *\n\n"
_MARK = re.compile(r"#?\s*(\^+)\s+(V\d+)")
_numbers = itertools.count()
_PASSING = frozenset({"V903"})  # what the engine does not run yet changes with its version

Diagnose = Callable[[str], list[Diagnostic]]
Found = set[tuple[int, int, int, str]]


def load(path: Path, name: str) -> ModuleType:
    """Import a file under a name of its own."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def shop() -> Iterator[ModuleType]:
    """The module that the snippets import everything from."""
    yield load(Path(__file__).with_name("shop.py"), "checks_shop")
    del sys.modules["checks_shop"]


@pytest.fixture
def diagnose(tmp_path: Path, shop: ModuleType) -> Diagnose:
    """Compile the last workflow of a snippet as far as the checks, and return what they find."""
    assert shop.__name__ == "checks_shop"

    def diagnosed(snippet: str) -> list[Diagnostic]:
        name = f"snippet_{next(_numbers)}"
        path = tmp_path / f"{name}.py"
        path.write_text(source_of(snippet), encoding="utf-8")
        module = load(path, name)
        own = [
            each
            for each in vars(module).values()
            if isinstance(each, Workflow) and each.function.__module__ == name
        ]
        unit = read(own[-1])
        report = Report(unit.file, unit.lines)
        check_all(unit, report)
        return [each for each in report if each.code not in _PASSING]

    return diagnosed


def source_of(snippet: str) -> str:
    """The file that a snippet becomes."""
    return HEAD + textwrap.dedent(snippet).strip("\n") + "\n"


def marked(snippet: str) -> Found:
    """What the carets in a snippet say: (line, column, end column, code)."""
    found: Found = set()
    line_of_code = 0
    for number, line in enumerate(source_of(snippet).splitlines(), 1):
        marks = list(_MARK.finditer(line)) if line.lstrip().startswith("#") else []
        if not marks:
            line_of_code = number
        for mark in marks:
            found.add((line_of_code, mark.start(1) + 1, mark.end(1) + 1, mark.group(2)))
    return found


def places(diagnostics: list[Diagnostic], snippet: str) -> Found:
    """What was found, in the form of `marked`; of a finding over several lines, the first."""
    lines = source_of(snippet).splitlines()
    return {(each.line, each.column, _end(each, lines), each.code) for each in diagnostics}


def _end(found: Diagnostic, lines: list[str]) -> int:
    if found.end_line == found.line:
        return max(found.end_column, found.column + 1)
    return len(lines[found.line - 1]) + 1


@pytest.fixture
def agrees(diagnose: Diagnose) -> Callable[[str], None]:
    """Asserts that exactly what a snippet marks is found in it."""

    def compare(snippet: str) -> None:
        found = diagnose(snippet)
        shown = "\n".join(render(each, source_of(snippet).splitlines()) for each in found)
        assert sorted(places(found, snippet)) == sorted(marked(snippet)), shown

    return compare
