"""Which line does a logging call write? The one that `logging` would, within bounds."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from vivido.errors import ExpressionLimit
from vivido.expressions import format_log

CALLS: list[tuple[Any, tuple[Any, ...]]] = [
    ("plain", ()),
    ("100%", ()),
    ("order %s: %d items", ("o1", 3)),
    ("%5.2f %-5s| %05d %x %o %e %c %%", (1.5, "a", 42, 255, 8, 1e3, "z")),
    ("%r %a %s", ("é", "é", None)),
    ("%*d %.*f", (5, 42, 2, 1.23456)),
    ("%(a)s and %(b)d", ({"a": 1, "b": 2},)),
    ("%s", ({},)),
    ("%s", ({"a": 1},)),
    (5, ()),
    (ValueError("x"), ()),
    ("%d", (Decimal("3.7"),)),
    ("%s", ([1, [2]],)),
    ("% d %+d %#x", (1, 2, 255)),
]


@pytest.mark.parametrize(("template", "args"), CALLS)
def test_lines_are_those_of_logging(template: Any, args: tuple[Any, ...]) -> None:
    """The line is the one that a record of `logging` gives."""
    record = logging.LogRecord("name", logging.INFO, "path", 1, template, args, None)
    assert format_log(template, args) == record.getMessage()


@pytest.mark.parametrize(
    ("template", "args"),
    [
        ("%d", ("x",)),
        ("%s %s", (1,)),
        ("none", (1,)),
        ("%q", (1,)),
        ("%(a)s", ({"b": 1},)),
        ("%", (1,)),
        ("%d", (float("inf"),)),
    ],
)
def test_a_line_that_does_not_fit_holds_both(template: str, args: tuple[Any, ...]) -> None:
    """Logging never fails the program: a template that does not fit is written as it is."""
    assert format_log(template, args) == f"{template} {args!r}"


def _deep() -> Any:
    value: Any = 1
    for _ in range(60):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    ("template", "args"),
    [
        ("%1000d", (1,)),
        ("%1000000000d", (1,)),
        ("%.1000f", (1.0,)),
        ("%*d", (10**9, 1)),
        ("%.*f", (10**9, 1.0)),
        ("%-*s", (-(10**9), "x")),
        ("%s", (_deep(),)),
        ("%r", (_deep(),)),
        ("%(a)s", ({"a": _deep()},)),
        ("%(a)s" * 1_000, ({"a": "x" * 1_000_000},)),
        ("%d", (Decimal("1e1000000"),)),
        ("%x" * 20_000, (1,)),
        (_deep(), ()),
    ],
)
def test_a_line_is_bounded(template: Any, args: tuple[Any, ...]) -> None:
    """Widths, precisions and what is written out are bounded before the line is made."""
    with pytest.raises(ExpressionLimit):
        format_log(template, args)
