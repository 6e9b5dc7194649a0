"""Parts of a workflow that are undone, or limited in time, as a whole: `saga` and `deadline`."""

from collections.abc import Iterator
from contextlib import contextmanager

from vivido import durations
from vivido.authoring import jobs
from vivido.authoring.options import Duration


@contextmanager
def saga() -> Iterator[None]:
    """Undo what the block completed, in reverse order, when an error leaves it.

        try:
            with saga():
                seat = reserve(order)
                charge(order)
        except CardDeclined:
            wait_list(order)  # the seat has been released

    A whole workflow is a saga by itself. Jobs that are spawned inside are joined at its end. In
    plain Python nothing is undone.
    """
    with jobs.job_scope() as spawned:
        yield
        jobs.join(spawned)
    jobs.hand_on(spawned)


@contextmanager
def deadline(
    duration: Duration | None = None,
    *,
    weeks: float | None = None,
    days: float | None = None,
    hours: float | None = None,
    minutes: float | None = None,
    seconds: float | None = None,
    milliseconds: float | None = None,
) -> Iterator[None]:
    """Give the block as a whole so much time; then `DeadlineExceeded` is raised inside it.

        with deadline("24h"):
            receive("paid", key=order.id)

    In plain Python time does not pass. Raises `TypeError` or `ValueError` for what is no duration.
    """
    keywords = given(
        weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds,
        milliseconds=milliseconds,
    )  # fmt: skip
    durations.parse(duration, **keywords)
    yield


def given(**keywords: float | None) -> dict[str, float]:
    """Return the keywords of a duration that were given."""
    return {name: number for name, number in keywords.items() if number is not None}
