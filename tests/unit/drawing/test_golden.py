"""Do drawings look as they did when somebody last looked at them?

``REGEN=1 pytest tests/unit/drawing`` writes the golden files anew: look at them before you commit.
"""

import os
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

from vivido.drawing import dot, mermaid, svg
from vivido.model.definition import Definition

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "golden" / "drawings"
ALL: Definition = runpy.run_path(str(HERE / "kinds.py"))["ALL"]


@pytest.mark.parametrize(
    ("ending", "draw"),
    [("svg", svg), ("mmd", mermaid), ("dot", dot)],
    ids=["svg", "mermaid", "dot"],
)
def test_every_kind_of_node_is_drawn_as_before(
    ending: str, draw: Callable[[Definition], str]
) -> None:
    """One definition with all kinds of nodes gives the golden text, byte for byte."""
    file = GOLDEN / f"all_kinds.{ending}"
    drawn = draw(ALL)
    if os.environ.get("REGEN"):
        file.write_text(drawn, "utf-8")
    assert drawn == file.read_text("utf-8")
