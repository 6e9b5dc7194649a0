"""Does every Python example of the documentation run, as it stands there?

The blocks of a page are one module, saved as a file: a workflow is compiled from its source. Lines
stay where they are on the page, so that a traceback points into it. A block whose fence says
``python no-run`` is a fragment.
"""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?P<info>.*)$")


def module_of(page: str) -> str:
    """Keep the lines of a page that are Python examples; empty all others."""
    kept: list[str] = []
    block: str | None = None
    for line in page.splitlines():
        fence = FENCE.match(line)
        if fence is None:
            kept.append(line if block == "python" else "")
        else:
            block = None if block is not None else fence["info"].strip()
            kept.append("")
    return "\n".join(kept)


def run(source: str, file: Path) -> dict[str, object]:
    """Import `source` from `file` and return what it defined."""
    file.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module  # annotations and the compiler look names up there
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[file.stem]
    return vars(module)


WITH_EXAMPLES = [page for page in PAGES if module_of(page.read_text("utf-8")).strip()]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    """All examples of a page, one after another, run without an error and their asserts hold."""
    run(module_of(page.read_text("utf-8")), tmp_path / f"example_{page.stem}.py")


def test_only_python_blocks_are_examples(tmp_path: Path) -> None:
    """Other blocks and fragments are left out, and every line keeps its number."""
    blocks = ("```python\nx = 1", "```console\n$ y", "```python no-run\nz", "```python\nx += 1")
    source = module_of("Text\n" + "\n```\n".join(blocks) + "\n```")
    assert [(n, line) for n, line in enumerate(source.splitlines(), 1) if line] == [
        (3, "x = 1"),
        (12, "x += 1"),
    ]
    assert run(source, tmp_path / "example_of_examples.py")["x"] == 2


def test_the_check_can_fail(tmp_path: Path) -> None:
    """An example that is wrong fails its page, on the line where it stands."""
    source = module_of("Text\n```python\nassert 1 + 1 == 3\n```")
    with pytest.raises(AssertionError) as caught:
        run(source, tmp_path / "example_wrong.py")
    assert caught.traceback[-1].lineno == 2
