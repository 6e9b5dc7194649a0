"""What compiles, and is not run by this version of the engine yet."""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.visit import Walk

# Each operation that the engine has no node for, and what to write until it has.
INSTEAD = {
    "receive": "poll(…) a step that asks whether it has happened",
    "approve": "poll(…) a step that asks whether the answer is there",
    "callback": "poll(…) a step that asks whether the result is there",
    "emit": "call a step that sends it",
}


def check(unit: Unit, report: Report) -> None:
    """Reports V903."""
    _Unready(unit, report).run()


class _Unready(Walk):
    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if found is not None and found.kind == "operation" and found.name in INSTEAD:
            message = f"{found.name}(…) compiles, and cannot be run by this version."
            self.report.add("V903", node, message, INSTEAD[found.name])
        self.generic_visit(node)
