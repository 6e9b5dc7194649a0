"""Does the one place that chooses a backend choose the right one?"""

import asyncio
from pathlib import Path

from vivido.bootstrap import open_local
from vivido.model.journal import Kind, Record

RECORD = Record(1, Kind.OK, "m", "d", 1.0, {"a": 1})


def test_a_path_is_a_file_that_lasts(tmp_path: Path) -> None:
    """What was stored under a path is there when it is opened again."""
    path = str(tmp_path / "folder" / "state.db")
    first = open_local(path)
    asyncio.run(first.ports.journal.append("x", "r", RECORD))
    first.close()
    second = open_local(path)
    assert list(asyncio.run(second.ports.journal.read("x", "r"))) == [RECORD]
    second.close()


def test_no_path_is_a_memory_of_its_own() -> None:
    """Two memories share nothing."""
    first, second = open_local(), open_local(None)
    asyncio.run(first.ports.journal.append("x", "r", RECORD))
    kept = [list(asyncio.run(one.ports.journal.read("x", "r"))) for one in (first, second)]
    first.close()
    second.close()
    assert kept == [[RECORD], []]


def test_both_offer_to_commit_in_one_step(tmp_path: Path) -> None:
    """A runtime on this machine never needs more than one write for a step."""
    first, second = open_local(), open_local(str(tmp_path / "state.db"))
    assert [local.ports.atomic is not None for local in (first, second)] == [True, True]
    second.close()
