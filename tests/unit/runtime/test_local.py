"""Does a local runtime drive executions to their end, say what happens, and stop when it should?"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from vivido import Definition, DefinitionError, sleep, step, workflow
from vivido.backends.memory import memory_ports
from vivido.bootstrap import open_local
from vivido.errors import NeedsAttention, UsageError
from vivido.model.journal import Meta, Record, Status
from vivido.runtime.local import Began, LocalRuntime, Unwatched, steps_are_left

log = logging.getLogger("tests.local")
entered, leave = threading.Event(), threading.Event()


@step
def double(x: int) -> int:
    """Twice as much."""
    return 2 * x


@step
def held(x: int) -> int:
    """Wait until the test lets it go."""
    entered.set()
    leave.wait()
    return x


@workflow
def doubles(x: int) -> int:
    """Four times as much."""
    y = double(x)
    log.warning("doubled to %s", y)
    return double(y)


@workflow
def holds(x: int) -> int:
    """Wait, then double."""
    y = held(x)
    return double(y)


@workflow
def naps(x: int) -> int:
    """Wait for long."""
    sleep("1h")
    return double(x)


class Seen(Unwatched):
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def began(self, began: Began) -> None:
        """An attempt begins."""
        self.told.append(f"{began.step} {began.number}")

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:  # noqa: ARG002
        """A record was written."""
        self.told.append(record.kind.value)


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run a coroutine function."""
    return asyncio.run(work())


@pytest.fixture(autouse=True)
def gate() -> Any:
    """Steps that are held are let go at the end of each test."""
    entered.clear()
    leave.clear()
    yield
    leave.set()
    steps_are_left(2.0)


def test_it_runs_to_the_end_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """Attempts and records are told in order; a line that the workflow logs is logged once."""
    seen = Seen()

    async def work() -> Meta:
        async with LocalRuntime(memory_ports(atomic=True), watcher=seen) as runtime:
            await runtime.start(doubles.definition, {"x": 2}, execution="A")
            return await runtime.wait("A")

    meta = run(work)
    assert (meta.status, meta.output) == (Status.SUCCEEDED, 8)
    assert seen.told == ["double 1", "OK", "double 1", "END"]
    lines = [(line.name, line.levelname, line.getMessage()) for line in caplog.records]
    assert lines == [("tests.local", "WARNING", "doubled to 4")]


def test_the_same_start_is_the_same_execution() -> None:
    """Starting again finds what is there; another input is refused."""

    async def work() -> list[Meta]:
        async with LocalRuntime(memory_ports(atomic=True)) as runtime:
            first = await runtime.start(doubles.definition, {"x": 2}, execution="A")
            with pytest.raises(
                UsageError, match="exists with another input: 'x' is 2 there and 3 now"
            ):
                await runtime.start(doubles.definition, {"x": 3}, execution="A")
            await runtime.wait("A")
            again = await runtime.start(doubles.definition, {"x": 2}, execution="A")
            return [first, again]

    assert [meta.status for meta in run(work)] == [Status.RUNNING, Status.SUCCEEDED]


def test_nobody_waits_for_what_is_not_there() -> None:
    """An unknown id is the caller's mistake."""

    async def work() -> None:
        async with LocalRuntime(memory_ports(atomic=True)) as runtime:
            await runtime.wait("nothing")

    with pytest.raises(UsageError, match="there is no execution 'nothing'"):
        run(work)


def test_a_stop_lets_the_running_step_finish(tmp_path: Path) -> None:
    """What was recorded stays, the next step belongs to whoever goes on."""
    path, seen = str(tmp_path / "s.db"), Seen()

    async def stopped() -> bool:
        async with LocalRuntime(local.ports, watcher=seen) as runtime:
            await runtime.start(holds.definition, {"x": 2}, execution="A")
            await asyncio.to_thread(entered.wait)
            closing = asyncio.create_task(runtime.close(60.0))
            await asyncio.sleep(0)
            leave.set()
            return await closing

    async def again() -> Meta:
        async with LocalRuntime(local.ports, watcher=seen) as runtime:
            return await runtime.wait("A")

    local = open_local(path)
    clean = run(stopped)
    local.close()
    assert (clean, seen.told) == (True, ["held 1", "OK"])
    local = open_local(path)
    meta = run(again)
    local.close()
    assert (meta.output, seen.told) == (4, ["held 1", "OK", "double 1", "END"])


