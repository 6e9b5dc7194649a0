"""What an author writes, with the types that tools must see. Checked by mypy, never run."""

from collections.abc import Coroutine
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_type

from vivido import (
    Batch,
    Callback,
    Collected,
    Event,
    Http,
    Job,
    Pool,
    Retry,
    Schedule,
    Step,
    Workflow,
    approve,
    callback,
    deadline,
    emit,
    first,
    map_each,
    parallel,
    poll,
    publish,
    pure,
    receive,
    saga,
    sleep,
    spawn,
    step,
    step_context,
    workflow,
)


@dataclass
class Order:
    """Some input."""

    id: str
    total: Decimal


@dataclass
class Label:
    """Some result."""

    tracking: str


@step
def release(order: Order, result: Label) -> None:
    """Undo."""


@step(
    compensate=release,
    retry=Retry(max_attempts=3, backoff="1s", factor=2, on=[TimeoutError]),
    timeout="30s",
)
def label(order: Order, copies: int = 1) -> Label:
    """Use the context as a step does."""
    context = step_context()
    context.progress(0.5, "half")
    context.log.info("key %s", context.idempotency_key)
    return Label(order.id * copies)


@step(retry=3, timeout=30, pool=Pool("gpu", memory=4096))
def weigh(order: Order) -> int:
    """Weigh."""
    return len(order.id)


@step(inline=True)
async def fetch(url: str) -> bytes:
    """Fetch."""
    return url.encode()


@pure
def double(number: int) -> int:
    """Double."""
    return 2 * number


@workflow(
    version="2",
    timeout="1d",
    tags={"team": "web"},
    on=[Http("POST /orders"), Schedule("rate(1 day)"), Event("cart.checked_out")],
)
def ship(order: Order, suppliers: list[Order]) -> str:
    """Use every operation once."""
    assert_type(label(order), Label)
    assert_type(double(2), int)
    made, weight = parallel(label(order, copies=2), weigh(order))
    assert_type(made, Label)
    assert_type(weight, int)
    assert_type(parallel(*[label(one) for one in suppliers]), tuple[Label, ...])
    either = parallel(label(order), weigh(order), on_error="collect")
    assert_type(either, Collected[Label | Exception, int | Exception])
    assert_type(either.failed, int)
    assert_type(either[1], int | Exception)
    borne = parallel(label(order), weigh(order), tolerate=1, max_concurrency=2)
    assert_type(borne, Collected[Label | Exception, int | Exception])
    quick = parallel(*[label(one) for one in suppliers], need=2)
    assert_type(quick, Collected[*tuple[Label | Exception, ...]])
    assert_type(map_each(label, suppliers, max_concurrency=5, tolerate=0.05), list[Label])
    assert_type(map_each(label, suppliers, on_error="collect", need=8), Batch[Label])
    assert_type(map_each(lambda one: one.total, suppliers), list[Decimal])
    job = spawn(label, order, copies=3)
    assert_type(job, Job[Label])
    assert_type(job.result(), Label)
    assert_type(first(call=job, other=label(order)), tuple[str, Label])
    who, value = first(paid=receive("paid", key=order.id), late=sleep(hours=2), call=job)
    assert_type(who, str)
    del value
    text, mood, copied = parallel(label(order), weigh(order), weigh(order), on_error="collect")
    assert_type((text, mood, copied), tuple[Label | Exception, int | Exception, int | Exception])
    assert_type(receive("paid", key=order.id, type=Label, timeout="3d"), Label)
    assert_type(approve("Refund?", form=Label, to="finance", timeout="2d"), Label)
    opened = callback(timeout="1h", type=Label)
    assert_type(opened, Callback[Label])
    assert_type(opened.result(), Label)
    assert_type(poll(weigh, order, until="result > 3", every="30s", timeout="2h"), int)
    with saga(), deadline("24h"):
        sleep(days=2)
    emit("order.shipped", {"id": order.id})
    publish(stage="packing", percent=40)
    return made.tracking


@workflow
async def download(urls: list[str]) -> int:
    """Use steps that are awaited."""
    assert_type(await fetch("a"), bytes)
    assert_type(await parallel(fetch("a"), fetch("b")), tuple[bytes, ...])
    assert_type(await parallel(*[fetch(url) for url in urls]), tuple[bytes, ...])
    either = await parallel(fetch("a"), fetch("b"), on_error="collect")
    assert_type(either, Collected[*tuple[bytes | Exception, ...]])
    assert_type(await map_each(fetch, urls), list[bytes])
    assert_type(await spawn(fetch, "a").result(), bytes)
    assert_type(await first(a=fetch("a"), b=fetch("b")), tuple[str, bytes])
    assert_type(await poll(fetch, "a", until="result"), bytes)
    return len(urls)


def descriptions() -> None:
    """Look at what the decorators made."""
    assert_type(label(Order("1", Decimal(1))), Label)
    assert_type(ship(Order("1", Decimal(1)), []), str)
    assert_type(ship.bind_input({}), dict[str, Any])
    plain: Step[[Order], int] = weigh
    made: Workflow[[list[str]], Coroutine[Any, Any, int]] = download
    assert_type(plain.name + made.name, str)
