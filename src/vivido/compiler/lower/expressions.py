"""How effects are lifted out of an expression without changing what Python would do.

`value` emits the nodes that must come first and gives back the remainder: an expression without effects, with the
definition's names. Whatever Python evaluates before an effect in the same statement is evaluated before it here too:
kept in a temporary variable, or, where it must stay a reference (what a method is called on), tried once for the
error it may raise and evaluated again behind the effect.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vivido.compiler.lower.split import Part, split
from vivido.compiler.lower.writer import constant, held, is_held, name_of
from vivido.compiler.read import Found
from vivido.compiler.symbols import COMPREHENSIONS, free_names, names_in
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


@dataclass(frozen=True, slots=True)
class Into:
    """The result is assigned to this target, an expression that may be evaluated at that moment."""

    target: ast.expr


@dataclass(frozen=True, slots=True)
class Fresh:
    """The result is needed once, for the rest of the statement."""


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Nobody needs the result."""


Sink = Into | Fresh | Nowhere


def value(low: Lowerer, node: ast.expr) -> ast.expr:
    """Emit the effects of an expression; the remainder gives its value."""
    if not low.lifts(node):
        return low.rewrite(node)
    match node:
        case ast.Call() if (effect := low.effect(node)) is not None:
            return low.perform(effect, node, Fresh())
        case ast.Await(value=inner):
            return low.awaited(inner, Fresh())
        case ast.NamedExpr(target=target, value=inner):
            into(low, ast.copy_location(ast.Name(target.id, ast.Store()), target), inner)
            return low.rewrite(name_of(target.id, target))
        case ast.BoolOp():
            return _short_circuit(low, node)
        case ast.IfExp():
            return _choose(low, node, Fresh())
        case ast.Compare() if len(node.ops) > 1:
            return _chain(low, node)
        case _ if isinstance(node, COMPREHENSIONS):
            return low.comprehension(node)
        case ast.Call() if (consumed := low.consumed_generator(node)) is not None:
            return consumed
        case ast.Lambda():
            return low.rewrite(node)
    return _eager(low, node)


def into(low: Lowerer, target: ast.expr, node: ast.expr) -> None:
    """Assign the value of an expression to a simple target."""
    match node:
        case ast.Call() if (effect := low.effect(node)) is not None:
            low.perform(effect, node, Into(target))
        case ast.Await(value=inner):
            low.awaited(inner, Into(target))
        case ast.IfExp() if low.lifts(node):
            _choose(low, node, Into(target))
        case _ if isinstance(node, COMPREHENSIONS) and isinstance(target, ast.Name) and low.lifts(node):
            collected = low.comprehension(node, into=target if low.may_build(target.id, node) else None)
            if not (isinstance(collected, ast.Name) and collected.id == target.id):
                low.assign(target, collected, node)
        case _:
            low.assign(target, value(low, node), node)


def discard(low: Lowerer, node: ast.expr) -> None:
    """Evaluate an expression for its effects alone."""
    match node:
        case ast.Constant():
            return
        case ast.Call() if (effect := low.effect(node)) is not None:
            low.perform(effect, node, Nowhere())
        case ast.Await(value=inner):
            low.awaited(inner, Nowhere())
        case ast.IfExp() if low.lifts(node):
            _choose(low, node, Nowhere())
        case ast.BoolOp(op=op, values=[*tests, last]) if low.lifts(last):
            _guarded(low, op, tests, last)
        case _ if isinstance(node, COMPREHENSIONS) and low.lifts(node):
            low.comprehension(node, wanted=False)
        case _:
            rest = value(low, node)
            if not isinstance(rest, ast.Constant | ast.Name) or not stable(low, rest, ()):
                low.emit(nodes.Do(id="", line=node.lineno, value=low.text(rest)))


