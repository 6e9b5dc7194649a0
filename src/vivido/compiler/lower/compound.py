"""How do statements with bodies become nodes: branches, loops, `try`, `with`, `match`?"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower import patterns
from vivido.compiler.lower.arguments import arrange, table
from vivido.compiler.lower.rewriting import held
from vivido.compiler.lower.writer import Bound
from vivido.compiler.read import Found
from vivido.compiler.symbols import names_in
from vivido.model import nodes
from vivido.model.nodes import Handler, Node

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


def branch(low: Lowerer, node: ast.If) -> None:
    """`if`: the effects of an `elif`'s test belong to the `else` around it."""
    with low.statement():
        test = low.text(low.settled(node.test))
    before = low.bound
    then, after_then = low.inner(node.body, before)
    orelse, after_else = low.inner(node.orelse, before)
    low.bound = low.both(after_then, after_else)
    low.emit(nodes.If(id="", line=node.lineno, test=test, then=then, orelse=orelse))


def while_loop(low: Lowerer, node: ast.While) -> None:
    """`while`: the effects of the test run before each round."""
    low.unbind(_unbound_by(node.body))
    with low.statement(), low.collecting() as pre:
        test = low.text(low.settled(node.test))
    before = low.bound
    body, _ = low.inner(node.body, before)
    orelse, after = low.inner(node.orelse, before)
    endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
    low.bound = _behind_loop(low, node.body, before, None if endless else after)
    low.emit(nodes.While(id="", line=node.lineno, pre=pre, test=test, body=body, orelse=orelse))


def for_loop(low: Lowerer, node: ast.For) -> None:
    """`for`: the items are evaluated once; a target that is not simple is assigned in the body."""
    with low.statement():
        items = low.text(low.settled(node.iter))
    low.unbind(_unbound_by(node.body))
    before = low.bound
    with low.collecting() as assigning:
        to = _loop_target(low, node)
    body, _ = low.inner(node.body, low.bound)
    orelse, after = low.inner(node.orelse, before)
    low.bound = _behind_loop(low, node.body, before, after)
    low.emit(
        nodes.For(
            id="", line=node.lineno, to=to, items=items, body=[*assigning, *body], orelse=orelse
        )
    )


def async_for_loop(low: Lowerer, node: ast.AsyncFor) -> None:
    """`async for` over a call: what is awaited is gone through."""
    items = ast.copy_location(ast.Await(node.iter), node.iter)
    loop = ast.For(node.target, items, node.body, node.orelse)
    for_loop(low, ast.copy_location(loop, node))


def _loop_target(low: Lowerer, node: ast.For) -> str:
    if low.is_simple(node.target):
        to = low.target(node.target)
        low.bind(names_in(node.target))
        return to
    name = low.fresh("item")
    low.store(node.target, held(name, node.target), node.target)
    return name


def _behind_loop(low: Lowerer, body: Sequence[ast.stmt], before: Bound, after: Bound) -> Bound:
    """Bound behind a loop: what was bound when its test failed, or where it was left by `break`."""
    if after is None and _breaks(body):
        return before
    return low.both(after, before) if _breaks(body) else after


def _breaks(body: Sequence[ast.stmt]) -> bool:
    for statement in body:
        match statement:
            case ast.Break():
                return True
            case ast.For() | ast.While() | ast.AsyncFor():
                if _breaks(statement.orelse):
                    return True
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case _:
                if any(map(_breaks, _bodies(statement))):
                    return True
    return False


def _bodies(statement: ast.stmt) -> list[list[ast.stmt]]:
    bodies = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
    bodies += [part.body for name in ("handlers", "cases") for part in getattr(statement, name, [])]
    return bodies


def _unbound_by(body: Sequence[ast.stmt]) -> set[str]:
    """Names that a round of a loop may leave without a value."""
    gone: set[str] = set()
    for statement in body:
        for part in ast.walk(statement):
            match part:
                case ast.Delete(targets=targets):
                    gone.update(name for target in targets for name in names_in(target))
                case ast.ExceptHandler(name=str(name)):
                    gone.add(name)
    return gone


# ---------------------------------------------------------------- try
def attempt(low: Lowerer, node: ast.Try) -> None:
    """`try/except/else/finally`."""
    start = low.bound
    everything = [*node.body, *node.handlers, *node.orelse]
    sure: Bound = None if start is None else start - _unbound_by(everything)  # type: ignore[arg-type]
    outer, low.guarded = low.guarded, True
    body, after_body = low.inner(node.body, start)
    orelse, after = low.inner(node.orelse, after_body)
    handlers = []
    for part in node.handlers:
        handler, after_handler = _handler(low, part, sure)
        handlers.append(handler)
        after = low.both(after, after_handler)
    low.guarded = outer
    final, after_final = low.inner(node.finalbody, sure)
    if node.finalbody:
        after = (
            None
            if after is None or after_final is None
            else after | (after_final - (sure or frozenset()))
        )
    low.bound = after
    low.emit(
        nodes.Try(id="", line=node.lineno, body=body, handlers=handlers, orelse=orelse, final=final)
    )


def _handler(low: Lowerer, node: ast.ExceptHandler, before: Bound) -> tuple[Handler, Bound]:
    low.bound = before
    types = [low.text(part) for part in _types(low, node.type)]
    name = node.name
    bound = before if before is None or name is None else before | {name}
    body, after = low.inner(node.body, bound)
    if after is not None and name is not None:
        after -= {name}
    return Handler(types=types, to=name, line=node.lineno, body=body), after


