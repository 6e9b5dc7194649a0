"""What does the compiler say of the examples in docs/diagnostics? Writes it below them.

A page is written by hand: what the code means, an example that triggers it, what to write instead.
This script compiles the examples: below the first it puts what `vivido check` prints, and it
refuses a page whose first example triggers anything but its code, or whose last one is not compiled
without a finding.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vivido.compiler import compile_file
from vivido.compiler.codes import CODES, CodeInfo
from vivido.compiler.diagnostics import Diagnostic, render

PAGES = Path(__file__).parent / "diagnostics"
INDEX = PAGES / "index.md"
GROUPS = {
    "1": "Reading the source",
    "2": "What is not compiled",
    "3": "Names, arguments and types",
    "4": "The flow",
    "5": "Who owns a value",
    "6": "Declarations",
    "9": "Notes",
}
HEAD = """\
<!-- Written by docs/generate_diagnostics.py from the pages beside it: do not edit. -->

# What the compiler finds

Every finding has a code that never changes its meaning, a place, one sentence and what to write
instead. `vivido check` prints them all at once. Notes (codes that begin with `V9`) prevent nothing.
"""
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A page's first or last Python block, and what the compiler found in it."""

    source: str
    found: tuple[Diagnostic, ...]

    @property
    def printed(self) -> str:
        """What people see of the findings."""
        return "\n".join(render(each, self.source.splitlines()) for each in self.found) + "\n"


def page_of(code: str) -> Path:
    """The page of a code."""
    return PAGES / f"{code}.md"


def examples(page: str, name: str) -> tuple[Example, Example]:
    """The example that triggers the code of a page, and the one to write instead, both compiled."""
    blocks = [
        match["text"] for match in _BLOCK.finditer(page) if match["info"].startswith("python")
    ]
    bad, good = blocks[0], blocks[-1]
    return compiled(bad, f"{name}_bad"), compiled(good, f"{name}_good")


def compiled(source: str, name: str) -> Example:
    """Compile an example as a file `shop.py`; what it imported is forgotten."""
    before = set(sys.modules)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.py"
        file.write_text(source, "utf-8")
        path = list(sys.path)
        try:
            found = compile_file(file).diagnostics
        finally:
            sys.path[:] = path
            for module in set(sys.modules) - before:
                if module == name:
                    del sys.modules[module]
    own = name.startswith("v903")  # waits stand for their grammar on the pages of other codes
    return Example(source, tuple(_in_shop(each) for each in found if own or each.code != "V903"))


def _in_shop(found: Diagnostic) -> Diagnostic:
    """The finding as if the file were named `shop.py`."""
    return replace(found, file="shop.py")


def filled(code: str, page: str) -> str:
    """The page with the compiler's words in its `text` block."""
    bad, good = examples(page, code.lower())
    problems = list(_problems(code, bad, good))
    if problems:
        raise SystemExit("\n".join(f"{page_of(code)}: {problem}" for problem in problems))
    return _BLOCK.sub(
        lambda match: f"```text\n{bad.printed}```" if match["info"] == "text" else match[0], page
    )


def _problems(code: str, bad: Example, good: Example) -> Iterator[str]:
    if {each.code for each in bad.found} != {code}:
        yield f"the first example triggers {[str(each) for each in bad.found]}"
    if good.found:
        yield f"the last example triggers {[str(each) for each in good.found]}"


def index() -> str:
    """The list of all codes, by what is at stake."""
    lines = [HEAD]
    for digit, title in GROUPS.items():
        lines += [f"## {title}", "", "| code | |", "|---|---|"]
        lines += [_row(info) for code, info in CODES.items() if code[1] == digit]
        lines.append("")
    return "\n".join(lines)


def _row(info: CodeInfo) -> str:
    return f"| [{info.code}]({info.code}.md) | {info.title} |"


def main() -> None:
    """Write the index and fill in the pages."""
    for code in CODES:
        page = page_of(code)
        page.write_text(filled(code, page.read_text("utf-8")), "utf-8")
    INDEX.write_text(index(), "utf-8")


if __name__ == "__main__":
    main()
