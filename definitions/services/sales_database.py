"""Where do the sales go? Into a SQLite file, under the numbers of their lines.

Every function may run twice: what it writes replaces what it wrote before. Money is in cents, whole
numbers, so that sums are exact.
"""

import csv
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from services import sales_file
from services.sales_file import Sale

FILE = "sales.db"
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS sales
    (line INTEGER PRIMARY KEY, id TEXT, day TEXT, shop TEXT, product TEXT, quantity INTEGER,
    cents INTEGER);
CREATE TABLE IF NOT EXISTS rejects (line INTEGER PRIMARY KEY, reason TEXT, cents INTEGER);
CREATE TABLE IF NOT EXISTS turnover
    (month TEXT, shop TEXT, cents INTEGER, PRIMARY KEY (month, shop));
"""
COPIES = """
SELECT line, cents FROM
    (SELECT line, cents, MIN(line) OVER (PARTITION BY id) AS first FROM sales) WHERE line > first
"""


@contextmanager
def transaction(target: Path) -> Iterator[sqlite3.Connection]:
    """Open the database for one change: all of it is kept, or, after an error, none of it."""
    target.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(target / FILE, timeout=30, isolation_level=None)) as database:
        database.executescript(SCHEMA)
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


def clear(target: Path) -> None:
    """Forget what an earlier run has loaded."""
    with transaction(target) as database:
        for table in ("sales", "rejects", "turnover"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608  the names stand above


def put(target: Path, sales: Mapping[int, Sale], rejects: Mapping[int, str]) -> None:
    """Write sales, and the reasons why others are none, by the numbers of their lines."""
    with transaction(target) as database:
        database.executemany(
            "INSERT OR REPLACE INTO sales VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (line, one.id, str(one.day), one.shop, one.product, one.quantity, one.cents)
                for line, one in sales.items()
            ],
        )
        database.executemany("INSERT OR REPLACE INTO rejects VALUES (?, ?, 0)", rejects.items())


def reject_copies(target: Path) -> None:
    """Keep the first line of each sale; the others become rejects."""
    with transaction(target) as database:
        for line, cents in database.execute(COPIES).fetchall():
            reject = (line, "a copy of an earlier line", cents)
            database.execute("INSERT OR REPLACE INTO rejects VALUES (?, ?, ?)", reject)
            database.execute("DELETE FROM sales WHERE line = ?", (line,))


def sum_up(target: Path) -> dict[str, dict[str, int]]:
    """Return the turnover in cents by shop and month, and keep it in a table of its own."""
    shops: dict[str, dict[str, int]] = {}
    with transaction(target) as database:
        database.execute(
            "INSERT OR REPLACE INTO turnover"
            " SELECT substr(day, 1, 7) AS month, shop, SUM(cents) FROM sales GROUP BY month, shop"
        )
        rows = database.execute("SELECT shop, month, cents FROM turnover ORDER BY shop, month")
        for shop, month, cents in rows:
            shops.setdefault(shop, {})[month] = cents
    return shops


def write_rejects(target: Path, source: Path) -> dict[str, int]:
    """List the rejected lines in ``rejects.csv``; return how many there are for each reason."""
    with transaction(target) as database:
        reasons = dict(database.execute("SELECT line, reason FROM rejects").fetchall())
        counts = database.execute("SELECT reason, COUNT(*) FROM rejects GROUP BY reason").fetchall()
    with (target / "rejects.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", *sales_file.HEADER])
        for line, fields in sales_file.lines(source):
            if line in reasons:
                writer.writerow([line, reasons[line], *fields])
    return dict(counts)


def totals(target: Path) -> dict[str, tuple[int, int]]:
    """Return the number of rows and the cents of each table."""
    with transaction(target) as database:
        return {
            table: database.execute(
                f"SELECT COUNT(*), COALESCE(SUM(cents), 0) FROM {table}"  # noqa: S608  as below
            ).fetchone()
            for table in ("sales", "rejects", "turnover")
        }
