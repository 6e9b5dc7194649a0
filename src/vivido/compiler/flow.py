"""Where control can go in a workflow.

Which statements are reached, and which variables may have a value.

Both walk the structured source; there is no control-flow graph. A loop is walked twice, since what
its body does reaches its beginning; any statement of a `try` may fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from vivido.compiler.read import Unit
from vivido.compiler.symbols import Scope, blocks_of, names_in


# ------------------------------------------------------------------ what is reached
def completes(body: Iterable[ast.stmt]) -> bool:
    """Whether control can come to the end of the statements."""
    return all(goes_on(statement) for statement in body)


def goes_on(statement: ast.stmt) -> bool:  # noqa: PLR0911  one case a kind
    """Whether control can come past a statement."""
    match statement:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return False
        case ast.If(body=body, orelse=orelse):
            return completes(body) or completes(orelse)
        case ast.While(test=test, orelse=orelse):
            return breaks(statement) or (not always(test) and completes(orelse))
        case ast.For(orelse=orelse) | ast.AsyncFor(orelse=orelse):
            return breaks(statement) or completes(orelse)
        case ast.Try() | ast.TryStar():
            if statement.finalbody and not completes(statement.finalbody):
                return False
            plain = completes(statement.body) and completes(statement.orelse)
            return plain or any(completes(handler.body) for handler in statement.handlers)
        case ast.With(body=body) | ast.AsyncWith(body=body):
            return completes(body)
        case ast.Match(cases=cases):
            return not any(_catches_all(case) for case in cases) or any(
                completes(case.body) for case in cases
            )
        case _:
            return True


def always(test: ast.expr) -> bool:
    """Whether a loop's test is a constant that is true."""
    return isinstance(test, ast.Constant) and bool(test.value)


def breaks(loop: ast.stmt) -> bool:
    """Whether a `break` of this very loop is reached."""
    return any(_reaches_break(statement) for statement in reached(loop.body))  # type: ignore[attr-defined]


def _reaches_break(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Break):
        return True
    if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
        return any(_reaches_break(inner) for inner in reached(statement.orelse))
    return any(_reaches_break(inner) for block in blocks_of(statement) for inner in reached(block))


