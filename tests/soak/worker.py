"""One worker of the soak: works on the store until somebody kills it."""

import asyncio
import logging
import sys

import soak_flows  # the library finds its steps, as it is imported

from vivido.bootstrap import open_local
from vivido.runtime.local import LocalRuntime


async def work(path: str) -> None:
    """Work for ever."""
    local = open_local(path)
    async with LocalRuntime(local.ports, concurrency=20):
        print("works", flush=True)  # noqa: T201  the soak reads it
        await asyncio.Event().wait()


logging.disable(logging.WARNING)  # an answer that is late is no news here
assert soak_flows.MIX
asyncio.run(work(sys.argv[1]))
