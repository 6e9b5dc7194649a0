"""Does a workflow do what a durable-execution engine must do? One case, one verdict.

The cases have the numbers of AWS's conformance requirements for durable executions. What is
expected of each is stated by hand in the tests of this folder. Where ``VIVIDO_CONFORMANCE`` names
the file of the facts (one JSON object a line), each case is held to its row there as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.stage import Event, Seen, perform

from vivido import Workflow

FACTS = "VIVIDO_CONFORMANCE"
ANY: Any = type("Any", (), {"__repr__": lambda _: "anything"})()
Delay = float | str  # seconds, "any", or a range as "0..5"
# AWS's words for the reasons of a Batch; to us, too few successes are a reason of their own.
REASONS = {
    "all_done": "ALL_COMPLETED",
    "need_missed": "ALL_COMPLETED",
    "need_met": "MIN_SUCCESSFUL_REACHED",
    "tolerance_exceeded": "FAILURE_TOLERANCE_EXCEEDED",
}
# Where a block ends or an invocation is suspended is AWS's own affair: nothing is replayed here.
ELSEWHERE = ("suspend", "block", "token", "callback")
OURS = {"map": "fork", "parallel": "fork", "item": "branch", "check": "step"}


@dataclass(frozen=True)
class Tries:
    """How a call of a step must go: the outcome of each attempt, the seconds between them."""

    outcomes: Sequence[str]
    delays: Sequence[Delay] = ()
    runs: int | None = None  # of the body; as many as there are outcomes


@dataclass(frozen=True)
class Case:
    """One workflow with its input, and what must come of it."""

    id: str
    workflow: Workflow[..., Any]
    given: Any = None
    status: str = "SUCCEEDED"
    result: Any = ANY
    error: str = ""  # what its text must contain
    steps: Sequence[Tries] = ()  # in the order of their first starts
    timers: Sequence[float] = ()
    events: str | None = None  # the order of starts and ends; None: it is free
    shows: str = ""  # what the history has to name
    pauses: bool = False  # timers are pauses between checks: whether and how long is free

    def __str__(self) -> str:
        return self.id


def complaints(case: Case, seen: Seen) -> list[str]:
    """What is wrong with a run, as sentences."""
    broken = []
    if seen.status != case.status:
        broken.append(f"ended {seen.status} ({seen.error}), must end {case.status}")
    if case.result is not ANY and not _same(seen.result, case.result):
        broken.append(f"returned {seen.result!r}, must return {case.result!r}")
    if case.error not in seen.error:
        broken.append(f"failed with {seen.error!r}, which does not say {case.error!r}")
    if case.shows not in seen.history:
        broken.append(f"the history does not name {case.shows!r}")
    broken += _tries(case, seen)
    timers = _timers(seen.events)
    slept = len(timers) == len(case.timers) and all(map(fits, timers, case.timers))
    if not slept and not case.pauses:
        broken.append(f"slept {timers} s, must sleep {list(case.timers)} s")
    did = [what for what in seen.words() if not (case.pauses and what.startswith("timer"))]
    if case.events is not None and did != words(case.events):
        broken.append(f"did {', '.join(did)}; must do {case.events}")
    return broken


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: a tuple is a list, true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _tries(case: Case, seen: Seen) -> list[str]:
    names = {(e.where, e.name): None for e in seen.events if e.what == "step start"}
    calls = [call for where, name in names for call in _calls(seen.events, where, name)]
    if len(calls) != len(case.steps):
        return [f"{len(calls)} steps ran ({list(names)}), must be {len(case.steps)}"]
    calls.sort(key=lambda call: seen.events.index(call[0]))
    broken = []
    for tries, call in zip(case.steps, calls, strict=True):
        name, starts = call[0].name, [e for e in call if e.what == "step start"]
        ends = [e for e in call if e.what in ("step ok", "step fail")]
        outcomes = [e.what.removeprefix("step ") for e in ends]
        if outcomes != list(tries.outcomes):
            broken.append(f"{name} came to {outcomes}, must come to {list(tries.outcomes)}")
        runs = len(tries.outcomes) if tries.runs is None else tries.runs
        if len(starts) != runs:
            broken.append(f"{name} ran {len(starts)} times, must run {runs} times")
        delays = [after.at - end.at for end, after in zip(ends, starts[1:], strict=False)]
        if not all(fits(*pair) for pair in zip(delays, tries.delays, strict=False)):
            broken.append(f"{name} waited {delays}, must wait {list(tries.delays)}")
    return broken


def _calls(events: Sequence[Event], where: str, name: str) -> list[list[Event]]:
    """The events of each call of a step: a call ends with "ok", or a "fail" that is the last."""
    found: list[list[Event]] = [[]]
    for event in events:
        if (event.where, event.name) != (where, name) or not event.what.startswith("step"):
            continue
        found[-1].append(event)
        if event.what == "step ok":
            found.append([])
    return [call for call in found if call]


def _timers(events: Sequence[Event]) -> list[float]:
    """How long each timer ran, in the order of their starts."""
    found = []
    for number, event in enumerate(events):
        if event.what != "timer start":
            continue
        over = ("timer ok", event.name, event.where)
        later = [e for e in events[number:] if (e.what, e.name, e.where) == over]
        found.append(later[0].at - event.at if later else float("inf"))
    return found


def fits(seen: float, wanted: Delay) -> bool:
    """Whether so many seconds are as wanted."""
    if isinstance(wanted, str):
        low, dots, high = wanted.partition("..")
        return not dots or float(low) <= seen <= float(high)
    return seen == wanted or abs(seen - wanted) < 1e-6  # a timer that is stopped takes for ever


def words(events: str) -> list[str]:
    """The events of a text, in our words."""
    found = []
    for event in filter(None, events.split(", ")):
        first, _, rest = event.partition(" [")[0].partition(" ")
        if first not in ELSEWHERE:
            found.append(f"{OURS.get(first, first)} {rest}".strip())
    return [] if found == ["fork start", "fork ok"] else found  # of nothing: nothing to record


# ---------------------------------------------------------------- the facts, where they are there
@cache
def facts() -> dict[str, Any]:
    """The rows of the shared file by id; empty where there is none."""
    path = os.environ.get(FACTS)
    if not path:
        return {}
    return {row["id"]: row for line in Path(path).read_text().splitlines() if (row := _row(line))}


def _row(line: str) -> Any:
    return json.loads(line) if line.strip() else None


def of_row(case: Case, row: Any) -> Case:
    """The same workflow, with the input and the expectations of a row."""
    expect, events = row["expect"], row["events"]
    given = case.given if row["input"] is None or isinstance(case.given, dict) else row["input"]
    return Case(
        case.id,
        case.workflow,
        given,
        expect["status"],
        expect.get("result", ANY),
        expect.get("error_contains", ""),
        [tries for one in row["attempts"] for tries in _of_attempts(one)],
        case.timers if events is None else row["timers_s"],
        None if events is None or case.events is None else ", ".join(_to_the_end(events)),
        case.shows,
        case.pauses,
    )


def _of_attempts(one: Any) -> list[Tries]:
    """A row has all rounds of a check in one; to us each is a call."""
    if one["op"] == "check":
        return [Tries([outcome]) for outcome in one["outcomes"]]
    return [Tries(one["outcomes"], one.get("delays_s", ()), one["runs"])]


def _to_the_end(events: list[str]) -> list[str]:
    """A row that stops looking once a timer has begun means one that ends as well."""
    return [*events, "timer ok"] if events[-1] == "timer start" else events


def check(case: Case) -> None:
    """Hold a case to what is expected of it here."""
    hold(case)


def hold(case: Case) -> None:
    """Run a case and fail with everything that is wrong."""
    if broken := complaints(case, perform(case.workflow, case.given)):
        pytest.fail(f"{case.id} " + "; ".join(broken))


def check_facts(case: Case) -> None:
    """Hold it to the row of the shared file."""
    if not facts():
        pytest.skip(f"{FACTS} names no file of facts: the expectations written here were checked")
    hold(of_row(case, facts()[case.id]))


def of_aws(cases: Sequence[Case]) -> list[Case]:
    """The cases that are rows of the file of facts; the others are neighbours of ours."""
    return [case for case in cases if case.id.startswith("dc-")]
