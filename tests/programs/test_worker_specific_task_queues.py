"""T worker_specific_task_queues: download, process, clean up on one worker; else on another."""

from collections.abc import Callable

from vivido import step, workflow
from vivido.testing import Run

MAX_WORKERS = 3
did: list[str] = []


class WorkerLost(Exception):
    """The worker is gone, and the file with it."""


@step
def pick_worker(attempt: int) -> str:
    """Say which worker is free."""
    return f"worker-{attempt}"


@step
def download(worker: str, url: str) -> str:
    """Fetch a file to a disk of the worker."""
    did.append(f"{worker} downloads")
    return f"/{worker}/{url.rsplit('/', maxsplit=1)[-1]}"


@step
def checksum(worker: str, path: str, lost: list[str]) -> int:
    """Work on the file where it is."""
    if worker in lost:
        raise WorkerLost(f"{worker} is gone")
    return sum(path.encode())


@step
def clean_up(worker: str, path: str) -> None:
    """Remove the file."""
    did.append(f"{worker} removes {path}")


@workflow
def process_file(url: str, lost: list[str]) -> int:
    """All three steps on the same worker, and the file is removed whatever happens."""
    for attempt in range(1, MAX_WORKERS + 1):
        worker = pick_worker(attempt)
        path = download(worker, url)
        try:
            return checksum(worker, path, lost)
        except WorkerLost:
            if attempt == MAX_WORKERS:
                raise
        finally:
            clean_up(worker, path)
    raise AssertionError("not reached")


def test_another_worker_does_it_all_again(both: Callable[..., Run]) -> None:
    """The second worker begins with the download; both files are removed."""
    given = {"url": "https://example.org/a.txt", "lost": ["worker-1"]}
    run = both(process_file, given, effects=did)
    assert run.output == sum(b"/worker-2/a.txt")
    assert did == [
        "worker-1 downloads",
        "worker-1 removes /worker-1/a.txt",
        "worker-2 downloads",
        "worker-2 removes /worker-2/a.txt",
    ]


def test_it_gives_up_and_still_cleans_up(both: Callable[..., Run]) -> None:
    """The last worker's error ends the program, after its file was removed."""
    lost = [f"worker-{number}" for number in (1, 2, 3)]
    run = both(process_file, {"url": "x/b", "lost": lost}, effects=did)
    assert (run.status, run.calls(clean_up)) == ("failed", 3)
