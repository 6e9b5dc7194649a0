"""Whether values are compared by what they are, and not by which object they are.

A variable that was stored and read again holds an equal value, but another object.
"""

from __future__ import annotations

import ast
import itertools

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.typed import TypedWalk
from vivido.compiler.types import ClassItself, Instance, is_enum


def check(unit: Unit, report: Report) -> None:
    """Reports V506."""
    _Identity(unit, report).run()


class _Identity(TypedWalk):
    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for (left, right), operator in zip(itertools.pairwise(sides), node.ops, strict=True):
            alone = isinstance(operator, ast.Is | ast.IsNot)
            if alone and not self._only_one(left) and not self._only_one(right):
                sign = "==" if isinstance(operator, ast.Is) else "!="
                message = (
                    f"{ast.unparse(node)!r} asks whether both are one object, "
                    "which changes with every hop."
                )
                self.report.add(
                    "V506", node, message, f"{ast.unparse(left)} {sign} {ast.unparse(right)}"
                )
        self.generic_visit(node)

    def _only_one(self, side: ast.expr) -> bool:
        """Whether there is one such object only.

        None, True, False, a class, a member of an enum.
        """
        if isinstance(side, ast.Constant):
            return side.value is None or isinstance(side.value, bool) or side.value is ...
        kind = self.type_of(side)
        return (
            isinstance(kind, ClassItself)
            or (isinstance(kind, Instance) and is_enum(kind.cls))
            or _asks_type(side)
        )


def _asks_type(side: ast.expr) -> bool:
    return isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id == "type"
