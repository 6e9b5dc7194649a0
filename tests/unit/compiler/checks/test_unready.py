"""What compiles and cannot be run yet is said where it is called, and before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivido import approve, emit, workflow
from vivido.cli import sources
from vivido.compiler import check_workflow
from vivido.compiler.checks.unready import INSTEAD
from vivido.engine.load import KINDS
from vivido.errors import DefinitionError
from vivido.model import nodes

SOURCE = """
from vivido import emit, workflow

@workflow
def tells(total: int) -> int:
    emit("shipped", {"total": total})
    return total

@workflow
def keeps(total: int) -> int:
    return total
"""


@workflow
def asks(total: int) -> bool:
    """Two calls that no engine runs."""
    emit("asked", {"total": total})
    return bool(approve("Ship it?", timeout="1d"))


def test_each_call_is_noted() -> None:
    """A note, no error: there is a definition."""
    definition, report = check_workflow(asks)
    assert definition is not None
    found = [(each.code, each.severity, each.message, each.hint) for each in report]
    assert found == [
        ("V903", "note", f"{name}(…) compiles, and cannot be run by this version.", INSTEAD[name])
        for name in ("emit", "approve")
    ]


def test_no_more_and_no_less_is_noted_than_the_engine_lacks() -> None:
    """Each of the calls has a node that the engine does not load; once it does, the note goes."""
    kinds = {nodes.Receive, nodes.Approve, nodes.Callback, nodes.Emit}
    lacking = {kind.model_fields["kind"].default for kind in kinds if kind not in KINDS}
    assert lacking == set(INSTEAD)


def test_run_refuses_before_anything_runs(tmp_path: Path) -> None:
    """Only the workflow that is asked for counts, not what else is in its file."""
    file = tmp_path / "telling.py"
    file.write_text(SOURCE, "utf-8")
    sources.refuse_unready(sources.compiled(f"{file}:keeps"))
    with pytest.raises(DefinitionError, match=r"line 6: emit\(…\) compiles, and cannot be run"):
        sources.refuse_unready(sources.compiled(f"{file}:tells"))
