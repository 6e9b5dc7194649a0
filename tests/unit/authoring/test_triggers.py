"""Triggers and pools describe; what cannot be deployed is refused where it is written."""

from collections.abc import Callable
from typing import Any

import pytest

from vivido import S3, DefinitionError, Event, Http, Pool, Queue, Schedule
from vivido.authoring import Trigger

GOOD: list[Callable[[], object]] = [
    lambda: Http("POST /orders"),
    lambda: Http("GET /"),
    lambda: Http("DELETE /orders/{id}/lines/{line}"),
    lambda: Http("PUT /files/{path+}"),
    lambda: Schedule("rate(1 minute)"),
    lambda: Schedule("rate(5 minutes)", input={"a": 1}),
    lambda: Schedule("cron(0 6 * * ? *)", timezone="Europe/Berlin"),
    lambda: Schedule("cron(0/15 9-17 ? JAN,FEB MON-FRI 2024)", timezone="Etc/GMT+5"),
    lambda: Schedule("cron(0 8 L * ? *)"),
    lambda: Schedule("cron(0 8 ? * 6#3 *)"),
    lambda: Event("cart.checked_out"),
    lambda: Event("order", where={"detail.total": [{"numeric": [">", 0]}]}, source="shop"),
    lambda: Queue("orders"),
    lambda: Queue("orders.fifo", batch_size=1),
    lambda: S3("scans", prefix="in/", suffix=".pdf"),
    lambda: Pool("gpu"),
    lambda: Pool("gpu", memory=4096, timeout="10m", concurrency=5),
    lambda: Pool("gpu", memory=10_240, timeout="15m"),
]

BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: Http("/orders"), "write a method and a path"),
    (lambda: Http("post /orders"), "write a method and a path"),
    (lambda: Http("FETCH /orders"), "write a method and a path"),
    (lambda: Http("POST orders"), "write a method and a path"),
    (lambda: Http("POST  /orders"), "write a method and a path"),
    (lambda: Http("POST /orders?x=1"), "write a method and a path"),
    (lambda: Http("POST /orders#x"), "write a method and a path"),
    (lambda: Http("POST //orders"), "write a method and a path"),
    (lambda: Http("POST /orders/{}"), "write a method and a path"),
    (lambda: Http("POST /orders/{a b}"), "write a method and a path"),
    (lambda: Http("POST /orders/x{id}"), "write a method and a path"),
    (lambda: Http("POST /orders\n"), "write a method and a path"),
    (lambda: Http(5), "Http: route=5 is no text"),  # type: ignore[arg-type]
    (lambda: Schedule("0 6 * * *"), "write 'rate"),
    (lambda: Schedule("rate(0 minutes)"), "write 'rate"),
    (lambda: Schedule("rate(1 minutes)"), "write 'rate"),
    (lambda: Schedule("rate(5 minute)"), "write 'rate"),
    (lambda: Schedule("rate(5 seconds)"), "write 'rate"),
    (lambda: Schedule("cron(0 6 * * *)"), "write 'rate"),
    (lambda: Schedule("cron(0 6 * * * *)"), "write 'rate"),
    (lambda: Schedule("cron(0 6 ? * ? *)"), "write 'rate"),
    (lambda: Schedule("cron(? 6 ? * * *)"), "write 'rate"),
    (lambda: Schedule("cron(0  6 * * ?)"), "write 'rate"),
    (lambda: Schedule("cron(0 6 * * ? $)"), "write 'rate"),
    (lambda: Schedule("rate(1 day)", timezone="Berlin time"), "timezone is a name"),
    (lambda: Schedule("rate(1 day)", timezone="/etc/passwd"), "timezone is a name"),
    (lambda: Schedule("rate(1 day)", timezone="../UTC"), "timezone is a name"),
    (lambda: Schedule("rate(1 day)", timezone=None), "timezone=None"),  # type: ignore[arg-type]
    (lambda: Event(""), "write a name such as"),
    (lambda: Event("a b"), "write a name such as"),
    (lambda: Event("a", where={"b": "c"}), "where maps each path to a list"),
    (lambda: Event("a", where={"b": []}), "where maps each path to a list"),
    (lambda: Event("a", where={"": [1]}), "where maps each path to a list"),
    (lambda: Event("a", where={5: [1]}), "where maps each path to a list"),  # type: ignore[dict-item]
    (lambda: Event("a", where="b"), "where maps each path to a list"),  # type: ignore[arg-type]
    (lambda: Queue("https://sqs/orders"), "write the name of a queue"),
    (lambda: Queue("orders", batch_size=0), "batch_size is a whole number"),
    (lambda: Queue("orders", batch_size=10_001), "batch_size is a whole number"),
    (lambda: Queue("orders", batch_size=True), "batch_size is a whole number"),
    (lambda: S3("s3://scans"), "write the name of a bucket"),
    (lambda: S3("Scans"), "write the name of a bucket"),
    (lambda: S3("a..b"), "write the name of a bucket"),
    (lambda: S3("scans", prefix=5), "prefix=5 is no text"),  # type: ignore[arg-type]
    (lambda: S3("scans", suffix=None), "suffix=None is no text"),  # type: ignore[arg-type]
    (lambda: Pool("g p u"), "'g p u' is no name"),
    (lambda: Pool("gpu", memory=64), "memory=64: give 128 to 10240 MB"),
    (lambda: Pool("gpu", memory=512.0), "memory=512.0"),  # type: ignore[arg-type]
    (lambda: Pool("gpu", timeout="16m"), "timeout='16m': give 15 minutes at most"),
    (lambda: Pool("gpu", timeout="0s"), "timeout='0s' is no time at all"),
    (lambda: Pool("gpu", concurrency=0), "concurrency=0: give a whole number from 1"),
    (lambda: Pool("gpu", concurrency=True), "concurrency=True: give a whole number from 1"),
]


@pytest.mark.parametrize("make", GOOD)
def test_what_can_be_deployed(make: Callable[[], object]) -> None:
    """What describes something real is taken, and equals the same said again."""
    assert make() == make()


@pytest.mark.parametrize(("make", "sentence"), BAD)
def test_what_cannot_be_deployed(make: Callable[[], object], sentence: str) -> None:
    """What describes nothing real is refused, with what to write instead."""
    with pytest.raises(DefinitionError, match=sentence):
        make()


def test_parts_of_a_route() -> None:
    """A route is a method and a path."""
    assert (Http("GET /a/{b}").method, Http("GET /a/{b}").path) == ("GET", "/a/{b}")


def test_every_trigger_says_its_kind() -> None:
    """Triggers are told apart by their class, and by a word where there is no class."""
    made: list[Any] = [
        Http("GET /"), Schedule("rate(1 day)"), Event("a"), Queue("q"), S3("scans"),
    ]  # fmt: skip
    assert [one.kind for one in made] == ["http", "schedule", "event", "queue", "s3"]
    assert all(isinstance(one, Trigger) for one in made)
