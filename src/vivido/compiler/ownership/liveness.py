"""Which variables may still be read after a point: only through those can a change be seen.

Walked backwards over the structured source. Calling a nested function, or handing it to an
operation, reads whatever it reads of the variables around it. What a handler or a `finally` reads
may be read after any statement of its `try`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vivido.compiler.ownership.things import Variable
from vivido.compiler.symbols import Scope, free_names, names_in
from vivido.compiler.visit import expressions_of

Live = frozenset[Variable]
NONE: Live = frozenset()
_ENOUGH = 20  # rounds of a loop: each adds a variable or is the last


@dataclass(frozen=True, slots=True)
class _Exits:
    """What is read where control goes when it leaves.

    After a break, at the loop's head, after a return, an error.
    """

    broke: Live = NONE
    continued: Live = NONE
    returned: Live = NONE
    raised: Live = NONE


class Liveness:
    """The live variables of one function.

    `after[statement]` are those read once the statement is over, `raised[statement]` those read if
    it fails; `after[expression]`, for the header of a compound statement, those read once it has
    been evaluated.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.after: dict[ast.AST, Live] = {}
        self.raised: dict[ast.AST, Live] = {}
        self._block(scope.node.body, NONE, _Exits())

    def _block(self, body: Iterable[ast.stmt], live: Live, exits: _Exits) -> Live:
        for statement in reversed(list(body)):
            self.after[statement] = self.after.get(statement, NONE) | live
            self.raised[statement] = self.raised.get(statement, NONE) | exits.raised
            live = self._statement(statement, live, exits)
        return live

    def _statement(self, node: ast.stmt, live: Live, exits: _Exits) -> Live:  # noqa: C901, PLR0911, PLR0912  one case a kind
        match node:
            case ast.Return():
                return exits.returned | self._reads(node) | exits.raised
            case ast.Raise():
                return exits.raised | self._reads(node)
            case ast.Break():
                return exits.broke
            case ast.Continue():
                return exits.continued
            case ast.If(test=test, body=body, orelse=orelse):
                inside = self._block(body, live, exits) | self._block(orelse, live, exits)
                return self._header(test, inside, exits)
            case ast.While():
                return self._while(node, live, exits)
            case ast.For() | ast.AsyncFor():
                return self._for(node, live, exits)
            case ast.Try() | ast.TryStar():
                return self._try(node, live, exits)
            case ast.With(body=body, items=items) | ast.AsyncWith(body=body, items=items):
                inside = self._block(body, live, exits)
                for item in items:
                    inside = self._header(item.context_expr, inside, exits)
                return inside
            case ast.Match():
                return self._match(node, live, exits)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = [each for each in [*node.args.defaults, *node.args.kw_defaults] if each]
                return live.union(*(self._read(each) for each in defaults)) if defaults else live
            case _:
                return (live - kills(node, self._scope)) | self._reads(node) | exits.raised

    def _header(self, expression: ast.expr, live: Live, exits: _Exits) -> Live:
        self.after[expression] = self.after.get(expression, NONE) | live
        self.raised[expression] = self.raised.get(expression, NONE) | exits.raised
        return (live - self._binds(expression)) | self._read(expression) | exits.raised

    def _while(self, node: ast.While, live: Live, exits: _Exits) -> Live:
        after = self._block(node.orelse, live, exits) if node.orelse else live
        head = NONE
        for _ in range(_ENOUGH):
            inner = replace(exits, broke=live, continued=head)
            before = head
            head = self._header(node.test, after | self._block(node.body, head, inner), exits)
            if head == before:
                break
        return head

    def _for(self, node: ast.For | ast.AsyncFor, live: Live, exits: _Exits) -> Live:
        after = self._block(node.orelse, live, exits) if node.orelse else live
        hidden = frozenset({iterator(node), iterated(node)})
        own = frozenset(_variables(names_in(node.target), self._scope))
        head = after | hidden
        for _ in range(_ENOUGH):
            inner = replace(exits, broke=live, continued=head)
            body = self._block(node.body, head, inner)
            before = head
            head = after | hidden | (body - own) | self._target(node.target)
            if head == before:
                break
        return self._header(node.iter, head - hidden, exits)

    def _try(self, node: ast.Try | ast.TryStar, live: Live, exits: _Exits) -> Live:
        if node.finalbody:
            everywhere = live | exits.broke | exits.continued | exits.returned | exits.raised
            final = self._block(node.finalbody, everywhere, exits)
            live, exits = final, _Exits(final, final, final, final)
        caught = exits.raised
        for handler in node.handlers:
            own = frozenset(_variables([handler.name] if handler.name else [], self._scope))
            inside = self._block(handler.body, live, exits) - own
            caught |= inside | (self._read(handler.type) if handler.type else NONE)
        ended = self._block(node.orelse, live, exits) if node.orelse else live
        return self._block(node.body, ended, replace(exits, raised=caught)) | caught

    def _match(self, node: ast.Match, live: Live, exits: _Exits) -> Live:
        inside = live
        for case in node.cases:
            before = self._block(case.body, live, exits)
            before |= self._read(case.guard) if case.guard else NONE
            inside |= (
                before - frozenset(_variables(captures(case.pattern), self._scope))
            ) | self._read(case.pattern)
        return self._header(node.subject, inside, exits)

    # -------------------------------------------------------------- reads and writes
    def _reads(self, node: ast.stmt) -> Live:
        found = NONE
        for expression in expressions_of(node):
            found |= self._read(expression)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found |= reads(node.target.id, self._scope)
        return found

    def _read(self, node: ast.AST) -> Live:
        found = NONE
        for name in free_names(node):
            found |= reads(name, self._scope)
        return found

    def _target(self, target: ast.expr) -> Live:
        return NONE if isinstance(target, ast.Name) else self._read(target)

    def _binds(self, expression: ast.expr) -> Live:
        """A walrus at the top of a test binds before anything is read after it."""
        return (
            frozenset(_variables([expression.target.id], self._scope))
            if isinstance(expression, ast.NamedExpr)
            else NONE
        )


