"""What do other processes do in the tests of a shared file? A script: one word and its arguments.

Each says `ready` when it has opened the file, and goes on when it is sent a line.
"""

import asyncio
import sys
from pathlib import Path

from vivido.backends.sqlite import SqliteStore
from vivido.backends.sqlite.liveness import LockedBytes
from vivido.model.journal import Kind, Record


def say(word: object) -> None:
    """Tell the test."""
    print(word, flush=True)  # noqa: T201  (how a script speaks)


def heard() -> None:
    """Wait for the test."""
    sys.stdin.readline()


async def append(path: str, name: str, count: str) -> None:
    """Append records 1 … count to the root of x, and name those that were added."""
    with SqliteStore(path) as store:
        say("ready")
        heard()
        for n in range(1, int(count) + 1):
            record = Record(n, Kind.OK, name, f"{name}-{n}", 1.0)
            if await store.ports.journal.append("x", "r", record) is None:
                say(n)


async def hold(path: str) -> None:
    """Receive a message and keep it until the end."""
    with SqliteStore(path) as store:
        (delivery,) = await store.ports.queue.receive("default", 1)
        say(delivery.receives)
        heard()


async def receive(path: str) -> None:
    """Name the messages that are visible to a new process."""
    with SqliteStore(path) as store:
        deliveries = await store.ports.queue.receive("default", 99)
        say([one.message.id for one in deliveries])


async def lock(path: str, owner: str) -> None:
    """Be an owner until the end."""
    locked = LockedBytes(Path(path))
    locked.claim(int(owner))
    say("ready")
    heard()
    locked.close()


if __name__ == "__main__":
    word, *arguments = sys.argv[1:]
    words = {"append": append, "hold": hold, "receive": receive, "lock": lock}
    asyncio.run(words[word](*arguments))
