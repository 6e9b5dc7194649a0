"""How do tests type commands? In this process; both outputs are read as files would get them."""

import itertools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from vivido.cli.main import main

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Type = Callable[..., Said]
Write = Callable[[str], str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def vivido(here: Path, capfd: pytest.CaptureFixture[str]) -> Type:  # noqa: ARG001
    """Run a command line in the folder; none ever says a traceback or steers the terminal."""

    def run(*words: object) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        code = ended.value.code
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        assert "\x1b" not in out + err
        return Said(code if isinstance(code, int) else 0, out, err)

    return run


@pytest.fixture
def write(here: Path) -> Write:
    """Write a file of workflows under a name that no other test has imported; returns its name."""

    def written(source: str) -> str:
        name = f"flows_{next(_numbers)}.py"
        (here / name).write_text(textwrap.dedent(source), "utf-8")
        return name

    return written
