"""R schedulingtasks: after a failed payment three reminders, a day apart, then an escalation."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from vivido import sleep, step, workflow
from vivido.testing import Run, simulate

REMINDERS = 3
PAUSE = timedelta(days=1)
mailed: list[str] = []


@step
def paid(customer: str) -> bool:
    """Whether the money has come: somebody who is patient pays after two reminders."""
    return customer == "patient" and len(mailed) == 2


@step
def remind(customer: str, number: int) -> None:
    """Send a reminder."""
    mailed.append(f"reminder {number} to {customer}")


@step
def escalate(customer: str, since: datetime) -> str:
    """Open a ticket."""
    mailed.append(f"ticket about {customer}")
    return f"open since {since:%d.%m.%Y}"


@workflow
def payment_failed(customer: str, at: datetime | None = None) -> str:
    """Return what came of it."""
    since = datetime.now(UTC) if at is None else at
    for number in range(1, REMINDERS + 1):
        if paid(customer):
            return f"paid after {number - 1}"
        remind(customer, number)
        sleep(PAUSE)
    return escalate(customer, since)


DAY = datetime(2026, 1, 31, tzinfo=UTC)


def test_reminders_end_with_the_payment(both: Callable[..., Run]) -> None:
    """Two days, two reminders, no ticket."""
    run = both(payment_failed, {"customer": "patient", "at": DAY}, effects=mailed)
    assert (run.output, run.calls(escalate)) == ("paid after 2", 0)


def test_nobody_waits_for_ever(both: Callable[..., Run]) -> None:
    """Three reminders and a ticket."""
    run = both(payment_failed, {"customer": "idle", "at": DAY}, effects=mailed)
    assert run.output == "open since 31.01.2026"
    assert mailed[-2:] == ["reminder 3 to idle", "ticket about idle"]


def test_the_clock_is_read_once() -> None:
    """What the clock said at the beginning is recorded, and true three days later."""
    mailed.clear()
    run = simulate(payment_failed, {"customer": "idle"}, now=DAY)
    assert run.output == "open since 31.01.2026"
    assert run.now == (DAY + 3 * PAUSE).timestamp()
