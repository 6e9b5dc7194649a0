"""Does `vivido show` answer for a history of any length, by pages that lose no record?"""

import json
from pathlib import Path
from typing import Any

import pytest

from vivido import Client, map_each, parallel, step, workflow
from vivido.cli.history import Place
from vivido.errors import UsageError


@step(inline=True)
def one(n: int) -> int:
    """A step."""
    return n


@workflow
def nested(n: int) -> int:
    """Forks within forks, and steps before and after them."""

    def row(y: int) -> int:
        one(y)
        return sum(map_each(one, range(y)))

    one(n)
    first = sum(map_each(row, range(n)))
    second, third = parallel(row(2), one(n))
    return one(first + second + third)


@workflow
def loop(n: int) -> int:
    """So many steps, one after another."""
    total = 0
    for i in range(n):
        total += one(i)
    return total


@workflow
def long_text(n: int) -> str:
    """Give a long text."""
    return "ab" * n


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Run all of them."""
    path = str(tmp_path / "state.db")
    with Client.local(path) as client:
        for flow, given in ((nested, 4), (loop, 1_200), (long_text, 600_000)):
            client.start(flow, given, id=flow.name)
            client.result(flow.name)
    return path


def shown(vivido: Any, store: str, *words: str) -> Any:
    """What it says to machines."""
    return json.loads(vivido("show", *words, "--store", store, "--json").out)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_together_are_the_whole(vivido: Any, store: str, size: int) -> None:
    """Wherever a page ends, within branches or between them, the next begins behind it."""
    whole = shown(vivido, store, "nested")
    assert (whole["next"], len(whole["history"])) == (None, 28)
    pages, after = [], "r"
    while after is not None:
        page = shown(vivido, store, "nested", "--limit", str(size), "--after", after)
        assert len(page["history"]) <= size
        pages += page["history"]
        after = page["next"]
    assert pages == whole["history"]


def test_a_long_history_comes_in_pages_of_itself(vivido: Any, store: str) -> None:
    """A thousand records, and how to read on; all of them where that is asked for."""
    first = shown(vivido, store, "loop")
    assert (len(first["history"]), first["next"]) == (1_000, "r#1000")
    assert len(shown(vivido, store, "loop", "--all")["history"]) == 1_200
    assert (
        "… and more: vivido show loop --after r#1000"
        in vivido("show", "loop", "--store", store).out
    )
    rest = vivido("show", "loop", "--after", "r#1190", "--store", store).out
    assert ("for[1190]" in rest, "for[1189]" in rest, "and more" in rest) == (True, False, False)


def test_a_large_result_is_told_and_not_read(vivido: Any, store: str) -> None:
    """People see its beginning, machines where it lies; all of it where that is asked for."""
    text = vivido("show", "long_text", "--store", store).out
    assert ("1,200,002 bytes" in text, "all of it: --all" in text, len(text) < 1_000) == (
        True,
        True,
        True,
    )
    assert shown(vivido, store, "long_text")["output"]["$"] == "blob"
    assert shown(vivido, store, "long_text", "--all")["output"] == "ab" * 600_000


def test_a_place_is_read_as_it_is_written() -> None:
    """A branch and a number; what is neither is refused in one sentence."""
    assert [str(Place.of(text)) for text in ("r", "r#7", "r.1:0.12:33#4")] == [
        "r#0",
        "r#7",
        "r.1:0.12:33#4",
    ]
    with pytest.raises(UsageError, match="'x#1' is no place in a history"):
        Place.of("x#1")
