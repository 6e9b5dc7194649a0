"""Does every link within the documentation lead somewhere?"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
UNREAD = re.compile(r"^```.*?^```|<!--.*?-->|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def anchor_of(heading: str) -> str:
    """Name a heading as a page on the web would."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def dead_links(page: Path, text: str) -> list[str]:
    """List the links of a page that lead nowhere; addresses on the web are not visited."""
    dead: list[str] = []
    for target in LINK.findall(UNREAD.sub("", text)):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if re.match(r"[a-z]+:", target):
            continue
        if not file.exists():
            dead.append(target)
        elif anchor and file.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE)
            if anchor not in map(anchor_of, headings):
                dead.append(target)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page names a file, and its anchor a heading of it."""
    assert dead_links(page, page.read_text("utf-8")) == []


def test_the_check_can_fail(tmp_path: Path) -> None:
    """A missing file or heading is found; what stands in code is no link."""
    page = tmp_path / "page.md"
    text = "# Set-up & run\n[a](page.md#set-up--run) [b](#no) [c](gone.md) `[d](e)` [f](https://x)"
    page.write_text(text, "utf-8")
    assert dead_links(page, text) == ["#no", "gone.md"]
