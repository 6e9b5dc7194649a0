"""Are the pages of docs/diagnostics true? Each example triggers what its page says."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from vivido.compiler.codes import CODES

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_diagnostics.py"


def load() -> Any:
    """Import the script that fills in the pages."""
    spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[SCRIPT.stem] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


pages = load()


@pytest.mark.parametrize("code", CODES)
def test_the_examples_of_a_code(code: str) -> None:
    """The first example triggers exactly the page's code, the last one nothing."""
    bad, good = pages.examples(pages.page_of(code).read_text("utf-8"), code.lower())
    assert ({each.code for each in bad.found}, good.found) == ({code}, ())


@pytest.mark.parametrize("code", CODES)
def test_a_page_is_fresh(code: str) -> None:
    """Its heading is the code's title, and what it prints is what the compiler says today."""
    page = pages.page_of(code).read_text("utf-8")
    assert page.splitlines()[0] == f"# {code}: {CODES[code].title}"
    assert page == pages.filled(code, page)


def test_the_index_is_fresh() -> None:
    """It is what `python docs/generate_diagnostics.py` writes today."""
    assert pages.INDEX.read_text("utf-8") == pages.index()


def test_there_are_no_other_pages() -> None:
    """A page whose code is gone is gone, too."""
    names = {page.stem for page in pages.PAGES.glob("*.md")} - {"index"}
    assert names == set(CODES)


def test_a_wrong_page_is_refused() -> None:
    """A page whose example triggers another code is not filled in."""
    page = pages.page_of("V301").read_text("utf-8")
    with pytest.raises(SystemExit, match="triggers"):
        pages.filled("V302", page)
