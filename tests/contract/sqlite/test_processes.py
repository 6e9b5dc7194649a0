"""What happens when several processes share a file, and when one of them is killed?"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from vivido.backends.memory import VirtualClock
from vivido.backends.sqlite import SqliteStore
from vivido.backends.sqlite.liveness import Heartbeats, LockedBytes
from vivido.backends.sqlite.store import MESSAGES_HELD
from vivido.backends.world import SystemClock
from vivido.model.journal import Message

SCRIPT = Path(__file__).with_name("process.py")
LATER = 2_000_000_000.0  # long after any lease that a process of today can hold


class Process:
    """Another process, running `process.py`."""

    def __init__(self, *words: object) -> None:
        self._popen = subprocess.Popen(  # noqa: S603  (our own script)
            [sys.executable, SCRIPT, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self) -> str:
        """Wait for its next line."""
        return stream(self._popen.stdout).readline().strip()

    def rest(self) -> list[str]:
        """Wait for all that it still says."""
        return stream(self._popen.stdout).read().split()

    def go_on(self) -> None:
        """Send it a line."""
        stream(self._popen.stdin).write("\n")
        stream(self._popen.stdin).flush()

    def kill(self) -> None:
        """End it as a crash does: nothing of it runs any more."""
        self._popen.kill()
        self._popen.wait()

    def close(self) -> None:
        """End it if it has not ended, and close its pipes."""
        self.kill()
        stream(self._popen.stdin).close()
        stream(self._popen.stdout).close()


def stream(pipe: IO[str] | None) -> IO[str]:
    """Name a pipe that is there."""
    assert pipe is not None
    return pipe


@pytest.fixture
def process() -> Iterator[Callable[..., Process]]:
    """Give a way to start processes; none outlives the test."""
    started: list[Process] = []

    def start(*words: object) -> Process:
        started.append(Process(*words))
        return started[-1]

    yield start
    for one in started:
        one.close()


async def the_next(store: SqliteStore) -> int:
    """Wait for a message, and say how often it was received."""
    for _ in range(300):
        if deliveries := await store.ports.queue.receive("default", 1):
            return deliveries[0].receives
        await store.ports.queue.wait(0.1)
    raise AssertionError("no message has come")


async def test_two_processes_append_the_same_numbers(
    path: Path, process: Callable[..., Process]
) -> None:
    """Of two processes that append the same numbers exactly one adds each, and both know which."""
    count = 200
    processes = {name: process("append", path, name, count) for name in ("a", "b")}
    assert [one.says() for one in processes.values()] == ["ready", "ready"]
    for one in processes.values():
        one.go_on()
    won = {name: [int(n) for n in one.rest()] for name, one in processes.items()}
    with SqliteStore(path) as store:
        records = await store.ports.journal.read("x", "r")
    assert [one.n for one in records] == list(range(1, count + 1))
    assert {name: [one.n for one in records if one.by == name] for name in won} == won


async def test_many_processes_make_the_file_at_once(
    path: Path, process: Callable[..., Process]
) -> None:
    """Processes that find no file each make it, and none takes another's work for a stranger's."""
    processes = [process("append", path, "a", 0) for _ in range(4)]
    assert [one.says() for one in processes] == ["ready"] * 4


async def test_what_was_appended_outlives_a_kill(
    path: Path, process: Callable[..., Process]
) -> None:
    """What a process said it had appended is there after kill -9, and nothing is half there."""
    killed = process("append", path, "a", 1_000_000)
    killed.says()
    killed.go_on()
    said = [int(killed.says()) for _ in range(50)]
    killed.kill()
    said += [int(n) for n in killed.rest()]
    with SqliteStore(path) as store:
        stored = [one.n for one in await store.ports.journal.read("x", "r")]
    # The last one may have been stored and not said.
    assert (said, stored) == (stored[: len(said)], list(range(1, len(stored) + 1)))
    assert len(stored) - len(said) in (0, 1)


async def test_a_message_of_a_killed_process_comes_at_once(
    path: Path, process: Callable[..., Process]
) -> None:
    """What a killed process held is delivered again without waiting for its lease, and counted."""
    with SqliteStore(path, lease_seconds=1e6) as store:
        await store.ports.queue.send([Message("m1", "x", "r", 0)])
        holder = process("hold", path)
        assert holder.says() == "1"
        assert list(await store.ports.queue.receive("default", 1)) == []
        holder.kill()
        assert await the_next(store) == 2


async def test_a_new_process_takes_over_from_a_killed_one(
    path: Path, process: Callable[..., Process]
) -> None:
    """Also a process that starts afterwards finds the message at once."""
    with SqliteStore(path) as store:
        await store.ports.queue.send([Message("m1", "x", "r", 0)])
    holder = process("hold", path)
    assert holder.says() == "1"
    holder.kill()
    with SqliteStore(path) as store:
        (delivery,) = await store.ports.queue.receive("default", 1)
        assert (delivery.message.id, delivery.receives) == ("m1", 2)


async def test_a_message_of_a_living_process_never_comes(
    path: Path, process: Callable[..., Process]
) -> None:
    """However long a living process keeps a message, no other gets it, until it ends in peace."""
    clock = SystemClock()
    with SqliteStore(path, clock=clock) as store:
        await store.ports.queue.send([Message("m1", "x", "r", 0)])
    holder = process("hold", path)
    assert holder.says() == "1"
    with SqliteStore(path, clock=VirtualClock(LATER), poll_seconds=0.0) as store:
        assert list(await store.ports.queue.receive("default", 1)) == []
        holder.go_on()
        assert holder.rest() == []
        assert await the_next(store) == 2


async def test_the_next_message_of_any_pool_is_known(
    store: SqliteStore, clock: VirtualClock
) -> None:
    """A simulation is told where to move the clock; a leased message counts with its lease."""
    queue: Any = store.ports.queue
    times = [queue.next_visible()]
    await queue.send([Message("m1", "x", "r", 0)], delay=30.0)
    times.append(queue.next_visible())
    clock.advance_to(1_030.0)
    await queue.receive("default", 1)
    times.append(queue.next_visible())
    await queue.send([Message("m2", "x", "r", 0)])
    times.append(queue.next_visible())
    assert times == [None, 1_030.0, 1_120.0, 1_030.0]


async def test_a_process_holds_so_many_messages_and_leaves_the_rest(
    opened: Callable[..., SqliteStore],
) -> None:
    """Of what a process sends to itself, others find what is past the bound."""
    first, second = opened(), opened()
    await first.ports.queue.receive("default", 1)
    messages = [Message(f"m{number:03}", "x", "r", 0) for number in range(MESSAGES_HELD + 44)]
    await asyncio.gather(
        first.ports.queue.send(messages[:100]), first.ports.queue.send(messages[100:])
    )
    found = await second.ports.queue.receive("default", 999)
    assert [one.message.id for one in found] == [one.id for one in messages[MESSAGES_HELD:]]


async def test_a_process_for_one_execution_leaves_others_to_theirs(
    opened: Callable[..., SqliteStore],
) -> None:
    """It receives what its execution and the children of that need, of what it sends too."""
    first, second = opened(), opened()
    first.only("x")
    executions = ["x", "x~r.1", "x~r.1~r.2", "xy", "y", "y~r.1"]
    messages = [Message(f"m-{execution}", execution, "r", 0) for execution in executions]
    await second.ports.queue.send(messages[::2])
    received = [*await first.ports.queue.receive("default", 99)]
    await first.ports.queue.send(messages[1::2])
    received += await first.ports.queue.receive("default", 99)
    left = await second.ports.queue.receive("default", 99)
    assert sorted(one.message.execution for one in received) == ["x", "x~r.1", "x~r.1~r.2"]
    assert sorted(one.message.execution for one in left) == ["xy", "y", "y~r.1"]


async def test_closing_gives_back_what_was_held(opened: Callable[..., SqliteStore]) -> None:
    """After a clean end everything is visible at once; only what was delivered is counted."""
    first = opened()
    await first.ports.queue.receive("default", 1)
    await first.ports.queue.send([Message(id_, "x", "r", 0) for id_ in ("m1", "m2")])
    await first.ports.queue.receive("default", 1)
    first.close()
    deliveries = await opened().ports.queue.receive("default", 9)
    counts = {one.message.id: one.receives for one in deliveries}
    assert counts == {"m1": 2, "m2": 1}


async def test_a_second_store_of_a_process_keeps_the_locks_of_the_first(
    opened: Callable[..., SqliteStore], path: Path, process: Callable[..., Process]
) -> None:
    """Closing one of two stores over one file leaves the other one alive in others' eyes."""
    first, second = opened(), opened()
    await first.ports.queue.receive("default", 1)
    await first.ports.queue.send([Message("m1", "x", "r", 0)])
    await second.ports.queue.receive("default", 1)
    second.close()
    assert process("receive", path).says() == "[]"
    (delivery,) = await first.ports.queue.receive("default", 1)
    assert delivery.receives == 1


