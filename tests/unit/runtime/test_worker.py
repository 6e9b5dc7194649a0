"""The loop that delivers: how many at once, what a failure costs, and what the log says of it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from tests.fault import zoo

from vivido import map_each, step, workflow
from vivido.backends.memory import memory_ports
from vivido.errors import InvariantError, Unavailable
from vivido.model.journal import Delivery, Meta, Status
from vivido.ports import Ports
from vivido.runtime.engine import Engine
from vivido.runtime.worker import Worker, logged

GAUGE: dict[str, Any] = {}


@step
async def gauged(n: int) -> int:
    """Wait until so many run at once, and know how many there are."""
    GAUGE["now"] += 1
    GAUGE["most"] = max(GAUGE["most"], GAUGE["now"])
    await GAUGE["barrier"].wait()
    GAUGE["now"] -= 1
    return n


@workflow
async def wide(n: int) -> list[int]:
    """Run so many side by side."""
    return await map_each(gauged, range(n))


async def worked(
    worker: Worker, flow: Any, given: Any, until: Callable[[Meta], bool] | None = None
) -> Meta:
    """Start an execution and work until it has ended."""
    engine = worker.engine
    await engine.start(flow.definition, flow.bind_input(given), execution="x")
    working = asyncio.create_task(worker.run())
    while True:
        meta = await engine.ports.metas.get("x")
        assert meta is not None
        if meta.status.is_end or (until is not None and until(meta)):
            break
        await asyncio.sleep(0)
    worker.stop()
    await working
    return meta


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine, within ten seconds."""

    async def bounded() -> Any:
        async with asyncio.timeout(10):
            return await work

    return asyncio.run(bounded())


def ports() -> Ports:
    """Make ports in memory, whose leases are over at once."""
    return memory_ports(lease_seconds=0.001)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_are_delivered_at_once_than_may_be(concurrency: int) -> None:
    """And as many as may be, if there are as many."""
    GAUGE.update(now=0, most=0, barrier=asyncio.Barrier(concurrency))
    worker = Worker(Engine(memory_ports()), concurrency=concurrency, poll_seconds=0.01)
    assert run(worked(worker, wide, 9)).output == list(range(9))
    assert GAUGE["most"] == concurrency


def test_what_fails_comes_back() -> None:
    """The failure is told, the loop goes on, and the lease brings the message back."""
    told: list[tuple[str, str]] = []
    failures = [Unavailable("not now"), InvariantError("a bug")]

    class Failing(Engine):
        async def deliver(self, delivery: Delivery) -> None:
            if failures:
                raise failures.pop(0)
            await super().deliver(delivery)

    def failed(delivery: Delivery, error: Exception) -> None:
        told.append((delivery.message.execution, str(error)))

    worker = Worker(Failing(ports()), poll_seconds=0.001, failed=failed)
    assert run(worked(worker, zoo.sequence, 1)).status is Status.SUCCEEDED
    assert told == [("x", "not now"), ("x", "a bug")]


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (Unavailable("the disk is full"), logging.INFO, "message m comes back: the disk is full"),
        (InvariantError("odd"), logging.ERROR, "a bug of ours, at message m of execution x"),
        (ValueError("other"), logging.ERROR, "message m of execution x failed and comes back"),
    ],
    ids=["transient", "invariant", "other"],
)
def test_the_log_says_who_must_act(
    error: Exception, level: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What passes by itself is a remark; a bug comes with its traceback."""
    message = Engine(memory_ports()).message("x")
    delivery = Delivery(message.__class__(**{**_fields(message), "id": "m"}), "d")
    with caplog.at_level(logging.INFO):
        logged(delivery, error)
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (level, said)
    assert (record.exc_info is not None) == (level == logging.ERROR)


def _fields(message: Any) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__slots__}


class Unsteady:
    """A queue that does not answer at first."""

    def __init__(self, queue: Any, *, receives: int = 0, renewals: int = 0) -> None:
        self._queue, self.left = queue, {"receive": receives, "renew": renewals}
        self.renewed: list[int] = []
        self.twice = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    def _fail(self, what: str) -> None:
        if self.left[what]:
            self.left[what] -= 1
            raise Unavailable("the store is locked")

    async def receive(self, pool: str, limit: int) -> Any:
        """Fail, then receive."""
        self._fail("receive")
        return await self._queue.receive(pool, limit)

    async def renew(self, deliveries: Any) -> None:
        """Fail, then renew."""
        self._fail("renew")
        self.renewed.append(len(deliveries))
        if len(self.renewed) == 2:
            self.twice.set()


def unsteady(**failures: int) -> tuple[Ports, Unsteady]:
    """Make ports with such a queue."""
    from dataclasses import replace  # noqa: PLC0415

    steady = memory_ports()
    queue = Unsteady(steady.queue, **failures)
    return replace(steady, queue=queue), queue


def test_a_queue_that_does_not_answer_is_asked_again() -> None:
    """The worker outlives what passes."""
    made, queue = unsteady(receives=3)
    worker = Worker(Engine(made), poll_seconds=0.001)
    assert run(worked(worker, zoo.sequence, 1)).status is Status.SUCCEEDED
    assert queue.left["receive"] == 0


def test_leases_are_renewed_while_a_step_runs() -> None:
    """Also after a renewal that failed; when the worker stops, what has begun is finished."""
    made, queue = unsteady(renewals=1)

    @step
    async def long(n: int) -> int:
        """Run until the lease was renewed twice."""
        await queue.twice.wait()
        return n

    engine = Engine(made)
    engine.library.put(zoo.c.ref, long)
    worker = Worker(engine, poll_seconds=0.001, renew_seconds=0.001)
    meta = run(worked(worker, zoo.sequence, 1))
    assert (meta.status, meta.output) == (Status.SUCCEEDED, 1)
    assert queue.renewed[:2] == [1, 1]
