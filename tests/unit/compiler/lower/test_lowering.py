"""Does a lowered workflow do what the function does?

The same value or error, the same effects in the same order, the same lines in the log.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vivido import values
from vivido.authoring import Workflow
from vivido.compiler import LoadedFile, explain
from vivido.model.definition import Definition

PROGRAMS = Path(__file__).with_name("programs")
RUN = sorted(
    path.stem
    for path in PROGRAMS.glob("*.py")
    if path.stem not in ("programs_shop", "lowering_models", "waiting")
)
RECORDED = [*RUN, "waiting"]
REGENERATE = os.environ.get("VIVIDO_REGENERATE") == "1"


def names(file: str) -> list[str]:
    """Every workflow of a file, in the order of the source."""
    tree = ast.parse((PROGRAMS / f"{file}.py").read_text())
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(ast.unparse(part).startswith("workflow") for part in node.decorator_list)
    ]


Load = Callable[[str], LoadedFile]


class _Lines(logging.Handler, io.TextIOBase):  # type: ignore[misc]  # both call it `close` and `flush`
    """Takes what a plain run prints and logs, line by line."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.lines: list[str] = []
        self._open = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "asyncio":
            self.lines.append(record.getMessage())

    def write(self, text: str) -> int:
        *whole, self._open = (self._open + text).split("\n")
        self.lines += whole
        return len(text)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Catch the lines of a plain run."""
    lines = _Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(lines):
            yield lines.lines
    finally:
        root.removeHandler(lines)
        root.setLevel(level)


def outcome(trace: list[object], run: Callable[[], Any]) -> tuple[object, list[object]]:
    """What a run gives or raises, and the effects that it had."""
    trace.clear()
    try:
        result: object = ("value", run())
    except Exception as error:  # noqa: BLE001  it is the outcome
        cause = None if error.__cause__ is None else type(error.__cause__).__name__
        # Python has several wordings for a name without a value.
        text = (
            ("NameError", "")
            if isinstance(error, NameError)
            else (type(error).__name__, str(error))
        )
        result = ("error", text, cause)
    return result, list(trace)


def plainly(workflow: Workflow[Any, Any], given: dict[str, object]) -> object:
    """Call a workflow as the function it is."""
    given = values.copy(given)
    return asyncio.run(workflow(**given)) if workflow.is_async else workflow(**given)


@pytest.mark.parametrize("file", RECORDED)
def test_everything_compiles(file: str, load: Load) -> None:
    """No program has an error."""
    loaded = load(file)
    assert [str(found) for found in loaded.diagnostics if found.severity == "error"] == []
    assert list(loaded.definitions) == names(file)


@pytest.mark.parametrize("file", RECORDED)
def test_lowered_as_recorded(file: str, load: Load) -> None:
    """Programs become the nodes that people looked at; VIVIDO_REGENERATE=1 writes them anew."""
    recorded = PROGRAMS / f"{file}.txt"
    text = "\n\n".join(explain(each) for each in load(file).definitions.values()) + "\n"
    if REGENERATE:
        recorded.write_text(text)
    assert text == recorded.read_text()


@pytest.mark.parametrize("hops", [False, True], ids=["stays", "hops"])
@pytest.mark.parametrize(("file", "name"), [(file, name) for file in RUN for name in names(file)])
def test_same_as_plain_python(
    file: str, name: str, hops: bool, load: Load, interpreter: ModuleType
) -> None:
    """The nodes give what the function gives; also if variables are copied between all nodes."""
    loaded = load(file)
    workflow, definition = loaded.workflows[name], loaded.definitions[name]
    trace, inputs = loaded.module.TRACE, loaded.module.INPUTS
    for given in inputs.get(name, [{}]):
        with listening() as expected_lines:
            expected = outcome(trace, partial(plainly, workflow, given))
        run = interpreter.Interpreter(definition, loaded.module, hops=hops)
        actual = outcome(trace, partial(run.run, workflow.prepare(given)))
        assert actual == expected
        assert run.lines == expected_lines


@pytest.mark.parametrize("file", RECORDED)
def test_ids_are_unique(file: str, load: Load) -> None:
    """No id occurs twice in a definition."""
    for definition in load(file).definitions.values():
        found = list(ids(definition))
        assert len(found) == len(set(found))


def ids(definition: Definition) -> Iterator[str]:
    """All node ids of a definition."""

    def search(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if "kind" in part and "id" in part:
                yield part["id"]
            for inner in part.values():
                yield from search(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from search(inner)

    return search(definition.as_json()["blocks"])


@pytest.mark.parametrize("file", RECORDED)
def test_definitions_survive_json(file: str, load: Load) -> None:
    """A definition read back from its JSON is the same one."""
    for definition in load(file).definitions.values():
        again = Definition.model_validate_json(definition.canonical_json())
        assert again == definition
        assert again.digest == definition.digest
