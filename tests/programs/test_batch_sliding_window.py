"""T batch_sliding_window: at most N children at once over all records of a paged source."""

from collections.abc import Callable
from dataclasses import dataclass

from vivido import map_each, publish, step, workflow
from vivido.testing import Run

PAGE = 5


@dataclass(frozen=True)
class Record:
    """One thing to process."""

    id: int


@dataclass
class Batch:
    """How much there is, and how many may be processed at once."""

    total: int
    window: int = 3


processed: list[int] = []


@step
def load(offset: int, total: int) -> list[Record]:
    """Read one page."""
    return [Record(number) for number in range(offset, min(offset + PAGE, total))]


@step
def process(record: Record) -> int:
    """Do the work for one record."""
    processed.append(record.id)
    return record.id**2


@workflow
def process_record(record: Record) -> int:
    """Be a child: the work for one record may take many steps."""
    value = process(record)
    return value if record.id % 2 else -value


@workflow
def sliding_window(batch: Batch) -> tuple[int, int]:
    """Return how many records there were, and what they came to."""
    offset, done, result = 0, 0, 0
    while page := load(offset, batch.total):
        results = map_each(process_record, page, max_concurrency=batch.window)
        done += len(results)
        result += sum(results)
        offset += len(page)
        publish(progress=f"{done}/{batch.total}")
    return done, result


def test_every_record_is_processed_once(both: Callable[..., Run]) -> None:
    """Three pages, the last one not full: thirteen children."""
    run = both(sliding_window, Batch(total=13), effects=processed)
    assert run.output == (13, -78)
    assert sorted(processed) == list(range(13))
    assert run.published == {"progress": "13/13"}


def test_nothing_to_do_is_no_error(both: Callable[..., Run]) -> None:
    """The first page is empty."""
    assert both(sliding_window, Batch(total=0)).output == (0, 0)
