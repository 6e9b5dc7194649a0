"""Is what people write with `asyncio` compiled, and does it do what it does there?"""

import asyncio
from pathlib import Path

import pytest

from vivido import Workflow, map_each, step, workflow
from vivido.compiler import compile_file
from vivido.testing import simulate


@step
async def fetch(n: int) -> int:
    """Fetch a number."""
    return n * 10


@workflow
async def async_for(n: int) -> list[object]:
    """Go through results."""
    found: list[object] = [x + 1 async for x in map_each(fetch, [n, 2]) if x > n]
    async for y in map_each(fetch, [n], on_error="collect"):
        if y == 0:
            break
        found += [y]
    else:
        found.append("all")
    return found


@workflow
async def wait_for(n: int) -> int:
    """Wait, but not for ever."""
    return await asyncio.wait_for(fetch(n), timeout=5) + 1


@workflow
async def with_a_block(n: int) -> list[int]:
    """Fetch side by side, with what is around."""

    async def each(k: int) -> int:
        return await fetch(k + n)

    return await map_each(each, [1, 2])


MADE = [(async_for, [31, 21, 30, "all"]), (wait_for, 31), (with_a_block, [40, 50])]


@pytest.mark.parametrize(("made", "expected"), MADE, ids=str)
def test_asyncio_is_compiled(made: Workflow[[int], object], expected: object) -> None:
    """The engine gives what the coroutine gives."""
    assert asyncio.run(made(3)) == expected  # type: ignore[arg-type]
    assert simulate(made, 3).output == expected


REFUSED = {
    "async for x in [1, 2]:\n        pass": "V206",
    "async for x in fetch(n):\n        pass": "V206",
    "return [x async for x in n]": "V206",
    "for x in map_each(fetch, [1]):\n        pass": "V213",
    "map_each(fetch, [1])": "V213",
    "await map_each(lambda k: fetch(k), [1])": "V213",
    "await n": "V211",
}


@pytest.mark.parametrize("line", REFUSED)
def test_other_loops_are_refused(line: str, tmp_path: Path) -> None:
    """What plain Python would not await, or what is no effect of a workflow, has a finding."""
    source = f"""
import asyncio
from vivido import map_each, step, workflow

@step
async def fetch(n: int) -> int:
    return n

@workflow
async def made(n: int):
    {line}
"""
    file = tmp_path / "refused_loops.py"
    file.write_text(source, "utf-8")
    assert REFUSED[line] in {finding.code for finding in compile_file(file).diagnostics}
