"""``vivido test NAME|FILE[:NAME]``: a workflow with mock data, and what faults would do to it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from typing import Any

import click

from vivido import ids
from vivido.cli import console, sources
from vivido.cli.main import FAILED, WAITING
from vivido.cli.mocking import mocks_of, steps_of
from vivido.cli.progress import Screen
from vivido.cli.screens import screen
from vivido.cli.story import rows
from vivido.model.journal import Json, Kind, Record
from vivido.runtime.library import Library
from vivido.testing import Report, Run, simulate
from vivido.testing.faults import Faults
from vivido.testing.mocks import Mocks
from vivido.testing.trials import Trials, lines
from vivido.values import plain

EACH = 250  # runs between two lines of progress, where there is no terminal


@click.command("test", short_help="Simulate a workflow with mock data; under faults too.")
@click.argument("place", metavar="NAME|FILE[:NAME]")
@click.option(
    "--input", "given", metavar="JSON", help="A file of JSON, JSON itself, or - for standard input."
)
@click.option(
    "--mocks", "mocks_file", metavar="JSON",
    help="A file of JSON, or JSON itself: step names to what they return or raise.",
)  # fmt: skip
@click.option("--faults", "faulty", is_flag=True, help="Run it again for each crash, copy, delay.")
@click.option("--pairs", type=click.IntRange(0), default=0, help="And for so many pairs of them.")
@click.option("--seed", type=int, default=0, help="From which the pairs are drawn.")
@click.option("--most", type=click.IntRange(1), help="No more runs than so many, spread over all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def command(place: str, given: str | None, mocks_file: str | None, **options: Any) -> int:
    """Run a workflow in memory and in virtual time, and print the path that it took.

    Steps without a mock do what they do, under --faults many times. With --faults it runs once for
    each point at which its process may end, each message that may come twice, each worker that may
    come late: the report names what ended otherwise, and steps that are not idempotent.

    Exit codes: 0 succeeded, 1 failed or the faults found something, 2 wrong use, 3 it waits for
    something from outside, or was stopped.
    """
    compiled = sources.compiled(sources.place_of(place))
    workflow, value = compiled.workflow, sources.value_of(given)
    data = {} if mocks_file is None else sources.value_of(mocks_file, "--mocks")
    mocks = mocks_of(data, workflow, compiled.definition)
    with console.output_of_our_own() as out:
        run = simulate(workflow, value, mocks=mocks)
        shown = screen(lambda: run.now)
        try:
            if not options["as_json"]:
                _tell(shown, run)
                _tell_real(shown, compiled, mocks, faulty=options["faulty"])
            report = (
                _report(shown, Trials(workflow, value, mocks, _faults(options)))
                if (options["faulty"])
                else None
            )
        finally:
            shown.close()
        if options["as_json"]:
            out.write(console.json_text(_as_json(compiled, run, report), indent=True) + "\n")
        elif report is not None:
            out.write(f"{report}\n")
        elif run.status == "succeeded":
            out.write(console.json_text(plain(run.output), indent=True) + "\n")
    return _code(run, report)


def _faults(options: dict[str, Any]) -> Faults:
    return Faults(pairs=options["pairs"], seed=options["seed"], most=options["most"])


def _tell(shown: Screen, run: Run) -> None:
    """Print what happened, a row each."""
    for branch, record in _in_place(run):
        for row in rows(run.execution, branch, record, run.now):
            shown.row(row)
    nodes = [(node, len(list(times))) for node, times in itertools.groupby(run.path)]
    path = " → ".join(node if times == 1 else f"{node} ×{times}" for node, times in nodes)
    shown.line(f"path: {path or 'no step'}", "quiet")
    if run.status == "waiting":
        shown.line("it waits for something from outside", "wait")


def _in_place(run: Run) -> Iterator[tuple[str, Record]]:
    """Yield all records, those of a branch after its FORK."""
    by_branch: dict[str, list[Record]] = {}
    for entry in run.history:
        by_branch.setdefault(entry.branch, []).append(entry.record)

    def of(branch: str) -> Iterator[tuple[str, Record]]:
        for record in by_branch[branch]:
            yield branch, record
            width = record.data["state"]["wait"]["width"] if record.kind is Kind.FORK else 0
            for child in (ids.child_branch(branch, record.n, i) for i in range(width)):
                if child in by_branch:
                    yield from of(child)

    return of(ids.ROOT)


def _tell_real(shown: Screen, compiled: sources.Compiled, mocks: Mocks, *, faulty: bool) -> None:
    """Say which steps were not mocked, before they run many times."""
    library = Library()
    library.put(compiled.workflow.ref, compiled.workflow)
    real = [name for name, step in steps_of(compiled.definition, library) if step not in mocks]
    if faulty and real:
        names = ", ".join(sorted(real))
        shown.line(f"without mocks, so run for real each time: {names}", "wait")


def _report(shown: Screen, trials: Trials) -> Report:
    """Make all runs, showing how far they are; Ctrl-C ends them, and what was found is kept."""
    planned, live = trials.report.planned, sys.stderr.isatty()
    try:
        for done in trials.go():
            said = f"{done} of {planned} runs under faults"
            shown.below(said)
            if not live and done % EACH == 0:
                shown.line(said, "quiet")
    except KeyboardInterrupt:
        shown.line("stopped", "wait")
    return trials.report


def _code(run: Run, report: Report | None) -> int:
    if report is not None and not report.complete:
        return WAITING
    if report is not None and not report.ok:
        return FAILED
    if run.status == "waiting":
        return WAITING
    return 0 if run.status == "succeeded" else FAILED


def _as_json(compiled: sources.Compiled, run: Run, report: Report | None) -> Json:
    error = run.error
    numbers = lines(compiled.definition)
    return {
        "workflow": compiled.definition.name,
        "status": run.status,
        "output": plain(run.output),
        "error": None if error is None else {"type": error.type, "message": error.message},
        "path": [{"node": node, "line": numbers.get(node)} for node in run.path],
        "seconds": run.now - run.meta.created,
        "faults": None if report is None else report.as_json(),
    }
