"""Walks through a workflow statement by statement, with what may be where, and asks of each change whether it may be."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Sequence

from vivido.compiler import types
from vivido.compiler.diagnostics import Report
from vivido.compiler.ownership.calls import Calls
from vivido.compiler.ownership.frame import ITEMS_TO_COME, LOOPED_OVER, joined
from vivido.compiler.ownership.functions import Functions
from vivido.compiler.ownership.heap import ANY, ITEMS, NONE, Heap, Things, Variable
from vivido.compiler.ownership.liveness import captures, kills
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.read import Unit
from vivido.compiler.types import UNKNOWN, Instance
from vivido.compiler.visit import expressions_of

_ENOUGH = 12  # rounds until nothing changes; each adds a fact, and most loops need three
_TOO_MANY = 400  # things: an ordinary workflow has 20
_NUMBERS = (int, float, complex, type(None))


class Interpreter(Functions):
    """The statements; `Functions` has the calls that walk through other functions."""

    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._broken: list[list[Heap]] = []
        self._continued: list[list[Heap]] = []

    def run(self) -> None:
        """Walk through the workflow once."""
        for name in self.frame.scope.params:
            kind = self.parameter_type(name)
            things = self.make(("parameter", name), kind, lazy=True)
            self.bind((self.frame.scope.block, name), Value(things), self.frame.scope.node.lineno)
        self.block(self.frame.scope.node.body)

    def _loops_aside(self) -> tuple[list[list[Heap]], list[list[Heap]]]:
        aside = self._broken, self._continued
        self._broken, self._continued = [], []
        return aside

    def _loops_back(self, broken: list[list[Heap]], continued: list[list[Heap]]) -> None:
        self._broken, self._continued = broken, continued

    # -------------------------------------------------------------- statements
    def block(self, body: Sequence[ast.stmt]) -> None:
        """Walk through statements as far as control comes."""
        for statement in body:
            if self.heap is None:
                return
            self._may_fail()
            self._begin(statement)
            self.statement(statement)
            self.frame.unread = set()
            self._tidy(statement)
            self._may_fail()

    def _tidy(self, statement: ast.stmt) -> None:
        """Forget the variables that are not read any more, and what only they led to."""
        if self.heap is None:
            return
        live = self.frame.liveness.after.get(statement, frozenset()) | self.frame.liveness.raised.get(statement, frozenset())
        block = self.frame.scope.block
        for variable in list(self.heap.variables):
            if variable[0] == block and variable not in live and not variable[1].startswith("default"):
                del self.heap.variables[variable]
        self.heap.sweep()
        if len(self.heap.things) > _TOO_MANY:
            self.heap.blur()

    def _may_fail(self) -> None:
        if self.raising and self.heap is not None:
            self.raising[-1].append(self.heap.copy())

    def _begin(self, statement: ast.stmt) -> None:
        frame = self.frame
        live = frame.liveness
        frame.soon = (live.after.get(statement, frozenset()) - kills(statement, frame.scope)) | live.raised.get(
            statement, frozenset()
        )
        frame.unread = _names_read(expressions_of(statement))

    def header(self, expression: ast.expr) -> Value:
        """Evaluate the header of a compound statement."""
        frame = self.frame
        live = frame.liveness
        frame.soon = live.after.get(expression, frozenset()) | live.raised.get(expression, frozenset())
        frame.unread = _names_read([expression])
        value = self.value(expression)
        frame.unread = set()
        return value

    def statement(self, node: ast.stmt) -> None:
        """Walk through one statement."""
        match node:
            case ast.Expr(value=value):
                self.value(value)
            case ast.Assign(targets=targets, value=value):
                self._assign(targets, value, node)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._assign([target], value, node)
            case ast.AugAssign():
                self._augment(node)
            case ast.Return(value=value):
                self._return(value, node)
            case ast.Raise(exc=error, cause=cause):
                self._raise([each for each in (error, cause) if each is not None])
            case ast.If(test=test, body=body, orelse=orelse):
                self.header(test)
                self._ways([lambda: self.block(body), lambda: self.block(orelse)])
            case ast.While():
                self._while(node)
            case ast.For() | ast.AsyncFor():
                self._for(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    self.header(item.context_expr)
                if self.heap is not None:
                    self.block(body)
            case ast.Match():
                self._match(node)
            case ast.Break() if self._broken:
                self._leave(self._broken)
            case ast.Continue() if self._continued:
                self._leave(self._continued)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.define(node)
            case ast.Delete(targets=targets):
                self._delete(targets, node)
            case ast.Assert(test=test, msg=message):
                self.operands([each for each in (test, message) if each is not None])
            case _:
                return

    # -------------------------------------------------------------- assignment
    def _assign(self, targets: Sequence[ast.expr], source: ast.expr, node: ast.stmt) -> None:
        value = self.value(source)
        if self.heap is None:
            return
        plain = len(targets) > 1 or not isinstance(targets[0], ast.Tuple | ast.List)
        if plain:
            value = self.settle(value, source, node.lineno)
        kept = self.keep(value)
        for target in targets:
            value = self.take(kept)
            kept = self.keep(value)
            self.assign(target, value, node)
            if self.heap is None:
                return
        self.take(kept)

    def assign(self, target: ast.expr, value: Value, node: ast.AST) -> None:
        """Give a target a value: a name, a place in something, or several at once."""
        line = getattr(node, "lineno", 0)
        match target:
            case ast.Name(id=name):
                variable = self.variable(name)
                if variable is not None:
                    self.bind(variable, self.settle(value, (target, "tuple"), line), line)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                self._unpack(parts, value, node)
            case ast.Starred(value=inner):
                self.assign(inner, value, node)
            case ast.Attribute(value=owner, attr=attribute):
                self._store(target, owner, f".{attribute}", value, node)
            case ast.Subscript(value=owner, slice=index):
                self._store(target, owner, index, value, node)
            case _:
                return

    def _store(
        self, target: ast.expr, owner: ast.expr, label: str | ast.expr, value: Value, node: ast.AST
    ) -> None:
        kept = self.keep(self.settle(value, (target, "value"), getattr(node, "lineno", 0)), waiting=True)
        holder = self.operands([owner, label])[0] if isinstance(label, ast.expr) else self.value(owner)
        if self.heap is None:
            return
        value = self.take(kept)
        if isinstance(label, ast.Slice):
            value = Value(self.items(value))
        self.change(holder, target, owner)
        name = label if isinstance(label, str) else self.label(holder, label)
        surely = len(holder.things) == 1 and name != ITEMS
        for thing in holder.things:
            self.here.store(thing, name, value.things, getattr(node, "lineno", 0), instead=surely)
        self.refuse_cycle(holder, value, target, owner)

    def _unpack(self, parts: Sequence[ast.expr], value: Value, node: ast.AST) -> None:
        starred = any(isinstance(part, ast.Starred) for part in parts)
        if value.parts is not None and not starred and len(value.parts) == len(parts):
            kept = [self.keep(part) for part in value.parts]
            for part, each in zip(parts, kept, strict=True):
                self.assign(part, self.take(each), node)
            return
        whole = self.keep(self.settle(value, (node, "unpacked"), getattr(node, "lineno", 0)))
        seen = self.keep(SCALAR)
        for index, part in enumerate(parts):
            value, before = self.take(whole), self.take(seen).things
            taken = self._place(value, None if starred else index, part, before)
            sure = taken.things if len(taken.things) == 1 else NONE
            whole, seen = self.keep(Value(self._still(value))), self.keep(Value(before | sure))
            self.assign(part, taken, node)
        self.take(whole)
        self.take(seen)

    def _still(self, value: Value) -> Things:
        return frozenset(thing for thing in value.things if thing in self.here.things)

    def _place(self, value: Value, index: int | None, part: ast.expr, before: Things) -> Value:
        """What unpacking gives at one place; of a list's items, it is none of those that came before."""
        if isinstance(part, ast.Starred):
            items = self.items(value)
            return self.holding_all(part, Instance(list), [items]) if items else self.holding_all(part, Instance(list), [])
        choices: Things = NONE
        for thing in value.things:
            if self.is_mapping(thing):
                continue
            label = f"[{index}]" if index is not None and self._is_tuple(thing) else ITEMS
            choices |= frozenset(self.here.parts(thing, label))
        unique = not self.here.holds_twice(value.things, choices)
        return Value(self.pick((part, "place"), choices, besides=before if unique else NONE)) if choices else SCALAR

    def _augment(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Name):
            self._augment_name(node, target)
            return
        owner = target.value
        index = [target.slice] if isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice) else []
        holder, *_, value = self.operands([owner, *index, node.value])
        if self.heap is None:
            return
        if isinstance(target, ast.Subscript) and not index:
            self.change(holder, target, owner)
            for thing in holder.things:
                self.here.store(thing, ITEMS, self.items(value), node.lineno)
            return
        label = f".{target.attr}" if isinstance(target, ast.Attribute) else self.label(holder, target.slice)
        self.change(holder, target, owner)
        kept_value, kept_holder = self.keep(value), self.keep(holder)
        old = Value(self.load(holder.things, label, (target, "old")), holder.base)
        value, holder = self.take(kept_value), self.take(kept_holder)
        if old.things and self._in_place(old, node):
            self.change(old, target, target)
            for thing in old.things:
                self.here.store(thing, ITEMS, self.items(value) | self.values(value), node.lineno)
        elif value.things or old.things:
            both = self._sum(node, old, value)
            for thing in holder.things:
                if thing in self.here.things:
                    self.here.store(thing, label, both.things, node.lineno)

    def _augment_name(self, node: ast.AugAssign, target: ast.Name) -> None:
        variable = self.variable(target.id)
        if variable is None:
            self.value(node.value)
            return
        waiting = self.has_effect(node.value)
        old = self.keep(Value(frozenset(self.here.variables.get(variable, {})), variable), waiting=waiting)
        value = self.value(node.value)
        if self.heap is None:
            return
        before = self.take(old)
        if before.things and self._in_place(before, node):
            self.change(before, node, target)
            for thing in before.things:
                self.here.store(thing, ITEMS, self.items(value) | self.values(value), node.lineno)
            if not all(types.changes_in_place(self.here.things[thing].kind) for thing in before.things):
                both = self._sum(node, before, value)
                self.bind(variable, Value(both.things | self._still(before)), node.lineno)
            elif frozenset(self.here.variables.get(variable, {})) != before.things:
                self.bind(variable, before, node.lineno)
        else:
            self.bind(variable, self._sum(node, before, value), node.lineno)

    def _in_place(self, old: Value, node: ast.AugAssign) -> bool:
        """Whether `+=` may change the old value: numbers cannot be added to a list."""
        given = self.types_here(node.value)
        if isinstance(given, Instance) and (issubclass(given.cls, _NUMBERS) or types.is_scalar(given.cls)):
            if not issubclass(given.cls, str | bytes):
                return False
        return any(types.changes_in_place(self.here.things[thing].kind) for thing in old.things)

    def _sum(self, node: ast.AugAssign, old: Value, value: Value) -> Value:
        held = self.items(old) | self.values(old) | self.items(value) | self.values(value)
        return self.holding_all(node.target, UNKNOWN, [held]) if held else SCALAR

    def _delete(self, targets: Sequence[ast.expr], node: ast.stmt) -> None:
        for target in targets:
            match target:
                case ast.Name(id=name):
                    variable = self.variable(name)
                    if variable is not None:
                        self.here.variables.pop(variable, None)
                case ast.Attribute(value=owner):
                    self.change(self.value(owner), target, owner)
                case ast.Subscript(value=owner, slice=index):
                    holder = self.operands([owner, index])[0]
                    if self.heap is not None:
                        self.change(holder, target, owner)
                case ast.Tuple(elts=parts) | ast.List(elts=parts):
                    self._delete(parts, node)

    # -------------------------------------------------------------- leaving
    def _return(self, value: ast.expr | None, node: ast.stmt) -> None:
        given = SCALAR if value is None else self.value(value)
        if self.heap is None:
            return
        given = self.settle(given, (node, "returned"), node.lineno)
        result = self.result_variable()
        self.here.variables[result] = {**self.here.variables.get(result, {}), **dict.fromkeys(given.things, 0)}
        self.frame.returned.append(self.here)
        self.heap = None

    def _raise(self, parts: Sequence[ast.expr]) -> None:
        values = self.operands(parts)
        if self.heap is None:
            return
        raised: Variable = ("raised", "an error")
        things = dict.fromkeys(either(values).things, 0)
        self.here.variables[raised] = {**self.here.variables.get(raised, {}), **things}
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
        if self.heap is None:
            return
        kept = self.keep(self.settle(value, (node, "subject"), node.lineno))

        def case_of(case: ast.match_case) -> Callable[[], None]:
            def walk() -> None:
                subject = self.take(kept)
                self._capture(case.pattern, subject, node)
                if case.guard is not None:
                    self.value(case.guard)
                if self.heap is not None:
                    self.block(case.body)

            return walk

        self._ways([*map(case_of, node.cases), lambda: None])
        if self.heap is not None:
            self.heap.variables.pop(kept.variable, None)

    def _capture(self, pattern: ast.pattern, subject: Value, node: ast.Match) -> None:
        kept = self.keep(subject)
        for name in captures(pattern):
            value = self.take(kept)
            kept = self.keep(value)
            whole = isinstance(pattern, ast.MatchAs) and pattern.pattern is None
            captured = value if whole else self.anything(value, (node, pattern, name))
            variable = self.variable(name)
            if variable is not None:
                self.bind(variable, captured, pattern.lineno)
        self.take(kept)

    # -------------------------------------------------------------- loops
    def _while(self, node: ast.While) -> None:
        def round_of() -> Heap | None:
            self.header(node.test)
            tested = self.heap.copy() if self.heap is not None else None
            self.block(node.body)
            return tested

        self._loop(node, round_of)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._for_header(node)
        if self.heap is None:
            return

        def round_of() -> Heap | None:
            ended = self.here.copy()
            self.frame.soon = self.frame.liveness.after.get(node.iter, frozenset())
            self.next_item(node, node.iter, node.target)
            self.block(node.body)
            return ended

        self._loop(node, round_of)
        for variable in [] if self.heap is None else [each for each in self.heap.variables if _of_loop(each, node)]:
            del self.heap.variables[variable]  # type: ignore[union-attr]

    def _for_header(self, node: ast.For | ast.AsyncFor) -> None:
        frame = self.frame
        frame.soon = frame.liveness.after.get(node.iter, frozenset()) | frame.liveness.raised.get(node.iter, frozenset())
        frame.unread = _names_read([node.iter])
        self.begin_loop(node, node.iter)
        frame.unread = set()

    def _loop(self, node: ast.While | ast.For | ast.AsyncFor, round_of: Callable[[], Heap | None]) -> None:
        head, leaving = self.here, []
        ended: Heap | None = None
        for _ in range(_ENOUGH):
            self._broken.append([])
            self._continued.append([])
            self.heap = head.copy()
            ended = round_of()
            leaving = self._broken.pop()
            again = joined([head, self.heap, *self._continued.pop()])
            if again is None or again == head:
                break
            head = again
        self.heap = ended
        if self.heap is not None and node.orelse:
            self.block(node.orelse)
        self.heap = joined([self.heap, *leaving])

    def begin_loop(self, loop: Hashable, items: ast.expr) -> None:
        """Evaluate what a loop goes over, and keep what is to come in hidden variables."""
        sources = _sources(items)
        values = self.operands([source for source in sources if source is not None])
        if self.heap is None:
            return
        line = items.lineno
        self.bind((loop, LOOPED_OVER), Value(either(values).things), line)
        for source in sources:
            value = values.pop(0) if source is not None else SCALAR
            come = self.values(value) if _of_values(items) else self.items(value)
            self.bind(((loop, id(source)), ITEMS_TO_COME), Value(come or self.items(value)), line)

    def next_item(self, loop: Hashable, items: ast.expr, target: ast.expr) -> None:
        """Bind a loop's target to the next item, which is then no more to come."""
        kept = []
        for index, source in enumerate(_sources(items)):
            variable: Variable = ((loop, id(source)), ITEMS_TO_COME)
            choices = frozenset(self.here.variables.get(variable, {}))
            item = self.pick((loop, "item", index), choices) if choices else NONE
            over = self.here.variables.get((loop, LOOPED_OVER), {})
            if self.here.holds_twice(over, item):
                to_come = self.here.variables.get(variable, {})
                self.here.variables[variable] = {**to_come, **dict.fromkeys(item, items.lineno)}
            kept.append(self.keep(Value(item)))
        values = [self.take(each) for each in kept]
        shaped = _shaped(items, values)
        self.assign(target, shaped, target)

    # -------------------------------------------------------------- errors
    def _try(self, node: ast.Try | ast.TryStar) -> None:
        mark = self.kept_so_far
        outside = [len(self.frame.returned), *(len(ways[-1]) if ways else 0 for ways in (self._broken, self._continued))]
        self.raising.append([self.here.copy()])
        self.block(node.body)
        failed = joined(self.raising.pop())
        self.forget(failed, mark)
        if self.heap is not None:
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
        if self.heap is None:
            return
        if handler.name is None:
            self.block(handler.body)
            return
        variable = self.variable(handler.name)
        error = self.make((handler, "error"), Instance(Exception), lazy=True)
        known = frozenset(self.here.variables.get(("raised", "an error"), {}))
        if variable is not None:
            self.bind(variable, Value(error | known), handler.lineno)
        self.block(handler.body)
        if self.heap is not None and variable is not None:
            self.heap.variables.pop(variable, None)

    def _finally(self, node: ast.Try | ast.TryStar, escaped: list[Heap | None], outside: list[int]) -> None:
        normal = self.heap
        stacks = [self.frame.returned, *(ways[-1] if ways else [] for ways in (self._broken, self._continued))]
        left = [heap for stack, size in zip(stacks, outside, strict=True) for heap in stack[size:]]
        self.heap = joined([normal, *escaped, *left])
        if self.heap is None:
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


