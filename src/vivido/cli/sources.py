"""From what people type to what can run: FILE[:NAME] to a compiled workflow, --input to a value."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vivido.authoring import Workflow
from vivido.compiler import LoadedFile, check_workflow, compile_file
from vivido.compiler.diagnostics import Diagnostic, render
from vivido.errors import DefinitionError, UsageError
from vivido.model.definition import Definition


class Compiled:
    """One workflow of a file, with its definition."""

    def __init__(self, workflow: Workflow[..., Any], definition: Definition) -> None:
        self.workflow = workflow
        self.definition = definition


def split(place: str) -> tuple[str, str | None]:
    """Split FILE[:NAME]; a colon that belongs to the file's name stays there."""
    file, colon, name = place.rpartition(":")
    if colon and name.isidentifier() and not Path(place).exists():
        return file, name
    return place, None


def place_of(name: str) -> str:
    """Return FILE[:NAME] for the bare name of a workflow in definitions/; else what is given."""
    if not name.isidentifier() or Path(name).exists():
        return name
    folder = Path("definitions")
    if (folder / f"{name}.py").is_file():
        return _with_name(str(folder / f"{name}.py"), name)
    for file in sorted(folder.glob("*.py")):
        if name in loaded(str(file)).workflows:
            return f"{file}:{name}"
    raise UsageError(f"there is no workflow {name!r} in definitions/: name its file")


def _with_name(file: str, name: str) -> str:
    return f"{file}:{name}" if name in loaded(file).workflows else file


def loaded(file: str) -> LoadedFile:
    """Import and compile a file of workflows."""
    path = Path(file)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is not there"
        raise UsageError(f"the file {file!r} {what}: name a Python file with a @workflow in it")
    if path.suffix != ".py":
        raise UsageError(
            f"{file!r} is no Python file: workflows are written in files that end in .py"
        )
    if path.stem in sys.stdlib_module_names:
        raise UsageError(
            f"{file!r} would hide Python's own module {path.stem!r}: give the file another name"
        )
    try:
        return compile_file(path)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{file!r} is not UTF-8 text ({error.reason}): save it as UTF-8"
        ) from error
    except SystemExit as ended:
        raise UsageError(
            f"{file!r} ended the program when it was imported (exit code {ended.code!r}): put what"
            " is not for workflows under `if __name__ == '__main__':`"
        ) from ended


def compiled(place: str) -> Compiled:
    """Return the workflow that FILE[:NAME] means.

    Raises UsageError where there is none, or several and no name; DefinitionError with everything
    that is wrong.
    """
    file, name = split(place)
    found = loaded(file)
    errors = [finding for finding in found.diagnostics if finding.severity == "error"]
    if errors and (found.module is None or not found.workflows):
        raise DefinitionError(report(errors, found.lines), diagnostics=errors)
    workflow = chosen(found, file, name)
    if workflow.name not in found.definitions:
        raise DefinitionError(report(errors, found.lines), diagnostics=errors)
    return Compiled(workflow, found.definitions[workflow.name])


def refuse_unready(compiled: Compiled) -> None:
    """Raise DefinitionError where a workflow calls what this version compiles and cannot run."""
    _, found = check_workflow(compiled.workflow)
    unready = [finding for finding in found if finding.code == "V903"]
    if unready:
        first = unready[0]
        raise DefinitionError(
            f"line {first.line}: {first.message} Instead: {first.hint}", diagnostics=unready
        )


def chosen(found: LoadedFile, file: str, name: str | None) -> Workflow[..., Any]:
    """Return the workflow of that name, or the only one."""
    names = ", ".join(found.workflows)
    if not found.workflows:
        raise UsageError(f"{file!r} has no @workflow: write one, or name another file")
    if name is not None:
        if name not in found.workflows:
            raise UsageError(f"{file!r} has no workflow {name!r}: it has {names}")
        return found.workflows[name]
    if len(found.workflows) > 1:
        first = next(iter(found.workflows))
        raise UsageError(f"{file!r} has several workflows ({names}): say which, as {file}:{first}")
    return next(iter(found.workflows.values()))


def report(findings: Sequence[Diagnostic], lines: Sequence[str]) -> str:
    """Return findings as people read them, and how many there are."""
    count = len(findings)
    summary = f"the workflow cannot be compiled: {count} {'error' if count == 1 else 'errors'}"
    return "\n\n".join((summary, *(render(finding, lines) for finding in findings)))


def value_of(given: str | None, option: str = "--input") -> Any:
    """Return the value of an option: a file of JSON, "-" (standard input), JSON itself, or None."""
    if given is None:
        return None
    if given == "-":
        return _parsed(_decoded(sys.stdin.buffer.read(), "standard input"), "standard input")
    if _is_file(given):
        return _parsed(_decoded(Path(given).read_bytes(), repr(given)), repr(given))
    if given.lstrip()[:1] not in tuple('{["-0123456789tfn'):
        raise UsageError(
            f"{option} {given!r} is neither a file nor JSON: name a JSON file, or quote some JSON"
        )
    return _parsed(given, option)


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # a text that can be no name: too long, or with a NUL
        return False


def _decoded(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{where} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from error


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refused)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{where} is not JSON: {error.msg} at {place}; correct it") from error
    except RecursionError as error:
        raise UsageError(f"{where} is nested too deeply: make it flatter") from error


def _refused(name: str) -> Any:
    raise UsageError(f"the input holds {name}, which is not JSON: write null, or a text")
