"""Statements on the engine: each small workflow does what the same function does in plain Python.

The differential tests do this by chance and at length; here stands one example for each thing that
a node has to take care of.
"""

import logging
from typing import Any

import pytest

from vivido import Workflow, map_each, parallel, sleep, step, workflow
from vivido.model.journal import Kind
from vivido.testing import simulate

log = logging.getLogger("statements")


@step
def same(value: Any) -> Any:
    """Give back what it was given."""
    return value


@workflow
def guards(n: int) -> str:
    """Where a guard fails the next case is tried; where none fits it goes on behind them."""
    match [n, n * 2]:
        case [a, b] if same(a) > 5:
            return f"large {a} {b}"
        case [0, _]:
            return "zero"
        case [a, _] if a % 2:
            found = f"odd {a}"
        case _:
            found = "even"
    match n:
        case 7:
            found += "!"
    return found


@workflow
def while_fails(n: int) -> list[Any]:
    """The test of a loop fails, after a step in it."""
    rows: list[Any] = []
    try:
        while 10 // same(n) > len(rows):
            rows.append(n)
            n -= 2
        rows.append("else")
    except ZeroDivisionError as error:
        rows.append(str(error))
    return rows


@workflow
def for_fails(n: int) -> list[Any]:
    """What a loop goes through does not fit its target, or is not iterable."""
    rows: list[Any] = []
    pairs: Any = [(1, 2), (3,)] if n else 5
    try:
        for a, b in pairs:
            rows.append(a + b)
    except (TypeError, ValueError) as error:
        rows.append(type(error).__name__)
    for a, *b in [(1, 2, 3)]:
        rows.append([a, b])
    return rows


@workflow
def deletes(n: int) -> list[Any]:
    """Delete names, items and slices, also what is not there."""
    rows, table, gone = [1, 2, 3, 4], {"a": 1, "b": 2}, n
    del rows[0], table["a"]
    del rows[1:]
    del gone
    found = ""
    try:
        del table[str(n)]
    except KeyError as error:
        found = repr(error)
    gone = 5
    return [rows, table, found, gone]


@workflow
def augments(n: int) -> list[Any]:
    """Add to names, items and attributes, in place and not."""
    rows, table, total = [n], {"a": [1]}, n
    rows += [2, 3]
    rows *= 2
    table["a"] += [same(n)]
    table["b"] = table.get("b", 0) - n
    table["b"] -= 1
    total **= 2
    total //= 3
    text = "x"
    text += f"{total!r:>3}"
    return [rows, table, total, text]


@workflow
def raises_nonsense(n: int) -> str:
    """Raise what is no exception, and from what is none."""
    thing: Any = n or ValueError("a")
    try:
        if n == 2:
            raise ValueError("b") from thing
        raise thing
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__} {error}"


@workflow
def blocks(n: int) -> list[Any]:
    """Blocks that raise, that return what does not fit, and that call blocks."""

    def fails(i: int) -> list[int]:
        if i == n:
            raise KeyError(i)
        return [i, same(i)]

    def outer(i: int) -> Any:
        rows = fails(i)
        return [*rows, n]

    found: list[Any] = []
    for i in range(3):
        try:
            rows = outer(i)
            found.append(rows)
            _a, _b = outer(i)
        except (KeyError, ValueError) as error:
            found.append(type(error).__name__)
    return found


@workflow
def reads_late(n: int) -> list[int]:
    """A block reads the variables around it when it is called."""
    base = n

    def added(i: int) -> int:
        return base + i

    first = added(1)
    base = 100
    second = same(added(1))
    return [first, second]


@workflow
def walrus(n: int) -> list[Any]:
    """Names that are bound inside of expressions."""
    rows = []
    while (n := n - 1) > 0:
        if (double := n * 2) > 2:
            rows.append(double)
    first, *rest = (last := [n, *rows])
    return [first, rest, last, n]


FLOWS = [
    (guards, [0, 1, 2, 7]), (while_fails, [3, 4, 6]), (for_fails, [0, 1]), (deletes, [3]),
    (augments, [4]), (raises_nonsense, [0, 1, 2]), (blocks, [1, 9]),
    (reads_late, [1]), (walrus, [4]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("flow", "n"),
    [pytest.param(flow, n, id=f"{flow.name}-{n}") for flow, inputs in FLOWS for n in inputs],
)
def test_a_statement_does_what_python_does(flow: Workflow[..., Any], n: int) -> None:
    """The same value, with every step recorded on the way."""
    run = simulate(flow, n)
    assert run.error is None
    assert run.output == flow(n)


# ------------------------------------------------------------------ beyond plain Python
@workflow
def logs_before(what: str) -> Any:
    """Log just before something that is recorded with the whole state."""
    log.warning("before %s", what)
    found: Any = None
    if what == "fork":
        found = map_each(same, [1])
    elif what == "wait":
        sleep("1s")
    elif what == "end":
        return what
    elif what == "error":
        found = 1 // 0
    return found


@pytest.mark.parametrize(
    ("what", "kind"),
    [("fork", Kind.FORK), ("wait", Kind.WAIT), ("end", Kind.END), ("error", Kind.END)],
)
def test_a_line_stands_in_the_next_record_whatever_that_is(what: str, kind: Kind) -> None:
    """Once."""
    run = simulate(logs_before, what)
    said = [(entry.kind, entry.record.data["logs"]) for entry in run.history
            if "logs" in entry.record.data]  # fmt: skip
    assert said == [(kind, [["warning", "statements", f"before {what}"]])]


@workflow
def spreads(n: int) -> list[Any]:
    """The target of a spread is a variable of its branches only."""
    row, taken = "mine", [1, 2, 3]
    values = parallel(*[same(row) for row in taken if row != n], same(row))
    return [values, row]


@workflow
def spread_fails(n: int) -> str:
    """A condition that fails leaves the names as they were."""
    row = "mine"
    try:
        parallel(*[same(row) for row in [1, 0] if 1 // row])
    except ZeroDivisionError:
        return row
    return "no error"


def test_spreads_bind_names_for_their_branches() -> None:
    """As a comprehension does."""
    assert simulate(spreads, 2).output == spreads(2) == [(1, 3, "mine"), "mine"]
    assert simulate(spread_fails, 1).output == "mine"
