"""Loops: their rounds until nothing new is learnt, and the items that are still to come."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable

from vivido.compiler.diagnostics import Report
from vivido.compiler.ownership.assigning import Assigning
from vivido.compiler.ownership.frame import ITEMS_TO_COME, LOOPED_OVER, joined
from vivido.compiler.ownership.heap import Heap
from vivido.compiler.ownership.things import ITEMS, NONE, Variable
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Comprehension
from vivido.compiler.types import Instance

_TWO_ROUNDS = 2
_ENOUGH = 12  # rounds until nothing changes; each adds a fact, and most loops need three


class Looping(Assigning):
    """`while`, `for`, and what comprehensions share with them."""

    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self.broken: list[list[Heap]] = []
        self.continued: list[list[Heap]] = []

    def loops_aside(self) -> tuple[list[list[Heap]], list[list[Heap]]]:
        """Put the loops around a call aside: what is in the function leaves only its own."""
        aside = self.broken, self.continued
        self.broken, self.continued = [], []
        return aside

    def loops_back(self, broken: list[list[Heap]], continued: list[list[Heap]]) -> None:
        """Be in the loops around the call again."""
        self.broken, self.continued = broken, continued

    def header(self, expression: ast.expr) -> Value:
        """Evaluate the header of a compound statement."""
        self.expect(expression, [expression])
        mark = self.kept_so_far
        value = self.value(expression)
        self.arrive()
        self.forget(self.heap, mark)
        self.frame.unread = set()
        return value

    def while_loop(self, node: ast.While) -> None:
        """Walk through a `while` loop."""

        def round_of() -> Heap | None:
            self.header(node.test)
            tested = self.heap.copy() if self.heap is not None else None
            self.block(node.body)
            return tested

        self._loop(node, round_of)

    def for_loop(self, node: ast.For | ast.AsyncFor) -> None:
        """Walk through a `for` loop."""
        self.expect(node.iter, [node.iter])
        self.begin_loop(node, node.iter)
        if not self.arrive():
            return

        def round_of() -> Heap | None:
            ended = self.here.copy()
            self.expect(node.iter, [])
            mark = self.kept_so_far
            self.next_item(node, node.iter, node.target)
            self.arrive()
            self.forget(self.heap, mark)
            self.block(node.body)
            return ended

        self._loop(node, round_of)
        if not self.ended:
            kept = self.here.variables.items()
            self.here.variables = {name: held for name, held in kept if not _of_loop(name, node)}

    def _loop(
        self, node: ast.While | ast.For | ast.AsyncFor, round_of: Callable[[], Heap | None]
    ) -> None:
        head, leaving = self.here, []
        ended: Heap | None = None
        for number in range(2 * _ENOUGH):
            if number > _ENOUGH:
                head.blur()
            self.broken.append([])
            self.continued.append([])
            self.heap = head.copy()
            ended = round_of()
            leaving = self.broken.pop()
            again = joined([head, self.heap, *self.continued.pop()])
            if again is None or again == head:
                break
            head = again
        self.heap = ended
        if not self.ended and node.orelse:
            self.block(node.orelse)
        self.heap = joined([self.heap, *leaving])

    def begin_loop(self, loop: Hashable, items: ast.expr) -> None:
        """Evaluate what a loop goes over, and keep what is to come in hidden variables."""
        sources = _sources(items)
        line = items.lineno
        values = self.operands(sources)
        self.bind((loop, LOOPED_OVER), Value(either(values).things), line)
        kept = [self.keep(value) for value in values]
        for source, each in zip(sources, kept, strict=True):
            value = self.take(each)
            come = (self.values(value) if _of_values(items) else NONE) or self.items(value)
            self.blend_written(value.things, come, (loop, id(source)))
            come = (self.values(value) if _of_values(items) else NONE) or self.items(value)
            self.bind(((loop, id(source)), ITEMS_TO_COME), Value(come), line)

    def next_item(self, loop: Hashable, items: ast.expr, target: ast.expr) -> None:
        """Bind a loop's target to the next item, which is then no more to come."""
        kept = []
        for index, source in enumerate(_sources(items)):
            variable: Variable = ((loop, id(source)), ITEMS_TO_COME)
            choices = frozenset(self.here.variables.get(variable, {}))
            item = self.pick((loop, "item", index), choices) if choices else NONE
            over = self.here.variables.get((loop, LOOPED_OVER), {})
            if not self.here.holds_twice(over, item):
                rest = self.here.variables.get(variable, {}).items()
                gone = (loop, "item", index)
                self.here.variables[variable] = {
                    thing: line for thing, line in rest if thing.root.site != gone
                }
            kept.append(self.keep(Value(item)))
        values = [self.take(each) for each in kept]
        shaped = _shaped(items, values)
        self.assign(target, shaped, target)

    # -------------------------------------------------------------- comprehensions
    def comprehension(self, node: Comprehension) -> Value:
        """Evaluate a comprehension: two rounds show what one round does to the next."""
        cls = {ast.ListComp: list, ast.SetComp: set, ast.DictComp: dict}.get(type(node), list)
        made = self.make(node, Instance(cls))
        outer = dict(self.frame.hidden)
        result = (node, "result")
        self.here.variables[result] = dict.fromkeys(made, node.lineno)
        for _ in range(_TWO_ROUNDS):
            before = self.here.copy()
            after = self.attempt(lambda: self._generators(node, list(node.generators), result))
            self.heap = joined([before, after])
        self.frame.hidden = outer
        things = frozenset(self.here.variables.pop(result, {}))
        for variable in [each for each in self.here.variables if _belongs(each, node)]:
            del self.here.variables[variable]
        return Value(things)

    def _generators(
        self, node: Comprehension, left: list[ast.comprehension], result: Variable
    ) -> None:
        if not left:
            self._element(node, result)
            return
        part, *rest = left
        self.begin_loop((node, id(part)), part.iter)
        for name in _names(part.target):
            self.frame.hidden[name] = (node, name)
        self.next_item((node, id(part)), part.iter, part.target)
        for test in part.ifs:
            self.value(test)
        self._generators(node, rest, result)

    def _element(self, node: Comprehension, result: Variable) -> None:
        if isinstance(node, ast.DictComp):
            _, value = self.operands([node.key, node.value])
        else:
            value = self.value(node.elt)
        element = self.settle(value, (node, "element"), node.lineno)
        made = frozenset(self.here.variables.get(result, {}))
        self.here.store(made, ITEMS, element.things, node.lineno)


