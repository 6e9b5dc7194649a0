"""Owned values.

Does a workflow give the same result wherever its variables were stored and read again?

Each variable owns its value: at any node the engine may write all variables down and read them
back, each by itself. Plain Python lets two names share one object, and a change through one is seen
through the other. Where that could be seen, the compiler refuses (codes V501 to V505); so a
workflow means the same in plain Python and on the engine.

The analysis walks through the source as if it ran (`interpret`, `evaluate`, `calls`, `functions`),
with every way that control may take, and keeps which objects there may be and what may hold them
(`heap`). At each change of an object it asks (`sharing`): is there a second way to it, from a
variable that may still be read (`liveness`)? It errs on the side of refusing: what it cannot tell
apart it takes for the same object. What cannot change is never shared.
"""

from __future__ import annotations

from vivido.compiler.diagnostics import Report
from vivido.compiler.ownership.interpret import Interpreter
from vivido.compiler.read import Unit

__all__ = ["find_shared_changes"]


def find_shared_changes(unit: Unit, report: Report) -> None:
    """Report every change of a value that another variable may hold, too."""
    Interpreter(unit, report).run()
