"""Is this text an expression, and of a size that can be looked at? It becomes a bounded tree.

Python's own parser stops by itself at 200 open brackets and 6,000 levels, well within a
millisecond; what it lets through is measured here, level by level, before anything walks it
recursively.
"""

from __future__ import annotations

import ast
from typing import TypeVar, cast

from vivido.expressions.refused import ExpressionRefused, refused

TEXT = 20_000  # characters of one expression
DEPTH = 100  # levels of the tree, each one or two Python calls when it is evaluated
NODES = 5_000

Tree = TypeVar("Tree", bound=ast.AST)


def parse_expression(text: str) -> ast.expr:
    """The tree of one expression; raises `ExpressionRefused`."""
    return bounded(cast("ast.Expression", _parse(text.strip(), "eval")).body)


def parse_target(text: str) -> ast.expr:
    """The tree of what may stand to the left of `=`; raises `ExpressionRefused`."""
    tree = _parse(f"{text.strip()} = _", "exec")
    match tree:
        case ast.Module(body=[ast.Assign(targets=[target], value=ast.Name(id="_"))]):
            return bounded(target)
    raise ExpressionRefused(
        f"{text!r} is not one target", reason="syntax", hint="write what may stand before `=`"
    )


def parse_pattern(text: str) -> ast.pattern:
    """The tree of what may follow `case`; raises `ExpressionRefused`."""
    tree = _parse(f"match _:\n case {text.strip()}:\n  pass", "exec")
    match tree:
        case ast.Module(
            body=[ast.Match(cases=[ast.match_case(pattern=pattern, guard=None, body=[ast.Pass()])])]
        ):
            return bounded(pattern)
    raise ExpressionRefused(
        f"{text!r} is not one pattern", reason="syntax", hint="write what may follow `case`"
    )


def bounded(tree: Tree) -> Tree:
    """The same tree, if it is small enough to be walked recursively."""
    nodes = 0
    level: list[ast.AST] = [tree]
    for _ in range(DEPTH):
        nodes += len(level)
        if nodes > NODES:
            message = f"the expression has more than {NODES:,} parts"
            raise refused(tree, message, reason="too-long", hint="split it into several statements")
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise _too_deep()


def _parse(text: str, mode: str) -> ast.AST:
    if len(text) > TEXT:
        raise ExpressionRefused(
            f"an expression of {len(text):,} characters is too long (the bound is {TEXT:,})",
            reason="too-long",
            hint="split it into several statements",
        )
    try:
        tree: ast.AST = ast.parse(text, mode=mode)
    except SyntaxError as error:
        raise ExpressionRefused(
            f"{text[:200]!r} is not Python: {error.msg}",
            reason="syntax",
            lineno=error.lineno or 1,
            col_offset=max((error.offset or 1) - 1, 0),
        ) from None
    except ValueError as error:  # a null character, a lone surrogate
        message = f"{text[:200]!r} is not Python: {error}"
        raise ExpressionRefused(message, reason="syntax") from None
    except (RecursionError, MemoryError):  # how Python's parser says that it went too deep
        raise _too_deep() from None
    return tree


def _too_deep() -> ExpressionRefused:
    return ExpressionRefused(
        f"the expression is nested too deeply (the bound is {DEPTH} levels)",
        reason="too-deep",
        hint="give a name to a part of it",
    )
