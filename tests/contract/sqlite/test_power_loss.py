"""What does a power failure leave?

It keeps of the write-ahead log what was synced and any beginning of the rest. So the log is cut
everywhere: whatever is left must be a store as it was at some moment, and nothing that was durable
may be missing.
"""

import asyncio
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vivido.backends.memory import VirtualClock
from vivido.backends.sqlite import SqliteStore
from vivido.model.journal import Kind, Message, Meta, Record, Status
from vivido.ports import Ack, MetaFilter, Ports, PutMeta, PutStatus, Send

WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096


def record(n: int) -> Record:
    """Make a record that fills pages of its own."""
    return Record(n, Kind.OK, "m", "d", 1.0, {"text": "x" * 3_000})


async def contents(ports: Ports) -> dict[str, Any]:
    """Read what is stored; the messages are received, in a copy that is thrown away."""
    branches = await ports.journal.branches("x")
    return {
        "records": {branch: len(await ports.journal.read("x", branch)) for branch in branches},
        "metas": [meta.status for meta in await ports.metas.list(MetaFilter())],
        "joins": sorted(await ports.joins.arrive("x", "r.1", "0/0", [])),
        "messages": {
            one.message.id: one.receives for one in await ports.queue.receive("default", 99)
        },
    }


def after_failure(path: Path, folder: Path, size: int) -> dict[str, Any]:
    """Open a copy of the files whose log is cut after `size` bytes, as after a failure."""
    folder.mkdir()
    copy = folder / path.name
    shutil.copy(path, copy)
    log = path.with_name(f"{path.name}-wal").read_bytes()
    copy.with_name(f"{copy.name}-wal").write_bytes(log[:size])
    with SqliteStore(copy, clock=VirtualClock(1e6)) as store:
        found = asyncio.run(contents(store.ports))
    shutil.rmtree(folder)
    return found


async def work(store: SqliteStore, path: Path) -> list[tuple[bool, int, dict[str, Any]]]:
    """Do a bit of everything; of each moment: was it durable, how long the log, what was stored.

    Each step is one commit, and the log is never written back, so that it can be cut.
    """
    ports, moments = store.ports, []
    atomic = ports.atomic
    assert atomic is not None
    meta = Meta("x", "orders", "1", "d", {}, 1.0)
    messages = [Message(id_, "x", "r", 0, state="y" * 2_000) for id_ in ("m1", "m2", "m3")]
    delivery: Any = None

    async def receive() -> None:
        nonlocal delivery
        (delivery,) = await ports.queue.receive("default", 1)

    steps: list[Callable[[], Any]] = [
        lambda: atomic.commit("x", "r", None, [PutMeta(meta), Send(messages[:1])]),
        receive,
        lambda: ports.journal.append("x", "r", record(1)),
        lambda: ports.joins.arrive("x", "r.1", "0/0", [1]),
        lambda: ports.joins.arrive("x", "r.1", "0/0", [2]),
        lambda: atomic.commit("x", "r", None, [Send(messages[1:]), Ack(delivery)]),
        lambda: atomic.commit("x", "r.1:0", record(1), [PutStatus("x", Status.FAILED, 2)]),
        lambda: ports.metas.redrive("x", 3),
        lambda: ports.metas.set_status("x", Status.SUCCEEDED, 4),
        lambda: ports.joins.arrive("x", "r.1", "0/0", [3]),
    ]
    log = path.with_name(f"{path.name}-wal")
    for number, step in enumerate(steps):
        durable = store.stats.durable
        await step()
        folder = path.parent / f"moment-{number}"
        now = await asyncio.to_thread(after_failure, path, folder, log.stat().st_size)
        moments.append((store.stats.durable > durable, log.stat().st_size, now))
    return moments


def cuts(log: bytes) -> list[int]:
    """Where the log is cut: at each frame, and within its header and its page."""
    step = FRAME_HEADER + PAGE
    assert struct.unpack(">I", log[8:12]) == (PAGE,)
    frames = range(WAL_HEADER, len(log), step)
    return [0, 10, *(at + part for at in frames for part in (0, 10, FRAME_HEADER, 2_000)), len(log)]


def test_whatever_is_left_is_a_store_of_a_moment(path: Path, tmp_path: Path) -> None:
    """Wherever the log is cut, the store is as it was after the last commit before the cut.

    Never half of a commit, never a commit without those before it.
    """
    SqliteStore(path).close()  # writes the log back, so that the tables are there whatever is cut
    with SqliteStore(path, clock=VirtualClock(1_000.0)) as store:
        log = path.with_name(f"{path.name}-wal")
        before = after_failure(path, tmp_path / "before", 0)
        moments = asyncio.run(work(store, path))
        expected, found = [], []
        for size in cuts(log.read_bytes()):
            kept = [now for _, end, now in moments if end <= size]
            expected.append(kept[-1] if kept else before)
            found.append(after_failure(path, tmp_path / "cut", size))
    assert found == expected
    assert [durable for durable, _, _ in moments] == [
        True, False, True, False, False, False, True, True, False, False,
    ]  # fmt: skip
