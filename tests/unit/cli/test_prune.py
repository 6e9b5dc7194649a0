"""Does `vivido prune` delete what ended long ago, and say so?"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

FLOW = """
    from vivido import step, workflow

    @step
    def large(n: int) -> list[int]:
        return list(range(n))

    @workflow
    def flow(n: int) -> int:
        return len(large(n))
"""


def age(folder: Path, days: float, *executions: str) -> None:
    """Make executions look as if they had ended so long ago."""
    with closing(sqlite3.connect(folder / ".vivido" / "state.db")) as store, store:
        for execution in executions:
            store.execute(
                "UPDATE metas SET created = created - ?1, body = json_set(body, '$.updated', "
                "json_extract(body, '$.updated') - ?1) WHERE execution = ?2",
                (days * 86_400, execution),
            )
            store.execute(
                "UPDATE uses SET time = time - ? WHERE execution = ?", (days * 86_400, execution)
            )


@pytest.fixture
def three(vivido, write, here: Path) -> Path:
    """Three executions: of today, 3 and 40 days old."""
    flow = write(FLOW)
    for name in ("A1", "B1", "C1"):
        assert vivido("run", flow, "--input", '{"n": 5000}', "--id", name).code == 0
    age(here, 3, "B1")
    age(here, 40, "C1")
    return here


def left(vivido) -> set[str]:
    """The ids that are listed."""
    return {json.loads(line)["execution"] for line in vivido("list", "--json").out.splitlines()}


@pytest.mark.usefixtures("three")
def test_prune_deletes_what_is_older_than_thirty_days(vivido) -> None:
    """By default; a value that others still use stays."""
    said = vivido("prune")
    assert (said.code, said.err) == (0, "1 execution deleted, with 0 large values of 0 bytes\n")
    assert left(vivido) == {"A1", "B1"}


@pytest.mark.usefixtures("three")
def test_prune_takes_a_time(vivido) -> None:
    """As people write it; machines get numbers."""
    said = vivido("prune", "--older-than", "36h", "--json")
    assert json.loads(said.out) == {"executions": 2, "blobs": 0, "bytes": 0}
    assert left(vivido) == {"A1"}


def test_the_last_user_of_a_value_takes_it_along(vivido, three) -> None:
    """All three have the same large result."""
    age(three, 40, "A1", "B1")
    said = vivido("prune", "--json")
    assert json.loads(said.out) == {"executions": 3, "blobs": 1, "bytes": 23_891}


@pytest.mark.usefixtures("three")
def test_a_dry_run_deletes_nothing(vivido) -> None:
    """It lists what would go."""
    said = vivido("prune", "--dry-run", "--older-than", "1d")
    assert sorted(line.split()[0] for line in said.out.splitlines()) == ["B1", "C1"]
    assert said.err == "2 executions would be deleted, and their child executions\n"
    assert left(vivido) == {"A1", "B1", "C1"}


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("time", "why"),
    [("soon", "'soon' is no duration"), ("2h", "an execution is kept for a day"), ("-1d", "-1d")],
)
def test_a_time_that_cannot_be(vivido, time: str, why: str) -> None:
    """Less than a day, or no time at all, is wrong use."""
    said = vivido("prune", f"--older-than={time}")
    assert (said.code, why in said.err) == (2, True)
