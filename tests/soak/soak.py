"""Four processes on one SQLite file, killed, stalled and given messages twice, for minutes on end.

    python tests/soak/soak.py --minutes 20 --seed 1

Workflows are started all the time. At the end every start that was accepted has ended as a calm run
does, no record has changed, and each idempotency key came to one result. Progress each ten seconds;
the last line is a summary in JSON. Exit code 1, if anything is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import soak_flows
from checks import Start, bodies, calm, judged, opened, records_of

from vivido.backends.sqlite import SqliteStore
from vivido.runtime.engine import Engine
from vivido.runtime.starting import Start as Starting

WORKERS = 4
OPEN = 150  # executions under way: no more are started then
WATCHED = 300  # executions whose records are looked at again and again
REST_SECONDS = 240.0
HERE = Path(__file__).parent


class Workers:
    """The processes. `stalled` are stopped, and go on at the time that is said."""

    def __init__(self, store: Path, log: Path) -> None:
        self.store, self.log = store, log
        self.running: list[subprocess.Popen[bytes]] = []
        self.stalled: dict[int, float] = {}

    def fill(self) -> None:
        """Start what is missing."""
        self.running = [process for process in self.running if process.poll() is None]
        while len(self.running) < WORKERS:
            command = [sys.executable, str(HERE / "worker.py"), str(self.store)]
            environment = {**os.environ, "SOAK_BODIES": str(self.log)}
            self.running.append(
                subprocess.Popen(  # noqa: S603  our own program
                    command, env=environment, stdout=subprocess.DEVNULL, cwd=HERE
                )
            )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process at once."""
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.stalled.pop(process.pid, None)

    def stall(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Let it stand still for so long."""
        process.send_signal(signal.SIGSTOP)
        self.stalled[process.pid] = time.monotonic() + seconds

    def wake(self, *, all_of_them: bool = False) -> None:
        """Let those go on whose time has come."""
        for process in self.running:
            due = self.stalled.get(process.pid)
            if due is not None and (all_of_them or time.monotonic() >= due):
                process.send_signal(signal.SIGCONT)
                del self.stalled[process.pid]

    def close(self) -> None:
        """End them all."""
        for process in self.running:
            self.kill(process)


class Soak:
    """One soak: `run` makes trouble and starts for so long, then waits until all has ended."""

    def __init__(self, folder: Path, seconds: float, seed: int) -> None:
        self.store, self.log = folder / "state.db", folder / "bodies.log"
        self.log.touch()
        self.seconds, self.dice = seconds, random.Random(seed)  # noqa: S311  meant to be repeated
        self.begin = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.starts: list[Start] = []
        self.known: dict[str, dict[tuple[str, int], str]] = {}
        self.wrong: list[str] = []
        self.kept: list[tuple[Any, ...]] = []  # messages as they were, to come back
        self.own = SqliteStore(self.store, busy_seconds=30.0)
        self.engine = Engine(self.own.ports)
        self.database = opened(self.store)
        self.workers = Workers(self.store, self.log)

    async def run(self) -> float:
        """Make trouble, then wait for rest; returns how many seconds that took."""
        said = 0.0
        try:
            while (passed := time.monotonic() - self.begin) < self.seconds:
                self.workers.fill()
                self.workers.wake()
                await self.start_some()
                self.trouble()
                if passed - said >= 10:
                    said = passed
                    self.look()
                    self.say("")
                await asyncio.sleep(self.dice.uniform(0.02, 0.25))
            return await self.rest()
        finally:
            self.workers.close()

    async def start_some(self) -> None:
        """Start a few, unless many are under way."""
        if self.open() >= OPEN:
            return
        wanted = []
        for _ in range(self.dice.randint(1, 6)):
            flow = self.dice.choice(soak_flows.MIX)
            given = self.dice.randrange(12)
            name = f"s{len(self.starts) + len(wanted)}"
            wanted.append((Start(name, flow.name, given), flow))
        starts = [
            Starting(flow.definition, {"n": start.given}, start.execution, {})
            for start, flow in wanted
        ]
        await self.engine.start_many(starts)
        self.starts += [start for start, _ in wanted]

    def open(self) -> int:
        """How many executions have not ended."""
        return int(self.database.execute(OPEN_EXECUTIONS).fetchone()[0])

    def trouble(self) -> None:
        """Do something bad, now and then."""
        dice, running = self.dice, [w for w in self.workers.running if w.poll() is None]
        what = dice.choices(["nothing", "kill", "stall", "copy", "undead"], [12, 2, 2, 4, 4])[0]
        if what == "nothing" or not running:
            return
        process = dice.choice(running)
        if what == "kill":
            self.workers.kill(process)
        elif what == "stall" and process.pid not in self.workers.stalled:
            self.workers.stall(process, dice.uniform(0.1, 3.0))
            self.change(FREE_LEASES, (process.pid,))  # as if its leases were over
        elif what == "copy":
            what = "copy" if self.change(COPY, (dice.randrange(1 << 30),)) else "nothing"
        elif what == "undead":
            self.revive()
        if what != "nothing":
            self.counts[what] += 1

    def revive(self) -> None:
        """Remember some messages as they are; let some of those come back that were remembered."""
        self.kept += self.database.execute(SOME_MESSAGES).fetchall()
        self.dice.shuffle(self.kept)
        for row in self.kept[:3]:
            self.change(COME_BACK, row)
        self.kept = self.kept[3:200]

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """Change the store behind the workers' backs; what is locked is left alone."""
        try:
            return self.database.execute(sql, values).rowcount
        except sqlite3.OperationalError:
            return 0

    def look(self) -> None:
        """Has any record changed that was seen before?"""
        for execution, before in list(self.known.items()):
            now = records_of(self.database, execution)
            changed = [place for place, text in before.items() if now.get(place) != text]
            self.wrong += [f"record {place} of {execution} has changed" for place in changed]
            self.known[execution] = now
        for start in self.dice.sample(self.starts, min(40, len(self.starts))):
            if len(self.known) < WATCHED:
                self.known.setdefault(start.execution, records_of(self.database, start.execution))

    async def rest(self) -> float:
        """Wait until all has ended; returns the seconds that took."""
        self.workers.wake(all_of_them=True)
        self.workers.fill()
        begin = time.monotonic()
        said = begin
        while (left := self.open()) and time.monotonic() - begin < REST_SECONDS:
            await asyncio.sleep(0.2)
            if time.monotonic() - said >= 10:
                said = time.monotonic()
                self.say(f", {left} have not ended")
        self.look()
        return time.monotonic() - begin

    def say(self, more: str) -> None:
        """Print how it gets on."""
        passed = time.monotonic() - self.begin
        trouble = ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))
        print(f"{passed:5.0f} s: {len(self.starts)} started{more}; {trouble}", flush=True)  # noqa: T201

    def summary(self, rest: float) -> dict[str, Any]:
        """What came of it."""
        self.wrong += judged(self.database, self.starts)
        ran, again, forbidden = bodies(self.log)
        self.wrong += [f"{line} ran more than once" for line in forbidden]
        return {
            "ok": not self.wrong,
            "seconds": round(time.monotonic() - self.begin, 1),
            "seconds_to_rest": round(rest, 1),
            "started": len(self.starts),
            "ends": dict(Counter(calm(s.workflow, s.given)[0] for s in self.starts)),
            "trouble": dict(self.counts),
            "records": self.database.execute("SELECT count(*) FROM records").fetchone()[0],
            "bodies": ran,
            "bodies_again": again,
            "wrong": len(self.wrong),
            "first_wrong": self.wrong[:10],
        }


OPEN_EXECUTIONS = (
    "SELECT count(*) FROM metas WHERE status IN ('running', 'compensating', 'needs_attention')"
)
FREE_LEASES = (
    "UPDATE messages SET owner = NULL WHERE owner IN (SELECT owner FROM owners WHERE pid = ?)"
)
# A leased message that becomes visible to others is one of which there is a copy.
COPY = """
    UPDATE messages SET owner = NULL, visible_at = 0 WHERE (execution, id) IN (
        SELECT execution, id FROM messages WHERE owner IS NOT NULL
        ORDER BY abs(random() + ?) LIMIT 2)
"""
SOME_MESSAGES = """
    SELECT execution, id, pool, visible_at, NULL, receives, body FROM messages
    ORDER BY random() LIMIT 5
"""
COME_BACK = "INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)"


def main() -> int:
    """Read the command line, soak, print the summary."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vivido-soak-") as folder:
        soak = Soak(Path(folder), given.minutes * 60, given.seed)
        try:
            summary = soak.summary(asyncio.run(soak.run()))
        finally:
            soak.workers.close()
            soak.own.close()
    print(json.dumps(summary), flush=True)  # noqa: T201  the last line is for machines
    return 0 if summary["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
