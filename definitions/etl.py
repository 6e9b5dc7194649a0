"""How do a year's sales get into the books? Extract in chunks, transform, load, and count again.

Lines that are no sales end in ``rejects.csv`` with the reason. Nothing is lost on the way: the last
step adds everything up once more, and refuses books that do not balance.
"""

from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, Field
from services import sales_database, sales_file
from services.sales_file import BadRow

from vivido import map_each, publish, step, workflow

CENT = Decimal("0.01")


class Task(BaseModel):
    """Which file to load, into which folder, so many lines at a time."""

    source: Path
    target: Path
    rows: int = Field(default=1_000, ge=1)


class Chunk(BaseModel):
    """What became of a part of the file; `cents` of a euro."""

    loaded: int
    rejected: int
    cents: int


class Books(BaseModel):
    """What the file came to, in euros."""

    lines: int
    loaded: int
    rejected: dict[str, int]
    turnover: dict[str, Decimal]
    best_month: str


class Unbalanced(Exception):
    """Something got lost or was counted twice."""


@step
def survey(task: Task) -> int:
    """Count the lines of the file, and empty the target."""
    lines = sales_file.count(task.source)
    sales_database.clear(task.target)
    return lines


@step(timeout="5m", retry=3)
def load(task: Task, start: int) -> Chunk:
    """Check, convert and load the lines from `start` on."""
    sales, rejects = {}, {}
    for line, fields in sales_file.lines(task.source, start, start + task.rows):
        try:
            sales[line] = sales_file.sale(fields)
        except BadRow as reason:
            rejects[line] = str(reason)
    sales_database.put(task.target, sales, rejects)
    cents = sum(sale.cents for sale in sales.values())
    return Chunk(loaded=len(sales), rejected=len(rejects), cents=cents)


@step
def reject_copies(task: Task) -> None:
    """Keep each sale once."""
    sales_database.reject_copies(task.target)


@step
def aggregate(task: Task) -> dict[str, dict[str, int]]:
    """Sum up by shop and month, in cents."""
    return sales_database.sum_up(task.target)


@step
def write_rejects(task: Task) -> dict[str, int]:
    """List what was not loaded; count it by reason."""
    return sales_database.write_rejects(task.target, task.source)


@step
def reconcile(task: Task, lines: int, cents: int) -> int:
    """Return the number of sales, if lines and money are all there. Raises `Unbalanced`."""
    totals = sales_database.totals(task.target)
    loaded, earned = totals["sales"]
    rejected, refused = totals["rejects"]
    if loaded + rejected != lines:
        raise Unbalanced(f"{lines} lines, but {loaded} loaded and {rejected} rejected")
    if earned + refused != cents or earned != totals["turnover"][1]:
        raise Unbalanced(f"{cents} cents read, {earned} loaded, {refused} rejected as copies")
    return loaded


@workflow(version="1", timeout="1h", tags={"team": "finance"})
def etl(task: Task) -> Books:
    """Load a file of sales, four chunks at a time."""
    lines = survey(task)
    publish(stage="loading", lines=lines)
    starts = range(0, lines, task.rows)
    chunks = map_each(lambda start: load(task, start), starts, max_concurrency=4)
    reject_copies(task)
    shops = aggregate(task)
    rejected = write_rejects(task)
    loaded = reconcile(task, lines, sum(chunk.cents for chunk in chunks))
    publish(stage="balanced", loaded=loaded)

    turnover = {shop: sum(months.values()) * CENT for shop, months in shops.items()}
    by_month: dict[str, int] = {}
    for months in shops.values():
        for month, cents in months.items():
            by_month[month] = by_month.get(month, 0) + cents
    return Books(
        lines=lines,
        loaded=loaded,
        rejected=rejected,
        turnover=turnover,
        best_month=max(by_month, key=lambda month: by_month[month]),
    )