def reads(name: str, scope: Scope, seen: frozenset[Scope] = frozenset()) -> Live:
    """What is read when a name is.

    The variable; of a nested function, all that it reads around it.
    """
    owner = scope.owner(name)
    if owner is None:
        return NONE
    inner = owner.nested.get(name)
    if inner is None:
        return frozenset({(owner.block, name)})
    if inner in seen:
        return NONE
    found = NONE
    for statement in inner.node.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Name) and each.id not in inner.locals:
                found |= reads(each.id, inner, seen | {inner})
    return found


def kills(node: ast.stmt, scope: Scope) -> Live:
    """The variables that a simple statement gives a new value, so that the one before is lost."""
    match node:
        case ast.Assign(targets=targets):
            names = [name for target in targets for name in names_in(target)]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            names = [name]
        case ast.Delete(targets=targets):
            names = [name for target in targets for name in names_in(target)]
        case _:
            names = []
    return frozenset(_variables(names, scope))


def _variables(names: Iterable[str], scope: Scope) -> Iterable[Variable]:
    for name in names:
        owner = scope.owner(name)
        if owner is not None:
            yield owner.block, name


def captures(pattern: ast.pattern) -> list[str]:
    """The names that a pattern binds."""
    found: list[str] = []
    for node in ast.walk(pattern):
        match node:
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                found.append(name)
            case ast.MatchMapping(rest=str() as name):
                found.append(name)
    return found


def rests(pattern: ast.pattern) -> set[str]:
    """The names that hold what a pattern leaves: `*rest` and `**rest`."""
    found: set[str] = set()
    for node in ast.walk(pattern):
        match node:
            case ast.MatchStar(name=str() as name) | ast.MatchMapping(rest=str() as name):
                found.add(name)
    return found


def iterator(loop: ast.AST) -> Variable:
    """The hidden variable that holds the items of a loop still to come."""
    return (loop, "items to come")


def iterated(loop: ast.AST) -> Variable:
    """The hidden variable that holds what a loop goes over."""
    return (loop, "looped over")
