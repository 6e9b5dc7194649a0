"""Nodes of error handling: `try/except/else/finally` and `raise`.

Hidden variables are named after their node: ``$try`` holds what a `finally` has to go on with,
``$try.error`` what is being handled.
"""

from __future__ import annotations

from typing import Any

from vivido.engine.needs import Need
from vivido.engine.program import Body, RunnableNode
from vivido.engine.walk import Jump, Walk
from vivido.model import nodes as spec


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
            walk.throw(self, self.handled(walk))
            return None
        error = _instance(walk.value(self.value), "exceptions must derive from BaseException")
        if self.cause is not None:
            cause = walk.value(self.cause)
            error.__cause__ = (
                None
                if cause is None
                else _instance(cause, "exception causes must derive from BaseException")
            )
        walk.throw(self, error)  # also what is no Exception
        return None

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


KINDS = {spec.Try: TryNode, spec.Raise: RaiseNode}
