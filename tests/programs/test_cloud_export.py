"""T cloud_export_to_parquet: every object under the path of an hour is converted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vivido import Retry, step, workflow
from vivido.testing import Run

BUCKET = {
    "export/2026/03/01/00/00/a.bin": b"a,b",
    "export/2026/03/01/00/00/b.bin": b"",
    "export/2026/03/01/00/00/c.bin": b"c",
    "export/2026/03/01/01/00/d.bin": b"d",
}


@dataclass
class Export:
    """What came of an hour."""

    hour: datetime
    converted: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)


@step
def list_objects(prefix: str) -> list[str]:
    """List what lies under a path."""
    return sorted(key for key in BUCKET if key.startswith(prefix))


@step(retry=Retry(max_attempts=2, backoff="1s"), timeout="15s")
def convert(key: str) -> str:
    """Write an object in the other format."""
    if not BUCKET[key]:
        raise ValueError(f"{key} is empty")
    return key.replace(".bin", ".parquet")


@workflow
def export_hour(scheduled: datetime) -> Export:
    """Convert the objects of the last full hour; what cannot be converted is listed."""
    hour = scheduled.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    export = Export(hour)
    for key in list_objects(f"export/{hour:%Y/%m/%d/%H}/00"):
        try:
            export.converted.append(convert(key))
        except ValueError as error:
            export.broken[key] = str(error)
    return export


def test_the_last_hour_is_converted(both: Callable[..., Run]) -> None:
    """A quarter past one converts midnight's objects, two of three."""
    run = both(export_hour, datetime.fromisoformat("2026-03-01T01:15:30+00:00"))
    assert run.output.hour == datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    assert [key[-9:] for key in run.output.converted] == ["a.parquet", "c.parquet"]
    assert list(run.output.broken) == ["export/2026/03/01/00/00/b.bin"]
    assert run.calls(convert) == 4


def test_the_first_hour_of_a_year_belongs_to_the_last(both: Callable[..., Run]) -> None:
    """Hours are subtracted over the end of a year."""
    run = both(export_hour, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    assert f"{run.output.hour:%Y-%m-%d %H}" == "2025-12-31 23"
