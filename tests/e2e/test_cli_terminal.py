"""What does a person see on a terminal?"""

import os
import pty
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = """
    from vivido import map_each, sleep, step, workflow

    @step
    def shout(text: str) -> str:
        return text.upper()

    @step
    def fail(text: str) -> str:
        raise ValueError(text)

    @workflow
    def shouts(text: str) -> int:
        heard = map_each(shout, [text] * 15)
        sleep("10ms")
        return len(heard) + len(shout(text))

    @workflow
    def fails(text: str) -> str:
        return fail(text)
"""
OURS = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[lh]|2K|1A)")  # colours, cursor, lines taken down


@pytest.fixture
def seen(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run a command on a terminal; returns its exit code and all that it wrote there."""
    (tmp_path / "loud.py").write_text(textwrap.dedent(SOURCE))

    def run(*words: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        code = [sys.executable, "-c", "from vivido.cli.main import main; main()", *words]
        environment = os.environ | {"TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        with subprocess.Popen(  # noqa: S603  (our own program)
            code,
            cwd=tmp_path,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
        ) as process:
            os.close(theirs)
            written = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        return process.returncode, written.decode()

    return run


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # how a terminal says that its last writer has gone
        return b""


def test_rows_stay_and_what_runs_is_taken_down(seen: Callable[..., tuple[int, str]]) -> None:
    """Colours, a count for a wide fork, and the result last."""
    code, written = seen("run", "loud.py:shouts", "--input", '"hi"', "--id", "T1")
    lines = [OURS.sub("", line).strip() for line in written.replace("\r", "\n").splitlines()]
    assert code == 0
    assert "\x1b[32m✔" in written
    assert [line for line in lines if line.startswith("┬")] == ["┬ map 15 branches side by side"]
    assert "shouts (version 1) runs as T1" in lines
    assert [line for line in lines if line][-1] == "17"


def test_hostile_text_does_not_steer_the_terminal(seen: Callable[..., tuple[int, str]]) -> None:
    """All that moves the cursor or colours is ours."""
    evil = r'"\u001b[2J\u001b]0;owned\u0007\u202e"'
    code, written = seen("run", "loud.py:fails", "--input", evil, "--id", "T2")
    assert code == 1
    left = OURS.sub("", written)
    assert [character for character in "\x1b\x07\u202e" if character in left] == []
    assert r"ValueError: \x1b[2J\x1b]0;owned\x07\u202e" in left
