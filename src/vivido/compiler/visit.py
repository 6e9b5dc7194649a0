"""How a check walks over a workflow.

Every node with the scope it stands in and the names hidden there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import Comprehension, FunctionNode, Scope, arguments_of, names_in

EFFECT_OPERATIONS = frozenset(
    {
        "parallel", "map_each", "first", "spawn", "sleep", "receive", "approve", "callback", "poll",
        "emit",
        "publish", "asyncio.gather", "asyncio.sleep",
    }
)  # fmt: skip
FORKS = frozenset(
    {"parallel", "map_each", "first", "spawn", "asyncio.gather", "asyncio.create_task"}
)


class Walk(ast.NodeVisitor):
    """Visits the workflow's body and its nested functions; annotations are not part of what runs.

    `scope` is the function around the node that is being visited, `hidden` the names of the
    comprehensions and lambdas around it.
    """

    def __init__(self, unit: Unit, report: Report) -> None:
        self.unit = unit
        self.report = report
        self.scope: Scope = unit.scope
        self.hidden: frozenset[str] = frozenset()

    def run(self) -> None:
        """Visits everything, in the order of the source."""
        for statement in self.unit.node.body:
            self.visit(statement)

    def resolve(self, expression: ast.expr) -> Found | None:
        """What a name or dotted name means where the walk stands."""
        return self.unit.resolve(expression, self.scope, self.hidden)

    def is_effect(self, call: ast.Call) -> bool:
        """Whether the call becomes a node of its own.

        A step, a workflow, a block or an operation.
        """
        return is_effect(self.resolve(call.func))

    # -------------------------------------------------------------- scopes
    @contextmanager
    def _hiding(self, names: frozenset[str]) -> Iterator[None]:
        before, self.hidden = self.hidden, self.hidden | names
        yield
        self.hidden = before

    @contextmanager
    def _within(self, scope: Scope) -> Iterator[None]:
        before = self.scope, self.hidden
        self.scope, self.hidden = scope, frozenset()
        yield
        self.scope, self.hidden = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Visits defaults where the function is defined, its body in a scope of its own."""
        self.visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """As a plain function."""
        self.visit_function(node)

    def visit_function(self, node: FunctionNode) -> None:
        """Enters a nested function.

        One that is defined a second time has no scope and is left out.
        """
        self._defaults(node.args)
        scope = self.scope.nested.get(node.name)
        if scope is not None and scope.node is node:
            with self._within(scope):
                for statement in node.body:
                    self.visit(statement)

    def _defaults(self, arguments: ast.arguments) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self.visit(default)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Hides the parameters in the body."""
        self._defaults(node.args)
        with self._hiding(frozenset(argument.arg for argument in arguments_of(node.args))):
            self.visit(node.body)

    def _comprehension(self, node: Comprehension) -> None:
        self.visit(node.generators[0].iter)
        own = frozenset(name for part in node.generators for name in names_in(part.target))
        with self._hiding(own):
            for index, part in enumerate(node.generators):
                if index:
                    self.visit(part.iter)
                self.visit(part.target)
                for test in part.ifs:
                    self.visit(test)
            for result in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
                self.visit(result)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """Hides the loop variables."""
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        """Hides the loop variables."""
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """Hides the loop variables."""
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Hides the loop variables."""
        self._comprehension(node)

    # -------------------------------------------------------------- annotations do not run
    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Leaves the annotation out."""
        if node.value is not None:
            self.visit(node.value)
        self.visit(node.target)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Leaves out what is refused as a whole."""


def is_effect(found: Found | None) -> bool:
    """Whether calling it becomes a node: a step, a workflow, a nested function, an operation."""
    if found is None:
        return False
    return found.kind in ("step", "workflow", "nested") or (
        found.kind == "operation" and found.name in EFFECT_OPERATIONS
    )


def dotted(expression: ast.expr) -> str | None:
    """`a.b.c` as text; None if it is anything but names and dots."""
    match expression:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=inner, attr=attribute):
            outer = dotted(inner)
            return None if outer is None else f"{outer}.{attribute}"
        case _:
            return None


def expressions_of(statement: ast.stmt) -> list[ast.expr]:
    """The expressions that a statement evaluates itself, without those of statements inside it."""
    found: list[ast.expr] = []
    for _, value in ast.iter_fields(statement):
        parts = value if isinstance(value, list) else [value]
        for part in parts:
            match part:
                case ast.expr():
                    found.append(part)
                case ast.withitem(context_expr=context):
                    found.append(context)
    if isinstance(statement, ast.AnnAssign):
        found.remove(statement.annotation)
    return found


def literal(expression: ast.expr) -> object:
    """The value of a literal constant or a negated number; `...` if it is no literal."""
    match expression:
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case _:
            return ...


def is_literal(expression: ast.expr) -> bool:
    """Whether the value stands there, as in `"30s"`, `5` or `-1`."""
    return literal(expression) is not ...
