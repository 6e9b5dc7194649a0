"""P ai_database_cleanup_with_approval: cutoff, preview, a yes by rule, deletion in batches."""

import logging
from collections.abc import Callable
from datetime import date, timedelta

from pydantic import BaseModel

from vivido import Retry, sleep, step, workflow
from vivido.testing import Run

logger = logging.getLogger("cleanup")
BATCH_SIZE = 3
PREVIEW = 2
TODAY = date(2026, 3, 15)
deleted: list[int] = []


class Config(BaseModel):
    """What to clean up, and how carefully."""

    retention: timedelta = timedelta(days=30)
    today: date = TODAY
    dry_run: bool = False
    locked: list[int] = []


class Decision(BaseModel):
    """Whether to go on."""

    approved: bool
    reason: str


@step
def find_old(before: date) -> list[int]:
    """Return the ids of the rows that are older, by the day on which they were made."""
    return [number for number in range(60) if date(2026, 1, 20) + timedelta(days=number) < before]


@step
def judge(preview: list[int], total: int) -> Decision:
    """Say yes to what looks harmless."""
    risky = 0 in preview and total > 100
    return Decision(approved=not risky, reason=f"{total} rows, the first {preview}")


@step(retry=Retry(max_attempts=2, backoff="1s"))
def delete(ids: list[int], locked: list[int]) -> int:
    """Delete rows, all or none."""
    if set(ids) & set(locked):
        raise PermissionError(f"{sorted(set(ids) & set(locked))} locked")
    deleted.extend(ids)
    return len(ids)


@workflow
def cleanup(config: Config) -> dict[str, int | list[str]]:
    """Return how many rows were deleted, and what went wrong."""
    cutoff = config.today - config.retention
    ids = find_old(cutoff)
    logger.info(f"{len(ids)} rows are older than {cutoff.isoformat()}")
    if not ids:
        return {"deleted": 0}
    decision = judge(ids[:PREVIEW], len(ids))
    if not decision.approved or config.dry_run:
        logger.warning("not deleted: %s", decision.reason)
        return {"deleted": 0, "found": len(ids)}
    count, errors = 0, []
    for start in range(0, len(ids), BATCH_SIZE):
        batch = ids[start : start + BATCH_SIZE]
        try:
            count += delete(batch, config.locked)
        except PermissionError as error:
            errors.append(f"batch {start // BATCH_SIZE + 1}: {error}")
            logger.exception("a batch failed")
        if start + BATCH_SIZE < len(ids):
            sleep(seconds=0.5)
    return {"deleted": count, "errors": errors}


def test_old_rows_go_in_batches(both: Callable[..., Run]) -> None:
    """24 rows in eight batches, one of which is locked and stays."""
    run = both(cleanup, Config(locked=[4]))
    assert run.output == {"deleted": 21, "errors": ["batch 2: [4] locked"]}
    assert run.calls(delete) == 7 + 2
    assert [line[0] for line in run.logs] == ["info", "error"]


def test_a_dry_run_deletes_nothing(both: Callable[..., Run]) -> None:
    """The preview is judged, and that is all."""
    run = both(cleanup, Config(dry_run=True, retention=timedelta(days=53)))
    assert (run.output, run.calls(delete)) == ({"deleted": 0, "found": 1}, 0)
    assert run.logs[-1][2] == "not deleted: 1 rows, the first [0]"


def test_nothing_is_old(both: Callable[..., Run]) -> None:
    """Without old rows nobody is asked."""
    assert both(cleanup, Config(retention=timedelta(weeks=52))).output == {"deleted": 0}
