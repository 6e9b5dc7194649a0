"""Vivido on the harness that all peers are measured with: one JSON line for each workload.

    python bench/vivido_peer.py --store sqlite|memory --workload W1,W2,W2b,W3,W4 --repeat 2

The harness (`_harness.py`) is found by VIVIDO_PEERS, by default the folder shared/peers beside this
repository.
"""

import asyncio
import gc
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path

HARNESS = Path(os.environ.get("VIVIDO_PEERS", Path(__file__).parents[2] / "shared" / "peers"))
if not (HARNESS / "_harness.py").is_file():
    sys.exit(f"no harness in {str(HARNESS)!r}: say where _harness.py is by VIVIDO_PEERS")
sys.path[:0] = [str(HARNESS), str(Path(__file__).parent)]

import _harness as harness  # noqa: E402
import workloads  # noqa: E402

from vivido import Workflow  # noqa: E402
from vivido.bootstrap import open_local  # noqa: E402
from vivido.runtime.local import LocalRuntime  # noqa: E402

workloads.bodies.update(noop=harness.noop, flaky=harness.flaky)
harness.PLAN["W3b"] = ("seq10000", 0, 1, 1)
harness.EXPECT["seq10000"], harness.STEPS["seq10000"] = 49_995_000, 10_000


async def main() -> None:
    """Measure what the arguments ask for."""
    args = harness.cli(store={"default": "sqlite", "choices": ["sqlite", "memory"]})
    folder = Path(harness.DATA) / "vivido"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    local = open_local(str(folder / "state.db") if args.store == "sqlite" else None)

    class Vivido(harness.Peer):
        name, durable = "vivido", args.store == "sqlite"
        version = version("vivido")
        store = "sqlite WAL FULL" if args.store == "sqlite" else "memory"

        async def run(self, kind: str, key: str) -> object:
            flow, given = _workflow(kind, key)
            await runtime.start(flow.definition, given, execution=key)
            meta = await runtime.wait(key)
            return meta.output

        @property
        def extra(self) -> dict[str, object]:
            """Growth of 10,000 steps, as the harness reckons it for 1,000."""
            marks = harness.marks
            if len(marks) < harness.STEPS["seq10000"]:
                return {}
            first, last = (marks[99] - marks[0]) / 99, (marks[-1] - marks[-100]) / 99
            growth = {"first100_ms": round(first * 1000, 2), "last100_ms": round(last * 1000, 2)}
            return {**growth, "growth": round(last / first, 2), "bodies": len(marks)}

    gc.freeze()  # as `vivido run` does
    async with LocalRuntime(local.ports) as runtime:
        # Growth compares the first steps of an execution with its last, not a cold process with a
        # warm one: the first hundreds of steps of a process fill its caches.
        await runtime.start(workloads.sequence.definition, {"n": 500}, execution="warm")
        await runtime.wait("warm")
        await harness.run_all(Vivido(), args)
    local.close()


def _workflow(kind: str, key: str) -> tuple[Workflow, dict[str, object]]:
    if kind == "retry":
        return workloads.retried, {"key": key}
    return (workloads.sequence if kind.startswith("seq") else workloads.fan), {"n": int(kind[3:])}


if __name__ == "__main__":
    asyncio.run(main())