def sequence(
    low: Lowerer, parts: Sequence[Part], *, also_lift: bool = False, method: str | None = None
) -> list[ast.expr]:
    """Remainders of expressions that Python evaluates one after another.

    With `also_lift` what may not be evaluated twice is kept as well: the engine evaluates the arguments of an effect
    again after a crash. `method` is the name of the method that is called on the first part.
    """
    last = max((i for i, part in enumerate(parts) if _emits(low, part, also_lift)), default=-1)
    done: list[ast.expr] = []
    for index, part in enumerate(parts):
        rest = value(low, part.expression)
        if also_lift and low.once(rest):
            rest = keep(low, rest)
        elif index < last:
            rest = _before(low, Part(rest, part.role), [later.expression for later in parts[index + 1 : last + 1]])
            if index == 0 and method is not None and not low.has_method(rest, method):
                _touch_method(low, rest, method)
        done.append(rest)
    return done


def _emits(low: Lowerer, part: Part, also_lift: bool) -> bool:
    if low.lifts(part.expression):
        return True
    return also_lift and low.once(low.rewrite(part.expression))


def _eager(low: Lowerer, node: ast.expr) -> ast.expr:
    taken = split(node)
    if taken is None:
        low.report.add("V211", node, "an effect cannot stand in this expression", "give its result a name first")
        return constant(None, node)
    method = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = node.func.attr
    return ast.copy_location(taken.build(sequence(low, taken.parts, method=method)), node)


# ---------------------------------------------------------------- what comes before an effect
def _before(low: Lowerer, part: Part, later: Sequence[ast.expr]) -> ast.expr:
    """Evaluate a remainder now, as far as anybody could tell the difference."""
    rest = part.expression
    if stable(low, rest, later):
        return rest
    if isinstance(rest, ast.Name) and not _rebinds(low, rest.id, later):
        touch(low, rest)
        return rest
    if isinstance(rest, ast.FormattedValue) and isinstance(rest.value, ast.Name) and rest.format_spec is None:
        if not _changes(low, later) and not _rebinds(low, rest.value.id, later):
            touch(low, rest.value)
            return rest
    if part.role == "receiver" and _repeatable(low, rest, later):
        touch(low, rest)
        return rest
    return _lazy(low, rest, later) or keep(low, rest)


_LAZY = frozenset({"map", "filter", "zip", "enumerate", "reversed"})
_VIEWS = frozenset({"keys", "values", "items"})


def _lazy(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> ast.expr | None:
    """What looks at its values only when it is used, and cannot be kept: its parts are evaluated now."""
    match rest:
        case ast.Call(func=ast.Name(id=name)) if name in _LAZY and not low.is_variable(name):
            parts = [_before(low, Part(argument, "receiver"), later) for argument in rest.args]
            return ast.copy_location(ast.Call(rest.func, parts, rest.keywords), rest)
        case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[], keywords=[]) if name in _VIEWS:
            owner = _before(low, Part(inner, "receiver"), later)
            view = ast.copy_location(ast.Attribute(owner, name, ast.Load()), rest.func)
            return ast.copy_location(ast.Call(view, [], []), rest)
        case ast.GeneratorExp(elt=element, generators=[first, *others]):
            items = _before(low, Part(first.iter, "receiver"), later)
            begin = ast.comprehension(first.target, items, first.ifs, first.is_async)
            return ast.copy_location(ast.GeneratorExp(element, [begin, *others]), rest)
    return None


def touch(low: Lowerer, rest: ast.expr) -> None:
    """Raise now what evaluating would raise."""
    low.emit(nodes.Do(id="", line=getattr(rest, "lineno", None), value=low.text(rest)))


def _touch_method(low: Lowerer, rest: ast.expr, method: str) -> None:
    """Raise now that there is no such method, as Python does before it evaluates the arguments."""
    look = ast.copy_location(ast.Attribute(rest, method, ast.Load()), rest)
    has = ast.Call(held("hasattr", rest), [rest, constant(method, rest)], [])
    touch(low, ast.copy_location(ast.BoolOp(ast.Or(), [ast.copy_location(has, rest), look]), rest))


