"""Whether steps, workflows and nested functions are called, and where they can be.

They are no values: nothing could store one between two nodes. A few operations take one by name.
"""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Found, Unit
from vivido.compiler.visit import FORKS, Walk

_WORDS = {
    "step": "step",
    "workflow": "workflow",
    "nested": "nested function",
    "operation": "operation",
}
_TAKE_FUNCTIONS = frozenset({"map_each", "spawn", "poll", "asyncio.create_task"})


def check(unit: Unit, report: Report) -> None:
    """Reports V208 (an effect in a lambda) and V212 (a function as a value)."""
    _Callables(unit, report).run()


class _Callables(Walk):
    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._lambdas = 0

    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if (
            found is None
            or found.kind == "variable"
            or (isinstance(node.func, ast.Attribute) and found.kind not in _WORDS)
        ):
            self.visit(node.func)
        if self._lambdas and self.is_effect(node):
            hint = "a nested function with a name: def …(…): return …"
            message = f"{ast.unparse(node.func)}(…) cannot be called inside a lambda."
            self.report.add("V208", node, message, hint)
        takes = found is not None and found.kind == "operation" and found.name in _TAKE_FUNCTIONS
        for index, argument in enumerate(node.args):
            if not (takes and index == 0):
                self.visit(argument)
            elif isinstance(argument, ast.Lambda):
                self._inlined(argument)
            elif self._named(argument) is None:
                self.visit(argument)
        for keyword in node.keywords:
            self.visit(keyword.value)

    def _inlined(self, function: ast.Lambda) -> None:
        """The function of map_each or spawn.

        Its body becomes nodes, as a nested function's does.
        """
        before, self._lambdas = self._lambdas, -1
        self.visit(function)
        self._lambdas = before

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._lambdas += 1
        super().visit_Lambda(node)
        self._lambdas -= 1

    def visit_Name(self, node: ast.Name) -> None:
        self._mention(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not self._mention(node):
            self.generic_visit(node)

    def _named(self, node: ast.expr) -> Found | None:
        found = self.resolve(node)
        return found if found is not None and found.kind in _WORDS else None

    def _mention(self, node: ast.Name | ast.Attribute) -> bool:
        found = self._named(node)
        if found is None or not isinstance(node.ctx, ast.Load):
            return False
        name = ast.unparse(node)
        message = f"The {_WORDS[found.kind]} {name!r} is used as a value, but not called."
        self.report.add("V212", node, message, _instead(found, name))
        return True


def _instead(found: Found, name: str) -> str:
    if found.kind == "operation":
        return f"{name}(…)" if found.name in FORKS else f"call it: {name}(…)"
    return f"call it: {name}(…); map_each({name}, items) and spawn({name}, …) take it by name"
