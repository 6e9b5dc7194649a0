"""Nodes of control flow: tests, loops, tries, returns.

They are pure and leave only hidden variables behind.

Hidden variables are named after their node: ``$for`` holds the number of the round (and says that
the loop is under
way), ``$for.items`` what is iterated over, ``$try`` what a `finally` has to go on with,
``$try.error`` what is being handled.
"""

from __future__ import annotations

from typing import Any

from vivido.engine.needs import Need
from vivido.engine.program import Assigns, Body, RunnableNode
from vivido.engine.walk import Jump, Walk
from vivido.model import nodes as spec


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


class ForNode(LoopNode):
    """`for`, over what the iterable holds when the loop begins."""

    def __init__(self, node: spec.For, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.items = load.expression(node.items)
        self.to = load.target(node.to)
        with load.inside_loop(self):
            self.loop = load.body(node.body, self, "loop")
        self.orelse = load.body(node.orelse, self, "orelse")
        load.hide(f"${self.id}", f"${self.id}.items")

    def enter(self, walk: Walk) -> Need | None:
        counter, hidden = f"${self.id}", f"${self.id}.items"
        if counter in walk.vars:
            number = walk.vars[counter] + 1
            items = walk.vars[hidden]
        else:
            items = walk.value(self.items)
            number, items = 0, items if isinstance(items, (range, str, tuple)) else list(items)
            walk.vars[hidden] = items
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


class TryNode(RunnableNode):
    """`try/except/else/finally`."""

    def __init__(self, node: spec.Try, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.tried = load.body(node.body, self, "body")
        self.handlers = [
            (
                [load.expression(text) for text in handler.types],
                load.variable(handler.to),
                load.body(handler.body, self, f"handler {i}"),
            )
            for i, handler in enumerate(node.handlers)
        ]
        self.orelse = load.body(node.orelse, self, "orelse")
        self.final = load.body(node.final, self, "final")
        self.pending, self.handled = f"${self.id}", f"${self.id}.error"
        load.hide(self.pending, self.handled)

    def enter(self, walk: Walk) -> Need | None:
        walk.into(self.tried)
        return None

    def leave(self, walk: Walk) -> None:
        walk.vars.discard(self.pending)
        walk.vars.discard(self.handled)

    def done(self, walk: Walk, slot: str) -> None:
        if slot == "body":
            walk.into(self.orelse)
        elif slot == "final":
            self.resume(walk)
        else:
            self.forget(walk, slot)
            self.finish(walk, None)

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        if slot == "final":  # what was pending is replaced
            self.leave(walk)
            return self
        if slot == "body" and jump.how == "raise" and self.handle(walk, jump):
            return None
        self.forget(walk, slot)
        return self.finish(walk, jump)

    def handle(self, walk: Walk, jump: Jump) -> bool:
        """Go into the first handler that fits."""
        for types, name, body in self.handlers:
            try:
                fits = not types or any(_fits(jump.error, walk.value(kind)) for kind in types)
            except (
                Exception
            ) as error:  # the class expression itself fails: that error goes on instead
                walk.state.at[-1] = self.id
                if self.finish(walk, Jump("raise", error=error)) is not None:
                    walk.jump(self, Jump("raise", error=error))
                return True
            if fits:
                walk.vars[self.handled] = jump.error
                if name is not None:
                    walk.vars[name] = jump.error
                walk.state.at[-1] = self.id
                walk.into(body)
                return True
        return False

    def active(self, walk: Walk, slot: str) -> BaseException | None:
        """The error that a bare `raise` in this slot raises again."""
        error: BaseException | None = None
        if slot.startswith("handler "):
            error = walk.vars.get(self.handled)
        elif slot == "final" and (pending := walk.vars.get(self.pending)) is not None:
            error = pending["error"]
        return error

    def forget(self, walk: Walk, slot: str) -> None:
        """The name of a handler is unbound at its end, as in Python."""
        walk.vars.discard(self.handled)
        if slot.startswith("handler ") and (name := self.handlers[int(slot[8:])][1]) is not None:
            walk.vars.discard(name)

    def finish(self, walk: Walk, jump: Jump | None) -> RunnableNode | None:
        """Run `finally`, then go on with the jump.

        Returns self where there is nothing to run before it.
        """
        if not self.final.nodes:
            if jump is None:
                walk.after(self)
                return None
            self.leave(walk)
            return self
        if jump is None:
            walk.vars[self.pending] = None
        else:
            walk.vars[self.pending] = {"how": jump.how, "value": jump.value, "error": jump.error}
        walk.state.at[-1] = self.id
        walk.into(self.final)
        return None

    def resume(self, walk: Walk) -> None:
        """`finally` is over."""
        pending = walk.vars[self.pending]
        self.leave(walk)
        walk.state.at[-1] = self.id
        if pending is None:
            walk.after(self)
        else:
            walk.jump(self, Jump(**pending))


def _fits(error: BaseException | None, kind: Any) -> bool:
    """`except kind` for classes, tuples of them, and the names of classes that are gone."""
    match = getattr(kind, "matches", None)  # vivido.engine.load.GoneClass
    if match is not None and not isinstance(kind, type):
        return bool(match(error))
    if isinstance(kind, tuple):
        return any(_fits(error, one) for one in kind)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return isinstance(error, kind)


class RaiseNode(RunnableNode):
    """`raise`."""

    def __init__(self, node: spec.Raise, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.value = load.expression(node.value) if node.value else None
        self.cause = load.expression(node.cause) if node.cause else None

    def enter(self, walk: Walk) -> Need | None:
        if self.value is None:
            raise self.handled(walk)
        error = _instance(walk.value(self.value), "exceptions must derive from BaseException")
        if self.cause is not None:
            cause = walk.value(self.cause)
            error.__cause__ = (
                None
                if cause is None
                else _instance(cause, "exception causes must derive from BaseException")
            )
        raise error

    def handled(self, walk: Walk) -> BaseException:
        """What the innermost `except` around handles, or the error that waits for a `finally`.

        Here or in a calling block.
        """
        for at in reversed(walk.state.at):
            node: Any = walk.program.nodes[at]
            while isinstance(node, RunnableNode):
                owner = node.body.owner
                error = owner.active(walk, node.body.slot) if isinstance(owner, TryNode) else None
                if error is not None:
                    return error
                node = owner
        return RuntimeError("No active exception to reraise")


def _instance(value: Any, wrong: str) -> BaseException:
    if isinstance(value, type) and issubclass(value, BaseException):
        value = value()
    if not isinstance(value, BaseException):
        raise TypeError(wrong)
    return value


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
        self.params = load.block_params(node.block)
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        given = {name: walk.value(expression) for name, expression in self.args.items()}
        block = walk.program.blocks[self.block]
        block.clear(walk)
        for name, key, default in self.params:
            walk.vars[key] = given[name] if name in given else walk.value(default)
        walk.state.at.append(self.id)  # a place of its own, which `into` moves to the first node
        walk.into(block.root)
        return None


KINDS = {
    spec.If: IfNode,
    spec.Match: MatchNode,
    spec.While: WhileNode,
    spec.For: ForNode,
    spec.Try: TryNode,
    spec.Raise: RaiseNode,
    spec.Return: ReturnNode,
    spec.Break: BreakNode,
    spec.Continue: ContinueNode,
    spec.Call: CallNode,
}
