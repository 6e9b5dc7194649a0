"""Do tools see the types of what an author writes? Asked of mypy, in strict mode."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REFUSED = HERE / "authoring_refused.py"


def mypy(*files: Path) -> str:
    """Return what mypy prints. In a process of its own: mypy raises the recursion limit."""
    options = ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--no-pretty"]
    command = [sys.executable, "-m", "mypy", *options, *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout  # noqa: S603


def test_types_of_every_operation() -> None:
    """Every operation has the type that its users expect, step by step."""
    assert "Success" in mypy(HERE / "authoring_accepted.py")


def test_mistakes_are_found() -> None:
    """Each marked mistake is found in its line, and nothing else."""
    marked = [
        (number, code)
        for number, line in enumerate(REFUSED.read_text().splitlines(), 1)
        for code in re.findall(r"# error: ([a-z-]+)", line)
    ]
    found = re.findall(r"authoring_refused\.py:(\d+): error: .*\[([a-z-]+)\]", mypy(REFUSED))
    # A decorator that is refused leaves its function untyped: told along with it, not marked.
    own = [(int(line), code) for line, code in found if code != "untyped-decorator"]
    assert own == marked