def test_an_owner_is_alive_until_its_process_ends(
    tmp_path: Path, process: Callable[..., Process]
) -> None:
    """A lock says whether a process is there, whichever way it ends."""
    store = tmp_path / "state.db"
    here = LockedBytes(store)
    killed, ended = process("lock", store, 1), process("lock", store, 2)
    assert [killed.says(), ended.says()] == ["ready", "ready"]
    here.claim(3)
    alive = [[here.alive(owner, 0.0, 0.0) for owner in (1, 2, 3, 4)]]
    killed.kill()
    alive.append([here.alive(owner, 0.0, 0.0) for owner in (1, 2, 3, 4)])
    ended.go_on()
    ended.rest()
    ended.kill()
    here.release(3)
    alive.append([here.alive(owner, 0.0, 0.0) for owner in (1, 2, 3, 4)])
    here.close()
    assert alive == [
        [True, True, True, False],
        [False, True, True, False],
        [False, False, False, False],
    ]


async def test_without_locks_an_owner_lives_as_long_as_it_is_seen(
    opened: Callable[..., SqliteStore], clock: VirtualClock
) -> None:
    """Where locks are missing, who is silent for a lease is taken for dead, and begins anew."""
    options = {"liveness": Heartbeats(90.0), "poll_seconds": 0.0, "lease_seconds": 1e6}
    silent, other = opened(**options), opened(**options)
    await silent.ports.queue.send([Message("m1", "x", "r", 0)])
    (kept,) = await silent.ports.queue.receive("default", 1)
    start, seen = clock.now(), []
    for seconds in (50.0, 100.0, 189.0, 190.0):
        clock.advance_to(start + seconds)
        if seconds == 100.0:
            await silent.ports.queue.receive("default", 1)
        deliveries = await other.ports.queue.receive("default", 1)
        seen.append([one.receives for one in deliveries])
    assert seen == [[], [], [], [2]]
    await silent.ports.queue.ack(kept)  # it is another's now
    other.close()
    assert [one.receives for one in await silent.ports.queue.receive("default", 1)] == [3]
