"""How long does a fan-out of many children take, and how much memory?

    python bench/wide.py [--widths 1,100,10000,100000] [--store sqlite|memory]

One JSON line for each width, each measured in a process of its own: seconds, children a second,
CPU of a child, the most memory that was resident. It fails where 10,000 children take 20 s or more,
or 100,000 need 600 MB or more.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vivido import map_each, step, workflow
from vivido.bootstrap import open_local
from vivido.runtime.local import LocalRuntime

SECONDS, MEGABYTES = {10_000: 20.0}, {100_000: 600.0}


@step
async def noop(i: int) -> dict:
    """Return {"i": i, "ok": True}."""
    return {"i": i, "ok": True}


@workflow
async def fan(n: int) -> int:
    """Run `n` steps side by side, and sum up."""
    rows = await map_each(noop, range(n))
    return sum([row["i"] for row in rows])


@workflow
async def lanes(n: int) -> int:
    """Run `n` steps, fifty at once."""
    rows = await map_each(noop, range(n), max_concurrency=50)
    return sum([row["i"] for row in rows])


FLOWS = {"all at once": fan, "50 at once": lanes}


async def measure(width: int, how: str, store: str | None) -> dict[str, object]:
    """Run one fan-out, and say what it took."""
    local = open_local(store)
    async with LocalRuntime(local.ports) as runtime:
        began, cpu = time.perf_counter(), time.process_time()
        await runtime.start(FLOWS[how].definition, {"n": width}, execution="x")
        meta = await runtime.wait("x")
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    local.close()
    if meta.output != width * (width - 1) // 2:
        raise SystemExit(f"{width} children gave {meta.output!r}, {meta.error!r}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "width": width,
        "how": how,
        "seconds": round(wall, 2),
        "children_per_s": round(width / wall),
        "cpu_ms_per_child": round(1e3 * cpu / width, 3),
        "resident_mb": round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10)),
    }


def main() -> int:
    """Measure each width in a process of its own, and hold it to its bounds."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("--widths", default="1,100,10000,100000")
    parser.add_argument("--store", default="sqlite", choices=["sqlite", "memory"])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        width, how = int(args.one[0]), args.one[1]
        with tempfile.TemporaryDirectory() as folder:
            store = str(Path(folder) / "state.db") if args.store == "sqlite" else None
            print(json.dumps(asyncio.run(measure(width, how, store))))
        return 0
    broken = 0
    for width in map(int, args.widths.split(",")):
        for how in FLOWS:
            command = [sys.executable, __file__, "--store", args.store, "--one", str(width), how]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            row = json.loads(done.stdout)
            slow = row["seconds"] >= SECONDS.get(width, float("inf"))
            large = row["resident_mb"] >= MEGABYTES.get(width, float("inf"))
            broken += slow or large
            print(json.dumps({**row, "within_bounds": not (slow or large)}), flush=True)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
