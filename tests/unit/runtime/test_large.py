"""Values of any size pass between steps, up to a bound that a workflow can catch."""

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from vivido import step, workflow
from vivido.backends.memory import memory_ports
from vivido.errors import ValueNotStorable
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
