"""Is an execution started once, whatever happens to whoever starts it?"""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from vivido import step, workflow
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.errors import UsageError
from vivido.runtime.engine import Engine
from vivido.runtime.starting import Start
from vivido.testing.faults import Crash, Fault, Injector, faulty


@step(inline=True)
def double(x: int) -> int:
    """Twice as much."""
    return 2 * x


@workflow(timeout="1h")
def doubles(x: int) -> int:
    """One step, with a time limit: three effects start it."""
    return double(x)


def starts(*numbers: int) -> list[Start]:
    """Starts of so many executions."""
    return [Start(doubles.definition, {"x": number}, f"A{number}") for number in numbers]


async def settled(engine: Engine, clock: VirtualClock) -> None:
    """Deliver until all is done."""
    while deliveries := await engine.ports.queue.receive("default", 10):
        for delivery in deliveries:
            await engine.deliver(delivery)
        clock.advance_to(clock.now() + 0.1)


async def outputs(engine: Engine, *numbers: int) -> list[Any]:
    """What came of them."""
    metas = [await engine.ports.metas.get(f"A{number}") for number in numbers]
    return [meta and meta.output for meta in metas]


@pytest.mark.parametrize("kind", ["crash before", "crash after"])
@pytest.mark.parametrize("at", range(1, 20))
def test_a_start_can_crash_anywhere(at: int, kind: Any) -> None:
    """Whoever starts it again starts it once, and it runs: the first message is sent again."""

    async def work() -> list[Any]:
        clock = VirtualClock(1_000.0)
        ports = memory_ports(clock=clock, ids=SeededIds(1))
        injector = Injector(Fault(kind, at))
        injector.armed = True
        try:
            await Engine(faulty(ports, injector)).start_many(starts(1, 2))
        except Crash:
            await settled(Engine(ports), clock)
        engine = Engine(ports)
        again = await engine.start_many(starts(1, 2))
        assert [one.execution for one in again if not isinstance(one, UsageError)] == ["A1", "A2"]
        await settled(engine, clock)
        return await outputs(engine, 1, 2)

    assert asyncio.run(work()) == [2, 4]


def test_of_two_starts_at_once_one_is_told_of_the_conflict() -> None:
    """Both saw no execution; the second one reads META once more."""

    async def work() -> list[Any]:
        engine = Engine(memory_ports())
        one = Start(doubles.definition, {"x": 1}, "A")
        other = replace(one, arguments={"x": 2})
        answers = await asyncio.gather(engine.start_many([one]), engine.start_many([other]))
        return [str(answer[0]) for answer in answers if isinstance(answer[0], UsageError)]

    (conflict,) = asyncio.run(work())
    assert "'x' is 1 there and 2 now" in conflict
