"""Is what docs/how-it-runs.md shows what `vivido show` says today?"""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import the script that writes the page."""
    monkeypatch.syspath_prepend(str(ROOT / "definitions"))
    path = ROOT / "docs" / "generate_how_it_runs.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_fresh(script: Any) -> None:
    """It is what `python docs/generate_how_it_runs.py` writes."""
    page = script.generate()
    assert page == script.PAGE.read_text("utf-8")
    assert "sleep" in page
    assert page.count("$ vivido show") == 1
