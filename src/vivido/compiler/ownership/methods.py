"""What methods give and change, and what all calls have in common."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from vivido.compiler import types
from vivido.compiler.infer import types_of
from vivido.compiler.ownership.copies import Copies
from vivido.compiler.ownership.things import ITEMS, NONE, Thing, Things
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.read import Found
from vivido.compiler.types import UNKNOWN, Instance, Type

_ADDING = frozenset({"append", "appendleft", "add", "insert"})
_JOINING = frozenset(
    {
        "extend",
        "extendleft",
        "update",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
    }
)
_TAKING = frozenset({"pop", "popleft", "popitem"})
_DROPPING = frozenset({"remove", "discard", "clear", "sort", "reverse", "rotate", "subtract"})
_MUTATING = _ADDING | _JOINING | _TAKING | _DROPPING | {"setdefault", "move_to_end"}
_COPYING = frozenset({"copy", "union", "intersection", "difference", "symmetric_difference"})
_SCALAR_METHODS = frozenset(
    [
        "index",
        "count",
        "startswith",
        "endswith",
        "isdigit",
        "lower",
        "upper",
        "strip",
        "join",
        "format",
        "issubset",
        "issuperset",
        "isdisjoint",
        "isoformat",
        "total_seconds",
        "model_dump_json",
        "hex",
        "encode",
        "decode",
    ]
)
_NEW_METHODS = frozenset(
    {"model_dump", "most_common", "keys", "split", "rsplit", "splitlines", "result"}
)


class Methods(Copies):
    """Calls of methods; `Calls` adds the others."""

    def unknown(self, values: Sequence[Value], node: ast.Call) -> Value:
        """What a call may give of which nothing is known.

        Something new, or any part of what it was given.
        """
        old = self.keep(self.anything(either(values), (node, "part")))
        new = self.new(node, self.types_here(node))
        return Value(self.take(old).things | new.things)

    def arguments(self, node: ast.Call) -> list[Value]:
        """Evaluate the arguments, in the order written."""
        return self.operands([*node.args, *(keyword.value for keyword in node.keywords)])

    def nested(self, node: ast.Call, found: Found) -> Value:
        """A call of a nested function."""
        raise NotImplementedError

    def operation(self, node: ast.Call, name: str) -> Value:
        """A call of one of Vivido's operations."""
        raise NotImplementedError

    def own(self, function: Any, values: Sequence[Value], node: ast.Call) -> Value | None:
        """A call of a function that was written in Python, walked through.

        None if its source cannot be had.
        """
        raise NotImplementedError

    def applied(self, function: ast.expr | None, items: Things, node: ast.Call) -> Value:
        """What a function gives that is handed over by name or as a lambda, as `key=…`."""
        raise NotImplementedError

    def _method(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Attribute):
            values = self.operands(
                [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
            )
            return self.unknown(values, node)
        name = node.func.attr
        if name == "fromkeys" and self._is_dict(node.func.value):
            return self.same_for_all(node, self.arguments(node))
        parts = [node.func.value, *node.args, *(keyword.value for keyword in node.keywords)]
        values = self.operands([part for part in parts if not isinstance(part, ast.Lambda)])
        kept = [self.keep(value) for value in values]
        for keyword in node.keywords:
            if keyword.arg == "key":
                self.applied(keyword.value, self.items(values[0]), node)
        receiver, *given = (self.take(each) for each in kept)
        author = self._author_method(receiver, name)
        if author is not None:
            return self.own_or_anything(author, [receiver, *given], node)
        if name in _MUTATING and self._may_change(receiver):
            return self._mutate(node, node.func.value, name, receiver, given)
        return self._read(node, name, receiver, given)

    def _is_dict(self, node: ast.expr) -> bool:
        found = self.resolve(node)
        return found is not None and isinstance(found.value, type) and issubclass(found.value, dict)

    def _author_method(self, receiver: Value, name: str) -> Any:
        for thing in receiver.things:
            for kind in types.members(self.here.things[thing].kind):
                if isinstance(kind, Instance) and types.fields(kind.cls) is not None:
                    method = types.member(kind.cls, name)
                    module = getattr(method, "__module__", "") or ""
                    if callable(method) and not module.startswith("pydantic"):
                        return method
        return None

    def _may_change(self, receiver: Value) -> bool:
        return any(
            types.changes_in_place(self.here.things[thing].kind) for thing in receiver.things
        )

    def _mutate(
        self, node: ast.Call, what: ast.expr, name: str, receiver: Value, given: list[Value]
    ) -> Value:
        self.change(receiver, node, what)
        line = node.lineno
        if name in _ADDING and given:
            added = self.settled(given[-1], receiver, node)
            receiver, value = added
            self.here.store(receiver.things, ITEMS, value.things, line)
            self.refuse_cycle(receiver, value, node, what)
        elif name in _JOINING:
            for value in given:
                joined = (
                    self.values(value) if value.things and self.values(value) else self.items(value)
                )
                self.here.store(receiver.things, ITEMS, joined, line)
        elif name == "setdefault":
            return self._setdefault(node, receiver, given)
        elif name in _TAKING:
            return self._take(node, name, receiver, given)
        return SCALAR

    def settled(self, value: Value, receiver: Value, node: ast.AST) -> tuple[Value, Value]:
        """A value made an object, and the receiver by the names that it has then."""
        kept = self.keep(receiver)
        value = self.settle(value, (node, "argument"), getattr(node, "lineno", 0))
        return self.take(kept), value

    def refuse_cycle(self, holder: Value, value: Value, node: ast.AST, what: ast.expr) -> None:
        """A value that holds itself cannot be stored."""
        if any(thing.single for thing in holder.things & value.things):
            self.found_cycle(node, what)

    def _setdefault(self, node: ast.Call, receiver: Value, given: list[Value]) -> Value:
        label = self.label(SCALAR, node.args[0]) if node.args else ITEMS
        receiver, value = self.settled(given[1] if len(given) > 1 else SCALAR, receiver, node)
        self.here.store(receiver.things, label, value.things, node.lineno)
        return Value(self.load(receiver.things, label, node), receiver.base)

    def _take(self, node: ast.Call, name: str, receiver: Value, given: list[Value]) -> Value:
        label = ITEMS
        if name == "pop" and node.args and not isinstance(node.args[0], ast.Starred):
            label = self.label(receiver, node.args[0])
        kept = self.keep(either(given[1:]))
        if label == ITEMS:
            held = self.items(receiver) | self.values(receiver)
            self.blend_written(receiver.things, held, (node, "items"))
        choices: set[Thing] = set()
        for thing in receiver.things:
            choices |= self.here.parts(thing, label).keys()
        taken = NONE
        if choices:
            taken = self.pick(node, choices, held_by=receiver.things, taken_out=True)
        if label != ITEMS and len(receiver.things) == 1:  # nothing else is under this key
            self.here.store(receiver.things, label, NONE, node.lineno, instead=True)
        if name == "popitem":
            return Value(parts=(SCALAR, Value(taken)))
        return Value(taken | self.take(kept).things)

    def _read(self, node: ast.Call, name: str, receiver: Value, given: list[Value]) -> Value:  # noqa: PLR0911  one case a kind
        if name in _SCALAR_METHODS:
            return SCALAR
        if name == "get":
            label = self.label(SCALAR, node.args[0]) if node.args else ITEMS
            kept = self.keep(either(given[1:]))
            found = Value(self.load(receiver.things, label, node), receiver.base)
            other = self.take(kept)
            return found if not other.things else Value(found.things | other.things, receiver.base)
        if name == "model_copy":
            return self.updated(node, receiver, given)
        if name in _COPYING:
            return self._combined(node, receiver, given)
        if name in _NEW_METHODS:
            return self.new(node)
        if name == "values":
            return self.holding_all(
                node, Instance(list), [self.values(receiver) or self.items(receiver)]
            )
        if name == "items":
            return self._pairs(node, receiver)
        return self.unknown([receiver, *given], node)

    def _combined(self, node: ast.Call, receiver: Value, given: list[Value]) -> Value:
        kept = [
            self.keep(Value(self.items(value) | self.values(value) | value.things))
            for value in given
        ]
        made = self.shallow(receiver, node)
        for each in kept:
            held = self.take(each).things
            self.here.store(made.things, ITEMS, held, node.lineno)
        return made

    def _pairs(self, node: ast.Call, receiver: Value) -> Value:
        pair = Value(parts=(SCALAR, Value(self.values(receiver) or self.items(receiver))))
        settled = self.settle(pair, (node, "pair"), node.lineno)
        return self.holding_all(node, Instance(list), [settled.things])

    def own_or_anything(self, function: Any, values: list[Value], node: ast.Call) -> Value:
        """A call of a function of the author's, walked through if its source can be had."""
        declared = types.from_annotation(types.hints(function).get("return", Any))
        result = self.own(function, values, node)
        if types.immutable(declared):
            return SCALAR
        return self.unknown(values, node) if result is None else result

    def found_cycle(self, node: ast.AST, what: ast.expr) -> None:
        """Report a value that would hold itself."""
        raise NotImplementedError

    def types_here(self, node: ast.expr) -> Type:
        """The type of an expression; within functions of a module nothing is known."""
        frame = self.frame
        if frame.unit is not self.frames[0].unit:
            return UNKNOWN
        hidden: Mapping[str, Type] = dict.fromkeys(frame.hidden, UNKNOWN)
        return types_of(frame.unit).of(node, frame.scope, hidden)
