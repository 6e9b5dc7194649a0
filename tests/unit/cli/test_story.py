"""Does every kind of record read as what happened?"""

from typing import Any

import pytest

from vivido.cli.screens import text_of
from vivido.cli.story import awaited, rows
from vivido.model.journal import Kind, Record

NOW = 1_767_265_200.0
ERROR = {"$": "error", "type": "shop:Declined", "message": "over the limit"}
SHORT = ERROR | {"message": "over"}
CHARGE = {"node": "charge", "attempt": 1, "began": NOW - 3}


def told(kind: Kind, data: dict[str, Any], branch: str = "r") -> list[str]:
    """Return the lines of a record."""
    record = Record(5, kind, "m", "d", NOW, data)
    return [text_of(row) for row in rows("A1", branch, record, NOW)]


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (Kind.OK, CHARGE | {"result": {"paid": 3}}, ['✔ charge (3.0 s) → {"paid":3}']),
        (Kind.OK, CHARGE | {"result": None}, ["✔ charge (3.0 s)"]),
        (Kind.OK, CHARGE | {"attempt": 2, "result": 1}, ["✔ charge (3.0 s) → 1 (attempt 2)"]),
        (Kind.OK, CHARGE | {"path": "for[2]/charge"}, ["✔ for[2]/charge (3.0 s)"]),
        (
            Kind.ERROR,
            CHARGE | {"raised": ERROR},
            ["✘ charge (3.0 s) failed: Declined: over the limit"],
        ),
        (
            Kind.ERROR,
            CHARGE | {"error": ERROR},
            ["✘ charge (3.0 s) failed: Declined: over the limit"],
        ),
        (
            Kind.UNDONE,
            CHARGE | {"path": "charge/undo", "step": "refund"},
            ["↩ charge (3.0 s) undone by refund"],
        ),
        (
            Kind.ATTENTION,
            CHARGE | {"path": "charge/undo", "raised": SHORT, "attempt": 3},
            ["⚠ charge (3.0 s) cannot be undone: Declined: over (attempt 3); a person must decide"],
        ),
        (
            Kind.UNDONE,
            {"node": "fulfil", "path": "fulfil/undo", "child": "A1~r.2"},
            ["↩ fulfil undone by the child execution A1~r.2"],
        ),
        (
            Kind.FORK,
            {"path": "map/undo", "state": {"wait": {"width": 2, "lanes": 2, "undo": []}}},
            ["┬ map undone: 2 branches side by side"],
        ),
        (
            Kind.WAIT,
            {"path": "fulfil/undo", "state": {"wait": {"undo": "A1~r.2", "at": 7}}},
            ["⏱ fulfil waits until it has undone itself: A1~r.2"],
        ),
        (
            Kind.UNDO,
            {"state": {}},
            ["· undo the execution that called it is undone, and so is this"],
        ),
        (Kind.CLAIM, {"node": "charge"}, ["· charge begins, at most once"]),
        (
            Kind.RESUMED,
            {"node": "charge"},
            ["· charge is run again: it may have begun before its process ended"],
        ),
        (Kind.SET, {"vars": {"b": 1, "a": 2}}, ["· a, b recorded"]),
        (Kind.SET, {}, ["· computed recorded"]),
        (
            Kind.FORK,
            {"node": "map", "state": {"wait": {"width": 9, "lanes": 3}}},
            ["┬ map 9 branches side by side, 3 at once"],
        ),
        (Kind.FORK, {"node": "map", "state": {"wait": {"width": 1}}}, ["┬ map 1 branch"]),
        (Kind.JOIN, {"node": "map"}, ["┴ map all have ended"]),
        (
            Kind.WAIT,
            {"node": "ship", "state": {"wait": {"child": {"workflow": "ship"}}}},
            ["⏱ ship waits for the child execution A1~r.5"],
        ),
        (Kind.WAIT, {"node": "receive", "state": {}}, ["⏱ receive waits"]),
        (Kind.WOKE, {"node": "sleep", "by": "timer"}, ["▶ sleep the time has come"]),
        (Kind.WOKE, {"by": "child"}, ["▶ the child execution has ended"]),
        (Kind.WOKE, {"by": "event"}, ["▶ woken by event"]),
        (Kind.CANCEL, {"how": "cancelled"}, ["· stop reached the execution: cancelled"]),
        (Kind.REDRIVE, {}, ["· redrive goes on from where it failed"]),
        (Kind.OPERATOR, {"decision": "skip"}, ["· operator skip"]),
        (Kind.END, {"end": {"status": "succeeded", "value": 3}}, ["● succeeded → 3"]),
        (Kind.END, {"end": {"status": "succeeded"}}, ["● succeeded"]),
        (
            Kind.END,
            {"end": {"status": "timed_out", "error": ERROR}},
            ["● timed out Declined: over the limit"],
        ),
        (
            Kind.END,
            CHARGE
            | {
                "result": 1,
                "logs": [["info", "shop", "bye"]],
                "end": {"status": "succeeded", "value": 1},
            },
            ["✔ charge (3.0 s) → 1", "| shop: bye", "● succeeded → 1"],
        ),
        (
            Kind.END,
            CHARGE
            | {
                "path": "charge/undo",
                "step": "refund",
                "result": None,
                "end": {"status": "compensated", "error": ERROR},
            },
            ["↩ charge (3.0 s) undone by refund", "● compensated Declined: over the limit"],
        ),
    ],
)
def test_a_record_of_the_root_reads(kind: Kind, data: dict[str, Any], expected: list[str]) -> None:
    """A sign, what it is about, how long it took, what came of it."""
    assert told(kind, data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CHARGE | {"result": 1, "end": {"status": "ok"}}, ["  ✔ charge (3.0 s) → 1"]),
        ({"end": {"status": "ok"}}, []),
        ({"end": {"status": "stopped"}}, ["  ■ branch stopped"]),
        (
            {"end": {"status": "failed", "error": ERROR}},
            ["  ✘ branch Declined: over the limit"],
        ),
        (
            CHARGE | {"end": {"status": "failed", "error": ERROR}},
            ["  ✘ charge (3.0 s) failed: Declined: over the limit"],
        ),
    ],
)
def test_the_end_of_a_branch_reads(data: dict[str, Any], expected: list[str]) -> None:
    """Indented by the forks around it; an outcome that led to the end is not told twice."""
    assert told(Kind.END, data, "r.2:0") == expected


def test_log_lines_stand_where_they_happened() -> None:
    """After the outcome that came before them, before what began after them."""
    logs = {"logs": [["error", None, "oh"], ["info", "print", "ah"], ["warning", "shop", "hm"]]}
    lines = ["! oh", "| ah", "! shop: hm"]
    after = told(Kind.OK, CHARGE | logs)
    before = told(Kind.FORK, {"node": "map", "state": {"wait": {"width": 2}}} | logs)
    assert (after[1:], before[:-1]) == (lines, lines)


def test_a_wait_says_until_when_and_how_long() -> None:
    """The time in the reader's zone, and how far off it was."""
    assert awaited(None, None, NOW, NOW) == "waits"
    assert awaited(NOW + 90, None, NOW, NOW).endswith(" (1 min 30 s)")


def test_a_retry_says_when() -> None:
    """The failed attempt, its reason, and the time of the next."""
    (line,) = told(Kind.ATTEMPT, CHARGE | {"raised": ERROR, "again_at": NOW})
    assert line.startswith("↻ charge (3.0 s) attempt 1 failed: Declined: over the limit; again at ")