def _of_loop(variable: Variable, loop: ast.AST) -> bool:
    place = variable[0]
    return place is loop or (isinstance(place, tuple) and bool(place) and place[0] is loop)


def _sources(items: ast.expr) -> list[ast.expr]:
    """What a loop really takes its items from: of `zip(a, b)`, both."""
    match items:
        case ast.Call(func=ast.Name(id="enumerate" | "reversed"), args=[inner, *_]):
            return [inner]
        case ast.Call(func=ast.Name(id="zip"), args=parts) if not any(
            isinstance(part, ast.Starred) for part in parts
        ):
            return list(parts)
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "values"), args=[]):
            return [inner]
        case _:
            return [items]


def _of_values(items: ast.expr) -> bool:
    return (
        isinstance(items, ast.Call)
        and isinstance(items.func, ast.Attribute)
        and items.func.attr in ("items", "values")
    )


def _shaped(items: ast.expr, values: list[Value]) -> Value:
    """The next item of a loop in the form that its target unpacks."""
    match items:
        case ast.Call(func=ast.Name(id="enumerate")) | ast.Call(func=ast.Attribute(attr="items")):
            return Value(parts=(SCALAR, values[0]))
        case ast.Call(func=ast.Name(id="zip")) if len(values) > 0:
            return Value(parts=tuple(values))
        case _:
            return values[0]


def _belongs(variable: Variable, node: ast.AST) -> bool:
    place = variable[0]
    return place is node or (
        isinstance(place, tuple)
        and bool(place)
        and (place[0] is node or _belongs((place[0], ""), node))
    )


def _names(target: ast.expr) -> list[str]:
    return [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