def _names_read(expressions: Sequence[ast.AST]) -> set[ast.Name]:
    return {
        node
        for expression in expressions
        for node in ast.walk(expression)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _of_loop(variable: Variable, loop: ast.AST) -> bool:
    place = variable[0]
    return place is loop or (isinstance(place, tuple) and bool(place) and place[0] is loop)


def _sources(items: ast.expr) -> list[ast.expr | None]:
    """What a loop really takes its items from: of `zip(a, b)`, both."""
    match items:
        case ast.Call(func=ast.Name(id="enumerate" | "reversed"), args=[inner, *_]):
            return [inner]
        case ast.Call(func=ast.Name(id="zip"), args=parts) if not any(isinstance(part, ast.Starred) for part in parts):
            return list(parts)
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "values"), args=[]):
            return [inner]
        case _:
            return [items]


def _of_values(items: ast.expr) -> bool:
    return isinstance(items, ast.Call) and isinstance(items.func, ast.Attribute) and items.func.attr in ("items", "values")


def _shaped(items: ast.expr, values: list[Value]) -> Value:
    """The next item of a loop in the form that its target unpacks."""
    match items:
        case ast.Call(func=ast.Name(id="enumerate")) | ast.Call(func=ast.Attribute(attr="items")):
            return Value(parts=(SCALAR, values[0]))
        case ast.Call(func=ast.Name(id="zip")) if len(values) > 0:
            return Value(parts=tuple(values))
        case _:
            return values[0]


_ = (ANY, Calls)