def test_a_step_that_is_cut_off_runs_again(tmp_path: Path) -> None:
    """Its thread cannot be ended, so it is left running; the next runtime runs it anew."""
    path, seen = str(tmp_path / "s.db"), Seen()

    async def cut_off() -> bool:
        async with LocalRuntime(local.ports) as runtime:
            await runtime.start(holds.definition, {"x": 2}, execution="A")
            await asyncio.to_thread(entered.wait)
            return await runtime.close()

    async def again() -> Meta:
        leave.set()
        async with LocalRuntime(local.ports, watcher=seen) as runtime:
            return await runtime.wait("A")

    local = open_local(path)
    clean = run(cut_off)
    left = steps_are_left(0.01)
    local.close()
    assert (clean, left) == (False, True)
    local = open_local(path)
    meta = run(again)
    local.close()
    assert (meta.output, seen.told) == (4, ["RESUMED", "held 1", "OK", "double 1", "END"])


def test_code_that_is_not_there_ends_the_waiting() -> None:
    """A definition whose step is gone cannot go on here, however often it is delivered."""
    data = doubles.definition.as_json()
    data["steps"]["double"]["ref"] = f"{__name__}:gone"

    async def work() -> None:
        async with LocalRuntime(memory_ports(atomic=True)) as runtime:
            await runtime.start(Definition.model_validate(data), {"x": 2}, execution="A")
            await runtime.wait("A")

    with pytest.raises(DefinitionError, match="gone"):
        run(work)


def test_a_store_that_fails_ends_the_waiting() -> None:
    """What ends the worker is raised to whoever waits, not left to a log."""
    ports = memory_ports(atomic=True)

    async def failing(pool: str, limit: int) -> Any:
        raise NeedsAttention(f"damaged, asked for {limit} of {pool}")

    async def work() -> None:
        async with LocalRuntime(ports) as runtime:
            await runtime.start(naps.definition, {"x": 2}, execution="A")
            ports.queue.receive = failing  # type: ignore[method-assign]
            await runtime.wait("A")

    with pytest.raises(NeedsAttention, match="damaged, asked for 100 of default"):
        run(work)


def test_a_process_may_drive_one_execution_only(tmp_path: Path) -> None:
    """Another execution in the same file is neither run nor lost."""
    path = str(tmp_path / "s.db")

    async def started() -> None:
        for name in ("A", "B"):
            await LocalRuntime(local.ports).start(doubles.definition, {"x": 2}, execution=name)

    async def driven() -> list[Status]:
        async with LocalRuntime(local.ports) as runtime:
            await runtime.wait("B")
            metas = [await local.ports.metas.get(name) for name in ("A", "B")]
            return [meta.status for meta in metas if meta is not None]

    async def rest() -> Meta:
        async with LocalRuntime(local.ports) as runtime:
            return await runtime.wait("A")

    local = open_local(path)
    run(started)
    local.close()
    local = open_local(path, only="B")
    statuses = run(driven)
    local.close()
    assert statuses == [Status.RUNNING, Status.SUCCEEDED]
    local = open_local(path)
    assert run(rest).output == 8
    local.close()


def test_a_runtime_may_be_entered_again_in_its_loop() -> None:
    """Tests and notebooks do: each has threads of its own."""
    ports = memory_ports(atomic=True)

    async def work() -> list[Any]:
        outputs = []
        for name in ("A", "B"):
            async with LocalRuntime(ports) as runtime:
                await runtime.start(doubles.definition, {"x": 2}, execution=name)
                outputs.append((await runtime.wait(name)).output)
        outputs.append(await asyncio.to_thread(lambda: "still a thread"))
        return outputs

    assert run(work) == [8, 8, "still a thread"]
