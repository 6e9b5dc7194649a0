"""Z aml_monitoring: watches a job until it is done or its time is over; the status is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vivido import publish, sleep, step, workflow
from vivido.testing import Run, simulate

asked: list[str] = []


@dataclass
class Job:
    """What to watch; after so many questions it is done."""

    id: str
    questions: int
    expiry: timedelta = timedelta(hours=1)
    interval: timedelta = timedelta(minutes=5)


@step
def job_status(job: Job) -> str:
    """Ask the service."""
    asked.append(job.id)
    return "Completed" if len(asked) >= job.questions else "Running"


@step
def alert(job_id: str, status: str) -> str:
    """Tell somebody."""
    return f"{job_id} is {status.lower()}"


@workflow
def monitor(job: Job) -> str:
    """Return what somebody was told."""
    status = "Unknown"
    polls = 0
    expires = datetime.now(UTC) + job.expiry
    while datetime.now(UTC) < expires:
        status = job_status(job)
        polls += 1
        publish(status=status, polls=polls)
        if status in ("Completed", "Failed"):
            return alert(job.id, status)
        next_check = datetime.now(UTC) + job.interval
        sleep(until=next_check)
    return alert(job.id, f"late, and {status}")


def test_it_tells_when_the_job_is_done(both: Callable[..., Run]) -> None:
    """Three questions, ten minutes."""
    run = both(monitor, Job("train", questions=3), effects=asked)
    assert run.output == "train is completed"
    assert run.published == {"status": "Completed", "polls": 3}


def test_it_gives_up_after_an_hour() -> None:
    """Twelve questions, one each five minutes, and none after the hour."""
    asked.clear()
    run = simulate(monitor, Job("train", questions=99), now=0)
    assert (run.output, len(asked), run.now) == ("train is late, and running", 12, 3_600)
