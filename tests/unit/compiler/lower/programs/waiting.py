"""Workflows with operations that plain Python cannot run: lowered, and not run here."""

# What people write, and worse: that is the point.
# ruff: noqa: ARG001, D101, D103, DTZ001, DTZ005, F403, F405, F841, FBT002, PERF401, TID251
from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from pydantic import BaseModel

import vivido as v
from vivido import *


class Form(BaseModel):
    ok: bool


class Order(BaseModel):
    id: str


@step
def render(scene: str, quality: int = 1) -> str:
    return scene


@step
def check(job: str, verbose: bool = False) -> dict[str, bool]:
    return {}


@workflow
def jobs(order: Order, scenes: list[str]) -> object:
    job = spawn(render, order.id, quality=2)
    several = [spawn(render, scene) for scene in scenes]

    def block(a: int) -> int:
        return a

    lazy = spawn(lambda: render(order.id.upper()))
    films = [each.result() for each in several]
    return job.result(), films, spawn(block, len(films)).result(), lazy


@workflow
def races(order: Order, scene: str) -> object:
    job = spawn(render, scene)
    who, value = first(
        paid=receive("paid", key=order.id, timeout="2h"), late=sleep(hours=2), call=job
    )
    winner = first(a=render(scene), b=render(scene, quality=len(scene)))
    return who, value, winner


@workflow(timeout="2d")
def events(order: Order) -> object:
    go = receive("approved", key=order.id, timeout="3d")
    if go["ok"] and receive("more", timeout=timedelta(days=1)):
        emit("order.shipped", {"id": order.id}, key=order.id)
    call = callback(timeout="1h", heartbeat="5m")
    render(call.token)
    done = call.result()
    approved = approve("Refund over limit", form=Form, to="finance", timeout="2d")
    publish(stage="packing", percent=40 + len(render(order.id)))
    return done, approved


@workflow
def waits(order: Order) -> object:
    sleep("5s")
    sleep(days=2, hours=len(order.id))
    sleep(until=datetime(2030, 1, 1))
    with v.deadline(minutes=5), saga():
        render("a")
    a = poll(check, order.id, verbose=True, until="result['done']", every="30s", timeout="2h")
    b = poll(
        check,
        order.id,
        until=lambda state: state["done"] and order.id,
        every=timedelta(seconds=3),
        timeout="1h",
    )
    return a, b


@workflow
def policies(scenes: list[str], limit: int = 3) -> object:
    a = map_each(render, scenes, max_concurrency=limit + 1, tolerate=0.1, on_error="collect")
    b = parallel(render("a"), render("b"), need=1, on_error="collect")
    c = map_each(lambda scene: render(scene, quality=limit), [s for s in scenes if s])
    return a, b, c


@workflow
def recorded(order: Order) -> object:
    """What may differ when it is evaluated again is recorded before the step."""
    render(f"{datetime.now()}")
    render(order.id, int(datetime.now().timestamp()))
    sleep(seconds=datetime.now().second)
    a = map_each(render, [str(datetime.now()) for _ in range(2)])
    return parallel(
        render(str(datetime.now())), *[render(str(n)) for n in range(datetime.now().second)]
    )


@step
async def aid(scene: str) -> str:
    return scene


@workflow
async def tasks(scenes: list[str]) -> object:
    started = [asyncio.create_task(aid(scene)) for scene in scenes]
    more = []
    for scene in scenes:
        more.append(asyncio.create_task(aid(scene)))
    one = await started[0] + await asyncio.create_task(aid("x"))
    rest = await asyncio.gather(*started, *more, return_exceptions=True)
    job = asyncio.create_task(aid("q"))
    limited = await asyncio.wait_for(aid("a"), timeout=5)
    first, second = await asyncio.gather(aid("a"), job)
    await asyncio.sleep(delay=3)
    logging.getLogger(__name__).info("x %s", limited)
    logging.getLogger("a.b").error("y")
    return one, rest, first, second
