"""A step that is run every so often until its result fulfils a condition.

Hidden variables, named after the node: ``$poll`` the number of the round, ``$poll.at`` when the
next begins, ``$poll.end`` when all of it is over. The path of a round is the node with its number,
so each has its own idempotency key; nothing grows with the rounds but the journal.
"""

from __future__ import annotations

from typing import Any

from vivido import durations
from vivido.engine.effects import StepNode
from vivido.engine.needs import Need, Wait
from vivido.engine.program import Body
from vivido.engine.state import Variables
from vivido.engine.walk import Walk
from vivido.errors import StepTimeout
from vivido.model import nodes as spec

RESULT = "result"  # what the condition calls the result of a round


class PollNode(StepNode):
    """`poll(check, …)`: a round is the step; between two of them lies a timer."""

    def __init__(self, node: spec.Poll, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.variable, self.plain = self.plain, None  # a result is looked at before it is assigned
        self.until, self.every = load.expression(node.until), load.expression(node.every)
        self.timeout = load.expression(node.timeout) if node.timeout is not None else None
        self.result = load.target(RESULT)
        self.round, self.next, self.end = (f"${self.id}{part}" for part in ("", ".at", ".end"))
        load.hide(self.round, self.next, self.end)

    def label(self, variables: Variables) -> str:
        """With the number of the round."""
        return f"{super().label(variables)}[{variables.get(self.round, 0)}]"

    def enter(self, walk: Walk) -> Need | None:
        try:
            return self._waits(walk) or super().enter(walk)
        except Exception:
            self.quit(walk)
            raise

    def _waits(self, walk: Walk) -> Need | None:
        """What is waited for before the next round; None where that is due."""
        variables, now = walk.vars, walk.now
        if self.round not in variables:
            variables[self.round] = 0
            if self.timeout is not None:
                variables[self.end] = (
                    now + durations.parse(walk.value(self.timeout)).total_seconds()
                )
                walk.state.unrecorded = True
        at, end = variables.get(self.next, 0.0), variables.get(self.end)
        if end is not None and at > end <= now:
            walk.state.unrecorded = True
            raise StepTimeout(
                f"poll gave up after {variables[self.round]} tries: {self.until.text!r} did not "
                "become true"
            )
        if at <= now:
            return None
        deadline = walk.in_time()
        times = [time for time in (at, end, deadline) if time is not None]
        return Wait(self.id, walk.path(self.id), timer=min(times), deadline=deadline)

    def got(self, walk: Walk, value: Any) -> bool:
        """A round gave a result: it is assigned, or there will be another round."""
        try:
            fulfilled = self._fulfils(walk, value)
            if not fulfilled:
                every = durations.parse(walk.value(self.every)).total_seconds()
                walk.vars[self.round] += 1
                walk.vars[self.next] = walk.now + every
                return False
        except Exception:
            self.quit(walk)
            raise
        self.quit(walk)
        self.assign(walk, value)
        return True

    def assign(self, walk: Walk, value: Any) -> None:
        """To the target; the name of a variable is kept apart."""
        if self.variable is not None:
            walk.vars[self.variable] = value
            walk.keep((self.variable,))
        elif self.to is not None:
            walk.assign(self.to, value)

    def _fulfils(self, walk: Walk, value: Any) -> bool:
        """Whether the condition holds; an own variable of that name is left as it was."""
        variables = walk.vars
        before = {name: variables[name] for name in self.result.binds if name in variables}
        walk.assign(self.result, value)
        try:
            return bool(walk.value(self.until))
        finally:
            for name in self.result.binds:
                if name in before:
                    variables[name] = before[name]
                else:
                    variables.discard(name)

    def quit(self, walk: Walk) -> None:
        """It is over, one way or another."""
        for name in (self.kept, self.round, self.next, self.end):
            walk.vars.discard(name)


KINDS = {spec.Poll: PollNode}
