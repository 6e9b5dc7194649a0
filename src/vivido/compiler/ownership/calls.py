"""What calls give and change: methods of containers, builtins, constructors, steps, functions.

A step and its like gets copies and gives something new. A nested function is walked through at each
call; so is a function of the author's, which may not change what it is given. Of everything else it
is assumed that it may give back any part of its arguments.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import enum
import heapq
import json
import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from vivido.compiler import signatures, types
from vivido.compiler.infer import types_of
from vivido.compiler.ownership.evaluate import Evaluator
from vivido.compiler.ownership.heap import ANY, ITEMS, NONE, Thing, Things
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
_COPYING = frozenset(
    {"copy", "union", "intersection", "difference", "symmetric_difference", "model_copy"}
)
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
_ELEMENT = (min, max)
_COPIES = (list, tuple, set, frozenset, sorted, reversed, dict)
_SCALARS = (
    len, int, float, str, bool, bytes, repr, any, all, isinstance, issubclass, ord, chr, divmod,
    range, type, callable, bin,
    hex, oct, ascii, format, complex, abs, round, pow, hasattr, print,
)  # fmt: skip
_CHANGES_FIRST = (
    random.shuffle, heapq.heappush, heapq.heappop, heapq.heapify, heapq.heapreplace,
    heapq.heappushpop,
)  # fmt: skip
_COLLECTIONS = (list, dict, set, frozenset, deque, Counter, OrderedDict)
_TWO = 2
_NEW = (copy.deepcopy, json.loads)
_SCALAR_MODULES = frozenset({"math", "datetime", "decimal", "fractions", "uuid", "time", "logging"})


class Calls(Evaluator):
    """Expressions with calls; how a function is walked through is left to `Interpreter`."""

    def call(self, node: ast.Call) -> Value:  # noqa: PLR0911  one case a kind
        """Evaluate a call."""
        found = self.resolve(node.func)
        match found:
            case None:
                return self._method(node)
            case Found(kind="step" | "workflow"):
                self.arguments(node)
                return self.new(node, types.from_annotation(found.value.interface.result.type))
            case Found(kind="nested"):
                return self.nested(node, found)
            case Found(kind="operation", name=name):
                return self.operation(node, name)
            case Found(kind="class"):
                return self._construct(node, found.value)
            case Found(kind="builtin"):
                return self._builtin(node, found.value)
            case Found(kind="function"):
                return self._function(node, found.value)
            case _:
                self.value(node.func)
                return self.unknown(self.arguments(node), node)

    def unknown(self, values: Sequence[Value], node: ast.Call) -> Value:
        """What a call may give of which nothing is known.

        Something new, or any part of what it was given.
        """
        if self.ended:
            return SCALAR
        old = self.keep(self.anything(either(values), (node, "part")))
        new = self.new(node, self.types_here(node))
        return Value(self.take(old).things | new.things)

    def arguments(self, node: ast.Call) -> list[Value]:
        """Evaluate the arguments, in the order written."""
        return self.operands([*node.args, *(keyword.value for keyword in node.keywords)])

    def new(self, site: Hashable, kind: Type = UNKNOWN) -> Value:
        """Something that nothing else holds: what a step returned, an event's payload."""
        return Value(self.make(site, kind, lazy=True))

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

    # -------------------------------------------------------------- methods
    def _method(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Attribute):
            values = self.operands(
                [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
            )
            return self.unknown(values, node)
        name = node.func.attr
        parts = [node.func.value, *node.args, *(keyword.value for keyword in node.keywords)]
        values = self.operands([part for part in parts if not isinstance(part, ast.Lambda)])
        if self.ended:
            return SCALAR
        kept = [self.keep(value) for value in values]
        for keyword in node.keywords:
            if keyword.arg == "key":
                self.applied(keyword.value, self.items(values[0]), node)
        receiver, *given = (self.take(each) for each in kept)
        author = self._author_method(receiver, name)
        if author is not None:
            return self._own_or_anything(author, [receiver, *given], node)
        if name in _MUTATING and self._may_change(receiver):
            return self._mutate(node, node.func.value, name, receiver, given)
        return self._read(node, name, receiver, given)

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
            for thing in receiver.things:
                self.here.store(thing, ITEMS, value.things, line)
            self.refuse_cycle(receiver, value, node, what)
        elif name in _JOINING:
            for value in given:
                joined = (
                    self.values(value) if value.things and self.values(value) else self.items(value)
                )
                for thing in receiver.things:
                    self.here.store(thing, ITEMS, joined, line)
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
        for thing in receiver.things:
            self.here.store(thing, label, value.things, node.lineno)
        return Value(self.load(receiver.things, label, node), receiver.base)

    def _take(self, node: ast.Call, name: str, receiver: Value, given: list[Value]) -> Value:
        label = ITEMS
        if name == "pop" and node.args and not isinstance(node.args[0], ast.Starred):
            label = self.label(receiver, node.args[0])
        choices: set[Thing] = set()
        for thing in receiver.things:
            choices |= self.here.parts(thing, label).keys()
        kept = self.keep(either(given[1:]))
        taken = self.pick(node, choices, out_of=receiver.things) if choices else NONE
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
        if name in _COPYING:
            deep = any(keyword.arg == "deep" for keyword in node.keywords)
            if name == "model_copy" and deep:
                return self.new(node, self._kind(receiver))
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
            for thing in made.things:
                self.here.store(thing, ITEMS, held, node.lineno)
        return made

    def _pairs(self, node: ast.Call, receiver: Value) -> Value:
        pair = Value(parts=(SCALAR, Value(self.values(receiver) or self.items(receiver))))
        settled = self.settle(pair, (node, "pair"), node.lineno)
        return self.holding_all(node, Instance(list), [settled.things])

    def _kind(self, value: Value) -> Type:
        kinds = {self.here.things[thing].kind for thing in value.things}
        return next(iter(kinds)) if len(kinds) == 1 else UNKNOWN

    # -------------------------------------------------------------- builtins
    def _builtin(self, node: ast.Call, function: Any) -> Value:  # noqa: PLR0911  one case a kind
        key = next((keyword.value for keyword in node.keywords if keyword.arg == "key"), None)
        plain = [argument for argument in node.args if not isinstance(argument, ast.Lambda)]
        named = [keyword.value for keyword in node.keywords if keyword.arg != "key"]
        values = self.operands([*plain, *named])
        if self.ended or function in _SCALARS:
            return SCALAR
        kept = [self.keep(value) for value in values]
        if key is not None and values:
            self.applied(key, self.items(values[0]), node)
        values = [self.take(each) for each in kept]
        if function in _ELEMENT:
            choices = self.items(values[0]) if len(plain) == 1 else NONE
            choices |= either(values[1:] if len(plain) == 1 else values).things
            return Value(self.pick(node, choices) if choices else NONE)
        if function in (map, filter):
            return self._mapped(node, function, values)
        if function in (enumerate, zip):
            return self._paired(
                node, [SCALAR, values[0]] if function is enumerate and values else values
            )
        if function is sorted or (function in _COPIES and len(values) < _TWO and not named):
            return self._copied(node, function, values[0] if values else SCALAR)
        if function is sum or function in _COPIES:
            return self._gathered(node, values)
        return self.unknown(values, node)

    def _paired(self, node: ast.expr, values: Sequence[Value]) -> Value:
        """A list of tuples with an item of each value."""
        pair = Value(parts=tuple(Value(self.items(value)) for value in values))
        settled = self.settle(pair, (node, "pair"), node.lineno)
        return self.holding_all(node, Instance(list), [settled.things])

    def _copied(self, node: ast.Call, function: type, value: Value) -> Value:
        kind = Instance(list) if function in (sorted, reversed) else Instance(function)
        if function is dict and self.values(value):
            return self.holding_all(node, kind, [self.values(value)])
        if function is dict:
            return self.holding_all(
                node, kind, [self.items(Value(self.items(value))) | self.items(value)]
            )
        return self.holding_all(node, kind, [self.items(value)])

    def _gathered(self, node: ast.Call, values: list[Value]) -> Value:
        """A new container that may hold what the arguments hold: `sum(lists, [])`, `dict(a=x)`."""
        groups: list[Things] = []
        for value in values:
            held = self.items(value) | self.values(value) | value.things
            deeper = frozenset(
                part for each in held for part in self.items(Value(frozenset({each})))
            )
            groups += [held, deeper, deeper]
        return self.holding_all(node, UNKNOWN, groups)

    def _mapped(self, node: ast.Call, function: Any, values: list[Value]) -> Value:
        items = frozenset(thing for value in values for thing in self.items(value))
        kept = self.keep(Value(items))
        result = self.applied(node.args[0] if node.args else None, items, node)
        held = self.take(kept).things
        groups = [held] if function is filter else [result.things, result.things - held]
        return self.holding_all(node, Instance(list), groups)

    # -------------------------------------------------------------- constructors
    def _construct(self, node: ast.Call, cls: Any) -> Value:
        if cls in _COPIES or cls in (
            map,
            filter,
            zip,
            enumerate,
            int,
            str,
            float,
            bool,
            bytes,
            range,
            type,
        ):
            return self._builtin(node, cls)
        values = self.arguments(node)
        if self.ended or types.immutable(Instance(cls)) or issubclass(cls, enum.Enum):
            return SCALAR
        if issubclass(cls, _COLLECTIONS):
            if issubclass(cls, defaultdict):  # its items come to be by being looked at
                return self.new(node, Instance(dict))
            return self._gathered(node, values)
        labels = self._labels(node, cls)
        kept = []
        for index, (label, given) in enumerate(zip(labels, values, strict=True)):
            value = self.settle(given, (node, index), node.lineno)
            if label == ANY:
                value = Value(frozenset(self.here.unfold_all(value.things)))
            kept.append(self.keep(value))
        made = self.make(node, Instance(cls))
        for label, each in zip(labels, kept, strict=True):
            held = self.take(each).things
            for thing in made:
                self.here.store(thing, label, held, node.lineno)
        return Value(made)

    def _labels(self, node: ast.Call, cls: type) -> list[str]:
        """Under which label a constructor keeps each argument."""
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        plain = (
            dataclasses.is_dataclass(cls) or issubclass(cls, BaseModel) or hasattr(cls, "_fields")
        )
        callee = (
            signatures.of_class(cls.__name__, cls) if plain and not _has_own_init(cls) else None
        )
        if (
            callee is None
            or types.fields(cls) is None
            or any(isinstance(arg, ast.Starred) for arg in node.args)
        ):
            return [ANY for _ in parts]
        bound = signatures.bind(callee, node)
        names = {id(value): name for name, value in bound.filled.items()}
        declared = types.fields(cls) or {}
        found = [names.get(id(part)) for part in parts]
        return [f".{name}" if name in declared else ANY for name in found]

    # -------------------------------------------------------------- functions
    def _function(self, node: ast.Call, function: Any) -> Value:
        values = self.arguments(node)
        if self.ended:
            return SCALAR
        module = getattr(function, "__module__", "") or ""
        if function in _NEW:
            return self.new(node)
        if function in _CHANGES_FIRST and node.args:
            self.change(values[0], node, node.args[0])
            for value in values[1:]:
                for thing in values[0].things:
                    self.here.store(thing, ITEMS, value.things, node.lineno)
            return Value(self.load(values[0].things, ITEMS, node))
        if module.partition(".")[0] in _SCALAR_MODULES:
            return SCALAR
        return self._own_or_anything(function, values, node)

    def _own_or_anything(self, function: Any, values: list[Value], node: ast.Call) -> Value:
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


def _has_own_init(cls: type) -> bool:
    if issubclass(cls, BaseModel):
        return (
            cls.__init__ is not BaseModel.__init__
            or cls.model_post_init is not BaseModel.model_post_init
        )
    return hasattr(cls, "__post_init__")
