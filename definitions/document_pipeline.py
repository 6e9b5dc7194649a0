"""What is in a folder of documents? Each is read, its mood told and its copies found, side by side.

What fails for a document leaves the other findings about it in place; a document about which
nothing can be said is left out, as long as there are few of them.
"""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel
from services import copies, moods, reading
from services.reading import UnreadableDocument

from vivido import map_each, parallel, pure, step, workflow

SUSPICIOUS = 0.2  # the similarity from which two texts have one source
CLEAR = 0.2  # the score, either way, from which a mood is no mixture
T = TypeVar("T")


class Text(BaseModel):
    """What a document says."""

    title: str
    words: int


class Mood(BaseModel):
    """How it says it; `score` goes from -1 (sad) to 1 (glad)."""

    score: float
    label: Literal["glad", "mixed", "sad"]


class Source(BaseModel):
    """The document that is most like it; `similarity` goes from 0 to 1."""

    document: str
    similarity: float


class Finding(BaseModel):
    """All that was found out about a document, and what stood in the way of the rest."""

    document: str
    text: Text | None
    mood: Mood | None
    source: Source | None
    problems: list[str]


class Overview(BaseModel):
    """What is in the folder."""

    findings: list[Finding]
    words: int
    suspicious: list[str]
    unreadable: list[str]


@step
def find(folder: Path) -> list[Path]:
    """List the documents of a folder."""
    return sorted(path for path in folder.iterdir() if path.suffix in {".txt", ".md", ".html"})


@step(timeout="1m")
def extract(document: Path) -> Text:
    """Read a document; its first line is its title."""
    text = reading.read(document)
    words = len(reading.words(text))
    return Text(title=text.strip().splitlines()[0], words=words)


@step(timeout="1m")
def sentiment(document: Path) -> Mood:
    """Tell the mood of a document, even if some of its letters cannot be read."""
    score = moods.score(reading.words(reading.read_roughly(document)))
    label: Literal["glad", "mixed", "sad"] = "glad" if score > 0 else "sad"
    return Mood(score=score, label=label if abs(score) > CLEAR else "mixed")


@step(timeout="1m")
def plagiarism(document: Path, documents: list[Path]) -> Source | None:
    """Find the other document that has most in common with this one."""
    own = copies.runs(reading.words(reading.read_roughly(document)))
    found = None
    for other in documents:
        words = reading.WORD.findall(reading.read_roughly(other).lower())
        similarity = copies.similarity(own, copies.runs(words))
        if other != document and similarity > (found.similarity if found else 0):
            found = Source(document=other.name, similarity=similarity)
    return found


@pure
def known(part: T | Exception) -> T | None:
    """Return a finding, or None if there is an error in its place."""
    return None if isinstance(part, Exception) else part


@workflow(version="1", timeout="1h", tags={"team": "library"})
def document_pipeline(folder: Path) -> Overview:
    """Examine all documents of a folder, three at a time."""
    documents = find(folder)

    def examine(document: Path) -> Finding:
        parts = parallel(
            extract(document),
            sentiment(document),
            plagiarism(document, documents),
            on_error="collect",
        )
        problems = [str(part) for part in parts if isinstance(part, Exception)]
        if len(problems) == len(parts):
            raise UnreadableDocument(f"nothing can be said about {document.name}")
        text, mood, source = parts
        return Finding(
            document=document.name,
            text=known(text),
            mood=known(mood),
            source=known(source),
            problems=problems,
        )

    findings = map_each(examine, documents, max_concurrency=3, tolerate=0.2)
    examined = [finding.document for finding in findings]
    return Overview(
        findings=findings,
        words=sum(finding.text.words for finding in findings if finding.text),
        suspicious=[f.document for f in findings if f.source and f.source.similarity > SUSPICIOUS],
        unreadable=[document.name for document in documents if document.name not in examined],
    )