def keep(low: Lowerer, rest: ast.expr) -> ast.expr:
    """Evaluate now, into a temporary variable."""
    match rest:
        case ast.Starred(value=inner):
            return ast.copy_location(ast.Starred(keep(low, _display(rest, inner)), ast.Load()), rest)
        case ast.FormattedValue(value=inner, format_spec=None) if not isinstance(inner, ast.Name):
            return ast.copy_location(ast.FormattedValue(keep(low, inner), rest.conversion, None), rest)
        case ast.FormattedValue():
            text = keep(low, ast.copy_location(ast.JoinedStr([rest]), rest))
            return ast.copy_location(ast.FormattedValue(text, -1, None), rest)
        case ast.Slice():
            return rest  # its parts are kept by themselves
    name = low.fresh(word_for(rest))
    low.assign(ast.copy_location(ast.Name(name, ast.Store()), rest), rest, rest)
    return held(name, rest)


def _display(star: ast.Starred, inner: ast.expr) -> ast.expr:
    return ast.copy_location(ast.List([ast.copy_location(ast.Starred(inner, ast.Load()), star)], ast.Load()), star)


def stable(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> bool:
    """Whether evaluating a remainder later, behind `later`, gives the same and raises nothing."""
    match rest:
        case ast.Constant() | ast.Lambda():
            return True
        case ast.Name(id=name):
            if not low.is_variable(name):
                return True
            return low.is_bound(name) and not _rebinds(low, name, later)
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.JoinedStr(values=items):
            return all(stable(low, item, later) for item in items)
        case ast.Dict(keys=keys, values=items):
            plain = all(isinstance(key, ast.Constant) for key in keys)
            return plain and all(stable(low, item, later) for item in items)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float() | complex())):
            return True
        case ast.FormattedValue(value=inner, format_spec=None):
            return stable(low, inner, later) and not _changes(low, later)
        case ast.Attribute(value=inner):
            if low.is_static(rest):
                return True
            return low.is_field(rest) and stable(low, inner, later) and not _changes(low, later)
        case ast.Slice():
            return True  # its parts were looked at by themselves
        case _:
            return False


def _rebinds(low: Lowerer, name: str, later: Iterable[ast.expr]) -> bool:
    """Whether one of the expressions assigns the variable."""
    for expression in later:
        for node in ast.walk(expression):
            if isinstance(node, ast.NamedExpr) and low.renamed.get(node.target.id, node.target.id) == name:
                return True
    return False


def _changes(low: Lowerer, later: Iterable[ast.expr]) -> bool:
    """Whether one of the expressions could change a value in place: a nested function may, steps get copies."""
    return any(low.may_change(expression) for expression in later)


def _repeatable(low: Lowerer, rest: ast.expr, later: Sequence[ast.expr]) -> bool:
    """Whether a receiver can be evaluated twice and be the same object both times."""
    match rest:
        case ast.Name(id=name):
            return not _rebinds(low, name, later)
        case ast.Attribute(value=inner):
            return _repeatable(low, inner, later) and not _changes(low, later)
        case ast.Subscript(value=inner, slice=index):
            fixed = not isinstance(index, ast.Slice) and stable(low, index, later)
            return fixed and _repeatable(low, inner, later) and not _changes(low, later)
        case ast.Call(func=ast.Attribute(value=inner, attr="setdefault" | "get"), args=arguments, keywords=[]):
            fixed = all(stable(low, argument, later) for argument in arguments)
            return fixed and _repeatable(low, inner, later) and not _changes(low, later)
        case _:
            return False


_WORDS = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
    ast.JoinedStr: "text",
    ast.Compare: "test",
    ast.BoolOp: "test",
}


def word_for(rest: ast.expr) -> str:
    """A name for a temporary: what the expression is called, or its kind."""
    match rest:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=called):
            return word_for(called)
        case ast.Subscript(value=inner):
            return word_for(inner)
        case _:
            return _WORDS.get(type(rest), "value")


