"""Vivido's figures: steps a second, latency, CPU and memory, durable and on memory.

    python bench/run.py [--repeat 1] [--workload W1,W2,W2b,W3,W3b,W4]

One JSON line for each workload and store. W1: sequences of 10 steps, 20 at once; W2, W2b: fan-outs
of 100 and 1,000;
W3, W3b: one sequence of 1,000 and of 10,000 steps (`growth`: the last 100 steps against the first
100); W4: retries.
First a line about the disk: the time of one sync bounds what a single sequence can do.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import store

HERE = Path(__file__).parent
PRAGMAS = "journal_mode=WAL, synchronous=FULL for what must be durable, NORMAL for bookkeeping"


def main() -> int:
    """Measure both stores, one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", default="1")
    parser.add_argument("--workload", default="W1,W2,W2b,W3,W3b,W4")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sync = store.sync_seconds(Path(folder))
    about = {"disk": "a write and its fdatasync", "ms": round(sync * 1_000, 3), "sqlite": PRAGMAS}
    print(json.dumps(about), flush=True)
    worst = 0
    for name in ("sqlite", "memory"):
        command = [sys.executable, str(HERE / "vivido_peer.py"), "--store", name]
        command += ["--workload", args.workload, "--repeat", args.repeat]
        worst = max(
            worst,
            subprocess.run(
                command, check=False, env={"PEER_QUIET_S": "5", **os.environ}
            ).returncode,
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
