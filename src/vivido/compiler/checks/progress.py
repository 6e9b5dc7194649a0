"""Whether every `while` can end: something in it changes what it tests, waits, or leaves."""

from __future__ import annotations

import ast

from vivido.compiler import flow
from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.symbols import free_names
from vivido.compiler.visit import Walk

_PURE = frozenset(
    {
        len,
        any,
        all,
        sum,
        min,
        max,
        abs,
        bool,
        int,
        float,
        str,
        isinstance,
        sorted,
        list,
        tuple,
        set,
        dict,
        range,
        round,
    }
)


def check(unit: Unit, report: Report) -> None:
    """Reports V402."""
    _Loops(unit, report).run()


class _Loops(Walk):
    def visit_While(self, node: ast.While) -> None:
        if not self._progresses(node):
            if flow.always(node.test):
                message = "This loop never ends: nothing in it waits, and nothing leaves it."
                hint = "a step, sleep(…) or receive(…) in it; or 'break', 'return' or 'raise'"
            else:
                names = ", ".join(map(repr, free_names(node.test))) or "its test"
                message = f"This loop never ends: nothing in it changes {names} or waits."
                hint = "assign what it tests, or wait with a step, sleep(…) or receive(…)"
            self.report.add("V402", node.test, message, hint)
        self.generic_visit(node)

    def _progresses(self, node: ast.While) -> bool:
        tested = frozenset(free_names(node.test))
        finder = _Progress(self, tested)
        finder.test(node.test)
        return finder.found or any(finder.leaves(statement) for statement in node.body)


class _Progress(ast.NodeVisitor):
    """Looks for anything that brings a loop on.

    An effect, a way out, a change of what is tested.
    """

    def __init__(self, walk: Walk, tested: frozenset[str]) -> None:
        self._walk = walk
        self._tested = tested
        self._loops = 0
        self.found = False

    def test(self, test: ast.expr) -> None:
        """A test may progress by itself.

        It calls a step, the clock, or takes from what it tests.
        """
        for node in ast.walk(test):
            if isinstance(node, ast.NamedExpr | ast.Await) or (
                isinstance(node, ast.Call) and self._may_differ(node)
            ):
                self.found = True

    def _may_differ(self, call: ast.Call) -> bool:
        found = self._walk.resolve(call.func)
        if (
            found is None
        ):  # a method: of a tested variable it may change it, of a module's object it is impure
            return not isinstance(call.func, ast.Attribute) or call.func.attr not in _READING
        return found.kind not in ("builtin", "class") or found.value not in _PURE

    def leaves(self, statement: ast.stmt) -> bool:
        self.visit(statement)
        return self.found

    def visit(self, node: ast.AST) -> None:
        leaves = isinstance(node, ast.Return | ast.Raise | ast.Assert)
        if leaves or (isinstance(node, ast.Break) and not self._loops):
            self.found = True
        super().visit(node)

    def _loop(self, node: ast.For | ast.While) -> None:
        self._loops += 1
        self.generic_visit(node)
        self._loops -= 1

    def visit_For(self, node: ast.For) -> None:
        self._loop(node)

    def visit_While(self, node: ast.While) -> None:
        self._loop(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Runs only when it is called."""

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self._tested and not isinstance(node.ctx, ast.Load):
            self.found = True

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._place(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._place(node)

    def _place(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load) and _root(node) in self._tested:
            self.found = True
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if self._walk.is_effect(node) or self._touches(node):
            self.found = True
        self.generic_visit(node)

    def _touches(self, node: ast.Call) -> bool:
        """Whether the call may change what is tested.

        A method of it, or a function that is given it.
        """
        if _root(node.func) in self._tested and isinstance(node.func, ast.Attribute):
            return node.func.attr not in _READING
        found = self._walk.resolve(node.func)
        given = {name for argument in node.args for name in free_names(argument)}
        return found is not None and found.kind == "function" and bool(given & self._tested)


_READING = frozenset(
    [
        "get",
        "keys",
        "values",
        "items",
        "copy",
        "count",
        "index",
        "startswith",
        "endswith",
        "strip",
        "lower",
        "upper",
        "split",
        "join",
        "isdigit",
        "union",
        "intersection",
        "difference",
        "issubset",
        "issuperset",
        "isdisjoint",
        "model_dump",
        "model_copy",
    ]
)


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
