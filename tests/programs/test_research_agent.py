"""D pydantic-research-agent: plans a topic, searches each term in a child, analyses, reports."""

from collections.abc import Callable

from pydantic import BaseModel

from vivido import map_each, publish, step, workflow
from vivido.testing import Run

SHELF = {
    "tides": ["The moon makes tides.", "Tides come twice a day."],
    "moon": ["The moon has no air."],
}


class Plan(BaseModel):
    """What to look for."""

    topic: str
    terms: list[str]


class Finding(BaseModel):
    """What one term gave."""

    term: str
    hits: list[str] = []
    relevance: float = 0.0


@step
def make_plan(topic: str) -> Plan:
    """Take the words of the topic for terms."""
    return Plan(topic=topic, terms=topic.split())


@step
def look_up(term: str) -> list[str]:
    """Search the shelf."""
    return SHELF.get(term, [])


@step
def rate(topic: str, hit: str) -> float:
    """Say which share of the topic's words a hit names."""
    words = topic.split()
    return sum(word in hit.lower() for word in words) / len(words)


@workflow
def search_term(topic: str, term: str) -> Finding:
    """Look a term up and rate what was found."""
    hits = look_up(term)
    if not hits:
        return Finding(term=term)
    ratings = [rate(topic, hit) for hit in hits]
    return Finding(term=term, hits=hits, relevance=max(ratings))


@workflow
def research(topic: str) -> dict[str, float]:
    """Return the terms by relevance, best first."""
    publish(status="planning", agent=f"research on {topic!r}")
    plan = make_plan(topic)
    publish(status=f"searching {len(plan.terms)} terms")
    findings = map_each(lambda term: search_term(plan.topic, term), plan.terms)
    found = [finding for finding in findings if finding.hits]
    found.sort(key=lambda finding: finding.relevance, reverse=True)
    publish(status="done", found=len(found))
    return {finding.term: finding.relevance for finding in found}


def test_terms_are_searched_in_children(both: Callable[..., Run]) -> None:
    """Three terms, one of them without a hit; each hit is rated by a step in a comprehension."""
    run = both(research, "moon tides cheese")
    assert run.output == {"tides": 2 / 3, "moon": 1 / 3}
    assert list(run.output) == ["tides", "moon"]
    assert (run.calls(look_up), run.calls(rate)) == (3, 3)
    assert run.published["status"] == "done"
