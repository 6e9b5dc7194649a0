"""SIGKILL at random instants of `vivido run`: run again, it ends as if nothing had been."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

FLOW = Path(__file__).with_name("mixed.py")
KILLS = int(os.environ.get("VIVIDO_KILLS", "200"))
STEPS = 35


class Runs:
    """Runs of `vivido run` on one store; each may be killed."""

    def __init__(self, folder):
        self.store, self.log = folder / "state.db", folder / "bodies.log"

    def run(self, execution, kill_after=None):
        """Run; kill when so many bodies or lines of progress were seen."""
        reading, writing = os.pipe()
        command = [
            *(
                str(Path(sys.executable).with_name("vivido")),
                "run",
                f"{FLOW}:mixed",
                "--json",
                "--input",
                str(STEPS),
            ),
            *("--store", str(self.store), "--id", execution),
        ]
        environment = {**os.environ, "MIXED_LOG": str(self.log), "MIXED_PIPE": str(writing)}
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            pass_fds=[writing],
        )
        os.close(writing)
        if kill_after is not None:
            kind, count = kill_after
            for _ in range(count):
                seen = os.read(reading, 1) if kind == "bodies" else process.stdout.readline()
                if not seen:
                    break
            process.send_signal(signal.SIGKILL)
        output, errors = process.communicate(timeout=60)
        os.close(reading)
        assert process.returncode in (0, -signal.SIGKILL), errors.decode()
        return process.returncode, output

    def records(self):
        """All records of the store, as they are stored."""
        if not self.store.exists():
            return {}
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as database:
            try:
                rows = database.execute(
                    "SELECT execution, branch, n, kind, data FROM records"
                ).fetchall()
            except sqlite3.OperationalError:  # killed before the tables were made
                return {}
        return {row[:3]: row[3:] for row in rows}

    def bodies(self):
        """How often each body ran, by name and idempotency key."""
        return Counter(self.log.read_text().splitlines())


def results(records):
    """Recorded results by branch, step and step path."""
    found = Counter()
    for (execution, branch, _), (_, data) in records.items():
        record = json.loads(data)
        if "result" in record:
            found[
                execution,
                record.get("branch", branch),
                record["step"],
                record.get("path", record["node"]),
            ] += 1
    return found


def outcome(records, execution):
    """The end of an execution."""
    ends = [
        data
        for (name, branch, _), (kind, data) in records.items()
        if (name, branch, kind) == (execution, "r", "END")
    ]
    return json.loads(ends[0])["end"]


def test_killed_at_random_instants(tmp_path, capsys):
    """No recorded result changes, each key is committed once, the outcome is the calm run's."""
    dice = random.Random(11)
    runs = Runs(tmp_path)
    runs.run("calm")
    calm = runs.records()
    assert len(results(calm)) >= 60
    bodies_calm = sum(runs.bodies().values())
    kills, executions, known = 0, 0, dict(calm)
    while kills < KILLS:
        executions += 1
        execution = f"killed-{executions}"
        while True:
            trigger = dice.choice([("bodies", dice.randint(1, 18)), ("lines", dice.randint(1, 40))])
            code, _ = runs.run(execution, trigger if kills < KILLS else None)
            now = runs.records()
            assert {key: now.get(key) for key in known} == known
            known = now
            if code == 0:
                break
            kills += 1
        assert outcome(now, execution) == outcome(calm, "calm")
    assert [key for key, count in results(known).items() if count > 1] == []
    ran, distinct = sum(runs.bodies().values()), (executions + 1) * bodies_calm
    with capsys.disabled():
        print(
            f"\n{kills} kills over {executions} executions:"
            f" {ran - distinct} of {ran} bodies ran once more"
        )
    assert ran >= distinct
