"""How do workflows and files become definitions, with every finding at once?"""

from __future__ import annotations

import ast
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from vivido.authoring import Workflow
from vivido.compiler.assemble import assemble
from vivido.compiler.checks import CHECKS
from vivido.compiler.diagnostics import Diagnostic, Place, Report
from vivido.compiler.read import read
from vivido.errors import DefinitionError
from vivido.model.definition import Definition


@dataclass(frozen=True)
class LoadedFile:
    """What a file of workflows gave.

    `definitions` holds, by the workflow's name, those without errors; `diagnostics` every finding
    of the file, in the order of the source.
    """

    path: Path
    module: ModuleType | None
    workflows: dict[str, Workflow[Any, Any]]
    definitions: dict[str, Definition]
    diagnostics: Sequence[Diagnostic]
    lines: Sequence[str]


def compile_workflow(workflow: Workflow[Any, Any]) -> Definition:
    """The definition of a workflow. Raises `DefinitionError` with every finding of its function."""
    definition, report = check_workflow(workflow)
    if definition is None:
        raise DefinitionError(diagnostics=report.errors)
    return definition


def check_workflow(workflow: Workflow[Any, Any]) -> tuple[Definition | None, Report]:
    """The definition, if there are no errors, and all findings, notes as well."""
    unit = read(workflow)
    report = Report(shown(unit.path), unit.lines)
    for check in CHECKS:
        check(unit, report)
    found = Report(shown(unit.path), unit.lines)
    definition = assemble(unit, found)
    _merge(report, found)
    return (None if report.errors else definition), report


def _merge(report: Report, found: Report) -> None:
    """Add what the lowering found where no check has an error: one mistake, one finding."""
    lines = {error.line for error in report.errors}
    for finding in found:
        if finding.line not in lines:
            report.add(finding.code, finding.place, finding.message, finding.hint, finding.related)


def shown(path: str) -> str:
    """A file's name as people see it: relative to where they are, if it is below."""
    try:
        return Path(path).absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path


# ---------------------------------------------------------------- files
_LOADED: set[str] = set()  # modules that were imported here, and may be replaced


def compile_file(path: str | Path, *, module: str | None = None) -> LoadedFile:
    """Import a file under the name of its stem and compile all workflows that it defines.

    Its folder is put in front of `sys.path`, as Python does for a script. Never raises for what
    the file holds: that it cannot be parsed or imported is a finding too.
    """
    file = Path(path).absolute()
    name = module or file.stem
    source = file.read_text(encoding="utf-8")
    report = Report(shown(str(file)), source.splitlines())
    loaded = _import(file, name, source, report)
    workflows = {} if loaded is None else defined_in(loaded)
    definitions = {}
    for workflow in workflows.values():
        try:
            definition, found = check_workflow(workflow)
        except DefinitionError as error:
            line = workflow.function.__code__.co_firstlineno
            report.add("V103", Place(line, 1, line, 1), str(error))
            continue
        for finding in found:
            report.add(finding.code, finding.place, finding.message, finding.hint, finding.related)
        if definition is not None:
            definitions[workflow.name] = definition
    return LoadedFile(file, loaded, workflows, definitions, report.findings, source.splitlines())


def check_file(path: str | Path) -> Sequence[Diagnostic]:
    """All findings of a file, in the order of the source."""
    return compile_file(path).diagnostics


def defined_in(module: ModuleType) -> dict[str, Workflow[Any, Any]]:
    """Workflows whose function stands in the module, by name, in the order of the source."""
    found = {
        value.name: value
        for value in vars(module).values()
        if isinstance(value, Workflow) and value.function.__module__ == module.__name__
    }
    ordered = sorted(found.values(), key=lambda workflow: workflow.function.__code__.co_firstlineno)
    return {workflow.name: workflow for workflow in ordered}


def _import(file: Path, name: str, source: str, report: Report) -> ModuleType | None:
    if not _is_python(file, source, report):
        return None
    present = sys.modules.get(name)
    if present is not None and getattr(present, "__file__", None) == str(file):
        return present
    if (present is not None and name not in _LOADED) or name in sys.stdlib_module_names:
        message = f"The file would hide another module that is named {name!r}."
        report.add("V102", Place(1, 1, 1, 1), message, f"rename it, as to {name}_workflows.py")
        return None
    _LOADED.add(name)
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return _run(file, name, report)


def _is_python(file: Path, source: str, report: Report) -> bool:
    try:
        ast.parse(source, str(file))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        place = Place(line, column, error.end_lineno or line, error.end_offset or column + 1)
        report.add("V101", place, f"This is not valid Python: {error.msg}.")
        return False
    return True


def _run(file: Path, name: str, report: Report) -> ModuleType | None:
    """Import a file; what it raises is a finding at the line that raised it."""
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        report.add("V102", Place(1, 1, 1, 1), f"{file.name!r} is no Python file.")
        return None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    try:
        spec.loader.exec_module(made)
    except DefinitionError as error:
        message, hint = f"This is declared wrongly: {error}.", "correct the declaration"
        report.add("V601", _place_in(error, file), message, hint)
    except Exception as error:  # noqa: BLE001  whatever importing raises is the author's to see
        message = f"Importing the file failed: {type(error).__name__}: {error}."
        hint = "correct what the line does when it is imported"
        report.add("V102", _place_in(error, file), message, hint)
    else:
        return made
    del sys.modules[name]
    return None


def _place_in(error: BaseException, file: Path) -> Place:
    """The last line of the file in a traceback."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(file)
    ]
    line = (lines[-1] if lines else None) or 1
    return Place(line, 1, line, 1)
