"""How do nested functions become blocks?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from vivido.compiler.symbols import FunctionNode, Scope, arguments_of, bound_names
from vivido.model.definition import Block, Param

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

Kind = Literal["positional", "any", "keyword", "args", "kwargs"]


def define(low: Lowerer, node: FunctionNode) -> None:
    """Lower a nested function to a block; defaults are evaluated here, where it is defined."""
    scope = low.scope.nested[node.name]
    if scope.node is not node:
        low.report.add(
            "V215",
            node,
            f"The nested function {node.name!r} is defined twice.",
            "give the second one another name",
            related=[(scope.node.lineno, "first defined here")],
        )
        return
    if node.name in (*low.scope.params, *bound_names(low.scope.node.body, functions=False)):
        low.report.add(
            "V215",
            node,
            f"{node.name!r} is the name of a nested function and of a variable.",
            "give one of them another name",
        )
    if node.decorator_list:
        low.report.add(
            "V215",
            node.decorator_list[0],
            "A nested function cannot be decorated.",
            "define it at the top of the module",
        )
    params = _params(low, node)
    inner = low.nested(scope)
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    lowered = inner.body(body)
    low.shared.blocks[scope.block] = Block(
        doc=ast.get_docstring(node),
        line=node.lineno,
        within=low.scope.block,
        params=params,
        locals=inner.own_names(),
        body=lowered,
    )
    low.bind([node.name])


def not_defined_yet(low: Lowerer, scope: Scope) -> Scope | None:
    """A nested function that a call of `scope` needs here and that may not have been defined.

    That may be `scope` itself, or one that it calls in turn.
    """
    seen: dict[Scope, None] = {}
    todo = [scope]
    while todo:
        inner = todo.pop()
        if inner in seen:
            continue
        seen[inner] = None
        name = inner.node.name
        if inner.parent is low.scope and low.bound is not None and name not in low.bound:
            return inner
        names = {part.id for part in ast.walk(inner.node) if isinstance(part, ast.Name)}
        called = (inner.function(each) for each in sorted(names))
        todo += [each for each in called if each is not None]
    return None


def _params(low: Lowerer, node: FunctionNode) -> list[Param]:
    defaults = _defaults(low, node)
    return [
        Param(
            name=argument.arg,
            kind=_kind(node.args, argument),
            type=None if argument.annotation is None else ast.unparse(argument.annotation),
            default=defaults.get(argument.arg),
        )
        for argument in arguments_of(node.args)
    ]


def _kind(arguments: ast.arguments, argument: ast.arg) -> Kind:
    if argument is arguments.vararg:
        return "args"
    if argument is arguments.kwarg:
        return "kwargs"
    if argument in arguments.posonlyargs:
        return "positional"
    return "keyword" if argument in arguments.kwonlyargs else "any"


def _defaults(low: Lowerer, node: FunctionNode) -> dict[str, str]:
    """Texts of the defaults by parameter; what is no constant goes into a variable that stays."""
    positional = [*node.args.posonlyargs, *node.args.args]
    given = dict(
        zip(
            positional[len(positional) - len(node.args.defaults) :], node.args.defaults, strict=True
        )
    )
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    given |= {argument: default for argument, default in named if default is not None}
    texts = {}
    for argument, default in given.items():
        rest = low.value(default)
        if isinstance(rest, ast.Constant):
            texts[argument.arg] = ast.unparse(rest)
            continue
        name = low.fresh(f"{node.name}_{argument.arg}")
        low.pin(name)
        low.assign(ast.copy_location(ast.Name(name, ast.Store()), default), rest, default)
        texts[argument.arg] = name
    return texts
