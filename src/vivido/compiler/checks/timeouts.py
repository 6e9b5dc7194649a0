"""Whether every wait for the outside comes to an end: by its own timeout or one around it."""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.visit import Walk

_WAITS = frozenset({"receive", "approve", "poll"})  # callback() takes no less than a timeout


def check(unit: Unit, report: Report) -> None:
    """Reports V403, unless the workflow as a whole has a timeout."""
    if unit.workflow.timeout is None:
        _Timeouts(unit, report).run()


class _Timeouts(Walk):
    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._bounded = 0

    def visit_With(self, node: ast.With) -> None:
        limits = [
            item.context_expr for item in node.items if self._name(item.context_expr) == "deadline"
        ]
        self._bounded += len(limits)
        self.generic_visit(node)
        self._bounded -= len(limits)

    def visit_Call(self, node: ast.Call) -> None:
        name = self._name(node)
        if name in _WAITS and not self._bounded and not _has_timeout(node):
            message = f"{name}(…) may wait for ever."
            hint = f"{name}(…, timeout='3d'), 'with deadline(…):', or a timeout of the workflow"
            self.report.add("V403", node, message, hint)
        raced = name == "first" and any(self._ends(keyword.value) for keyword in node.keywords)
        self._bounded += raced
        self.generic_visit(node)
        self._bounded -= raced

    def _name(self, node: ast.expr) -> str | None:
        found = self.resolve(node.func) if isinstance(node, ast.Call) else None
        return found.name if found is not None and found.kind == "operation" else None

    def _ends(self, branch: ast.expr) -> bool:
        """Whether a branch of `first` comes to an end by itself, and so ends the others."""
        name = self._name(branch)
        if name in _WAITS and isinstance(branch, ast.Call):
            return _has_timeout(branch)
        return True


def _has_timeout(node: ast.Call) -> bool:
    for keyword in node.keywords:
        if keyword.arg is None:
            return True  # **options: cannot be told
        if keyword.arg == "timeout":
            return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is None)
    return False
