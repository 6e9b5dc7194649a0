"""Whether nested functions call themselves.

Blocks are flat, a position in them is a finite path.
"""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Scope
from vivido.compiler.visit import Walk


def check(unit: Unit, report: Report) -> None:
    """Reports V207 at each call, or mention, that closes a circle of nested functions."""
    uses = _Uses(unit, report)
    uses.run()
    for caller, callee, node in uses.found:
        if caller in _reachable(callee, uses.found):
            name = callee.node.name
            round_about = "" if caller is callee else f" by way of {caller.node.name!r}"
            message = f"The nested function {name!r} calls itself{round_about}."
            hint = "a loop; or a workflow of its own, which may call itself as a child execution"
            report.add("V207", node, message, hint, [(callee.node.lineno, "defined here")])


class _Uses(Walk):
    """Which nested function mentions which: (function around, function mentioned, where)."""

    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self.found: list[tuple[Scope, Scope, ast.Name]] = []

    def visit_Name(self, node: ast.Name) -> None:
        found = self.resolve(node)
        if found is not None and found.scope is not None and isinstance(node.ctx, ast.Load):
            self.found.append((self.scope, found.scope, node))


def _reachable(start: Scope, uses: list[tuple[Scope, Scope, ast.Name]]) -> set[Scope]:
    seen: set[Scope] = set()
    waiting = [start]
    while waiting:
        scope = waiting.pop()
        if scope not in seen:
            seen.add(scope)
            waiting += [callee for caller, callee, _ in uses if caller is scope]
    return seen
