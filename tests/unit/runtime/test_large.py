"""Values of any size pass between steps, up to a bound that a workflow can catch."""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vivido import map_each, sleep, step, workflow
from vivido.backends.memory import memory_ports
from vivido.errors import ValueNotStorable
from vivido.model.journal import Json, Meta
from vivido.runtime.local import LocalRuntime
from vivido.settings import Settings


@step(inline=True)
def make(size: int) -> str:
    """So much text."""
    return "x" * size


@workflow
def careful(size: int) -> str:
    """Goes on with less where it was too much."""
    try:
        text = make(size)
    except ValueNotStorable as error:
        return str(error)
    return text[:3]


def run(size: int, most: int) -> str:
    """Run it where `most` bytes are stored."""

    async def work() -> str:
        settings = Settings(max_value_bytes=most)
        async with LocalRuntime(memory_ports(atomic=True), settings=settings) as runtime:
            await runtime.start(careful.definition, {"size": size}, execution="A")
            return str((await runtime.wait("A")).output)

    return asyncio.run(work())


def test_what_no_store_takes_is_an_error_at_its_step() -> None:
    """It can be caught, and says how large the value is and how large it may be."""
    assert run(30_000, 20_000) == (
        "the result of step 'make' takes 30,002 bytes as JSON, and 20,000 is the most that is "
        "stored: write it to a file or bucket and keep where it lies"
    )


@pytest.mark.parametrize(("size", "warned"), [(9_000, []), (11_000, ["55"]), (19_000, ["95"])])
def test_warnings_come_before_the_bound(
    size: int, warned: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """From half of it on, in the log."""
    with caplog.at_level(logging.WARNING, "vivido.payloads"):
        assert run(size, 20_000) == "xxx"
    shares = [str(record.args[2]) for record in caplog.records if isinstance(record.args, tuple)]
    assert shares == warned


def test_200_megabytes_pass_between_steps(tmp_path: Path) -> None:
    """In less than five times the memory, and a journal that stays small."""
    program = Path(__file__).with_name("large_program.py")
    command = [sys.executable, str(program), str(tmp_path / "state.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    status, output, journal, times = done.stdout.split()
    assert (status, output) == ("succeeded", "200000000")
    assert int(journal) < 2_000
    assert int(times) < 5


# ------------------------------------------------------------- other places than results
undone: list[str] = []


@step(inline=True)
def remove(size: int) -> None:
    """Undo `upload`."""
    undone.append(f"{size}")


@step(inline=True, compensate=remove)
def upload(size: int) -> str:
    """Has an effect, and a result that may be too large."""
    return "x" * size


@step(inline=True)
def length(text: str) -> int:
    """How long it is."""
    return len(text)


@workflow
def uploads(size: int) -> str:
    """A step that may have had its effect."""
    return upload(size)


@workflow
def keeps(size: int) -> int:
    """A variable of three values, over a wait."""
    text = make(size)
    rows = [text, text, text]
    sleep(seconds=0.01)
    return len(rows)


@workflow
def gives(size: int) -> list[str]:
    """A result of three values."""
    text = make(size)
    return [text, text, text]


@workflow
def spreads(size: int) -> list[int]:
    """Items of three values."""
    text = make(size)
    return map_each(length, [text, text, text])


@workflow
def grows(size: int) -> int:
    """A list that grows by one value after the other."""
    rows: list[str] = []
    for _ in range(4):
        rows.append(make(size))  # noqa: PERF401  (one more item a record)
    sleep(seconds=0.01)
    return len(rows)


def ended(flow, size: int, most: int = 20_000) -> Meta:
    """Run it to its end."""

    async def work() -> Meta:
        settings = Settings(max_value_bytes=most)
        async with LocalRuntime(memory_ports(atomic=True), settings=settings) as runtime:
            await runtime.start(flow.definition, {"size": size}, execution="A")
            return await runtime.wait("A")

    return asyncio.run(work())


@pytest.mark.parametrize("flow", [keeps, gives, spreads, grows], ids=lambda flow: flow.name)
def test_what_is_too_large_elsewhere_ends_the_execution(flow) -> None:
    """A variable, a result, items: all can be stored one by one, and not together."""
    meta = ended(flow, 9_000)
    assert (meta.status, meta.error["type"]) == ("failed", "vivido.model.payloads:TooLarge")
    assert "20,000 is the most that is stored" in meta.error["message"]
    assert ended(flow, 9_000, 200_000).status == "succeeded"


def test_what_a_step_did_is_undone_where_its_result_is_too_large() -> None:
    """It had its effect, so its compensation runs."""
    undone.clear()
    assert ended(uploads, 30_000).status == "compensated"
    assert undone == ["30000"]


def test_an_input_that_is_too_large_starts_nothing() -> None:
    """The caller is told."""

    async def work() -> Meta | None:
        settings = Settings(max_value_bytes=20_000)
        async with LocalRuntime(memory_ports(atomic=True), settings=settings) as runtime:
            with pytest.raises(ValueNotStorable, match="size takes 30,002 bytes"):
                await runtime.start(careful.definition, {"size": "x" * 30_000}, execution="A")
            return await runtime.ports.metas.get("A")

    assert asyncio.run(work()) is None


@workflow
def parent(size: int) -> int:
    """A child execution with a large input and a large result."""
    return len(child(make(size)))


@workflow
def child(text: str) -> str:
    """More of it."""
    return text + text


def test_what_passes_to_another_execution_is_its_own_too() -> None:
    """Whoever is deleted first, the other keeps what it refers to."""

    async def work() -> tuple[Json, list[set[str]]]:
        ports = memory_ports(atomic=True)
        async with LocalRuntime(ports) as runtime:
            await runtime.start(parent.definition, {"size": 10_000}, execution="A")
            meta = await runtime.wait("A")
        blobs: Any = ports.blobs
        return meta.output, [set(uses) for uses in blobs._uses.values()]  # noqa: SLF001

    output, uses = asyncio.run(work())
    assert output == 20_000
    assert uses == [{"A", "A~r.2"}, {"A", "A~r.2"}]