# ---------------------------------------------------------------- parts that are not always evaluated
def _short_circuit(low: Lowerer, node: ast.BoolOp) -> ast.expr:
    """`a and step(b)`: the operands up to the last effect become nested `if`s over one temporary."""
    first, *others = node.values
    last = max((i for i, operand in enumerate(others) if low.lifts(operand)), default=-1)
    if last < 0:  # only the first operand has effects, and it is always evaluated
        rests = [value(low, first), *(low.rewrite(operand) for operand in others)]
        return ast.copy_location(ast.BoolOp(node.op, rests), node)
    head = node.values[: _first_lift(low, node.values)] or [first]
    start = value(low, head[0]) if len(head) == 1 else low.rewrite(_joined(node, head))
    result = low.fresh("and" if isinstance(node.op, ast.And) else "or")
    target = ast.copy_location(ast.Name(result, ast.Store()), node)
    low.assign(target, start, first)
    _rest_of_chain(low, node, target, node.values[len(head) :])
    return held(result, node)


def _first_lift(low: Lowerer, operands: Sequence[ast.expr]) -> int:
    return next(i for i, operand in enumerate(operands) if low.lifts(operand))


def _joined(node: ast.BoolOp, operands: list[ast.expr]) -> ast.expr:
    return operands[0] if len(operands) == 1 else ast.copy_location(ast.BoolOp(node.op, operands), node)


def _rest_of_chain(low: Lowerer, node: ast.BoolOp, target: ast.Name, operands: list[ast.expr]) -> None:
    if not operands:
        return
    plain = operands if not any(map(low.lifts, operands)) else operands[: _first_lift(low, operands)]
    taken = [_joined(node, plain)] if plain else operands[:1]
    before = low.bound
    with low.collecting() as body:
        into(low, target, taken[0])
        _rest_of_chain(low, node, target, operands[len(plain) or 1 :])
    low.bound = before
    test: ast.expr = held(target.id, node)
    if isinstance(node.op, ast.Or):
        test = ast.copy_location(ast.UnaryOp(ast.Not(), test), node)
    low.emit(nodes.If(id="", line=node.lineno, test=low.text(test), then=body))


def _guarded(low: Lowerer, op: ast.boolop, tests: list[ast.expr], last: ast.expr) -> None:
    """`ready and step(x)` as a statement."""
    whole = tests[0] if len(tests) == 1 else ast.copy_location(ast.BoolOp(op, tests), tests[0])
    test = value(low, whole)
    if isinstance(op, ast.Or):
        test = ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
    before = low.bound
    with low.collecting() as body:
        discard(low, last)
    low.bound = before
    low.emit(nodes.If(id="", line=last.lineno, test=low.text(test), then=body))


def _choose(low: Lowerer, node: ast.IfExp, sink: Sink) -> ast.expr:
    """`step(a) if ready else b`."""
    test = value(low, node.test)
    if isinstance(sink, Fresh):
        sink = Into(ast.copy_location(ast.Name(low.fresh(_choice_word(node)), ast.Store()), node))
    arms = []
    before = low.bound
    afters = []
    for arm in (node.body, node.orelse):
        low.bound = before
        with low.collecting() as body:
            if isinstance(sink, Into):
                into(low, sink.target, arm)
            else:
                discard(low, arm)
        arms.append(body)
        afters.append(low.bound)
    low.bound = low.both(*afters)
    low.emit(nodes.If(id="", line=node.lineno, test=low.text(test), then=arms[0], orelse=arms[1]))
    return held(sink.target.id, node) if isinstance(sink, Into) and isinstance(sink.target, ast.Name) else node


def _choice_word(node: ast.IfExp) -> str:
    words = [word_for(arm) for arm in (node.body, node.orelse)]
    return next((word for word in words if word != "value"), "value")


def _chain(low: Lowerer, node: ast.Compare) -> ast.expr:
    """`a < step(b) < c`: behind the first comparison each operand is evaluated only if all before it hold."""
    operands = [node.left, *node.comparators]
    if not any(map(low.lifts, operands[2:])):
        head = sequence(low, [Part(operands[0]), Part(operands[1])])
        rest = [low.rewrite(operand) for operand in operands[2:]]
        return ast.copy_location(ast.Compare(head[0], node.ops, [head[1], *rest]), node)
    left, right = sequence(low, [Part(operands[0]), Part(operands[1])])
    right = right if stable(low, right, operands[2:]) else keep(low, right)
    result = low.fresh("test")
    target = ast.copy_location(ast.Name(result, ast.Store()), node)
    low.assign(target, ast.copy_location(ast.Compare(left, node.ops[:1], [right]), node), node)
    _rest_of_comparison(low, node, target, right, 1)
    return held(result, node)


