"""Nodes that only change variables or say something.

Assignments, mutations, log lines, published values.
"""

from __future__ import annotations

import types
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from vivido import values
from vivido.engine.needs import Need
from vivido.engine.program import Body, RunnableNode
from vivido.engine.walk import Walk
from vivido.errors import ValueNotStorable
from vivido.expressions import format_log
from vivido.model import nodes as spec

UNSTORABLE = (
    Iterator,
    KeysView,
    ValuesView,
    ItemsView,
    type,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.ModuleType,
)


class SetNode(RunnableNode):
    """Assignment, augmented assignment, deletion."""

    def __init__(self, node: spec.Set, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.op = node.op
        self.value = load.expression(node.value if node.value is not None else "None")
        self.plain = load.plain_target(node.to)
        self.to = load.target(node.to)

    def enter(self, walk: Walk) -> Need | None:
        if self.op == "del":
            walk.delete(self.to)
        elif self.op != "=":
            walk.augment(self.to, self.op, self.value)
        else:
            self.assign(walk, walk.value(self.value))
        walk.after(self)
        return None

    def assign(self, walk: Walk, value: Any) -> None:
        """Give the target its value. Unpacking uses an iterator up.

        What is kept must be storable.
        """
        if self.plain is not None:
            walk.vars[self.plain] = self.storable(value)
            walk.keep((self.plain,))
            return
        if not self.to.binds:  # an item or an attribute
            self.storable(value)
        walk.assign(self.to, value)
        for name in self.to.binds:
            self.storable(walk.vars[name])

    def storable(self, value: Any) -> Any:
        """The value itself; ValueNotStorable for what is no value."""
        if isinstance(value, UNSTORABLE):
            raise ValueNotStorable(
                f"{self.id}: a value of type {type(value).__name__!r} cannot be kept in a "
                "variable: store what it gives, as list(…)"
            )
        return value


class DoNode(RunnableNode):
    """An expression that is evaluated for what it changes.

    `rows.append(x)` is recorded as one more item.
    """

    def __init__(self, node: spec.Do, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.value = load.expression(node.value)
        self.grows = load.grows(node.value)

    def enter(self, walk: Walk) -> Need | None:
        variables = walk.vars
        name = self.grows
        grown = variables.get(name) if name is not None and name in variables else None
        if type(grown) is list:
            before = len(grown)
            walk.value(self.value, grows=name)
            variables.grew(name, before)
            walk.keep((name,))
        else:
            walk.value(self.value)
            walk.keep(self.value.mutates | self.value.lends)
        walk.after(self)
        return None


class LogNode(RunnableNode):
    """A line for the log; it is written with the next record, once."""

    def __init__(self, node: spec.Log, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.level, self.logger = node.level, node.logger or walk_logger(load)
        self.message = load.expression(node.message)
        self.args = [load.expression(text) for text in node.args]

    def enter(self, walk: Walk) -> Need | None:
        message = walk.value(self.message)
        args = tuple(walk.value(argument) for argument in self.args)
        walk.state.logs.append([self.level, self.logger, utf8(format_log(message, args))])
        walk.after(self)
        return None


def walk_logger(load: Any) -> str:
    """The logger's name where the author gave none: the workflow's."""
    return str(load.definition.name)


def utf8(text: str) -> str:
    """The text with halves of surrogate pairs written out: a record, UTF-8, cannot hold them."""
    return text.encode("utf-8", "backslashreplace").decode()


class PublishNode(RunnableNode):
    """Values shown beside the execution.

    Recorded before the next effect, so that people see them while it runs.
    """

    def __init__(self, node: spec.Publish, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.args = load.arguments(node.args)

    def enter(self, walk: Walk) -> Need | None:
        for name, expression in self.args.items():
            shown = walk.value(expression)
            for key, value in shown.items() if name == "**" else ((name, shown),):
                name_shown = utf8(key)
                data = values.encode(value)
                walk.state.shown[name_shown] = walk.state.publishing[name_shown] = data
        walk.state.unrecorded = True
        walk.after(self)
        return None


KINDS = {spec.Set: SetNode, spec.Do: DoNode, spec.Log: LogNode, spec.Publish: PublishNode}
