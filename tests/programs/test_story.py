"""T openai_agents/deterministic: outline, check, story; the program stops if the outline is bad."""

from collections.abc import Callable

from pydantic import BaseModel

from vivido import step, workflow
from vivido.testing import Run


class Verdict(BaseModel):
    """What the checker thinks of an outline."""

    good_quality: bool
    is_scifi: bool


@step
def outline(request: str) -> str:
    """Write an outline: one scene for each word of the request."""
    return " / ".join(f"scene {place}: {word}" for place, word in enumerate(request.split(), 1))


@step
def check(text: str) -> Verdict:
    """Judge an outline."""
    return Verdict(good_quality=text.count("scene") > 2, is_scifi="rocket" in text)


@step
def write(text: str) -> str:
    """Write the story."""
    return text.replace(" / ", ". ").capitalize() + "."


@workflow
def story(request: str) -> str:
    """Return a story, or why there is none."""
    draft = outline(request)
    verdict = check(draft)
    if not verdict.good_quality:
        return "The outline is not good enough."
    if not verdict.is_scifi:
        return "This is no science fiction."
    print("writing", len(draft), "characters of outline into a story")
    return write(draft)


def test_a_good_outline_becomes_a_story(both: Callable[..., Run]) -> None:
    """Three steps, and a line in the log."""
    run = both(story, "a rocket home")
    assert run.output == "Scene 1: a. scene 2: rocket. scene 3: home."
    assert [text for _, _, text in run.logs] == ["writing 44 characters of outline into a story"]


def test_a_bad_outline_stops_it(both: Callable[..., Run]) -> None:
    """Either check ends the program before anything is written."""
    assert both(story, "rocket").output == "The outline is not good enough."
    run = both(story, "a quiet village tale")
    assert (run.output, run.calls(write)) == ("This is no science fiction.", 0)
