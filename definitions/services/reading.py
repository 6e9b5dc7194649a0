"""What words stand in a document? Plain text, Markdown and HTML become text, whatever is around."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SILENT = {"script", "style", "title", "nav", "footer"}  # what HTML holds besides its text
BLOCKS = {"p", "h1", "h2", "h3", "li", "div", "br", "tr"}
MARKS = [(re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), r"\1"), (re.compile(r"(?m)^#+ |[*_`]+"), "")]


class UnreadableDocument(Exception):
    """The document is no text that can be read."""


def read(document: Path) -> str:
    """Return the text of a document. Raises `UnreadableDocument` where its bytes are no UTF-8."""
    try:
        return _converted(document, document.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"{document.name} is not UTF-8: byte {error.start}") from None


def read_roughly(document: Path) -> str:
    """Return the text of a document, with a mark in place of each byte that cannot be read."""
    return _converted(document, document.read_text("utf-8", errors="replace"))


def words(text: str) -> list[str]:
    """Return the words of a text, in small letters. Raises `UnreadableDocument` if it has none."""
    found = WORD.findall(text.lower())
    if not found:
        raise UnreadableDocument("there are no words in it")
    return found


def _converted(document: Path, source: str) -> str:
    return CONVERTERS.get(document.suffix, str)(source)


def _from_markdown(source: str) -> str:
    for mark, kept in MARKS:
        source = mark.sub(kept, source)
    return source


def _from_html(source: str) -> str:
    reader = _Reader()
    reader.feed(source)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.text).split("\n\n"))
    return "\n\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Collects text; `silent` counts the elements around whose text is not for readers."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  as HTMLParser calls it
        self.silent += tag in SILENT
        self.text += ["\n\n"] if tag in BLOCKS else []

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT
        self.text += ["\n\n"] if tag in BLOCKS else []

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.text.append(data)


CONVERTERS: dict[str, Callable[[str], str]] = {".md": _from_markdown, ".html": _from_html}
