"""Vivido beside other engines: the same workloads in one run, as ratios, with syncs a step.

    python bench/peers.py [--repeat 2] [--peers dbos,restate] [--workload W1,W2,W2b,W3,W4]

The peers run from environments of their own, made by the shared set-up script (pip and npm). Rounds
alternate between
the engines, so that a slower minute of the machine falls on all of them. What strace counts is
shown where strace is.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import store

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("VIVIDO_PEERS", HERE.parents[1] / "shared" / "peers"))
HOME = Path(os.environ.get("PEERS", Path(tempfile.gettempdir()) / "peers"))
SYNCS = ("fsync", "fdatasync", "sync_file_range", "msync", "syncfs")
COMMANDS = {
    "vivido": [sys.executable, str(HERE / "vivido_peer.py")],
    "dbos": [str(HOME / "dbos" / "bin" / "python"), "-W", "ignore", str(SHARED / "run_dbos.py")],
    "restate": [
        str(HOME / "restate" / "bin" / "python"),
        "-W",
        "ignore",
        str(SHARED / "run_restate.py"),
    ],
}
SHOWN = ("steps_per_s", "p50_ms", "p99_ms", "idle_p50_ms", "cpu_ms_per_step", "rss_mb", "growth")


def environment(**more: str) -> dict[str, str]:
    """What every peer is run with."""
    return {
        **os.environ,
        "PEERS": str(HOME),
        "PEERS_DATA": str(HOME / "data"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PEER_QUIET_S": "5",
        **more,
    }


def measure(peer: str, workload: str) -> list[dict[str, object]]:
    """Run one engine on one workload; its JSON lines."""
    command = [*COMMANDS[peer], "--workload", workload]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), timeout=400, check=False
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return rows or [{"peer": peer, "workload": workload, "failed": done.stderr[-300:]}]


def syncs_per_step(peer: str) -> float | None:
    """Sync calls of 21 executions of 10 steps less those of one, for each step between."""
    if shutil.which("strace") is None:
        return None
    counts = []
    for executions in ("1", "21"):
        with tempfile.NamedTemporaryFile("r") as trace:
            tracing = [
                "strace",
                "-f",
                "--seccomp-bpf",
                "-qq",
                "-o",
                trace.name,
                "-e",
                f"trace={','.join(SYNCS)}",
            ]
            command = [*tracing, *COMMANDS[peer], "--workload", "F"]
            subprocess.run(
                command,
                capture_output=True,
                env=environment(PEER_F=executions),
                timeout=300,
                check=False,
            )
            counts.append(sum(any(f" {call}(" in line for call in SYNCS) for line in trace))
    return round((counts[1] - counts[0]) / 200, 2)


def main() -> int:
    """Set the peers up, measure in turns, print rows and the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--peers", default="dbos,restate")
    parser.add_argument("--workload", default="W1,W2,W2b,W3,W4")
    args = parser.parse_args()
    if not (SHARED / "setup.sh").is_file():
        print(
            f"no peers in {str(SHARED)!r}: say where setup.sh is by VIVIDO_PEERS", file=sys.stderr
        )
        return 2
    peers = args.peers.split(",")
    subprocess.run(["bash", str(SHARED / "setup.sh"), *peers], check=True, env=environment())
    with tempfile.TemporaryDirectory() as folder:
        sync = store.sync_seconds(Path(folder))
    print(
        json.dumps({"disk": "a write and its fdatasync", "ms": round(sync * 1_000, 3)}), flush=True
    )
    figures: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for _ in range(args.repeat):
        for workload in args.workload.split(","):
            for peer in ("vivido", *peers):
                for row in measure(peer, workload):
                    print(json.dumps(row), flush=True)
                    figures[workload, peer].append(row)
    show(figures, args.workload.split(","), peers)
    for peer in ("vivido", *peers):
        print(json.dumps({"peer": peer, "syncs_per_step_alone": syncs_per_step(peer)}), flush=True)
    return 0


def show(
    figures: dict[tuple[str, str], list[dict[str, object]]], workloads: list[str], peers: list[str]
) -> None:
    """Medians side by side, and how many times a peer's steps a second Vivido's are."""
    for workload in workloads:
        medians = {peer: middle(figures[workload, peer]) for peer in ("vivido", *peers)}
        own = medians["vivido"].get("steps_per_s")
        for peer, row in medians.items():
            theirs = row.get("steps_per_s")
            ratio = round(own / theirs, 2) if own and theirs else None
            print(
                json.dumps({"workload": workload, "peer": peer, **row, "vivido_is_times": ratio}),
                flush=True,
            )


def middle(rows: list[dict[str, object]]) -> dict[str, float]:
    """The median of each figure."""
    found = {}
    for name in SHOWN:
        given = [row[name] for row in rows if isinstance(row.get(name), (int, float))]
        if given:
            found[name] = round(statistics.median(given), 2)
    return found


if __name__ == "__main__":
    sys.exit(main())
