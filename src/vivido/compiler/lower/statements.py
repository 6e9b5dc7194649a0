"""How does a statement become nodes?"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower import assignments, compound, functions
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


def lower(low: Lowerer, body: Sequence[ast.stmt]) -> None:
    """Emit the nodes of statements, one after another."""
    for statement in body:
        with low.statement():
            begin = len(low.nodes)
            _statement(low, statement)
            _comment(low, statement, begin)


def _comment(low: Lowerer, statement: ast.stmt, begin: int) -> None:
    """The comment above a statement goes to the node that the statement is about: the last one."""
    text = low.comment(statement)
    if text is not None and len(low.nodes) > begin:
        low.nodes[-1] = low.nodes[-1].model_copy(update={"doc": text})


def _statement(low: Lowerer, node: ast.stmt) -> None:  # noqa: C901  one case a kind
    match node:
        case ast.Expr(value=expression):
            low.discard(expression)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
            assignments.lower(low, node)
        case ast.If():
            compound.branch(low, node)
        case ast.While():
            compound.while_loop(low, node)
        case ast.For():
            compound.for_loop(low, node)
        case ast.AsyncFor(iter=ast.Call()):
            compound.async_for_loop(low, node)
        case ast.Try():
            compound.attempt(low, node)
        case ast.With() | ast.AsyncWith():
            compound.scoped(low, node)
        case ast.Match():
            compound.matching(low, node)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            functions.define(low, node)
        case ast.Pass():
            pass
        case _:
            _leaving(low, node)


def _leaving(low: Lowerer, node: ast.stmt) -> None:
    """Statements after which control is elsewhere."""
    line = node.lineno
    match node:
        case ast.Return(value=expression):
            text = None if expression is None else low.text(low.settled(expression))
            low.emit(nodes.Return(id="", line=line, value=text))
        case ast.Break():
            low.emit(nodes.Break(id="", line=line))
        case ast.Continue():
            low.emit(nodes.Continue(id="", line=line))
        case ast.Raise():
            _raise(low, node)
        case ast.Assert():
            _assert(low, node)
            return
        case _:
            _refuse(low, node)
            return
    low.bound = None


def _raise(low: Lowerer, node: ast.Raise) -> None:
    given = [part for part in (node.exc, node.cause) if part is not None]
    rests = [_instance(low, rest) for rest in low.in_order(given)]
    texts = [low.text(rest) for rest in rests]
    low.emit(
        nodes.Raise(
            id="", line=node.lineno, value=texts[0] if texts else None, cause=_second(texts)
        )
    )


def _second(texts: list[str]) -> str | None:
    return texts[1] if len(texts) > 1 else None


def _instance(low: Lowerer, rest: ast.expr) -> ast.expr:
    """`raise Declined` means `raise Declined()`."""
    if low.is_class(rest):
        return ast.copy_location(ast.Call(rest, [], []), rest)
    return rest


def _assert(low: Lowerer, node: ast.Assert) -> None:
    test = low.settled(node.test)
    failed = ast.copy_location(ast.UnaryOp(ast.Not(), test), node.test)
    before = low.bound
    with low.collecting() as body:
        message = [] if node.msg is None else [low.value(node.msg)]
        error = ast.Call(
            ast.copy_location(ast.Name("AssertionError", ast.Load()), node), message, []
        )
        value = low.text(ast.copy_location(error, node))
        low.emit(nodes.Raise(id="", line=node.lineno, value=value))
    low.bound = before
    low.emit(nodes.If(id="", line=node.lineno, test=low.text(failed), then=body))


_REFUSED: dict[type[ast.stmt], tuple[str, str, str]] = {
    ast.Global: ("V202", "`global` is not compiled.", "return the value and assign it"),
    ast.Nonlocal: ("V202", "`nonlocal` is not compiled.", "return the value and assign it"),
    ast.ClassDef: (
        "V203",
        "A class cannot be defined inside a workflow.",
        "define it at the top of the module",
    ),
    ast.Import: (
        "V204",
        "An import cannot stand inside a workflow.",
        "import at the top of the module",
    ),
    ast.ImportFrom: (
        "V204",
        "An import cannot stand inside a workflow.",
        "import at the top of the module",
    ),
    ast.AsyncFor: (
        "V206",
        "`async for` goes through what `map_each` of an `async` step gives, and nothing else.",
        "let a step collect the items into a list, and loop over it with `for`",
    ),
}


def _refuse(low: Lowerer, node: ast.stmt) -> None:
    code, message, hint = _REFUSED.get(
        type(node),
        ("V214", f"{type(node).__name__} statements are not compiled.", "put this into a step"),
    )
    low.report.add(code, node, message, hint)
