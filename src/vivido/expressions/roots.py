"""Which variables may the value of an expression be a part of? A change of it reaches them."""

from __future__ import annotations

import ast

from vivido.expressions.context import Context

NOTHING: frozenset[str] = frozenset()

# Calls of these make a new object, though what is in it may be shared.
_FRESH_CALLS = frozenset({"bytes", "dict", "frozenset", "list", "set", "sorted", "str", "tuple"})
_FRESH_METHODS = frozenset(
    {"copy", "split", "rsplit", "splitlines", "model_copy", "model_dump", "union", "most_common"}
)
# Methods whose first argument is a key: it does not come back.
_BY_KEY = frozenset({"get", "pop", "setdefault"})
_FRESH = (
    ast.List, ast.Tuple, ast.Dict, ast.Set,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.JoinedStr, ast.Constant,
)  # fmt: skip


def changed_by_method(receiver: ast.expr, context: Context) -> frozenset[str]:
    """The variables whose value a mutating method of `receiver` changes."""
    return NOTHING if _is_fresh(receiver) else roots(receiver, context)


def _is_fresh(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in _FRESH_CALLS
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in _FRESH_METHODS
        case _:
            return isinstance(node, _FRESH)


def roots(node: ast.AST | None, context: Context) -> frozenset[str]:
    """The variables that the value of a node may be, or be a part of."""
    if isinstance(node, ast.Name):
        return _name_roots(node.id, context)
    return NOTHING.union(*(roots(part, context) for part in _shared(node)))


def _shared(node: ast.AST | None) -> list[ast.expr]:
    """The parts of a node whose values may live on in its value."""
    parts: list[ast.expr] = []
    match node:
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            parts = [inner]
        case ast.NamedExpr(target=one, value=other) | ast.IfExp(body=one, orelse=other):
            parts = [one, other]
        case ast.BinOp(left=one, right=other):
            parts = [one, other]
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=args):
            parts = [receiver, *(args[1:] if name in _BY_KEY else args)]
        case ast.Call(args=args):
            parts = args
        case (
            ast.BoolOp(values=items)
            | ast.Dict(values=items)
            | ast.List(elts=items)
            | ast.Tuple(elts=items)
            | ast.Set(elts=items)
        ):
            parts = items
        case (
            ast.ListComp(generators=clauses)
            | ast.SetComp(generators=clauses)
            | ast.GeneratorExp(generators=clauses)
        ):
            parts = [clause.iter for clause in clauses]
    return parts


def _name_roots(name: str, context: Context) -> frozenset[str]:
    found = context.local(name)
    if found is not None:
        return found[1].roots
    if name in context.scope.bindings and not context.is_variable(name):
        return NOTHING
    return frozenset({context.scope.resolve(name)})
