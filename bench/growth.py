"""Do the last 100 steps of an execution cost what its first 100 did?

    python bench/growth.py [--store sqlite|memory]

One JSON line for 1,000 and for 10,000 steps: the last 100 against the first, by the median time
between two bodies, and of several executions that follow at once upon each other the median. An
idle process wakes slowly, and one sync in a hundred waits for the disk: neither is what is asked.
"""

import argparse
import asyncio
import json
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

import workloads

from vivido.bootstrap import open_local
from vivido.runtime.local import LocalRuntime

WARM, STEPS, TIMES = 1_000, (1_000, 10_000), 7
marks: list[float] = []


def noop(i: int) -> dict[str, object]:
    """The body of a step: it notes when it ran."""
    marks.append(time.perf_counter())
    return {"i": i, "ok": True}


async def growth(runtime: LocalRuntime, key: str, steps: int) -> float:
    """Run one execution; the time between its last bodies, for each of that between its first."""
    marks.clear()
    await runtime.start(workloads.sequence.definition, {"n": steps}, execution=key)
    await runtime.wait(key)
    gaps = [after - before for before, after in pairwise(marks)]
    return median(gaps[-99:]) / median(gaps[:99])


async def main() -> None:
    """Measure one store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", default="sqlite", choices=["sqlite", "memory"])
    store = parser.parse_args().store
    workloads.bodies.update(noop=noop)
    with tempfile.TemporaryDirectory() as folder:
        local = open_local(str(Path(folder) / "state.db") if store == "sqlite" else None)
        async with LocalRuntime(local.ports) as runtime:
            await growth(runtime, "warm", WARM)
            for steps in STEPS:
                found = [await growth(runtime, f"{steps}-{n}", steps) for n in range(TIMES)]
                row = {"store": store, "steps": steps, "growth": round(median(found), 2)}
                print(json.dumps({**row, "each": [round(one, 2) for one in sorted(found)]}))
        local.close()


if __name__ == "__main__":
    asyncio.run(main())
