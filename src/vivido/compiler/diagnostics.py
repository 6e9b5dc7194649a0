"""What the compiler found: findings with a code, a place and what to write instead.

The checks and the lowering never raise: they add to a `Report`, so that an author sees every
finding of a file at once, in the order of the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from vivido.compiler.codes import CODES, CodeInfo, Severity

__all__ = ["CODES", "CodeInfo", "Diagnostic", "Place", "Report", "Severity", "render"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of source.

    Lines and columns from 1, columns in characters, `end_column` exclusive.
    """

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `related` holds other lines that matter, each with what happens there."""

    code: str
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    hint: str = ""
    related: tuple[tuple[int, str], ...] = ()
    severity: Severity = "error"

    @property
    def place(self) -> Place:
        """Where it is, to sort by."""
        return Place(self.line, self.column, self.end_line, self.end_column)

    def as_json(self) -> dict[str, Any]:
        """For machines (`vivido check --json`): all fields, and the page that explains the code."""
        return {
            "code": self.code,
            "severity": self.severity,
            "title": CODES[self.code].title,
            "message": self.message,
            "hint": self.hint,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "related": [{"line": line, "text": text} for line, text in self.related],
            "page": CODES[self.code].page,
        }

    def __str__(self) -> str:
        """One line: what a log or an exception message shows."""
        return f"{self.file}:{self.line}:{self.column}: {self.code} {self.message}"


class Report:
    """Collects the findings of one file; `lines` are the lines of its source, without line ends."""

    def __init__(self, file: str, lines: Sequence[str] = (), first_line: int = 1) -> None:
        self.file = file
        self._lines = lines
        self._first = first_line
        self._found: dict[Diagnostic, None] = {}

    def add(
        self,
        code: str,
        where: ast.AST | Place,
        message: str,
        hint: str = "",
        related: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Adds a finding at a syntax node; the same finding at the same place counts once.

        `message` is one plain sentence that names values as they are written; `hint` goes on after
        "instead:". Whether it is an error or a note is a matter of the code.
        """
        place = where if isinstance(where, Place) else self.place(where)
        finding = Diagnostic(
            code=code,
            message=message,
            file=self.file,
            line=place.line,
            column=place.column,
            end_line=place.end_line,
            end_column=place.end_column,
            hint=hint,
            related=tuple(related),
            severity=CODES[code].severity,
        )
        self._found.setdefault(finding)

    def place(self, node: ast.AST) -> Place:
        """Where a node stands.

        What the parser gives no position (as `arguments`) counts as line 1.
        """
        line = getattr(node, "lineno", 1)
        end_line = getattr(node, "end_lineno", None) or line
        start = getattr(node, "col_offset", 0)
        end = getattr(node, "end_col_offset", None)
        column = self._characters(line, start)
        return Place(
            line, column, end_line, column if end is None else self._characters(end_line, end)
        )

    def _characters(self, line: int, offset: int) -> int:
        """Column from 1 of a UTF-8 byte offset, as `ast` counts."""
        index = line - self._first
        if not 0 <= index < len(self._lines):
            return offset + 1
        return len(self._lines[index].encode()[:offset].decode(errors="replace")) + 1

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(self._found, key=lambda found: (found.place, found.code, found.message)))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> list[Diagnostic]:
        """What prevents a definition, in the order of the source."""
        return [found for found in self if found.severity == "error"]

    @property
    def findings(self) -> list[Diagnostic]:
        """Errors and notes, in the order of the source."""
        return list(self)


def render(diagnostic: Diagnostic, source_lines: Sequence[str]) -> str:
    """Text for people.

    The place, the sentence, the source line with a caret below, what to write instead.

    `source_lines` are the lines of the whole file; a line that is not there is left out.
    """
    info = CODES[diagnostic.code]
    place = f"{diagnostic.file}:{diagnostic.line}:{diagnostic.column}"
    parts = [f"{place}: {diagnostic.severity} {diagnostic.code}: {diagnostic.message}"]
    width = len(str(max([diagnostic.line, *(line for line, _ in diagnostic.related)])))
    parts += _excerpt(diagnostic.line, source_lines, width, _underline(diagnostic, source_lines))
    for line, text in diagnostic.related:
        parts += _excerpt(line, source_lines, width, f"^ {text}", indent=True)
    if diagnostic.hint:
        parts.append(f"  instead: {diagnostic.hint}")
    parts.append(f"  more: docs/{info.page}")
    return "\n".join(parts)


def _excerpt(
    line: int, source_lines: Sequence[str], width: int, mark: str, *, indent: bool = False
) -> list[str]:
    if not 1 <= line <= len(source_lines):
        return []
    text = source_lines[line - 1].expandtabs(1).rstrip()
    if indent:
        mark = " " * (len(text) - len(text.lstrip())) + mark
    return [f"  {line:>{width}} | {text}", f"  {'':>{width}} | {mark}"]


def _underline(diagnostic: Diagnostic, source_lines: Sequence[str]) -> str:
    if diagnostic.end_line > diagnostic.line and diagnostic.line <= len(source_lines):
        end = len(source_lines[diagnostic.line - 1].rstrip()) + 1
    else:
        end = diagnostic.end_column
    return " " * (diagnostic.column - 1) + "^" * max(1, end - diagnostic.column)
