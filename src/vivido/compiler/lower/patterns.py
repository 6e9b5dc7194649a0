"""How do patterns of `match` become text with the definition's names?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from vivido.expressions import ExpressionRefused, compile_pattern
from vivido.expressions import Scope as Meanings

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


def text(low: Lowerer, pattern: ast.pattern) -> str:
    """Source text of a pattern, checked against the bounded language."""
    rewritten = _rewrite(low, pattern)
    try:
        compile_pattern(rewritten, Meanings(low.meanings(), variables=low.variables))
    except ExpressionRefused as refused:
        low.refuse(pattern, refused)
    return ast.unparse(rewritten)


def _rewrite(low: Lowerer, pattern: ast.pattern) -> ast.pattern:
    new: ast.pattern
    match pattern:
        case ast.MatchValue(value=value):
            new = ast.MatchValue(low.rewrite(value))
        case ast.MatchClass(cls=cls, patterns=inner, kwd_attrs=names, kwd_patterns=named):
            new = ast.MatchClass(
                low.rewrite(cls),
                [_rewrite(low, part) for part in inner],
                names,
                [_rewrite(low, part) for part in named],
            )
        case ast.MatchMapping(keys=keys, patterns=inner, rest=rest):
            new = ast.MatchMapping(
                [low.rewrite(key) for key in keys], [_rewrite(low, part) for part in inner], rest
            )
        case ast.MatchSequence(patterns=inner):
            new = ast.MatchSequence([_rewrite(low, part) for part in inner])
        case ast.MatchOr(patterns=inner):
            new = ast.MatchOr([_rewrite(low, part) for part in inner])
        case ast.MatchAs(pattern=ast.pattern() as part, name=name):
            new = ast.MatchAs(_rewrite(low, part), name)
        case _:
            return pattern
    return ast.copy_location(new, pattern)


def captures(pattern: ast.pattern) -> list[str]:
    """Names that a pattern binds when it fits."""
    found = []
    for part in ast.walk(pattern):
        match part:
            case (
                ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                found.append(name)
    return found


def is_irrefutable(case: ast.match_case) -> bool:
    """Whether a case takes whatever comes."""
    return case.guard is None and takes_all(case.pattern)


def takes_all(pattern: ast.pattern) -> bool:
    """Whether a pattern fits everything: a capture, or `_`."""
    match pattern:
        case ast.MatchAs(pattern=inner):
            return inner is None or takes_all(inner)
        case ast.MatchOr(patterns=inner):
            return takes_all(inner[-1])
        case _:
            return False
