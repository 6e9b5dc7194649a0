"""What is assigned to the variables of a function: questions that have types for answers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vivido.compiler import types
from vivido.compiler.symbols import Scope, arguments_of
from vivido.compiler.types import (
    UNKNOWN,
    Instance,
    OneOf,
    Type,
    one_of,
    sequence_of,
)

if TYPE_CHECKING:
    from vivido.compiler.infer.expressions import Inference

# The type that a variable gets here; None: nothing is known yet, since it depends on another.
Answer = Callable[["Inference", Scope, str], Type | None]


def assignments(scope: Scope) -> Iterator[tuple[list[str], Answer]]:
    """All that gives variables of a function a value: their names, and the type it has."""
    yield list(scope.params), _parameter
    stack: list[ast.AST] = list(scope.node.body)
    while stack:
        node = stack.pop()
        yield from _bindings(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack.extend(child for child in ast.iter_child_nodes(node))


def _bindings(  # noqa: C901  one case a kind
    node: ast.AST,
) -> Iterator[tuple[list[str], Answer]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield _names(target), _from_value(target, value)
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
            yield [name], lambda known, scope, _: known.annotation(annotation, scope)
        case ast.AugAssign(target=ast.Name(id=name) as target, op=operator, value=value):
            read = ast.BinOp(left=ast.Name(id=target.id, ctx=ast.Load()), op=operator, right=value)
            yield [name], lambda known, scope, _: known.kind_of(read, scope)
        case ast.NamedExpr(target=ast.Name(id=name)):
            yield [name], lambda *_: UNKNOWN
        case ast.For(target=target, iter=items):
            yield _names(target), _from_items(target, items)
        case ast.ExceptHandler(name=str() as name, type=ast.expr() as kind):
            yield [name], lambda known, scope, _: known.caught(kind, scope)
        case (
            ast.MatchAs(name=str() as name)
            | ast.MatchStar(name=str() as name)
            | ast.MatchMapping(rest=str() as name)
        ):
            yield [name], lambda *_: UNKNOWN
        case ast.withitem(optional_vars=ast.expr() as target):
            yield _names(target), lambda *_: UNKNOWN
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield [alias.asname or alias.name for alias in aliases], lambda *_: UNKNOWN
        case _:
            return


def _from_value(target: ast.expr, value: ast.expr) -> Answer:
    def kind(known: Inference, scope: Scope, name: str) -> Type | None:
        whole = known.kind_of(value, scope)
        if whole is not None and _made_here(value):
            whole = _loose(whole)
        return None if whole is None else dict(unpack(target, whole))[name]

    return kind


def _made_here(value: ast.expr) -> bool:
    """Whether the value is a new container, which may be given items of any type later."""
    match value:
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return _made_here(one) or _made_here(other)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
            return any(_made_here(part) for part in parts)
        case _:
            return isinstance(
                value, ast.List | ast.Set | ast.Dict | ast.ListComp | ast.SetComp | ast.DictComp
            )


def _loose(kind: Type) -> Type:
    if isinstance(kind, OneOf):
        return one_of(map(_loose, kind.members))
    if isinstance(kind, Instance) and kind.cls is tuple:
        return Instance(tuple, tuple(map(_loose, kind.args)), uniform=kind.uniform)
    if isinstance(kind, Instance) and kind.cls in (list, set, dict):
        return Instance(kind.cls)
    return kind


def _from_items(target: ast.expr, items: ast.expr) -> Answer:
    def kind(known: Inference, scope: Scope, name: str) -> Type | None:
        whole = known.kind_of(items, scope)
        return (
            None if whole is None else dict(unpack(target, types.element(whole) or UNKNOWN))[name]
        )

    return kind


def _parameter(known: Inference, scope: Scope, name: str) -> Type:
    argument = next(each for each in arguments_of(scope.node.args) if each.arg == name)
    arguments = scope.node.args
    if argument in (arguments.vararg, arguments.kwarg):
        return Instance(tuple) if argument is arguments.vararg else Instance(dict)
    if scope.parent is None:
        return known.declared_parameter(name)
    return UNKNOWN if argument.annotation is None else known.annotation(argument.annotation, scope)


def _names(target: ast.expr) -> list[str]:
    return [name for name, _ in unpack(target, UNKNOWN)]


def unpack(target: ast.expr, kind: Type) -> Iterator[tuple[str, Type]]:
    """Each plain name of a target with the type that unpacking gives it."""
    match target:
        case ast.Name(id=name):
            yield name, kind
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            starred = any(isinstance(part, ast.Starred) for part in parts)
            for index, part in enumerate(parts):
                if isinstance(part, ast.Starred):
                    inner = types.element(kind) or UNKNOWN
                    yield from unpack(part.value, sequence_of(list, inner))
                else:
                    yield from unpack(
                        part, types.element(kind) or UNKNOWN if starred else _place(kind, index)
                    )
        case _:
            return


def _place(kind: Type, index: int) -> Type:
    if isinstance(kind, Instance) and kind.cls is tuple:
        return types.item(kind, index)
    return types.element(kind) or UNKNOWN
