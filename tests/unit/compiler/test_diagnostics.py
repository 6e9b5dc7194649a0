"""Whether findings are placed, ordered and shown as people and machines need them."""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import CODES, Diagnostic, Place, Report, render

SOURCE = 'def f(order):\n    x = "größe" + order.totl\n    return x\n'
LINES = SOURCE.splitlines()


def attribute() -> ast.Attribute:
    """The misspelt attribute of the source."""
    return next(node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Attribute))


def test_columns_count_characters() -> None:
    """A column is a character from 1, though the parser counts bytes."""
    report = Report("shop.py", LINES)
    assert report.place(attribute()) == Place(2, 19, 2, 29)


def test_findings_come_in_source_order_and_once() -> None:
    """Findings are sorted by place, and the same finding counts once."""
    report = Report("shop.py", LINES)
    later, sooner = Place(3, 1, 3, 2), Place(1, 1, 1, 2)
    for place in (later, sooner, later):
        report.add("V301", place, "The name 'x' is not known.")
    report.add("V901", sooner, "Steps in a comprehension run one after another.")
    assert [(found.line, found.code) for found in report] == [(1, "V301"), (1, "V901"), (3, "V301")]
    assert [found.line for found in report.errors] == [1, 3]
    assert len(report) == 3


def test_rendering_shows_line_caret_and_remedy() -> None:
    """People see the place, one sentence, the line with a caret, other lines, and what to do."""
    report = Report("shop.py", LINES)
    report.add(
        "V303",
        attribute(),
        "Order has no attribute 'totl'.",
        "order.total",
        related=[(1, "Order comes from here")],
    )
    (found,) = report
    assert render(found, LINES) == (
        "shop.py:2:19: error V303: Order has no attribute 'totl'.\n"
        '  2 |     x = "größe" + order.totl\n'
        "    |                   ^^^^^^^^^^\n"
        "  1 | def f(order):\n"
        "    | ^ Order comes from here\n"
        "  instead: order.total\n"
        "  more: docs/diagnostics/V303.md"
    )


def test_rendering_survives_missing_source() -> None:
    """Without source the sentence and the remedy remain."""
    found = Diagnostic("V103", "There is no source.", "shop.py", 1, 1, 1, 1, hint="build it")
    assert render(found, []) == (
        "shop.py:1:1: error V103: There is no source.\n  instead: build it\n"
        "  more: docs/diagnostics/V103.md"
    )


def test_rendering_underlines_the_first_of_many_lines() -> None:
    """Of a finding over several lines the first is underlined to its end."""
    found = Diagnostic("V211", "No.", "shop.py", 2, 9, 3, 4)
    assert render(found, LINES).splitlines()[2] == "    |         " + "^" * 20


def test_json_names_everything() -> None:
    """The form for machines carries title, page and place."""
    found = Diagnostic(
        "V901", "Slow.", "shop.py", 1, 2, 3, 4, related=((7, "here"),), severity="note"
    )
    assert found.as_json() == {
        "code": "V901",
        "severity": "note",
        "title": CODES["V901"].title,
        "message": "Slow.",
        "hint": "",
        "file": "shop.py",
        "line": 1,
        "column": 2,
        "end_line": 3,
        "end_column": 4,
        "related": [{"line": 7, "text": "here"}],
        "page": "diagnostics/V901.md",
    }
    assert str(found) == "shop.py:1:2: V901 Slow."
