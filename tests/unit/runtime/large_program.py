"""A process that passes 200 MB from one step to another, and says what that took."""

import asyncio
import resource
import sys

from vivido import step, workflow
from vivido.backends.sqlite import SqliteStore
from vivido.runtime.local import LocalRuntime

SIZE = 200_000_000


@step(inline=True)
def read(size: int) -> str:
    """So much text."""
    return "x" * size


@step(inline=True)
def measured(text: str) -> int:
    """How much it is."""
    return len(text)


@workflow
def passing(size: int) -> int:
    """From one step to the next."""
    text = read(size)
    return measured(text)


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024


async def work(path):
    """Run it; give META and the length of its journal."""
    with SqliteStore(path) as store:
        async with LocalRuntime(store.ports) as runtime:
            await runtime.start(passing.definition, {"size": SIZE}, execution="A")
            meta = await runtime.wait("A")
        return meta, len(str(await store.ports.journal.read("A", "r")))


if __name__ == "__main__":
    assert passing.definition
    before = peak()
    meta, journal = asyncio.run(work(sys.argv[1]))
    print(meta.status, meta.output, journal, (peak() - before) // SIZE)  # noqa: T201
