"""A walk that also knows the type of every expression it stands at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from vivido.compiler.diagnostics import Report
from vivido.compiler.infer import NOTHING, Hidden, types_of
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Comprehension, arguments_of
from vivido.compiler.types import UNKNOWN, Type
from vivido.compiler.visit import Walk


class TypedWalk(Walk):
    """`Walk` with `type_of`.

    The variables of comprehensions are typed too, those of lambdas are unknown.
    """

    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self.types = types_of(unit)
        self._hidden_types: Hidden = NOTHING

    def type_of(self, expression: ast.expr) -> Type:
        """The type of an expression where the walk stands."""
        return self.types.of(expression, self.scope, self._hidden_types)

    @contextmanager
    def _typing(self, hidden: Hidden) -> Iterator[None]:
        before, self._hidden_types = self._hidden_types, hidden
        yield
        self._hidden_types = before

    def _comprehension(self, node: Comprehension) -> None:
        with self._typing(self.types.comprehended(node, self.scope, self._hidden_types)):
            super()._comprehension(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Types the parameters of a lambda as unknown."""
        own = {argument.arg: UNKNOWN for argument in arguments_of(node.args)}
        with self._typing({**self._hidden_types, **own}):
            super().visit_Lambda(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Enters a nested function with its own variables only."""
        with self._typing(NOTHING):
            super().visit_FunctionDef(node)
