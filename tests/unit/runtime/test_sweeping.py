"""Does a process that runs executions sweep, and does that end with it?"""

import asyncio
from typing import Any

from vivido import step, workflow
from vivido.backends.memory import memory_ports
from vivido.errors import Unavailable
from vivido.runtime.library import Library
from vivido.runtime.local import LocalRuntime
from vivido.runtime.repairing import Repairs
from vivido.runtime.sweeping import Sweeper
from vivido.settings import Settings


@step
def add(n: int) -> int:
    """Add one."""
    return n + 1


@workflow
def flow(n: int) -> int:
    """Two steps."""
    return add(add(n))


def runtime(**settings: float) -> LocalRuntime:
    """A runtime on a new memory."""
    library = Library()
    library.put(flow.ref, flow)
    return LocalRuntime(memory_ports(), library=library, settings=Settings(**settings))  # type: ignore[arg-type]


def test_a_runtime_heals_what_it_finds() -> None:
    """An execution whose start lost its message comes to its end without anybody's doing."""

    async def run() -> Any:
        local = runtime(sweep_seconds=0.01, stuck_seconds=0.01)
        await local.start(flow.definition, {"n": 1}, execution="x")
        (lost,) = await local.ports.queue.receive("default", 1)
        await local.ports.queue.ack(lost)
        async with local:
            async with asyncio.timeout(20.0):
                meta = await local.wait("x")
            (line, *_) = await local.ports.notes.lines("x")
        return meta.output, line[1].text, asyncio.all_tasks() - {asyncio.current_task()}

    output, text, left = asyncio.run(run())
    assert (output, text.partition(":")[0], left) == (3, "repaired by the sweeper", set())


def test_a_sweep_that_fails_is_tried_again(caplog: Any) -> None:
    """A store that does not answer for a moment ends no sweeper."""
    looked = []

    async def run() -> None:
        sweeper = Sweeper(memory_ports(), bound=1.0)

        async def tick() -> list[Any]:
            looked.append(True)
            if len(looked) == 1:
                raise Unavailable("locked")
            sweeping.cancel()
            return []

        sweeper.tick = tick  # type: ignore[method-assign]
        sweeping = asyncio.create_task(sweeper.run(0.001))
        await asyncio.wait([sweeping])

    asyncio.run(run())
    assert (len(looked), [r.getMessage() for r in caplog.records]) == (
        2,
        ["the sweeper could not look: locked"],
    )


def test_all_executions_are_repaired_in_pages(monkeypatch: Any) -> None:
    """However many there are, each comes once; what has ended is left alone."""
    monkeypatch.setattr("vivido.runtime.repairing._PAGE", 2)

    async def run() -> list[str]:
        local = runtime()
        async with local:
            await local.start(flow.definition, {"n": 1}, execution="done")
            await local.wait("done")
        for number in range(5):
            await local.start(flow.definition, {"n": 1}, execution=f"e{number}")
        return [one.execution async for one in Repairs(local.ports).repair_all()]

    assert sorted(asyncio.run(run())) == ["e0", "e1", "e2", "e3", "e4"]
