"""Which statements are not compiled, and what says the same thing in a workflow.

A workflow is a tree of nodes that can stop anywhere and go on elsewhere; what lives only in one
process (a generator, a class, an open context) has no place in it.
"""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.symbols import FunctionNode
from vivido.compiler.visit import Walk, dotted

_MANAGERS = ("saga", "deadline")


def check(unit: Unit, report: Report) -> None:
    """Reports V201 to V206, V214 and V215."""
    _Statements(unit, report).run()


class _Statements(Walk):
    def visit_Yield(self, node: ast.Yield) -> None:
        self._generator(node, "yield")

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self._generator(node, "yield from")

    def _generator(self, node: ast.Yield | ast.YieldFrom, word: str) -> None:
        hint = "collect the values in a list and return it; publish(…) shows values while it runs"
        self.report.add(
            "V201", node, f"A workflow cannot {word!r} values: it is no generator.", hint
        )
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self._outer_names(node, "global")

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._outer_names(node, "nonlocal")

    def _outer_names(self, node: ast.Global | ast.Nonlocal, word: str) -> None:
        names = ", ".join(map(repr, node.names))
        hint = "return the new value and assign it where the function is called"
        self.report.add("V202", node, f"{word} {names} would rebind a name of another scope.", hint)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        hint = "define it in the module, where a value of it can be found again"
        self.report.add(
            "V203", _header(node), f"The class {node.name!r} is defined inside a workflow.", hint
        )

    def visit_Import(self, node: ast.Import) -> None:
        self._import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self._import(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        names = ", ".join(repr(alias.name) for alias in node.names)
        hint = "import it at the top of the module, or inside the step that needs it"
        self.report.add("V204", node, f"{names} is imported inside a workflow.", hint)

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            context = item.context_expr
            found = self.resolve(context.func) if isinstance(context, ast.Call) else None
            if found is None or found.kind != "operation" or found.name not in _MANAGERS:
                self._manager(context)
            elif item.optional_vars is not None:
                hint = f"with {ast.unparse(context)}:"
                message = f"{found.name}() gives nothing that could be named with 'as'."
                self.report.add("V205", item.optional_vars, message, hint)
        self.generic_visit(node)

    def _manager(self, context: ast.expr) -> None:
        message = f"The context manager {ast.unparse(context)!r} would not outlive its process."
        hint = "use it inside a step; a workflow has saga(), deadline(…) and try/finally"
        self.report.add("V205", context, message, hint)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        first = node.items[0].context_expr
        name = dotted(first.func) if isinstance(first, ast.Call) else None
        if name is not None and name.endswith(("timeout", "timeout_at")):
            hint = "with deadline('30s'):"
        else:
            hint = (
                "use it inside an async step; a workflow has 'with saga():' and 'with deadline(…):'"
            )
        self.report.add("V206", first, "An 'async with' is not compiled.", hint)
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._async_items(node.iter)
        self.generic_visit(node)

    def _async_items(self, items: ast.expr) -> None:
        found = self.resolve(items.func) if isinstance(items, ast.Call) else None
        if found is None or (found.kind, found.name) != ("operation", "map_each"):
            hint = "let a step collect the items, and loop over what it returns with 'for'"
            message = (
                "An 'async for' goes over what map_each of an async step gives, and nothing else."
            )
            self.report.add("V206", items, message, hint)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        for part in node.generators:
            if part.is_async:
                self._async_items(part.iter)
        super()._comprehension(node)

    def visit_TryStar(self, node: ast.TryStar) -> None:
        hint = "try/except; parallel(…, on_error='collect') gives every error as a value"
        self.report.add("V214", _header(node), "'except*' is not compiled.", hint)
        self.generic_visit(node)

    def visit_function(self, node: FunctionNode) -> None:
        self._nested(node)
        super().visit_function(node)

    def _nested(self, node: FunctionNode) -> None:
        if node.decorator_list:
            message = f"The nested function {node.name!r} is decorated."
            hint = "call the plain function; a step or workflow is defined in the module"
            self.report.add("V215", node.decorator_list[0], message, hint)
        if isinstance(node, ast.AsyncFunctionDef) and not self.unit.is_async:
            message = f"The nested function {node.name!r} is async in a workflow that is not."
            self.report.add(
                "V215",
                _header(node),
                message,
                f"def {node.name}(…), or make the workflow 'async def'",
            )
        scope = self.scope.nested.get(node.name)
        if scope is not None and scope.node is not node:
            message = f"The nested function {node.name!r} is defined twice."
            hint = "give each its own name, so that a call means one of them"
            self.report.add(
                "V215", _header(node), message, hint, [(scope.node.lineno, "defined here first")]
            )

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) or node.id in self.hidden:
            return
        owner = self.scope.owner(node.id)
        if owner is not None and node.id in owner.nested:
            first = owner.nested[node.id].node.lineno
            message = f"{node.id!r} is both a nested function and a variable."
            self.report.add(
                "V215",
                node,
                message,
                "give each its own name",
                [(first, "the function is defined here")],
            )


def _header(node: ast.stmt) -> ast.AST:
    """A place for the first line of a compound statement."""
    return ast.copy_location(ast.Pass(end_lineno=node.lineno, end_col_offset=None), node)
