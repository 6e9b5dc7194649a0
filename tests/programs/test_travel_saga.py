"""R sagas: books a flight, a car and a hotel, and undoes in reverse what it had booked."""

from collections.abc import Callable
from dataclasses import dataclass

from vivido import saga, step, workflow
from vivido.testing import Run, simulate

did: list[str] = []


class NotAvailable(Exception):
    """Sold out."""


@dataclass(frozen=True)
class Booking:
    """Something that can be cancelled."""

    kind: str
    number: int


@step
def book(kind: str, customer: str) -> Booking:
    """Book one part of a journey."""
    if customer == "no-" + kind:
        raise NotAvailable(f"no {kind} for {customer}")
    did.append(f"book {kind}")
    return Booking(kind, len(did))


@step
def cancel(booking: Booking) -> None:
    """Undo a booking."""
    did.append(f"cancel {booking.kind}")


@workflow
def travel(customer: str) -> str:
    """Undo by hand, with a list, as if there were no sagas."""
    booked: list[Booking] = []
    try:
        booked.append(book("flight", customer))
        booked.append(book("car", customer))
        booked.append(book("hotel", customer))
    except NotAvailable as error:
        for booking in reversed(booked):
            cancel(booking)
        return f"cancelled: {error}"
    return f"{len(booked)} bookings, the last one {booked[-1].kind}"


@step
def undo(kind: str, result: Booking) -> None:
    """Compensate `reserve`."""
    did.append(f"undo {kind} {result.number}")


@step(compensate=undo)
def reserve(kind: str, number: int, *, sold_out: bool = False) -> Booking:
    """Book one part of a journey; what undoes it stands beside it."""
    if sold_out:
        raise NotAvailable(f"no {kind}")
    did.append(f"reserve {kind} {number}")
    return Booking(kind, number)


@workflow
def travel_or_stay(sold_out: str) -> str:
    """Undo a part of the workflow, and go on after it."""
    try:
        with saga():
            for number, kind in enumerate(("flight", "car", "hotel"), 1):
                reserve(kind, number, sold_out=kind == sold_out)
    except NotAvailable as error:
        return f"{reserve('garden chair', 9).kind} instead: {error}"
    return "a journey"


def test_everything_is_booked(both: Callable[..., Run]) -> None:
    """Nothing to undo."""
    assert both(travel, "ada", effects=did).output == "3 bookings, the last one hotel"


def test_bookings_are_undone_in_reverse(both: Callable[..., Run]) -> None:
    """No hotel: the car goes back, then the flight."""
    assert both(travel, "no-hotel", effects=did).output == "cancelled: no hotel for no-hotel"
    assert did == ["book flight", "book car", "cancel car", "cancel flight"]


def test_a_saga_undoes_its_block_and_no_more() -> None:
    """What was reserved inside is undone in reverse order; what comes after it stays."""
    did.clear()
    run = simulate(travel_or_stay, "hotel")
    assert (run.status, run.output) == ("succeeded", "garden chair instead: no hotel")
    assert did == [
        "reserve flight 1",
        "reserve car 2",
        "undo car 2",
        "undo flight 1",
        "reserve garden chair 9",
    ]


def test_a_whole_workflow_is_a_saga(both: Callable[..., Run]) -> None:
    """Without an error, nothing is undone."""
    assert both(travel_or_stay, "nothing", effects=did).output == "a journey"
    assert len(did) == 3
