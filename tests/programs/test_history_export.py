"""M history_export: pages through finished instances, exports batches with retries, checkpoints."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from vivido import map_each, publish, sleep, step, workflow
from vivido.testing import Run

BATCH = 4
MAX_TRIES = 3
BACKOFF = timedelta(seconds=15)
failed_once: list[str] = []


@dataclass(frozen=True)
class Checkpoint:
    """How far the export is."""

    cursor: str | None = None
    exported: int = 0
    failed: int = 0


@dataclass
class Export:
    """What to export: so many instances that ended in the hour before `until`."""

    until: datetime
    instances: int
    checkpoint: Checkpoint = field(default_factory=Checkpoint)


@dataclass(frozen=True)
class Page:
    """Some instances, and where to go on."""

    ids: list[str]
    cursor: str | None


@step
def list_instances(export: Export, since: datetime, cursor: str | None) -> Page:
    """List the next instances that have ended."""
    assert export.until - since == timedelta(hours=1)
    start = int(cursor or 0)
    stop = min(start + BATCH, export.instances)
    ids = [f"i{number}" for number in range(start, stop)]
    return Page(ids, str(stop) if stop < export.instances else None)


@step
def export_instance(instance: str) -> int:
    """Export one instance: i5 fails the first time, i6 always."""
    if instance == "i6" or (instance == "i5" and instance not in failed_once):
        failed_once.append(instance)
        raise ConnectionError(f"{instance} broke off")
    return len(instance)


@step
def commit(checkpoint: Checkpoint) -> Checkpoint:
    """Keep a checkpoint."""
    return checkpoint


@workflow
def export_history(export: Export) -> Checkpoint:
    """Export page by page; a batch that fails in part is tried again for what failed."""
    since = export.until - timedelta(hours=1)
    checkpoint = export.checkpoint
    while True:
        page = list_instances(export, since, checkpoint.cursor)
        if not page.ids:
            break
        pending = list(page.ids)
        tries = 0
        while pending and tries < MAX_TRIES:
            if tries:
                sleep(BACKOFF * 2 ** (tries - 1))
            tries += 1
            batch = map_each(export_instance, pending, on_error="collect")
            pending = [
                instance
                for instance, outcome in zip(pending, batch.outcomes, strict=True)
                if outcome.error is not None
            ]
        checkpoint = replace(
            checkpoint,
            cursor=page.cursor,
            exported=checkpoint.exported + len(page.ids) - len(pending),
            failed=checkpoint.failed + len(pending),
        )
        checkpoint = commit(checkpoint)
        publish(exported=checkpoint.exported)
        if page.cursor is None:
            break
    return checkpoint


def test_what_fails_is_tried_again(both: Callable[..., Run]) -> None:
    """Ten instances in three pages; two fail, one of them for good, after 15 and 30 seconds."""
    export = Export(datetime(2026, 1, 1, 0, 30, tzinfo=UTC), 10)
    run = both(export_history, export, effects=failed_once)
    assert run.output == Checkpoint(cursor=None, exported=9, failed=1)
    assert run.calls(export_instance) == 4 + (4 + 2 + 1) + 2
    assert failed_once == ["i5", "i6", "i6", "i6"]


def test_it_goes_on_from_a_checkpoint(both: Callable[..., Run]) -> None:
    """The first page has been exported before."""
    export = Export(datetime(2026, 1, 1, tzinfo=UTC), 5, Checkpoint("4", exported=4))
    run = both(export_history, export, effects=failed_once)
    assert (run.output.exported, run.calls(list_instances)) == (5, 1)
