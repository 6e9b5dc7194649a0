"""Whether every name means something.

Known at all (V301), and with a value on some path to it (V302).
"""

from __future__ import annotations

import ast
import builtins
import difflib

from vivido.compiler.diagnostics import Report
from vivido.compiler.flow import Assigned
from vivido.compiler.read import Unit
from vivido.compiler.visit import Walk


def check(unit: Unit, report: Report) -> None:
    """Reports V301 and V302."""
    _Names(unit, report).run()


class _Names(Walk):
    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._unbound = Assigned(unit).unbound

    def visit_Name(self, node: ast.Name) -> None:
        found = self.resolve(node)
        if found is not None and found.kind == "missing":
            self._missing(node)
        elif node in self._unbound and node.id not in self.hidden:
            self._without_value(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        found = self.resolve(node)
        if found is not None and found.kind == "missing" and not _inner_missing(self, node):
            owner = self.resolve(node.value)
            names = dir(owner.value) if owner is not None else []
            message = f"{ast.unparse(node.value)!r} has no {node.attr!r}."
            self.report.add(
                "V301", node, message, suggestion(node.attr, names, f"{ast.unparse(node.value)}.")
            )
        self.generic_visit(node)

    def _missing(self, node: ast.Name) -> None:
        known = {*self.scope.variables, *self.hidden, *self.unit.globals, *dir(builtins)}
        hint = (
            suggestion(node.id, known) or "assign it before, or import or define it in the module"
        )
        self.report.add("V301", node, f"The name {node.id!r} is not known.", hint)

    def _without_value(self, node: ast.Name) -> None:
        line = self._unbound[node]
        message = f"The variable {node.id!r} has no value here on any path."
        if line is None:
            self.report.add("V302", node, message, "assign it before it is used")
        else:
            hint = "keep the value under another name before that"
            self.report.add(
                "V302", node, message, hint, [(line, f"{node.id!r} loses its value here")]
            )


def _inner_missing(walk: Walk, node: ast.Attribute) -> bool:
    inner = walk.resolve(node.value)
    return inner is not None and inner.kind == "missing"


def suggestion(wrong: str, known: set[str] | list[str], prefix: str = "") -> str:
    """The name that was probably meant; empty if none is near."""
    near = difflib.get_close_matches(
        wrong, sorted(name for name in known if not name.startswith("_")), 1, 0.7
    )
    return f"did you mean {prefix + near[0]!r}?" if near else ""
