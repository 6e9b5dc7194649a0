"""Does a process that drives one execution leave all others to theirs?"""

import asyncio
from pathlib import Path

import pytest

from vivido.backends.sqlite import SqliteStore
from vivido.ids import child_execution_id
from vivido.model.journal import Message

LONG = "a" * 60
DEEP = child_execution_id(child_execution_id(LONG, "r", 5), "r" + ".123456:123456" * 5, 7)


def received(store: SqliteStore) -> list[str]:
    """Return the executions whose messages are received, sorted."""
    return sorted(d.message.execution for d in asyncio.run(store.ports.queue.receive("default", 9)))


@pytest.mark.parametrize(
    ("only", "others", "family"),
    [
        ("A", ["AA", "A.1", "B", "B~r.1"], ["A", "A~r.1", "A~r.1~r.2"]),
        (LONG, [LONG[:-1], LONG + "a"], [LONG, child_execution_id(LONG, "r", 5), DEEP]),
    ],
    ids=["short", "long"],
)
def test_only_the_family_of_an_execution_is_received(
    tmp_path: Path, only: str, others: list[str], family: list[str]
) -> None:
    """Its own messages and those of its child executions, however their ids were made."""
    path = tmp_path / "s.db"
    with SqliteStore(path) as sender:
        for execution in (*others, *family):
            message = Message(id=f"m {execution}", execution=execution, branch="r", n=0)
            asyncio.run(sender.ports.queue.send([message]))
    with SqliteStore(path) as driver:
        driver.only(only)
        assert received(driver) == sorted(family)
        assert received(driver) == []
    with SqliteStore(path) as rest:
        assert received(rest) == sorted([*others, *family])