def reached(body: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    """The statements up to the first that never goes on."""
    for statement in body:
        yield statement
        if not goes_on(statement):
            return


def _catches_all(case: ast.match_case) -> bool:
    return (
        case.guard is None
        and isinstance(case.pattern, ast.MatchAs)
        and case.pattern.pattern is None
    )


# ------------------------------------------------------------------ what has a value
_State = frozenset[str]


class Assigned:
    """Which reads of variables find no value on any path.

    `unbound`, with the line where it was lost, if it was.
    """

    def __init__(self, unit: Unit) -> None:
        self.unbound: dict[ast.Name, int | None] = {}
        self._reads: dict[ast.Name, bool] = {}
        self._lost: dict[str, int] = {}
        for scope in unit.scope.walk():
            self._function(scope)

    def _function(self, scope: Scope) -> None:
        self._scope = scope
        self._reads, self._lost = {}, {}
        self._elsewhere = frozenset(  # names of other scopes: refused by another rule
            name
            for node in ast.walk(scope.node)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        )
        self._leaving: list[list[_State]] = []
        self._raising: list[set[str]] = []
        self._block(scope.node.body, frozenset(scope.params))
        for read, found in self._reads.items():
            if not found:
                self.unbound[read] = self._lost.get(read.id)

    def _block(self, body: list[ast.stmt], state: _State) -> _State:
        for statement in body:
            state = self._statement(statement, state)
            for raising in self._raising:
                raising.update(state)
        return state

    def _statement(self, node: ast.stmt, state: _State) -> _State:  # noqa: C901, PLR0911, PLR0912  # long: one case a kind
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                return self._expressions([*node.args.defaults, *node.args.kw_defaults], state) | {
                    name
                }
            case ast.ClassDef(name=name):
                return state | {name}
            case ast.If(test=test, body=body, orelse=orelse):
                state = self._expressions([test], state)
                return self._block(body, state) | self._block(orelse, state)
            case ast.While(test=test):
                return self._loop(node, [test], state)
            case ast.For(iter=items) | ast.AsyncFor(iter=items):
                return self._loop(node, [node.target], self._expressions([items], state))
            case ast.Try() | ast.TryStar():
                return self._try(node, state)
            case ast.Match(subject=subject, cases=cases):
                state = self._expressions([subject], state)
                return frozenset.union(state, *(self._case(case, state) for case in cases))
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    state = self._expressions([item.context_expr, item.optional_vars], state)
                return self._block(body, state)
            case ast.Delete(targets=targets):
                return self._delete(targets, state)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                return state | {alias.asname or alias.name.partition(".")[0] for alias in aliases}
            case ast.Break() | ast.Continue() if self._leaving:
                self._leaving[-1].append(state)
                return state
            case ast.AnnAssign(target=target, value=value):
                return state if value is None else self._expressions([value, target], state)
            case ast.Assign(targets=targets, value=value):
                return self._expressions([value, *targets], state)
            case ast.AugAssign(target=target, value=value):
                if isinstance(target, ast.Name):
                    self._read(target, state)
                return self._expressions([value, target], state)
            case _:
                return self._expressions(
                    [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)], state
                )

    def _loop(
        self, node: ast.While | ast.For | ast.AsyncFor, header: list[ast.expr], state: _State
    ) -> _State:
        for _ in range(2):
            self._leaving.append([])
            inside = self._expressions(header, state)
            ended = self._block(node.body, inside)
            state = frozenset.union(state, ended, *self._leaving.pop())
        after = self._expressions(header, state) if isinstance(node, ast.While) else state
        return state | self._block(node.orelse, after)

    def _try(self, node: ast.Try | ast.TryStar, state: _State) -> _State:
        self._raising.append(set(state))
        ended = self._block(node.body, state)
        raised = frozenset(self._raising.pop()) | state
        ended = self._block(node.orelse, ended)
        for handler in node.handlers:
            caught = self._expressions([handler.type], raised)
            if handler.name is None:
                ended |= self._block(handler.body, caught)
                continue
            ended |= self._block(handler.body, caught | {handler.name}) - {handler.name}
            self._lost[handler.name] = handler.lineno
        return ended if not node.finalbody else self._block(node.finalbody, ended | raised)

    def _case(self, case: ast.match_case, state: _State) -> _State:
        bound: set[str] = set()
        for node in ast.walk(case.pattern):
            match node:
                case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                    bound.add(name)
                case ast.MatchMapping(rest=str() as name):
                    bound.add(name)
        inside = self._expressions([case.guard], state | bound)
        return self._block(case.body, inside)

    def _delete(self, targets: list[ast.expr], state: _State) -> _State:
        for target in targets:
            if isinstance(target, ast.Name):
                self._read(target, state)
                self._lost[target.id] = target.lineno
                state -= {target.id}
            else:
                state = self._expressions([target], state)
        return state

    def _expressions(self, parts: Iterable[ast.expr | None], state: _State) -> _State:
        for part in parts:
            if part is not None:
                state = self._expression(part, state, frozenset())
        return state

    def _expression(self, node: ast.AST, state: _State, hidden: frozenset[str]) -> _State:
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                return state if name in hidden else state | {name}
            case ast.Name(id=name):
                if name not in hidden:
                    self._read(node, state)
                return state
            case ast.NamedExpr(target=target, value=value):
                return self._expression(value, state, hidden) | {target.id}
            case ast.Lambda():
                return state  # reads when it is called
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                hidden |= {name for part in node.generators for name in names_in(part.target)}
                results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                return self._children([*node.generators, *results], state, hidden)
        return self._children(ast.iter_child_nodes(node), state, hidden)

    def _children(self, nodes: Iterable[ast.AST], state: _State, hidden: frozenset[str]) -> _State:
        for node in nodes:
            state = self._expression(node, state, hidden)
        return state

    def _read(self, name: ast.Name, state: _State) -> None:
        if name.id in self._scope.locals - self._elsewhere and name.id not in self._scope.nested:
            self._reads[name] = self._reads.get(name, False) or name.id in state
