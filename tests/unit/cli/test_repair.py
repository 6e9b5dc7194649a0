"""Does `vivido repair` send what is missing, and say so?"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

FLOW = """
    from vivido import sleep, step, workflow

    @step
    def first(n: int) -> int:
        return n + 1

    @workflow
    def flow(n: int) -> int:
        x = first(n)
        sleep(hours=1)
        return first(x)
"""


def store(folder: Path, *statements: str) -> None:
    """Change the store by hand, as no port does."""
    with closing(sqlite3.connect(folder / ".vivido" / "state.db")) as db, db:
        for statement in statements:
            db.execute(statement)


def rows(folder: Path, query: str) -> list[tuple]:
    """Read the store by hand."""
    with closing(sqlite3.connect(folder / ".vivido" / "state.db")) as db:
        return db.execute(query).fetchall()


@pytest.fixture
def waiting(vivido, write, here: Path) -> Path:
    """An execution that sleeps, and whose queue was lost."""
    flow = write(FLOW)
    assert vivido("run", flow, "--input", "1", "--id", "A1", "--no-wait").code == 3
    store(here, "DELETE FROM messages")
    return here


def test_repair_of_one_execution(vivido, waiting: Path) -> None:
    """The message that arms its timer again is in the queue afterwards; twice is once."""
    said = vivido("repair", "A1")
    assert said.out == "A1  r at record 2: go\n"
    assert said.code == 0
    assert vivido("repair", "A1").code == 0
    assert rows(waiting, "SELECT execution, id FROM messages") == [("A1", "repair A1 r 2 go")]


@pytest.mark.usefixtures("waiting")
def test_repair_of_all_as_json(vivido) -> None:
    """One line for each execution, with what was sent."""
    said = vivido("repair", "--all", "--json")
    (found,) = [json.loads(line) for line in said.out.splitlines()]
    assert found["execution"] == "A1"
    assert [(one["branch"], one["n"], one["cause"]) for one in found["sent"]] == [("r", 2, "go")]


def test_repair_of_what_is_stuck(vivido, waiting: Path) -> None:
    """Who waits for a time is not stuck; past that time and the bound it is."""
    said = vivido("repair", "--stuck", "10m")
    assert (said.code, said.out, said.err) == (0, "", "nothing was to be repaired\n")
    store(
        waiting,
        "UPDATE records SET time = time - 7200, data = json_set(data, '$.state.wait.timer', 1.0) "
        "WHERE kind = 'WAIT'",
        "UPDATE metas SET body = json_set(body, '$.updated', 1.0)",
    )
    said = vivido("repair", "--stuck", "10m")
    assert said.out == "A1  r at record 2: go\n"
    (line,) = rows(waiting, "SELECT text FROM lines")
    assert line[0].startswith("repaired by the sweeper: nothing had happened for ")
    assert "repaired by the sweeper" in vivido("logs", "A1").out


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("words", [[], ["A1", "--all"], ["--all", "--stuck", "1m"]])
def test_repair_takes_one_of_three(vivido, words) -> None:
    """An id, --all or --stuck."""
    said = vivido("repair", *words)
    assert said.code == 2
    assert "--stuck TIME" in said.err


@pytest.mark.usefixtures("waiting")
def test_repair_of_what_is_not_there(vivido) -> None:
    """An unknown id and a wrong time are the caller's."""
    assert vivido("repair", "B1").code == 2
    assert vivido("repair", "--stuck", "soon").code == 2
