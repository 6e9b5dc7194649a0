"""Does a command load only what it needs? Time is lost in imports before anything is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from vivido.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    print(*sys.modules, file=sys.stderr)
"""
FLOW = """
from vivido import step, workflow

@step
def one() -> int:
    return 1

@workflow
def flow() -> int:
    return one()
"""


def loaded(folder: Path, *words: str) -> set[str]:
    """Return the modules that a command has loaded, by package and by ``vivido.part``."""
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", SCRIPT, *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name[:9] != "COVERAGE_"},
        check=True,
        capture_output=True,
        text=True,
    )
    modules = done.stderr.splitlines()[-1].split()
    packages = {name.partition(".")[0] for name in modules}
    return packages | {".".join(name.split(".")[:2]) for name in modules if name[:7] == "vivido."}


@pytest.mark.parametrize(
    ("words", "without"),
    [
        (
            ("--help",),
            {"asyncio", "rich", "sqlite3", "vivido.backends", "vivido.compiler", "vivido.drawing"},
        ),
        (("schema",), {"asyncio", "rich", "sqlite3", "vivido.compiler", "vivido.engine"}),
        (("run", "flow.py", "--no-store"), {"rich", "vivido.drawing", "vivido.testing"}),
        (("list",), {"rich", "vivido.compiler", "vivido.drawing", "vivido.engine"}),
    ],
    ids=["help", "schema", "run", "list"],
)
def test_a_command_loads_only_what_it_needs(
    tmp_path: Path, words: tuple[str, ...], without: set[str]
) -> None:
    """What is for another command, or for a terminal that is not there, is left out."""
    (tmp_path / "flow.py").write_text(FLOW)
    assert loaded(tmp_path, *words) & without == set()
