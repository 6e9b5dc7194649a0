"""What a workflow may not do, one rule a file, and all findings at once.

Each rule is a function `check(unit, report)` that looks at the source and adds findings. The rules
know nothing of each other; their order says nothing, since a report sorts by place.
"""

from __future__ import annotations

from collections.abc import Callable

from vivido.compiler.checks import (
    arguments,
    attributes,
    awaiting,
    callables,
    identity,
    names,
    notes,
    options,
    outside,
    ownership,
    progress,
    reachability,
    recursion,
    statements,
    storable,
    timeouts,
    unready,
    values,
)
from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit

Check = Callable[[Unit, Report], None]

CHECKS: tuple[Check, ...] = (
    statements.check,
    recursion.check,
    outside.check,
    callables.check,
    awaiting.check,
    names.check,
    attributes.check,
    arguments.check,
    values.check,
    options.check,
    reachability.check,
    progress.check,
    timeouts.check,
    ownership.check,
    storable.check,
    identity.check,
    notes.check,
    unready.check,
)


def check_all(unit: Unit, report: Report) -> None:
    """Applies every rule to a workflow."""
    for check in CHECKS:
        check(unit, report)
