"""D hacker-news-agent: a research loop that decides by itself when to stop."""

from collections.abc import Callable
from dataclasses import dataclass

from vivido import step, workflow
from vivido.testing import Run

MAX_ITERATIONS = 4
STORIES = {
    "sqlite": ["SQLite is enough", "SQLite in production"],
    "sqlite durability": ["fsync is hard"],
    "sqlite durability wal": [],
}


@dataclass
class Decision:
    """Whether to go on, and with which query."""

    go_on: bool
    query: str = ""


@step
def search(query: str) -> list[str]:
    """Find stories."""
    return STORIES.get(query, [])


@step
def decide(query: str, stories: list[str]) -> Decision:
    """Narrow the search while it finds anything."""
    narrower = {"sqlite": "sqlite durability", "sqlite durability": "sqlite durability wal"}
    return Decision(bool(stories) and query in narrower, narrower.get(query, ""))


@step
def summarise(stories: list[str]) -> str:
    """Write the report."""
    return "; ".join(stories) or "nothing"


@workflow
def research(topic: str) -> tuple[str, int, list[str]]:
    """Return the report, the number of rounds and the queries."""
    iteration = 0
    query = topic
    queries: list[str] = []
    stories: list[str] = []
    while iteration < MAX_ITERATIONS:
        iteration += 1
        queries.append(query)
        hits = search(query)
        stories += hits
        decision = decide(query, hits)
        if not decision.go_on:
            break
        query = decision.query
    else:
        stories.append("(cut short)")
    return summarise(stories), iteration, queries


def test_it_stops_when_nothing_new_is_found(both: Callable[..., Run]) -> None:
    """Three rounds, each narrower, and then a report on all of them."""
    run = both(research, "sqlite")
    report, rounds, queries = run.output
    assert report == "SQLite is enough; SQLite in production; fsync is hard"
    assert (rounds, queries[-1]) == (3, "sqlite durability wal")


def test_it_stops_at_once_without_hits(both: Callable[..., Run]) -> None:
    """An unknown topic takes one round."""
    assert both(research, "cobol").output == ("nothing", 1, ["cobol"])
