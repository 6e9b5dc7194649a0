"""Nodes of control flow: tests, loops, calls of blocks, returns.

They are pure and leave only hidden variables behind, named after their node: ``$for`` holds the
number of the round (and says that the loop is under way), ``$for.items`` what is iterated over.
"""

from __future__ import annotations

from typing import Any

from vivido.engine.needs import Need
from vivido.engine.program import Assigns, Body, RunnableNode
from vivido.engine.walk import Jump, Walk
from vivido.expressions import Expression
from vivido.expressions.binding import bind, call_of
from vivido.model import nodes as spec

_MISSING = object()  # an argument that the call does not give


class IfNode(RunnableNode):
    """`if`."""

    def __init__(self, node: spec.If, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.test = load.expression(node.test)
        self.then = load.body(node.then, self, "then")
        self.orelse = load.body(node.orelse, self, "orelse")

    def enter(self, walk: Walk) -> Need | None:
        walk.into(self.then if walk.value(self.test) else self.orelse)
        return None

    def done(self, walk: Walk, slot: str) -> None:
        walk.after(self)


class MatchNode(RunnableNode):
    """`match`: names are bound before the guard is evaluated, as in Python."""

    def __init__(self, node: spec.Match, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.subject = load.expression(node.subject)
        self.cases = [
            (
                load.pattern(case.pattern),
                load.expression(case.guard) if case.guard else None,
                load.body(case.body, self, f"case {i}"),
            )
            for i, case in enumerate(node.cases)
        ]

    def enter(self, walk: Walk) -> Need | None:
        subject = walk.value(self.subject)
        for pattern, guard, body in self.cases:
            found = pattern.match(walk.vars, subject)
            if found is None:
                continue
            for name, value in found.items():
                walk.vars[name] = value
            walk.keep(found)
            if guard is None or walk.value(guard):
                walk.into(body)
                return None
        walk.after(self)
        return None

    def done(self, walk: Walk, slot: str) -> None:
        walk.after(self)


class LoopNode(RunnableNode):
    """What `while` and `for` share: the hidden counter, `break`, `continue` and `else`."""

    counter = True
    loop: Body
    orelse: Body

    def leave(self, walk: Walk) -> None:
        walk.vars.discard(f"${self.id}")
        walk.vars.discard(f"${self.id}.items")

    def done(self, walk: Walk, slot: str) -> None:
        if slot == "orelse":
            walk.after(self)
        else:
            walk.again(self)

    def otherwise(self, walk: Walk) -> None:
        """The loop ended by itself."""
        self.leave(walk)
        walk.into(self.orelse)

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        if slot == "loop" and jump.how == "continue":
            walk.again(self)
            return None
        self.leave(walk)
        if slot == "loop" and jump.how == "break":
            walk.after(self)
            return None
        return self


class WhileNode(LoopNode):
    """`while`; `pre` runs before each test."""

    def __init__(self, node: spec.While, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.test = load.expression(node.test)
        with load.inside_loop(self):
            self.pre = load.body(node.pre, self, "pre")
            self.loop = load.body(node.body, self, "loop")
        self.orelse = load.body(node.orelse, self, "orelse")
        load.hide(f"${self.id}")

    def enter(self, walk: Walk) -> Need | None:
        counter = f"${self.id}"
        walk.vars[counter] = walk.vars.get(counter, -1) + 1
        walk.into(self.pre)
        return None

    def done(self, walk: Walk, slot: str) -> None:
        if slot != "pre":
            super().done(walk, slot)
            return
        try:
            holds = bool(walk.value(self.test))
        except Exception as error:  # raised at this node, not at the last one of `pre`
            walk.state.at[-1] = self.id
            self.leave(walk)
            walk.throw(self, error)
            return
        if holds:
            walk.into(self.loop)
        else:
            self.otherwise(walk)


def plain_name(text: str, expression: Expression) -> str | None:
    """The key of the variable that an expression is, if it is nothing else."""
    return next(iter(expression.names), None) if text.isidentifier() else None


class ForNode(LoopNode):
    """`for`, over what the iterable holds when the loop begins."""

    def __init__(self, node: spec.For, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.items = load.expression(node.items)
        self.source = plain_name(node.items, self.items)
        self.to = load.target(node.to)
        with load.inside_loop(self):
            self.loop = load.body(node.body, self, "loop")
        self.orelse = load.body(node.orelse, self, "orelse")
        load.hide(f"${self.id}", f"${self.id}.items")

    def enter(self, walk: Walk) -> Need | None:
        counter, hidden = f"${self.id}", f"${self.id}.items"
        if counter in walk.vars:
            number = walk.vars[counter] + 1
            items = walk.vars.stream(hidden) or walk.vars[hidden]
        elif self.source is not None and (items := walk.vars.stream(self.source)) is not None:
            number = 0
            walk.vars.set_stored(hidden, items.pages.reference)
        else:
            items = walk.value(self.items)
            number, items = 0, items if isinstance(items, (range, str, tuple)) else list(items)
            walk.vars[hidden] = items
            walk.keep((hidden,))
        walk.vars[counter] = number
        if number >= len(items):
            self.otherwise(walk)
            return None
        try:
            walk.assign(self.to, items[number])
        except Exception:
            self.leave(walk)
            raise
        walk.into(self.loop)
        return None


class ReturnNode(RunnableNode):
    """`return`."""

    def __init__(self, node: spec.Return, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.value = load.expression(node.value) if node.value else None

    def enter(self, walk: Walk) -> Need | None:
        walk.jump(
            self, Jump("return", value=None if self.value is None else walk.value(self.value))
        )
        return None


class BreakNode(RunnableNode):
    """`break`."""

    def enter(self, walk: Walk) -> Need | None:
        walk.jump(self, Jump("break"))
        return None


class ContinueNode(RunnableNode):
    """`continue`."""

    def enter(self, walk: Walk) -> Need | None:
        walk.jump(self, Jump("continue"))
        return None


class CallNode(Assigns):
    """A call of a block: arguments are bound, then the block's first node is next."""

    def __init__(self, node: spec.Call, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.args = load.arguments(node.args)
        self.block = node.block
        self.signature, self.keys, self.defaults = load.block_params(node.block)
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        table = {name: walk.value(expression) for name, expression in self.args.items()}
        args, named = call_of(self.signature, table)
        given = bind(self.signature, dict.fromkeys(self.defaults, _MISSING), args, named)
        block = walk.program.blocks[self.block]
        block.clear(walk)
        for name, key, value in zip(self.signature.names, self.keys, given, strict=True):
            walk.vars[key] = walk.value(self.defaults[name]) if value is _MISSING else value
        walk.keep(self.keys)
        walk.state.at.append(self.id)  # a place of its own, which `into` moves to the first node
        walk.into(block.root)
        return None


KINDS = {
    spec.If: IfNode,
    spec.Match: MatchNode,
    spec.While: WhileNode,
    spec.For: ForNode,
    spec.Return: ReturnNode,
    spec.Break: BreakNode,
    spec.Continue: ContinueNode,
    spec.Call: CallNode,
}
