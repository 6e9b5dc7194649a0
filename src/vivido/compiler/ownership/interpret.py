"""Walks through a workflow as if it ran.

Every way that control may take, and judges each change.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from vivido.compiler.ownership.frame import DEFAULT, joined
from vivido.compiler.ownership.heap import Heap
from vivido.compiler.ownership.liveness import captures, kills, rests
from vivido.compiler.ownership.looping import Looping
from vivido.compiler.ownership.things import ANY, MANY, Variable
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.types import Instance
from vivido.compiler.visit import expressions_of

_TOO_MANY = 400  # things: an ordinary workflow has 20
_RAISED: Variable = ("raised", "an error")


class Interpreter(Looping):
    """The statements."""

    def run(self) -> None:
        """Walk through the workflow once."""
        scope = self.frame.scope
        for name in scope.params:
            things = self.make(("parameter", name), self.parameter_type(name), lazy=True)
            self.bind((scope.block, name), Value(things), scope.node.lineno)
        self.block(scope.node.body)

    # -------------------------------------------------------------- statements
    def block(self, body: Sequence[ast.stmt]) -> None:
        """Walk through statements as far as control comes."""
        for statement in body:
            if self.ended:
                return
            self._may_fail()
            self.expect(statement, expressions_of(statement), kills(statement, self.frame.scope))
            mark = self.kept_so_far
            self.statement(statement)
            self.arrive()
            self.forget(self.heap, mark)
            self.frame.unread = set()
            self._tidy(statement)
            self._may_fail()

    def _tidy(self, statement: ast.stmt) -> None:
        """Forget the variables that are not read any more, and what only they led to."""
        if self.ended:
            return
        live = self.frame.liveness.after.get(
            statement, frozenset()
        ) | self.frame.liveness.raised.get(statement, frozenset())
        block = self.frame.scope.block
        for variable in list(self.here.variables):
            if (
                variable[0] == block
                and variable not in live
                and not variable[1].startswith(DEFAULT)
            ):
                del self.here.variables[variable]
        self.here.sweep()
        if len(self.here.things) > _TOO_MANY:
            self.here.blur()

    def _may_fail(self) -> None:
        if self.raising and not self.ended:
            self.raising[-1].append(self.here.copy())

    def statement(self, node: ast.stmt) -> None:  # noqa: C901, PLR0912  # long: one case a kind
        """Walk through one statement."""
        match node:
            case ast.Expr(value=value):
                self.value(value)
            case ast.Assign(targets=targets, value=value):
                self.assigned(targets, value, node)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assigned([target], value, node)
            case ast.AugAssign():
                self.augmented(node)
            case ast.Return(value=value):
                self._return(value, node)
            case ast.Raise(exc=error, cause=cause):
                self._raise([each for each in (error, cause) if each is not None])
            case ast.If(test=test, body=body, orelse=orelse):
                self.header(test)
                self._ways([lambda: self.block(body), lambda: self.block(orelse)])
            case ast.While():
                self.while_loop(node)
            case ast.For() | ast.AsyncFor():
                self.for_loop(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                self._with(items, body)
            case ast.Match():
                self._match(node)
            case ast.Break() if self.broken:
                self._leave(self.broken)
            case ast.Continue() if self.continued:
                self._leave(self.continued)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.define(node)
            case ast.Delete(targets=targets):
                self.deleted(targets, node)
            case ast.Assert(test=test, msg=message):
                self.operands([each for each in (test, message) if each is not None])
            case _:
                return

    # -------------------------------------------------------------- leaving
    def _return(self, value: ast.expr | None, node: ast.stmt) -> None:
        given = SCALAR if value is None else self.value(value)
        if not self.arrive():
            return
        given = self.settle(given, (node, "returned"), node.lineno)
        result = self.result_variable()
        self.here.variables[result] = {
            **self.here.variables.get(result, {}),
            **dict.fromkeys(given.things, 0),
        }
        self.frame.returned.append(self.here)
        self.heap = None

    def _raise(self, parts: Sequence[ast.expr]) -> None:
        values = self.operands(parts)
        if not self.arrive():
            return
        things = dict.fromkeys(either(values).things, 0)
        self.here.variables[_RAISED] = {**self.here.variables.get(_RAISED, {}), **things}
        self._may_fail()
        self.heap = None

    def _leave(self, ways: list[list[Heap]]) -> None:
        ways[-1].append(self.here)
        self.heap = None

    # -------------------------------------------------------------- branching
    def _ways(self, ways: Sequence[Callable[[], None]]) -> None:
        """Control takes one of several ways."""
        before, ends = self.heap, []
        if before is None:
            return
        for way in ways:
            self.heap = before.copy()
            way()
            ends.append(self.heap)
        self.heap = joined(ends)

    def _match(self, node: ast.Match) -> None:
        value = self.header(node.subject)
        if self.ended:
            return
        kept = self.keep(self.settle(value, (node, "subject"), node.lineno))
        ends = []
        for case in node.cases:
            missed = self.here.copy()
            self._capture(case.pattern, self.take(kept), node)
            if case.guard is not None:  # what was captured stays, also where the guard is false
                self.value(case.guard)
                missed = missed.join(self.here)
            if self.arrive():
                self.block(case.body)
            ends.append(self.heap)
            self.heap = missed
        self.heap = joined([*ends, self.heap])
        if not self.ended:
            self.here.variables.pop(kept.variable, None)

    def _with(self, items: Sequence[ast.withitem], body: Sequence[ast.stmt]) -> None:
        for item in items:
            value = self.header(item.context_expr)
            if not self.ended and item.optional_vars is not None:
                self.assign(item.optional_vars, self.anything(value, (item, "as")), body[0])
        if not self.ended:
            self.block(body)

    def _capture(self, pattern: ast.pattern, subject: Value, node: ast.Match) -> None:
        kept = self.keep(subject)
        for name in captures(pattern):
            value = self.take(kept)
            kept = self.keep(value)
            whole = isinstance(pattern, ast.MatchAs) and pattern.pattern is None
            captured = value if whole else self.anything(value, (node, pattern, name))
            if name in rests(pattern):  # a new list or dict of what is left
                made = self.make_vague((node, pattern, name, "rest"))
                for _ in range(MANY):
                    self.here.store(frozenset({made}), ANY, captured.things, pattern.lineno)
                captured = Value(self.pick((node, pattern, name, "one"), [made]))
            variable = self.variable(name)
            if variable is not None:
                self.bind(variable, captured, pattern.lineno)
        self.take(kept)

    # -------------------------------------------------------------- errors
    def _try(self, node: ast.Try | ast.TryStar) -> None:
        mark = self.kept_so_far
        outside = [
            len(self.frame.returned),
            *(len(ways[-1]) if ways else 0 for ways in (self.broken, self.continued)),
        ]
        self.raising.append([self.here.copy()])
        self.block(node.body)
        failed = joined(self.raising.pop())
        self.forget(failed, mark)
        if not self.ended:
            self.block(node.orelse)
        ends = [self.heap]
        escaped = [failed]
        for handler in node.handlers:
            self.raising.append([])
            self.heap = failed.copy() if failed is not None else None
            self._handler(handler)
            ends.append(self.heap)
            escaped += self.raising.pop()
        self.heap = joined(ends)
        if node.finalbody:
            self._finally(node, escaped, outside)
        elif self.raising:
            self.raising[-1] += [heap for heap in escaped if heap is not None]

    def _handler(self, handler: ast.ExceptHandler) -> None:
        if self.ended:
            return
        if handler.name is None:
            self.block(handler.body)
            return
        variable = self.variable(handler.name)
        error = self.make((handler, "error"), Instance(Exception), lazy=True)
        known = frozenset(self.here.variables.get(_RAISED, {}))
        if variable is not None:
            self.bind(variable, Value(error | known), handler.lineno)
        self.block(handler.body)
        if not self.ended and variable is not None:
            self.here.variables.pop(variable, None)

    def _finally(
        self, node: ast.Try | ast.TryStar, escaped: list[Heap | None], outside: list[int]
    ) -> None:
        normal = self.heap
        stacks = [
            self.frame.returned,
            *(ways[-1] if ways else [] for ways in (self.broken, self.continued)),
        ]
        left = [heap for stack, size in zip(stacks, outside, strict=True) for heap in stack[size:]]
        self.heap = joined([normal, *escaped, *left])
        if self.ended:
            return
        self.block(node.finalbody)
        final = self.heap
        if final is None:
            return
        for stack, size in zip(stacks, outside, strict=True):
            if len(stack) > size:
                del stack[size:]
                stack.append(final.copy())
        if self.raising:
            self.raising[-1].append(final.copy())
        self.heap = final if normal is not None else None
