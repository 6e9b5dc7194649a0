"""A worker dies for real: its process ends while a step runs, and another one goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FLOWS = Path(__file__).with_name("dying.py")
DIED = 7


def run(folder, workflow):
    """`vivido run`, again and again with the same id, until it ends; returns it and the bodies."""
    log = folder / "bodies.log"
    vivido = str(Path(sys.executable).with_name("vivido"))
    words = [vivido, "run", f"{FLOWS}:{workflow}", "--input", '"x"', "--json"]
    words += ["--store", str(folder / "state.db"), "--id", "dying"]
    codes = []
    while not codes or codes[-1] == DIED:
        assert len(codes) < 4, "it dies each time"
        done = subprocess.run(  # noqa: S603  our own program
            words, env={**os.environ, "DYING_LOG": str(log)}, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip
        codes.append(done.returncode)
    return codes, json.loads(done.stdout.splitlines()[-1]), log.read_text().splitlines()


@pytest.mark.parametrize(
    ("workflow", "codes", "end", "bodies"),
    [
        ("at_most_once", [DIED, 1], ("failed", None, "vivido.errors:StepInterrupted"), ["dies 1"]),
        (
            "at_most_once_each",
            [DIED, 0],
            ("succeeded", "succeeded on second attempt of x", None),
            ["dies_at_first 1", "dies_at_first 2"],
        ),
        ("at_least_once", [DIED, 0], ("succeeded", "x", None), ["dies_once 1", "dies_once 1"]),
    ],
)
def test_a_worker_that_dies(workflow, codes, end, bodies, tmp_path):
    """dc-1-17, dc-1-18 and their neighbour, with processes in place of a simulated clock."""
    died, ended, ran = run(tmp_path, workflow)
    error = ended.get("error") or {}
    seen = (ended["status"], ended.get("output"), error.get("type"))
    assert (died, seen, ran) == (codes, end, bodies)
