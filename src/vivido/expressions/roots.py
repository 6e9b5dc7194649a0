"""Which variables may the value of an expression be a part of? So it is known whose value a change reaches."""

from __future__ import annotations

import ast

from vivido.expressions.context import Context

NOTHING: frozenset[str] = frozenset()

# Calls of these make a new object, though what is in it may be shared.
_FRESH_CALLS = frozenset({"bytes", "dict", "frozenset", "list", "set", "sorted", "str", "tuple"})
_FRESH_METHODS = frozenset(
    {"copy", "split", "rsplit", "splitlines", "model_copy", "model_dump", "union", "most_common"}
)
_FRESH = (
    ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
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
    match node:
        case ast.Name(id=name):
            return _name_roots(name, context)
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            return roots(inner, context)
        case ast.NamedExpr(target=target, value=inner):
            return roots(target, context) | roots(inner, context)
        case ast.IfExp(body=body, orelse=orelse):
            return roots(body, context) | roots(orelse, context)
        case ast.Call(func=function, args=args):
            receiver = [function.value] if isinstance(function, ast.Attribute) else []
            return _all([*receiver, *args], context)
        case (
            ast.BoolOp(values=parts)
            | ast.List(elts=parts)
            | ast.Tuple(elts=parts)
            | ast.Set(elts=parts)
        ):
            return _all(parts, context)
        case ast.Dict(values=parts):
            return _all(parts, context)
        case ast.BinOp(left=left, right=right):
            return roots(left, context) | roots(right, context)
        case (
            ast.ListComp(generators=clauses)
            | ast.SetComp(generators=clauses)
            | ast.GeneratorExp(generators=clauses)
        ):
            return _all([clause.iter for clause in clauses], context)
        case _:
            return NOTHING


def _all(nodes: list[ast.expr], context: Context) -> frozenset[str]:
    return NOTHING.union(*(roots(node, context) for node in nodes))


def _name_roots(name: str, context: Context) -> frozenset[str]:
    found = context.local(name)
    if found is not None:
        return found[1].roots
    if name in context.scope.bindings and not context.is_variable(name):
        return NOTHING
    return frozenset({context.scope.resolve(name)})
