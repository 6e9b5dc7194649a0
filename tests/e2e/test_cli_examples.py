"""Do the examples do what the README says, as its readers run them?"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of definitions and examples: what they write stays in it."""
    for name in ("definitions", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def command(*words: str) -> list[str]:
    """Return the command line of ``vivido words…``."""
    return [sys.executable, "-c", "from vivido.cli.main import main; main()", *words]


ORDER = "definitions/order_fulfilment.py"


@pytest.mark.parametrize(
    ("given", "code", "status"),
    [("order.json", 0, "succeeded"), ("order_declined.json", 1, "compensated")],
)
def test_an_order_is_fulfilled_or_undone(
    vivido: Any, project: Path, given: str, code: int, status: str
) -> None:
    """The main example of the README, and what becomes of a card that is declined."""
    said = vivido("run", ORDER, "--input", f"examples/{given}", "--json", cwd=project)
    events = [json.loads(line) for line in said.out.splitlines()]
    assert (said.code, events[-1]["status"]) == (code, status)


def test_the_input_may_come_through_a_pipe(vivido: Any, project: Path) -> None:
    """``cat order.json | vivido run … --input -``."""
    given = (project / "examples" / "order.json").read_text("utf-8")
    said = vivido("run", ORDER, "--input", "-", given=given, cwd=project)
    assert (said.code, json.loads(said.out)["order_id"]) == (0, json.loads(given)["id"])


def test_a_reader_that_has_had_enough_is_no_error(tmp_path: Path) -> None:
    """``vivido schema | head`` ends in silence."""
    with subprocess.Popen(  # noqa: S603  (our own program)
        command("schema"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_all_definitions_check(vivido: Any) -> None:
    """What the repository shows compiles without errors."""
    said = vivido("check", "--json", cwd=ROOT)
    assert (said.code, json.loads(said.out)["errors"]) == (0, 0)


def test_the_picture_of_the_readme_is_up_to_date(vivido: Any) -> None:
    """``vivido graph order_fulfilment`` into the file would change nothing."""
    drawn = vivido("graph", "order_fulfilment", cwd=ROOT).out
    assert drawn == (ROOT / "docs" / "images" / "order_fulfilment.svg").read_text("utf-8")
