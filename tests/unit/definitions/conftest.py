"""Where do the examples live, and where do they keep what they do during a test?"""

import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "definitions"))  # as `vivido run definitions/…` does


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a shop of its own, and the repository as the current folder."""
    monkeypatch.setenv("VIVIDO_EXAMPLES", str(tmp_path / "shop"))
    monkeypatch.chdir(ROOT)
    return tmp_path / "shop"


@pytest.fixture
def example() -> Any:
    """Read an input of the folder examples."""
    return lambda name: orjson.loads((ROOT / "examples" / f"{name}.json").read_bytes())