def _rest_of_comparison(
    low: Lowerer, node: ast.Compare, target: ast.Name, left: ast.expr, index: int
) -> None:
    if index == len(node.ops):
        return
    before = low.bound
    with low.collecting() as body:
        right = value(low, node.comparators[index])
        later = node.comparators[index + 1 :]
        if later and not stable(low, right, later):
            right = keep(low, right)
        low.assign(target, ast.copy_location(ast.Compare(left, [node.ops[index]], [right]), node), node)
        _rest_of_comparison(low, node, target, right, index + 1)
    low.bound = before
    low.emit(nodes.If(id="", line=node.lineno, test=low.text(held(target.id, node)), then=body))


# ---------------------------------------------------------------- names
class _Rewriter(ast.NodeTransformer):
    """Gives an expression the definition's names: renamed variables, bindings for what is the author's."""

    def __init__(self, low: Lowerer) -> None:
        self._low = low
        self._hidden: frozenset[str] = frozenset()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._hidden or is_held(node):
            return node
        renamed = self._low.renamed.get(node.id)
        if renamed is not None:
            return held(renamed, node, node.ctx)
        return self._meaning(node, self._low.resolve(node, self._hidden))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        found = self._low.resolve(node, self._hidden)
        if found is not None and found.kind not in ("variable", "nested") and self._is_own(node):
            return self._meaning(node, found)
        return self.generic_visit(node)

    def _is_own(self, node: ast.Attribute) -> bool:
        """Whether the dotted name begins with a module of the author's: then its last part is bound."""
        owner = self._low.resolve(node.value, self._hidden)
        return owner is not None and owner.kind == "module" and not self._low.is_known_module(owner.value)

    def _meaning(self, node: ast.expr, found: Found | None) -> ast.expr:
        low = self._low
        match found:
            case None | Found(kind="variable" | "builtin" | "missing"):
                return node
            case Found(kind="class" | "function" | "module" | "constant"):
                name = low.bound_name(found, node)
                return held(name, node)
            case Found(kind="operation", name="step_context"):
                low.report.add(
                    "V212", node, "step_context() is for steps: a workflow has none", "call it inside a step"
                )
            case Found(kind="nested", name=name):
                low.report.add(
                    "V212",
                    node,
                    f"the nested function {name!r} is no value",
                    "call it here, or define it outside of the workflow",
                )
            case Found(name=name):
                low.report.add(
                    "V212", node, f"{name!r} is no value: a step or workflow can only be called", f"{name}(...)"
                )
        return constant(None, node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        outer = self._hidden
        self._hidden |= {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        copy = self.generic_visit(node)
        self._hidden = outer
        return copy

    def _comprehension(self, node: ast.expr) -> ast.expr:
        outer = self._hidden
        generators = node.generators  # type: ignore[attr-defined]  # the four comprehensions have them
        self._hidden |= {name for part in generators for name in names_in(part.target)}
        copy = self.generic_visit(node)
        self._hidden = outer
        return copy

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def generic_visit(self, node: ast.AST) -> ast.expr:
        """Visit the children of a copy: the author's tree is never changed."""
        copy = type(node)(**dict(ast.iter_fields(node)))
        for field, old in ast.iter_fields(node):
            if isinstance(old, list):
                setattr(copy, field, [self.visit(item) if isinstance(item, ast.AST) else item for item in old])
            elif isinstance(old, ast.AST):
                setattr(copy, field, self.visit(old))
        return ast.copy_location(copy, node)  # type: ignore[return-value]  # a copy of an expression is one


def rewrite(low: Lowerer, node: ast.expr) -> ast.expr:
    """An expression without effects, with the definition's names."""
    return _Rewriter(low).visit(node)  # type: ignore[no-any-return]


def reads(node: ast.expr) -> frozenset[str]:
    """Names that a rewritten expression reads."""
    return frozenset(free_names(node))
