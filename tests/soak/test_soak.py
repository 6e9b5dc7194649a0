"""The soak's own judge finds what is wrong; and a few seconds of soak find nothing."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # as for `python tests/soak/soak.py`

from checks import Start, bodies, calm, ends_right, judged  # noqa: E402


def end(status, value=None, error=None):
    """The end part of an END record."""
    found = {"status": status, "value": value}
    return found if error is None else {**found, "error": {"type": f"soak_flows:{error}"}}


def test_an_end_is_compared_with_the_calm_one():
    """Status, output and error; a step that runs at most once may have been interrupted."""
    assert calm("sequence", 0) == ("succeeded", 12, None)
    assert calm("undone", 1)[::2] == ("compensated", "Refused")
    sequence, undone, claimed = (Start("s", name, 1) for name in ("sequence", "undone", "claimed"))
    assert ends_right(sequence, end("succeeded", calm("sequence", 1)[1]))
    assert not ends_right(sequence, end("succeeded", 0))
    assert not ends_right(sequence, end("failed", None, "Refused"))
    assert ends_right(undone, end("compensated", None, "Refused"))
    assert not ends_right(undone, end("failed", None, "Refused"))
    assert ends_right(claimed, end("succeeded", "2 1"))
    assert ends_right(claimed, end("succeeded", "2 interrupted"))
    assert not ends_right(claimed, end("succeeded", "3 interrupted"))


@pytest.fixture
def store():
    """A store with nothing but records."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE records (execution, branch, n, kind, data)")
    yield database
    database.close()


def put(store, *records):
    """Write records: (execution, branch, n, kind, data)."""
    rows = [(*place, json.dumps(data)) for *place, data in records]
    store.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)


def test_what_is_wrong_in_a_store_is_found(store):
    """A start without an end, a wrong end, a gap, a key with two results."""
    double = {"node": "double", "step": "double", "result": 2}
    put(
        store,
        ("s1", "r", 1, "OK", double),
        ("s1", "r", 2, "OK", double),
        ("s1", "r", 4, "END", {"end": end("succeeded", 5)}),
        ("s2", "r", 1, "OK", double),
    )
    starts = [Start("s1", "sequence", 0), Start("s2", "sequence", 0)]
    assert list(judged(store, starts)) == [
        f"{starts[0]} ended as {end('succeeded', 5)}, calmly as ('succeeded', 12, None)",
        f"{starts[1]} has 0 ends",
        "s1/r has no record 3",
        "double with the key s1~r~double came to 2 results",
    ]


def test_nothing_is_wrong_with_what_is_right(store):
    """A calm run's records give no sentence."""
    double = {"node": "double", "step": "double", "result": 2}
    put(
        store,
        ("s1", "r", 1, "OK", double),
        ("s1", "r", 2, "END", {"end": end("succeeded", 12)}),
        ("s2", "r", 1, "OK", double),
        ("s2", "r", 2, "END", {"end": end("succeeded", 12)}),
    )
    starts = [Start("s1", "sequence", 0), Start("s2", "sequence", 0)]
    assert list(judged(store, starts)) == []


def test_bodies_are_counted(tmp_path):
    """What ran again, and what never may."""
    log = tmp_path / "bodies.log"
    log.write_text("double a\ndouble a\nonce b\nonce b\nonce c\n")
    assert bodies(log) == (5, 2, ["once b"])


def test_some_seconds_of_soak():
    """Killed, stalled, copied: every accepted start ends right."""
    seconds = float(os.environ.get("VIVIDO_SOAK_SECONDS", "8"))
    command = [sys.executable, "soak.py", "--minutes", str(seconds / 60), "--seed", "2"]
    done = subprocess.run(  # noqa: S603  our own program
        command, cwd=HERE, capture_output=True, text=True, timeout=400, check=False
    )
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["first_wrong"], done.returncode) == ([], 0)
    assert summary["started"] > 20
    assert summary["trouble"].get("kill", 0) > 0
