"""``vivido check [PATHS]``: everything that is wrong with workflows, at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from vivido.cli import console, sources
from vivido.cli.main import FAILED
from vivido.compiler import LoadedFile
from vivido.compiler.diagnostics import render
from vivido.errors import UsageError

_FOLDER = "definitions"


@click.command("check", short_help="Compile and lint workflows; list everything that is wrong.")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def command(paths: tuple[str, ...], *, as_json: bool) -> int:
    """Compile all workflows in files and folders, and list every finding.

    Without any, those in definitions/.

    Exit codes: 0 nothing is wrong (notes aside), 1 there are errors, 2 wrong use.
    """
    files = [sources.loaded(str(file)) for file in _files(paths or (_FOLDER,))]
    findings = [finding for file in files for finding in file.diagnostics]
    errors = [finding for finding in findings if finding.severity == "error"]
    if as_json:
        workflows = [name for file in files for name in file.definitions]
        found = [finding.as_json() for finding in findings]
        console.put_json({"errors": len(errors), "workflows": workflows, "findings": found})
    else:
        _print(files, len(errors))
    return FAILED if errors else 0


def _print(files: list[LoadedFile], errors: int) -> None:
    for file in files:
        for finding in file.diagnostics:
            console.put(render(finding, file.lines) + "\n")
    good = sum(len(file.definitions) for file in files)
    notes = sum(len(file.diagnostics) for file in files) - errors
    parts = [_count(good, "workflow compiles", "workflows compile")]
    parts += [_count(errors, "error", "errors")] if errors else []
    parts += [_count(notes, "note", "notes")] if notes else []
    console.put(", ".join(parts))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _files(paths: tuple[str, ...]) -> Iterator[Path]:
    """Yield the Python files that are meant: of a folder those at its top, which hold workflows."""
    for given in paths:
        path = Path(given)
        if path.is_dir():
            yield from sorted(file for file in path.glob("*.py") if file.stem != "__init__")
        elif path.exists():
            yield path
        else:
            raise UsageError(f"{given!r} is not there: name files or folders of workflows")
