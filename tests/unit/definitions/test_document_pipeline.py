"""Are documents read, judged and compared, and does what fails leave the rest in place?"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import document_pipeline as pipeline
import pytest
from document_pipeline import (
    Finding,
    Mood,
    Overview,
    Source,
    Text,
    document_pipeline,
    extract,
    find,
    plagiarism,
    sentiment,
)
from services import copies, moods, reading
from services.reading import UnreadableDocument

from vivido.testing import simulate

DOCUMENTS = Path("examples/documents")


def test_the_engine_keeps_partial_findings(example: Callable[[str], Any]) -> None:
    """Broken letters cost a document its text alone; one without words is left out, and named."""
    run = simulate(document_pipeline, example("documents"))
    assert (run.status, run.error) == ("succeeded", None)
    found = {finding.document: finding for finding in run.output.findings}
    assert found["corner_cafe.txt"] == Finding(
        document="corner_cafe.txt",
        text=None,
        mood=Mood(score=0.09, label="mixed"),
        source=None,
        problems=["corner_cafe.txt is not UTF-8: byte 18"],
    )
    assert run.output.unreadable == ["blank_page.txt"]
    assert run.output.suspicious == ["harbour_bridge.txt", "school_essay.txt"]
    assert found["school_essay.txt"].source == Source(
        document="harbour_bridge.txt", similarity=0.39
    )
    labels = {name: found[name].mood.label for name in ("night_train.txt", "kettle_review.md")}
    assert labels == {"night_train.txt": "glad", "kettle_review.md": "sad"}
    assert [run.calls(one) for one in (find, extract, sentiment, plagiarism)] == [1, 8, 8, 8]


def test_a_plain_call_finds_the_same(tmp_path: Path) -> None:
    """Where nothing fails, the function called as it is and the engine agree."""
    folder = tmp_path / "documents"
    shutil.copytree(DOCUMENTS, folder, ignore=shutil.ignore_patterns("blank*", "corner*"))
    overview = document_pipeline(folder)
    assert isinstance(overview, Overview)
    assert simulate(document_pipeline, {"folder": str(folder)}).output == overview
    assert (len(overview.findings), overview.words, overview.unreadable) == (6, 2118, [])


def test_too_many_failures_fail_the_whole(tmp_path: Path) -> None:
    """One blank page in two is more than is tolerated."""
    (tmp_path / "blank.txt").write_text(" ", "utf-8")
    (tmp_path / "note.md").write_text("# Good *news*", "utf-8")
    run = simulate(document_pipeline, {"folder": str(tmp_path)})
    assert run.status == "failed"
    assert run.error is not None
    assert run.error.message == "nothing can be said about blank.txt"


def test_html_and_markdown_become_text() -> None:
    """Titles are found; scripts, styles and navigation are no text, and entities are letters."""
    text = reading.read(DOCUMENTS / "tide_tables.html")
    assert text.startswith("How tide tables are made\n\nEverybody who lives by the sea")
    assert ("hand’s breadth" in text, "terrible" in text, "Home" in text) == (True, False, False)
    assert "the comparison which" in reading.read(DOCUMENTS / "kettle_review.md")
    assert extract(DOCUMENTS / "tide_tables.html") == Text(
        title="How tide tables are made", words=378
    )


@pytest.mark.parametrize(
    ("text", "score"),
    [("a good day", 1.0), ("not good", -1.0), ("it never failed and was bad", 0.0), ("a day", 0.0)],
)
def test_moods_are_counted(text: str, score: float) -> None:
    """Words with a mood count, turned round after a "not" that is near."""
    assert moods.score(text.split()) == score


def test_similarity_is_a_share() -> None:
    """The same text is like itself, another one is not, and half of it is half."""
    one, other = (copies.runs(list(letters)) for letters in ("abcdefgh", "abcdefxyz"))
    assert (copies.similarity(one, one), copies.similarity(one, copies.runs([]))) == (1.0, 0.0)
    assert copies.similarity(one, other) == round(2 / 7, 2)


def test_what_cannot_be_read_says_why() -> None:
    """The message names the byte, or says that there are no words."""
    with pytest.raises(UnreadableDocument, match="not UTF-8: byte 18"):
        extract(DOCUMENTS / "corner_cafe.txt")
    with pytest.raises(UnreadableDocument, match="there are no words in it"):
        sentiment(DOCUMENTS / "blank_page.txt")
    assert pipeline.known(UnreadableDocument("gone")) is None
