"""Do tools see the types of what an author writes? Asked of mypy, in strict mode."""

import re
from pathlib import Path

from mypy import api

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
REFUSED = HERE / "authoring_refused.py"


def mypy(*files: Path) -> str:
    """Return what mypy prints."""
    options = ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--no-pretty"]
    return api.run([*options, *map(str, files)])[0]


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
