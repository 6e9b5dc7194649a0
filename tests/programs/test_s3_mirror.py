"""D s3mirror: copies many files from one bucket to another and tells how each of them fared."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vivido import Retry, map_each, publish, step, workflow
from vivido.testing import Run

SIZES = {"a/1": 10, "a/2": 20, "a/locked": 30, "b/3": 40}


@dataclass(frozen=True)
class Transfer:
    """What became of one file."""

    key: str
    size: int = 0
    error: str | None = None

    @property
    def status(self) -> str:
        """In one word."""
        return "failed" if self.error else "copied"


@step
def list_keys(bucket: str, prefix: str) -> list[str]:
    """List the files below a prefix."""
    return [key for key in SIZES if key.startswith(prefix)]


@step(retry=Retry(max_attempts=3, backoff="1s"), timeout="1h")
def copy_file(key: str, target: str) -> int:
    """Copy one file and return its size."""
    if key.endswith("locked"):
        raise PermissionError(f"{key} is locked")
    return SIZES[key]


@workflow
def mirror(source: str, target: str, prefix: str = "") -> dict[str, Transfer]:
    """Return what became of each file."""
    started = datetime.now(UTC)
    keys = list_keys(source, prefix)
    batch = map_each(
        lambda key: copy_file(key, target), keys, on_error="collect", max_concurrency=2
    )
    transfers = {
        key: Transfer(key, error=str(copied))
        if isinstance(copied, Exception)
        else Transfer(key, copied)
        for key, copied in zip(keys, batch, strict=True)
    }
    counts = Counter(transfer.status for transfer in transfers.values())
    took = datetime.now(UTC) - started
    publish(copied=counts["copied"], failed=counts["failed"], quick=took < timedelta(hours=1))
    return transfers


def test_each_file_has_an_outcome(both: Callable[..., Run]) -> None:
    """A file that is locked is tried three times and reported; the others are there."""
    run = both(mirror, {"source": "s", "target": "t", "prefix": "a/"})
    assert list(run.output.values()) == [
        Transfer("a/1", 10),
        Transfer("a/2", 20),
        Transfer("a/locked", error="a/locked is locked"),
    ]
    assert run.calls(copy_file) == 5
    assert run.published == {"copied": 2, "failed": 1, "quick": True}
