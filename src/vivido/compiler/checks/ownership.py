"""Whether each variable owns its value: nothing is changed that can be seen by another name."""

from __future__ import annotations

from vivido.compiler.diagnostics import Report
from vivido.compiler.ownership import find_shared_changes
from vivido.compiler.read import Unit


def check(unit: Unit, report: Report) -> None:
    """Reports V501 to V505."""
    find_shared_changes(unit, report)
