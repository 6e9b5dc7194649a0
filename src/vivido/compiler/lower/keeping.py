"""What must be evaluated before an effect that stands behind it in the same statement?

A remainder is *stable* if evaluating it later gives the same and raises nothing. Anything else is
kept in a temporary variable, or, where it must stay a reference (what a method is called on), tried
once for the error that it may raise, and evaluated again behind the effect.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower.rewriting import held
from vivido.compiler.lower.split import Part
from vivido.compiler.symbols import free_names
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

_LAZY = frozenset({"map", "filter", "zip", "enumerate", "reversed"})
_VIEWS = frozenset({"keys", "values", "items"})


def before(low: Lowerer, part: Part, later: Sequence[ast.expr]) -> ast.expr:
    """Evaluate a remainder now, as far as anybody could tell the difference."""
    rest = part.expression
    if stable(low, rest, later):
        return rest
    match rest:
        case ast.Name(id=name) if not _rebinds(low, name, later):
            touch(low, rest)
            return rest
        case ast.FormattedValue(value=ast.Name() as inner, format_spec=None):
            if not _rebinds(low, inner.id, later) and not _changes(low, inner, later):
                touch(low, inner)
                return rest
    if part.role in ("receiver", "changed"):
        return _receiver(low, part, later)
    if refers(rest) and _changes(low, rest, later, deep=True) and not low.is_immutable(rest):
        _refuse(low, rest)
    return keep(low, rest, later)


def _receiver(low: Lowerer, part: Part, later: Sequence[ast.expr]) -> ast.expr:
    """What a method is called on: a reference, since the method may change it.

    A change must reach the variable in which the object lives: a temporary variable would be a
    second name for it, and after a hop hold a copy.
    """
    rest = part.expression
    anchored = _anchored(low, rest, later)
    if _repeatable(low, anchored, later):
        touch(low, anchored)
        return anchored
    names = frozenset(free_names(anchored))
    rebound = any(low.rebinds(expression, names) for expression in later)
    changed = refers(rest) and _changes(low, rest, later, deep=True)
    lives = part.role == "changed" and low.lives_in_variable(anchored)
    if (rebound or changed or lives) and not low.is_immutable(rest):
        _refuse(low, rest)
    return keep(low, anchored, later)


def _refuse(low: Lowerer, rest: ast.expr) -> None:
    low.report.add(
        "V501",
        rest,
        f"{ast.unparse(rest)!r} is read here, and what follows in the statement may change it.",
        "two statements: first the one that changes it, then the one that reads it",
    )


def _anchored(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> ast.expr:
    """A place within a variable, by indices that stay: `xs[i]` is `xs[_i]` if `i` is assigned."""
    new: ast.expr
    match rest:
        case ast.Attribute(value=inner, attr=name):
            new = ast.Attribute(_anchored(low, inner, later), name, ast.Load())
        case ast.Subscript(value=inner, slice=index) if not isinstance(index, ast.Slice):
            owner = _anchored(low, inner, later)
            if not stable(low, index, later):
                if not stable(low, owner, ()):
                    touch(low, owner)
                index = keep(low, index, later)
            new = ast.Subscript(owner, index, ast.Load())
        case _:
            return rest
    return ast.copy_location(new, rest)


def keep(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr] = ()) -> ast.expr:
    """Evaluate now, into a temporary variable."""
    match rest:
        case ast.Starred(value=inner):
            whole = ast.List([ast.copy_location(ast.Starred(inner, ast.Load()), rest)], ast.Load())
            kept = keep(low, ast.copy_location(whole, rest), later)
            return ast.copy_location(ast.Starred(kept, ast.Load()), rest)
        case ast.FormattedValue(value=inner, format_spec=None) if not isinstance(inner, ast.Name):
            kept = keep(low, inner, later)
            return ast.copy_location(ast.FormattedValue(kept, rest.conversion, None), rest)
        case ast.FormattedValue():
            text = keep(low, ast.copy_location(ast.JoinedStr([rest]), rest), later)
            return ast.copy_location(ast.FormattedValue(text, -1, None), rest)
    lazy = _lazy(low, rest, later)
    if lazy is not None:
        return lazy
    name = low.fresh(low.word_for(rest))
    low.note_type(name, rest)
    low.assign_lowered(held(name, rest, ast.Store()), rest, rest)
    return held(name, rest)


def touch(low: Lowerer, rest: ast.expr) -> None:
    """Raise now what evaluating would raise."""
    low.emit(nodes.Do(id="", line=getattr(rest, "lineno", None), value=low.text(rest)))


def touch_method(low: Lowerer, rest: ast.expr, method: str) -> None:
    """Raise now that there is no such method, as Python does before it evaluates the arguments."""
    if low.has_method(rest, method):
        return
    look = ast.copy_location(ast.Attribute(rest, method, ast.Load()), rest)
    name = ast.copy_location(ast.Constant(method), rest)
    has = ast.copy_location(ast.Call(held("hasattr", rest), [rest, name], []), rest)
    touch(low, ast.copy_location(ast.BoolOp(ast.Or(), [has, look]), rest))


def _lazy(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> ast.expr | None:
    """What looks at its values only when it is used cannot be kept: its parts are evaluated now."""
    new: ast.expr
    match rest:
        case ast.Call(func=ast.Name(id=name)) if name in _LAZY and not low.is_variable(name):
            parts = [before(low, Part(argument, "receiver"), later) for argument in rest.args]
            new = ast.Call(rest.func, parts, rest.keywords)
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[], keywords=[]) if (
            name in _VIEWS
        ):
            owner = before(low, Part(inner, "receiver"), later)
            view = ast.copy_location(ast.Attribute(owner, name, ast.Load()), rest.func)
            new = ast.Call(view, [], [])
        case ast.GeneratorExp(elt=element, generators=[first, *others]):
            items = before(low, Part(first.iter, "receiver"), later)
            begin = ast.comprehension(first.target, items, first.ifs, first.is_async)
            new = ast.GeneratorExp(element, [begin, *others])
        case _:
            return None
    return ast.copy_location(new, rest)


# ---------------------------------------------------------------- questions
def stable(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> bool:
    """Whether evaluating a remainder later, behind `later`, gives the same and raises nothing."""
    match rest:
        case ast.Constant() | ast.Lambda():
            return True
        case ast.Name(id=name):
            free = not low.is_variable(name)
            return free or (low.is_bound(name) and not _rebinds(low, name, later))
        case ast.Attribute(value=inner):
            return low.is_static(rest) or (low.is_field(rest) and _same(low, inner, later))
        case ast.FormattedValue(value=inner, format_spec=None):
            return _same(low, inner, later)
        case ast.Compare() | ast.BinOp() | ast.UnaryOp():
            operands = [part for part in ast.iter_child_nodes(rest) if isinstance(part, ast.expr)]
            return low.cannot_raise(rest) and all(stable(low, part, later) for part in operands)
        case _:
            return _stable_display(low, rest, later)


def _stable_display(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> bool:
    """A new object made of what is stable."""
    match rest:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.JoinedStr(values=items):
            return all(stable(low, item, later) for item in items)
        case ast.Dict(keys=keys, values=items):
            plain = all(isinstance(key, ast.Constant) for key in keys)
            return plain and all(stable(low, item, later) for item in items)
        case _:
            return False


def _same(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> bool:
    """Whether a value is the same behind `later`, also inside."""
    return stable(low, rest, later) and not _changes(low, rest, later)


def refers(rest: ast.expr) -> bool:
    """Whether a remainder may give something that a variable holds, not a new value."""
    match rest:
        case ast.Attribute() | ast.Subscript() | ast.Call() | ast.BoolOp() | ast.IfExp():
            return True
        case ast.FormattedValue(value=inner) | ast.Starred(value=inner):
            return refers(inner)
        case _:
            return False


def _rebinds(low: Lowerer, name: str, later: Iterable[ast.expr]) -> bool:
    return any(low.rebinds(expression, frozenset({name})) for expression in later)


def _changes(
    low: Lowerer, rest: ast.expr, later: Iterable[ast.expr], *, deep: bool = False
) -> bool:
    """Whether something later may change in place what a remainder reads. Steps get copies.

    With `deep` only what may change the very object that the remainder gives.
    """
    names = frozenset(name for name in free_names(rest) if low.is_variable(name))
    return any(low.may_change(expression, names, deep=deep) for expression in later)


def _repeatable(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> bool:
    """Whether an expression can be evaluated twice and be the same object, or as good as it."""
    if any(not _same(low, name, later) for name in free_names(rest).values()):
        return False
    return not low.once(rest) or low.only_sets_defaults(rest)
