"""Did every accepted start end right? The store and the bodies say it, beside calm runs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import soak_flows

from vivido import ids
from vivido.testing import simulate

RIGHT_TOO = {"claimed"}  # may also end as interrupted
PAGE = 500


class Start(NamedTuple):
    """A start that was accepted."""

    execution: str
    workflow: str
    given: int


@cache
def calm(workflow: str, given: int) -> tuple[str, Any, str | None]:
    """How the workflow ends when nothing happens: status, output, type of the error."""
    run = simulate(getattr(soak_flows, workflow), given)
    return run.status, run.output, None if run.error is None else run.error.type


def ends_right(start: Start, end: dict[str, Any]) -> bool:
    """Whether an END record says what a calm run says."""
    status, output, error = calm(start.workflow, start.given)
    found = end.get("error") or {}
    name = str(found.get("type", "")).rpartition(":")[2] or None
    if (end["status"], end.get("value"), name) == (status, output, error):
        return True
    interrupted = f"{start.given * 2} interrupted"
    return start.workflow in RIGHT_TOO and end.get("value") == interrupted


def opened(store: Path) -> sqlite3.Connection:
    """The store, to be read beside those who work on it."""
    database = sqlite3.connect(store, timeout=60, isolation_level=None)
    database.execute("PRAGMA query_only = 0")
    return database


def records_of(database: sqlite3.Connection, execution: str) -> dict[tuple[str, int], str]:
    """All records of an execution, as they are stored."""
    rows = database.execute(
        "SELECT branch, n, kind || data FROM records WHERE execution = ?", (execution,)
    )
    return {(branch, n): text for branch, n, text in rows}


def judged(database: sqlite3.Connection, starts: list[Start]) -> Iterator[str]:
    """Everything that is wrong, as sentences: starts, then keys that came to a result twice."""
    for start in starts:
        rows = database.execute(
            "SELECT data FROM records WHERE execution = ? AND branch = 'r' AND kind = 'END'",
            (start.execution,),
        ).fetchall()
        if len(rows) != 1:
            yield f"{start} has {len(rows)} ends"
        elif not ends_right(start, end := json.loads(rows[0][0])["end"]):
            yield f"{start} ended as {end}, calmly as {calm(start.workflow, start.given)}"
    yield from twice(database)


def twice(database: sqlite3.Connection) -> Iterator[str]:
    """Keys that came to a recorded result more than once, and journals with a gap."""
    rows = database.execute(
        "SELECT execution, branch, n, data FROM records ORDER BY execution, branch, n"
    )
    results: Counter[tuple[str, str]] = Counter()
    place, last = ("", ""), 0
    for execution, branch, n, data in rows:
        if place[0] != execution:
            yield from _more_than_once(results)
            results.clear()
        last = last + 1 if place == (execution, branch) else 1
        place = (execution, branch)
        if n != last:
            yield f"{execution}/{branch} has no record {last}"
            last = n
        record = json.loads(data)
        if "result" in record and "step" in record:
            path = record.get("path", record["node"])
            key = ids.idempotency_key(execution, record.get("branch", branch), path)
            results[record["step"], key] += 1
    yield from _more_than_once(results)


def _more_than_once(results: Counter[tuple[str, str]]) -> Iterator[str]:
    yield from (
        f"{step} with the key {key} came to {count} results"
        for (step, key), count in results.items()
        if count > 1
    )


def bodies(path: Path) -> tuple[int, int, list[str]]:
    """How many bodies ran, how many of them again, and which of them must not have."""
    counted = Counter(path.read_text().splitlines())
    again = sum(counted.values()) - len(counted)
    forbidden = [line for line, count in counted.items() if count > 1 and line.startswith("once ")]
    return sum(counted.values()), again, forbidden
