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
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from vivido.compiler import signatures, types
from vivido.compiler.ownership.copies import has_own_copy, has_own_init
from vivido.compiler.ownership.frame import Kept
from vivido.compiler.ownership.methods import Methods
from vivido.compiler.ownership.things import ANY, ITEMS, NONE, Things
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.read import Found
from vivido.compiler.types import UNKNOWN, Instance

_ELEMENT = (min, max, next)
_COPIES = (list, tuple, set, frozenset, sorted, reversed, iter, dict)
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
_MADE_OF_ONE = (deque, Counter, OrderedDict)
_TWO = 2
_NEW = (copy.deepcopy, json.loads, dataclasses.asdict, dataclasses.astuple)
_SCALAR_MODULES = frozenset({"math", "datetime", "decimal", "fractions", "uuid", "time", "logging"})


class Calls(Methods):
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

    # -------------------------------------------------------------- builtins
    def _builtin(self, node: ast.Call, function: Any) -> Value:  # noqa: PLR0911  one case a kind
        key = next((keyword.value for keyword in node.keywords if keyword.arg == "key"), None)
        plain = [argument for argument in node.args if not isinstance(argument, ast.Lambda)]
        named = [keyword.value for keyword in node.keywords if keyword.arg != "key"]
        values = self.operands([*plain, *named])
        if function in _SCALARS:
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

    def _copied(self, node: ast.Call, function: Any, value: Value) -> Value:
        kind = function if isinstance(function, type) else list
        return self.holding_all(node, Instance(kind), [self.contents(kind, value)])

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
        if types.immutable(Instance(cls)) or issubclass(cls, enum.Enum):
            return SCALAR
        if issubclass(cls, _COLLECTIONS):
            return self._collection(node, cls, values)
        labels = self._labels(node, cls)
        kept = []
        for index, (label, given) in enumerate(zip(labels, values, strict=True)):
            value = self.settle(given, (node, index), node.lineno)
            if label == ANY and value.things:
                value = Value(self.parts_of(value, (node, index, "inside")))
            kept.append(self.keep(value))
        converted = self._converted(node, cls, labels)
        made = self.make(node, Instance(cls), lazy=True)  # what is left out has its default
        for label, each in zip(labels, kept, strict=True):
            held = self.take(each).things
            if label in converted:
                held |= self.take(converted[label]).things
            self.here.store(made, label, held, node.lineno)
        return Value(made)

    def _collection(self, node: ast.Call, cls: type, values: list[Value]) -> Value:
        if issubclass(cls, defaultdict):  # its items come to be by being looked at
            kept = [self.keep(value) for value in values[1:]]
            made = self.new(node, Instance(dict))
            for each in kept:
                held = self.contents(cls, self.take(each))
                self.here.store(made.things, ITEMS, held, node.lineno)
            return made
        spread = any(isinstance(part, ast.Starred) for part in node.args)
        if cls in _MADE_OF_ONE and not spread and not either(values[1:]).things:
            kind = dict if issubclass(cls, dict) else cls
            held = self.contents(cls, values[0]) if values else NONE
            return self.holding_all(node, Instance(kind), [held])
        return self._gathered(node, values)

    def _converted(self, node: ast.Call, cls: type, labels: Sequence[str]) -> dict[str, Kept]:
        """What a model may make of its arguments: it keeps some, and copies or converts others."""
        if not issubclass(cls, BaseModel):
            return {}
        declared = types.fields(cls) or {}
        return {
            label: self.keep(self.new((node, label), declared[label[1:]]))
            for label in labels
            if label[1:] in declared
        }

    def _labels(self, node: ast.Call, cls: type) -> list[str]:
        """Under which label a constructor keeps each argument."""
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        plain = (
            dataclasses.is_dataclass(cls) or issubclass(cls, BaseModel) or hasattr(cls, "_fields")
        )
        callee = signatures.of_class(cls.__name__, cls) if plain and not has_own_init(cls) else None
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
        module = getattr(function, "__module__", "") or ""
        if function in _NEW and not self.is_copied_by(either(values), has_own_copy):
            return self.new(node)
        if function is copy.copy and not self.is_copied_by(values[0], has_own_copy):
            return self.shallow(values[0], node)
        if function is dataclasses.replace and not self.is_copied_by(values[0], has_own_init):
            return self.replaced(node, values[0], values[1:])
        if function in _CHANGES_FIRST and node.args:
            self.change(values[0], node, node.args[0])
            for value in values[1:]:
                self.here.store(values[0].things, ITEMS, value.things, node.lineno)
            return Value(self.load(values[0].things, ITEMS, node))
        if module.partition(".")[0] in _SCALAR_MODULES:
            return SCALAR
        return self.own_or_anything(function, values, node)