def _types(low: Lowerer, node: ast.expr | None) -> list[ast.expr]:
    """The classes of an `except`, one by one: a tuple of the module is written out."""
    if node is None:
        return []
    if isinstance(node, ast.Tuple):
        return [one for part in node.elts for one in _types(low, part)]
    match low.resolve(node):
        case Found(kind="constant", value=tuple() as classes) if all(
            isinstance(c, type) for c in classes
        ):
            return [low.class_name(one, node) for one in classes]
    return [low.value(node)]


# ---------------------------------------------------------------- with
def scoped(low: Lowerer, node: ast.With | ast.AsyncWith) -> None:
    """`with saga():` and `with deadline("24h"):`."""
    _scope(low, node, node.items)


def _scope(low: Lowerer, node: ast.With | ast.AsyncWith, items: Sequence[ast.withitem]) -> None:
    if not items:
        low.nodes += low.body(node.body)
        return
    item, others = items[0], items[1:]
    call = item.context_expr
    found = low.resolve(call.func) if isinstance(call, ast.Call) else None
    if item.optional_vars is not None or found is None or not isinstance(call, ast.Call):
        found = None
    match found:
        case Found(kind="operation", name="saga") if not call.args and not call.keywords:  # type: ignore[attr-defined]
            low.emit(nodes.Saga(id="", line=node.lineno, body=_within(low, node, others)))
        case Found(kind="operation", name="deadline"):
            with low.statement():
                args = table(low, arrange(call, ["duration"]))  # type: ignore[arg-type]  # a call, as it was found
            low.emit(
                nodes.Deadline(id="", line=node.lineno, args=args, body=_within(low, node, others))
            )
        case _:
            low.report.add(
                "V205",
                call,
                f"The context manager {ast.unparse(call)!r} is not compiled.",
                "`with saga():` or `with deadline(...):`; use other context managers inside a step",
            )
            _within(low, node, others)


def _within(
    low: Lowerer, node: ast.With | ast.AsyncWith, items: Sequence[ast.withitem]
) -> list[Node]:
    with low.collecting() as body:
        _scope(low, node, items)
    return body


# ---------------------------------------------------------------- match
def matching(low: Lowerer, node: ast.Match) -> None:
    """`match`: evaluated once; a guard with effects splits it in two."""
    with low.statement():
        subject = low.settled(node.subject)
        if any(case.guard is not None and low.lifts(case.guard) for case in node.cases):
            if not isinstance(subject, ast.Name):
                subject = low.keep(subject)
            _split_match(low, node, subject, node.cases)
            return
        _match(low, node, subject, node.cases, [])


def _match(
    low: Lowerer,
    node: ast.Match,
    subject: ast.expr,
    cases: Sequence[ast.match_case],
    more: list[nodes.Case],
) -> None:
    text = low.text(subject)
    before = low.bound
    made = []
    after: Bound = None
    for case in cases:
        low.bound = before
        pattern = patterns.text(low, case.pattern)
        low.bind(patterns.captures(case.pattern))
        guard = None if case.guard is None else low.text(low.value(case.guard))
        body, behind = low.inner(case.body, low.bound)
        after = low.both(after, behind)
        made.append(nodes.Case(pattern=pattern, guard=guard, line=case.pattern.lineno, body=body))
    if not cases or not patterns.is_irrefutable(cases[-1]):
        after = low.both(after, before)
    low.bound = after
    low.emit(nodes.Match(id="", line=node.lineno, subject=text, cases=[*made, *more]))


def _split_match(
    low: Lowerer, node: ast.Match, subject: ast.expr, cases: Sequence[ast.match_case]
) -> None:
    """The cases up to a guard with effects; the others are tried if none of these was taken."""
    index = next(
        (i for i, case in enumerate(cases) if case.guard is not None and low.lifts(case.guard)),
        None,
    )
    if index is None:
        _match(low, node, subject, cases, [])
        return
    guarded = cases[index]
    rest = cases[index + 1 :]
    if not rest:
        _match(low, node, subject, cases[:index], [_guarded_case(low, guarded, [])])
        return
    flag = low.fresh("unmatched")
    target = ast.copy_location(ast.Name(flag, ast.Store()), node)
    low.assign(target, ast.copy_location(ast.Constant(value=False), node), node)
    before = low.bound
    with low.collecting() as otherwise:
        low.assign(target, ast.copy_location(ast.Constant(value=True), node), node)
    tried = _guarded_case(low, guarded, otherwise)
    more = [tried]
    if not patterns.takes_all(guarded.pattern):
        more.append(nodes.Case(pattern="_", body=otherwise))
    low.bound = before
    _match(low, node, subject, cases[:index], more)
    low.bound = before
    with low.collecting() as others:
        _split_match(low, node, subject, rest)
    low.bound = before
    low.emit(nodes.If(id="", line=guarded.pattern.lineno, test=flag, then=others))


def _guarded_case(low: Lowerer, case: ast.match_case, otherwise: list[Node]) -> nodes.Case:
    assert case.guard is not None  # noqa: S101  # chosen for its guard
    pattern = patterns.text(low, case.pattern)
    low.bind(patterns.captures(case.pattern))
    with low.collecting() as body:
        test = low.text(low.settled(case.guard))
        then, _ = low.inner(case.body, low.bound)
        low.emit(nodes.If(id="", line=case.pattern.lineno, test=test, then=then, orelse=otherwise))
    return nodes.Case(pattern=pattern, line=case.pattern.lineno, body=body)
