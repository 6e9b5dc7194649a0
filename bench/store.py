"""What does the SQLite store do in a second, and what does the disk allow?

    python bench/store.py [FOLDER] [--seconds 1]

FOLDER lies on the disk that is measured (default: the system's place for temporary files). A single
sequence of appends is bound by the time of a sync, so that is measured first, and last once more:
where the two differ, something else used the disk meanwhile, and the figures say little.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles

from vivido.backends.sqlite import SqliteStore
from vivido.model.journal import Delivery, Kind, Message, Record
from vivido.ports import Ack, Ports, Send

DATA = {
    "node": "charge",
    "path": "charge",
    "at": [["main", 3]],
    "vars": {
        "payment": {"$": "shop:Payment", "id": "p-1", "amount": {"$": "decimal", "of": "9.90"}}
    },
    "attempt": 1,
    "began": 1_700_000_000.25,
}
clock = time.perf_counter


def sync_seconds(folder: Path, times: int = 200) -> float:
    """Measure how long the disk takes to keep a page: the median of a write and its fdatasync."""
    taken = []
    sync = getattr(os, "fdatasync", os.fsync)
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(times):
            began = clock()
            file.write(b"x" * 4_120)
            sync(file.fileno())
            taken.append(clock() - began)
    return median(taken)


def record(n: int, kind: Kind = Kind.OK) -> Record:
    """Make a record as a step leaves it."""
    return Record(n, kind, "0123456789abcdef01", "0123456789abcdef02", 1_700_000_000.5, DATA)


async def appends(store: SqliteStore, waiting: int, seconds: float) -> str:
    """Append to so many branches side by side, each one record after the other."""
    taken: list[float] = []
    syncs, cpu, began = store.stats.durable, time.process_time(), clock()

    async def sequence(branch: str) -> None:
        n = 0
        while clock() - began < seconds:
            n, at = n + 1, clock()
            await store.ports.journal.append(f"appends-{waiting}", branch, record(n))
            taken.append(clock() - at)

    await asyncio.gather(*(sequence(f"r.1:{number}") for number in range(waiting)))
    wall, cpu = clock() - began, time.process_time() - cpu
    percentiles = quantiles(taken, n=1_000)
    return (
        f"{len(taken) / wall:9,.0f}/s {1e3 * cpu / len(taken):7.3f} ms CPU"
        f" {(store.stats.durable - syncs) / len(taken):6.3f} syncs"
        f"   ms each: {1e3 * percentiles[499]:.2f} median, {1e3 * percentiles[989]:.2f} p99,"
        f" {1e3 * max(taken):.2f} longest"
    )


async def fan_out(store: SqliteStore, width: int, times: int) -> str:
    """Do to the store what children of one step each do to it: sent, delivered, ended, joined."""
    ports = store.ports
    await ports.queue.receive("default", 1)
    syncs, cpu, began = store.stats.durable, time.process_time(), clock()
    for number in range(times):
        await fork(ports, f"fan-out-{width}-{number}", width)
    wall, cpu, steps = clock() - began, time.process_time() - cpu, times * width
    return (
        f"{steps / wall:9,.0f}/s {1e3 * cpu / steps:7.3f} ms CPU"
        f" {(store.stats.durable - syncs) / steps:6.3f} syncs"
    )


async def fork(ports: Ports, execution: str, width: int) -> None:
    """Send the children and deliver them, at most 100 at once."""
    commit = ports.atomic.commit if ports.atomic else None
    if commit is None:
        raise SystemExit("the store offers no atomic commit")

    async def child(delivery: Delivery) -> None:
        message = delivery.message
        await ports.journal.head(execution, message.branch, 0)
        await commit(execution, message.branch, record(1, Kind.END), [])
        number = int(message.branch.rpartition(":")[2])
        await ports.joins.arrive(execution, "r.1", f"0/{number // 100}", [number])
        await commit(execution, message.branch, None, [Ack(delivery)])

    children = [
        Message(ports.ids.new(), execution, f"r.1:{number}", 0, state=DATA)
        for number in range(width)
    ]
    await commit(execution, "r", record(1, Kind.FORK), [Send(children)])
    while deliveries := await ports.queue.receive("default", 100):
        await asyncio.gather(*map(child, deliveries))
    if None in await ports.journal.ends(execution, "r", 1, width):
        raise SystemExit("a child has not ended")


async def measure(folder: Path, seconds: float) -> None:
    """Print a line for each workload."""
    print(f"a sync of this disk: {1e3 * sync_seconds(folder):.3f} ms")
    workloads: dict[str, Callable[[SqliteStore], Awaitable[str]]] = {
        "appends, 1 at a time": lambda store: appends(store, 1, seconds),
        "appends, 20 waiting": lambda store: appends(store, 20, seconds),
        "appends, 100 waiting": lambda store: appends(store, 100, seconds),
        "children of forks of 100": lambda store: fan_out(store, 100, max(1, int(50 * seconds))),
        "children of forks of 1,000": lambda store: fan_out(store, 1_000, max(1, int(5 * seconds))),
    }
    for number, (name, workload) in enumerate(workloads.items()):
        with SqliteStore(folder / f"state-{number}.db") as store:
            print(f"{name:27} {await workload(store)}")
    print(f"a sync of this disk: {1e3 * sync_seconds(folder):.3f} ms")


def main() -> None:
    """Measure in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("folder", nargs="?", help="a folder on the disk that is measured")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each workload")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        asyncio.run(measure(Path(folder), given.seconds))


if __name__ == "__main__":
    main()
