"""What is a compiled expression, and how is it made? One table says what compiles which node."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from vivido.errors import ExpressionLimit
from vivido.expressions import calls, containers, lambdas, loops, lowering, names
from vivido.expressions.context import Context, Facts, Lower, Run
from vivido.expressions.meter import Meter
from vivido.expressions.parsing import bounded, parse_expression
from vivido.expressions.scope import Scope
from vivido.expressions.weighing import bound_tree

LOWER: Mapping[type[ast.AST], Lower] = {
    ast.Attribute: names.lower_attribute,
    ast.BinOp: lowering.lower_binary,
    ast.BoolOp: lowering.lower_boolean,
    ast.Call: calls.lower_call,
    ast.Compare: lowering.lower_comparison,
    ast.Constant: lowering.lower_constant,
    ast.Dict: containers.lower_dict,
    ast.DictComp: loops.lower_dict_comprehension,
    ast.FormattedValue: lowering.lower_field,
    ast.GeneratorExp: loops.lower_generator,
    ast.IfExp: lowering.lower_condition,
    ast.JoinedStr: lowering.lower_text,
    ast.Lambda: lambdas.lower_lambda,
    ast.List: containers.lower_list,
    ast.ListComp: loops.lower_list_comprehension,
    ast.Name: names.lower_name,
    ast.NamedExpr: lowering.lower_walrus,
    ast.Set: containers.lower_set,
    ast.SetComp: loops.lower_set_comprehension,
    ast.Starred: containers.lower_starred,
    ast.Subscript: containers.lower_subscript,
    ast.Tuple: containers.lower_tuple,
    ast.UnaryOp: lowering.lower_unary,
}


class Expression:
    """A compiled expression: call it with the environment (variables by key) to get its value.

    `names`: keys of the variables that it reads, `binds`: that a walrus in it binds, `mutates`:
    whose value a mutating method in it may change, `lends`: whose value it hands to code of the
    author's. `impure`: evaluated again it may give something else (clock, random, code of the
    author's that is not marked pure). `calls_own`: it calls code of the author's. Calling it
    raises what Python raises, and `ExpressionError` for what cannot be refused beforehand.
    """

    __slots__ = (
        "_node", "_run", "_text", "_weighs",
        "binds", "calls_own", "impure", "lends", "mutates", "names",
    )  # fmt: skip

    def __init__(self, node: ast.expr, text: str | None, run: Run, facts: Facts) -> None:
        self._node = node
        self._text = text
        self._run = run
        self._weighs = facts.multiplies
        self.names = frozenset(facts.reads)
        self.binds = frozenset(facts.binds)
        self.mutates = frozenset(facts.mutates)
        self.lends = frozenset(facts.lends)
        self.impure = facts.impure
        self.calls_own = facts.calls_own

    @property
    def text(self) -> str:
        """The source of the expression."""
        if self._text is None:
            self._text = ast.unparse(self._node)
        return self._text

    def __call__(self, env: Mapping[str, Any], meter: Meter | None = None) -> Any:
        """Evaluate; a walrus needs an environment that can be written to."""
        if meter is None:
            meter = Meter()
        try:
            value = self._run(env, meter)
            if self._weighs:
                bound_tree(value)
        except (RecursionError, MemoryError) as error:
            raise ExpressionLimit(
                f"{self.text:.200} is nested too deeply, or too large: {error}"
            ) from None
        return value

    def __repr__(self) -> str:
        return f"<Expression {self.text:.200}>"


def compile_expression(source: str | ast.expr, scope: Scope | None = None) -> Expression:
    """Compile text, or a node of a syntax tree; raises `ExpressionRefused`."""
    text = source if isinstance(source, str) else None
    node = parse_expression(source) if isinstance(source, str) else bounded(source)
    context = new_context(scope, node)
    run = context.lower(node)
    return Expression(node, text, run, context.facts)


def new_context(scope: Scope | None, *nodes: ast.AST) -> Context:
    """The context for compiling some nodes; names that a walrus in them binds are variables."""
    scope = scope or Scope()
    bound = {
        part.target.id
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.NamedExpr)
    }
    if bound - scope.variables:
        scope = Scope(scope.bindings, scope.resolve, scope.variables | bound)
    return Context(scope, LOWER, Facts())
