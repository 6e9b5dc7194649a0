"""Whether names and literals have a type that fits where they are used.

Returned, annotated, added, looped over.
"""

from __future__ import annotations

import ast
from datetime import datetime
from decimal import Decimal

from vivido.compiler import types
from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Comprehension, FunctionNode
from vivido.compiler.typed import TypedWalk
from vivido.compiler.types import UNKNOWN, Instance, Type

_TEXT, _NUMBERS = (str, bytes), (int, float, Decimal)


def check(unit: Unit, report: Report) -> None:
    """Reports the V305 of everything but arguments."""
    walk = _Values(unit, report)
    walk.returns = types.from_annotation(unit.workflow.interface.result.type)
    walk.run()


class _Values(TypedWalk):
    returns: Type = UNKNOWN

    def visit_function(self, node: FunctionNode) -> None:
        before = self.returns
        scope = self.scope.nested.get(node.name, self.scope)
        self.returns = (
            UNKNOWN if node.returns is None else self.types.annotation(node.returns, scope)
        )
        super().visit_function(node)
        self.returns = before

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self._assigned(node.value, self.returns, "The function returns")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            wanted = self.types.annotation(node.annotation, self.scope)
            self._assigned(node.value, wanted, f"{ast.unparse(node.target)!r} is declared as")
        super().visit_AnnAssign(node)

    def _assigned(self, value: ast.expr, wanted: Type, what: str) -> None:
        given = self.type_of(value)
        if not types.assignable(given, wanted):
            message = (
                f"{what} {types.describe(wanted)}, "
                f"and {ast.unparse(value)!r} is {types.describe(given)}."
            )
            self.report.add(
                "V305",
                value,
                message,
                f"give a value of type {types.describe(wanted)}, or change the annotation",
            )

    def visit_BinOp(self, node: ast.BinOp) -> None:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if (
            isinstance(left, Instance)
            and isinstance(right, Instance)
            and _clash(left.cls, node.op, right.cls)
        ):
            kinds = f"{types.describe(left)} and {types.describe(right)}"
            message = f"{kinds} cannot be combined: {ast.unparse(node)!r}."
            self.report.add("V305", node, message, _remedy(left.cls, right.cls))
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._looped(node.iter)
        self.generic_visit(node)

    def _comprehension(self, node: Comprehension) -> None:
        with self._typing(self.types.comprehended(node, self.scope, self._hidden_types)):
            for part in node.generators:
                self._looped(part.iter)
        super()._comprehension(node)

    def _looped(self, items: ast.expr) -> None:
        kind = self.type_of(items)
        if types.element(kind) is None:
            message = f"{ast.unparse(items)!r} is {types.describe(kind)}: it cannot be looped over."
            hint = f"range({ast.unparse(items)})" if kind == Instance(int) else "loop over a list"
            self.report.add("V305", items, message, hint)


def _clash(left: type, operator: ast.operator, right: type) -> bool:
    if isinstance(operator, ast.Add):
        text, number = ({left, right} & set(group) for group in (_TEXT, _NUMBERS))
        if (text and number) or (left in _TEXT and right in _TEXT and left is not right):
            return True
    arithmetic = isinstance(
        operator, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod
    )
    if arithmetic and {left, right} == {Decimal, float}:
        return True
    if isinstance(operator, ast.Add | ast.Sub) and datetime in (left, right):
        return bool({left, right} & {int, float, str, Decimal})
    return type(None) in (left, right) and arithmetic


def _remedy(left: type, right: type) -> str:
    classes = {left, right}
    if classes & set(_TEXT) and classes & set(_NUMBERS):
        return "an f-string, or str(…)"
    if classes == {Decimal, float}:
        return "Decimal('1.5'): a Decimal goes with Decimals and ints"
    if datetime in classes:
        return "a timedelta: timedelta(seconds=…)"
    return "check for None before" if type(None) in classes else ""
