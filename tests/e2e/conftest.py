"""How do end-to-end tests run the command line? As its users do, in processes of their own."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 60  # more than anything takes on a busy machine


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


def command(*words: object) -> list[str]:
    """Return the command line of ``vivido words…``."""
    return [sys.executable, "-c", "from vivido.cli.main import main; main()", *map(str, words)]


Vivido = Callable[..., Said]


@pytest.fixture
def vivido(tmp_path: Path) -> Vivido:
    """Run a command to its end, in a folder of its own."""

    def run(*words: object, given: str | None = None, cwd: Path | None = None) -> Said:
        done = subprocess.run(  # noqa: S603  (our own program)
            command(*words),
            cwd=cwd or tmp_path,
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    return run


class Running:
    """A command that is running."""

    def __init__(self, words: tuple[object, ...], cwd: Path) -> None:
        self._popen = subprocess.Popen(  # noqa: S603  (our own program)
            command(*words),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._out: list[str] = []
        self._err: list[str] = []

    def wait_for(self, text: str) -> None:
        """Read standard error up to a line that holds the text."""
        self._read_up_to(text, self._popen.stderr, self._err)

    def wait_for_output(self, text: str) -> None:
        """Read standard output up to a line that holds the text."""
        self._read_up_to(text, self._popen.stdout, self._out)

    def _read_up_to(self, text: str, pipe: IO[str] | None, read: list[str]) -> None:
        assert pipe is not None
        for line in pipe:
            read.append(line)
            if text in line:
                return
        raise AssertionError(f"it never said {text!r}: {read}")

    def interrupt(self, number: int = signal.SIGINT) -> None:
        """Press Ctrl-C."""
        self._popen.send_signal(number)

    def kill(self) -> None:
        """End it as a crash does."""
        self._popen.kill()
        self.end()

    def end(self) -> Said:
        """Wait for its end."""
        out, err = self._popen.communicate(timeout=SECONDS)
        said = Said(self._popen.returncode, "".join(self._out) + out, "".join(self._err) + err)
        assert "Traceback" not in said.err
        return said

    def close(self) -> None:
        """End it if it has not ended."""
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.communicate(timeout=SECONDS)


Begin = Callable[..., Running]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begin a command; what still runs when the test is over is ended."""
    running: list[Running] = []

    def run(*words: object, cwd: Path | None = None) -> Running:
        running.append(Running(words, cwd or tmp_path))
        return running[-1]

    yield run
    for one in running:
        one.close()


GATED = """
    import os
    from pathlib import Path
    from vivido import Retry, parallel, step, workflow

    @step
    def first(name: str) -> str:
        with open("ran.txt", "a") as file:
            file.write(f"first {name}\\n")
        return f"first of {name}"

    @step
    def gated(name: str) -> str:
        with open("ran.txt", "a") as file:
            file.write(f"gated {name}\\n")
        print("at the gate")
        return Path(f"gate.{name}").read_text()

    @workflow
    def flow(name: str) -> list[str]:
        a = first(name)
        b = gated(name)
        c = first(name + "2")
        return [a, b, c]
"""


class Gates:
    """Steps that wait until the test lets them through: each reads a pipe of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def shut(self, name: str) -> None:
        """Make the gate of a name."""
        os.mkfifo(self._folder / f"gate.{name}")

    def open(self, name: str, text: str = "through") -> None:
        """Let the step through that waits, or will wait, at the gate."""
        (self._folder / f"gate.{name}").write_text(text)

    @property
    def ran(self) -> list[str]:
        """Which step bodies have begun, in order."""
        return (self._folder / "ran.txt").read_text().splitlines()


@pytest.fixture
def gates(tmp_path: Path) -> Gates:
    """A workflow in ``flow.py`` whose second step waits at a gate."""
    (tmp_path / "flow.py").write_text(textwrap.dedent(GATED), "utf-8")
    made = Gates(tmp_path)
    made.shut("a")
    return made
