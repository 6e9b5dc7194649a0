"""Do a year's sales arrive in the books, all of them and once?"""

import csv
import runpy
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from etl import Books, Task, Unbalanced, etl, load, reconcile, survey
from services import sales_database, sales_file
from services.sales_file import BadRow

from vivido.testing import simulate

SALES = Path("examples/etl/sales.csv")
HEADER = ",".join(sales_file.HEADER)
GOOD = "S1,2026-01-02,Oslo,lamp,1,11.49,NOK"
REJECTED = {
    "a copy of an earlier line": 58,
    "8 fields in place of 7": 25,
    "the amount is missing": 14,
    "the amount is no number": 23,
    "the amount is not above zero": 31,
    "the currency has no rate": 42,
    "the date does not exist": 70,
    "the date is missing": 22,
    "the quantity is no number from 1": 44,
}


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Load the sales of the example into a folder of the test."""
    return Task(source=SALES, target=tmp_path / "books")


def test_a_plain_call_balances(task: Task) -> None:
    """Every line is loaded or rejected for a reason; months and shops come to the same."""
    books = etl(task)
    assert (books.lines, books.loaded, books.rejected) == (12_059, 11_730, REJECTED)
    assert books.loaded + sum(books.rejected.values()) == books.lines
    with closing(sqlite3.connect(task.target / sales_database.FILE)) as database:
        (cents,) = database.execute("SELECT SUM(cents) FROM sales").fetchone()
    assert sum(books.turnover.values()) == Decimal(cents) / 100
    assert books.best_month == "2026-05"


def test_the_engine_agrees(task: Task, example: Callable[[str], Any]) -> None:
    """On the engine, thirteen chunks go side by side and the books are the same."""
    given = {**example("etl"), "target": str(task.target)}
    run = simulate(etl, given)
    assert run.status == "succeeded"
    assert isinstance(run.output, Books)
    assert run.output == etl(task)
    assert [run.calls(one) for one in (survey, load, reconcile)] == [1, 13, 1]
    assert run.published == {"stage": "balanced", "lines": 12_059, "loaded": 11_730}


def test_rejected_lines_are_listed(task: Task) -> None:
    """The file of rejects says which lines, why, and what stood there."""
    books = etl(task)
    with (task.target / "rejects.csv").open(encoding="utf-8", newline="") as file:
        first, *rejects = csv.reader(file)
    assert first == ["line", "reason", *sales_file.HEADER]
    assert len(rejects) == sum(books.rejected.values())
    assert rejects[0] == [
        *("34", "the date does not exist"),
        *("S000035", "2026-02-30", "Berlin", "globe", "3", "275.01", "EUR"),
    ]


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_the_size_of_chunks_makes_no_difference(tmp_path: Path, rows: int) -> None:
    """A copy in another chunk is a copy all the same, and the first line counts."""
    lines = [HEADER, GOOD, GOOD.replace("S1", "S2"), "S3,,Oslo,lamp,1,2,NOK", GOOD]
    source = tmp_path / "sales.csv"
    source.write_text("\n".join(lines), "utf-8")
    books = etl(Task(source=source, target=tmp_path, rows=rows))
    assert books == Books(
        lines=4,
        loaded=2,
        rejected={"a copy of an earlier line": 1, "the date is missing": 1},
        turnover={"Oslo": Decimal("2.00")},
        best_month="2026-01",
    )


def test_books_that_do_not_balance_are_refused(task: Task) -> None:
    """A chunk that got lost, or money that was counted wrongly, stops the workflow."""
    lines = survey(task)
    chunk = load(task, 0)
    assert (chunk.loaded, chunk.rejected) == (976, 24)
    with pytest.raises(Unbalanced, match="12059 lines, but 976 loaded and 24 rejected"):
        reconcile(task, lines, chunk.cents)
    with pytest.raises(Unbalanced, match="cents read"):
        reconcile(task, 1000, chunk.cents + 1)


def test_loading_twice_changes_nothing(task: Task) -> None:
    """A step that ran and was not recorded runs again: the same rows, the same totals."""
    survey(task)
    once, totals = load(task, 3_000), sales_database.totals(task.target)
    assert load(task, 3_000) == once
    assert sales_database.totals(task.target) == totals
    for _ in range(2):
        sales_database.reject_copies(task.target)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("S1,2026-02-30,Oslo,lamp,1,2,NOK", "the date does not exist"),
        ("S1,2026-01-01,Oslo,lamp,0,2,NOK", "the quantity is no number from 1"),
        ("S1,2026-01-01,Oslo,lamp,1,x,NOK", "the amount is no number"),
        ("S1,2026-01-01,Oslo,lamp,1,nan,NOK", "the amount is no number"),
        ("S1,2026-01-01,Oslo,lamp,1,-2,NOK", "the amount is not above zero"),
        ("S1,2026-01-01,Oslo,lamp,1,2,DEM", "the currency has no rate"),
        ("S1,2026-01-01", "2 fields in place of 7"),
    ],
)
def test_a_bad_line_has_a_reason(line: str, reason: str) -> None:
    """Whatever is wrong with a line, one plain reason says what."""
    with pytest.raises(BadRow) as caught:
        sales_file.sale(line.split(","))
    assert str(caught.value) == reason


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A file with other columns is not loaded at all."""
    source = tmp_path / "other.csv"
    source.write_text("a,b\n1,2\n", "utf-8")
    run = simulate(etl, {"source": str(source), "target": str(tmp_path)})
    assert run.status == "failed"
    assert run.error is not None
    assert run.error.type == "BadRow"


def test_the_file_of_sales_is_made_by_its_script() -> None:
    """The committed file is what the script writes, byte for byte."""
    made = runpy.run_path("examples/etl/generate.py")
    assert "\n".join(made["lines"]()) + "\n" == SALES.read_text("utf-8")
