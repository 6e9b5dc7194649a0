"""What is no mistake, but perhaps not what was meant."""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.visit import FORKS, Walk


def check(unit: Unit, report: Report) -> None:
    """Reports V901 and V902."""
    _Notes(unit, report).run()


class _Notes(Walk):
    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._side_by_side: set[ast.expr] = set()

    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if found is not None and found.kind == "operation" and found.name in FORKS:
            self._side_by_side.update(
                arg.value for arg in node.args if isinstance(arg, ast.Starred)
            )
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        if node not in self._side_by_side:
            self._sequential(node.elt)
        super().visit_ListComp(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._sequential(node.elt)
        super().visit_SetComp(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._sequential(node.value)
        super().visit_DictComp(node)

    def _sequential(self, element: ast.expr) -> None:
        for call in ast.walk(element):
            if not isinstance(call, ast.Call):
                continue
            found = self.resolve(call.func)
            if found is not None and found.kind in ("step", "workflow", "nested"):
                name = ast.unparse(call.func)
                message = f"{name}(…) runs once for each item, one after another."
                self.report.add(
                    "V901", call, message, f"map_each({name}, …) runs them side by side"
                )
                return

    def visit_Expr(self, node: ast.Expr) -> None:
        idle = isinstance(
            node.value,
            ast.Compare | ast.Name | ast.Attribute | ast.BinOp | ast.Subscript | ast.List,
        )
        calls = any(
            isinstance(part, ast.Call | ast.NamedExpr | ast.Await) for part in ast.walk(node.value)
        )
        if idle and not calls:
            message = f"{ast.unparse(node.value)!r} is computed and not used."
            self.report.add("V902", node, message, "assign it, or delete the statement")
        self.generic_visit(node)
