"""Nodes that need something from outside.

Steps, child executions, timers, and the scopes around them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from vivido import durations, values
from vivido.authoring.interface import signature_of
from vivido.authoring.waits import moment
from vivido.engine.handles import joining, last_job, mark_of, open_jobs
from vivido.engine.needs import Need, Perform, Wait
from vivido.engine.program import Assigns, Body, RunnableNode
from vivido.engine.walk import Jump, Walk
from vivido.expressions.binding import bind, call_of
from vivido.model import nodes as spec


class StepNode(Assigns):
    """A step.

    Arguments that may come out differently are kept in a hidden variable, recorded before it runs.
    """

    def __init__(self, node: spec.Step | spec.Poll, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.step = load.step(node.step)
        self.args = load.arguments(node.args)
        self.impure = any(expression.impure for expression in self.args.values())
        self.kept = f"${self.id}.args"
        load.hide(self.kept)
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        variables = walk.vars
        if self.impure and self.kept not in variables:
            variables[self.kept] = {
                name: walk.value(expression) for name, expression in self.args.items()
            }
            variables.check(self.kept)
            walk.state.unrecorded = True
        if self.impure:
            args = dict(variables[self.kept])
        else:
            args = {name: walk.value(expression) for name, expression in self.args.items()}
        # Whether it is too late, the runtime says: it knows whether the step may have begun.
        path = walk.path(self.id)
        return Perform(self.id, path, self.step, args, walk.due(), walk.name())

    def woke(self, walk: Walk) -> None:
        """A long backoff is over: the step is entered again."""

    def leave(self, walk: Walk) -> None:
        walk.vars.discard(self.kept)


class ChildNode(Assigns):
    """A child execution: started, awaited, its result assigned."""

    def __init__(self, node: spec.Child, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.workflow = load.workflow(node.workflow)
        known = load.definition.workflows[node.workflow]
        title = known.ref.rpartition(":")[2].rpartition(".")[2]
        self.signature = signature_of(title, {p.name: p.kind for p in known.params})
        self.optional = {p.name: None for p in known.params if p.default is not None}
        self.args = load.arguments(node.args)
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        deadline = walk.in_time()
        table = {name: walk.value(expression) for name, expression in self.args.items()}
        bind(self.signature, self.optional, *call_of(self.signature, table))  # or TypeError, here
        given = {name: values.encode(value) for name, value in table.items()}
        child = {"workflow": self.workflow, "input": given}
        return Wait(self.id, walk.path(self.id), child=child, deadline=deadline)


class SleepNode(RunnableNode):
    """A timer: for a duration, or `until` a moment."""

    def __init__(self, node: spec.Sleep, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.args = load.arguments(node.args)

    def enter(self, walk: Walk) -> Need | None:
        deadline = walk.in_time()
        given = {name: walk.value(expression) for name, expression in self.args.items()}
        if given.get("until") is None:
            given.pop("until", None)
            if "delay" in given:
                given["seconds"] = max(0, given.pop("delay"))
            due = walk.now + _seconds(given)
        else:
            due = moment(**given).timestamp()
        if due <= walk.now:
            walk.state.unrecorded = True
            walk.after(self)
            return None
        return Wait(
            self.id,
            walk.path(self.id),
            timer=due if deadline is None else min(due, deadline),
            deadline=deadline,
        )

    def woke(self, walk: Walk) -> None:
        """The timer is over: of the sleep, or of a deadline around it."""
        if (deadline := walk.state.wait.get("deadline")) is not None and walk.now >= deadline:
            walk.in_time()
        walk.after(self)


def _seconds(given: dict[str, Any]) -> float:
    duration: str | float | timedelta | None = given.pop("duration", None)
    return durations.parse(duration, **given).total_seconds()


class SagaNode(RunnableNode):
    """Marks how high the stack of compensations was when its body began."""

    def __init__(self, node: spec.Saga, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.mark, self.pending, self.jobs = f"${self.id}", f"${self.id}.left", mark_of(self.id)
        load.hide(self.mark, self.pending, self.jobs)
        self.inner = load.body(node.body, self, "body")

    def enter(self, walk: Walk) -> Need | None:
        if self.pending in walk.vars:
            return self.going(walk)
        walk.vars[self.mark] = len(walk.state.stack)
        if (last := last_job(walk.vars)) > 0:
            walk.vars[self.jobs] = last
        walk.into(self.inner)
        return None

    def inside(self, walk: Walk) -> list[str]:
        """The jobs that were spawned inside and are open."""
        return open_jobs(walk.vars, walk.vars.get(self.jobs, 0))

    def going(self, walk: Walk) -> Need | None:
        """Control leaves: first the jobs are joined that were spawned inside."""
        if jobs := self.inside(walk):
            return joining(walk.state, jobs[0])
        pending = walk.vars[self.pending]
        self.leave(walk)
        if pending is None:
            walk.after(self)
        else:
            walk.jump(self, Jump(**pending))
        return None

    def failed(self, walk: Walk, error: BaseException) -> None:
        """A job that was spawned inside has failed: that error leaves the body."""
        walk.vars.discard(self.pending)
        jump = Jump("raise", error=error)
        if (node := self.take(walk, "body", jump)) is not None:
            walk.jump(node, jump)

    def leave(self, walk: Walk) -> None:
        for name in (self.mark, self.pending, self.jobs):
            walk.vars.discard(name)

    def done(self, walk: Walk, slot: str) -> None:
        if self.inside(walk):
            walk.vars[self.pending] = None
            walk.again(self)
        else:
            self.leave(walk)
            walk.after(self)

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        inside = self.inside(walk)
        if jump.error is not None and (len(walk.state.stack) > walk.vars[self.mark] or inside):
            walk.state.at[-1] = self.id
            walk.unwind(jump.error, self.id)
            return None
        if inside:
            walk.vars[self.pending] = {"how": jump.how, "value": jump.value, "error": None}
            walk.again(self)
            return None
        self.leave(walk)
        return self

    def undone(self, walk: Walk, error: BaseException) -> None:
        """All of the body is undone: the error goes on."""
        self.leave(walk)
        walk.throw(self, error)


class DeadlineNode(RunnableNode):
    """Gives its body a common end in time."""

    def __init__(self, node: spec.Deadline, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.args = load.arguments(node.args)
        self.due = f"${self.id}"
        load.hide(self.due)
        with load.inside_deadline(self.due):
            self.inner = load.body(node.body, self, "body")

    def enter(self, walk: Walk) -> Need | None:
        self.begin(walk)
        walk.into(self.inner)
        return None

    def begin(self, walk: Walk) -> None:
        """Let the time begin now."""
        given = {name: walk.value(expression) for name, expression in self.args.items()}
        walk.vars[self.due] = walk.now + _seconds(given)
        walk.state.unrecorded = True

    def leave(self, walk: Walk) -> None:
        walk.vars.discard(self.due)

    def done(self, walk: Walk, slot: str) -> None:
        self.leave(walk)
        walk.after(self)


KINDS = {
    spec.Step: StepNode,
    spec.Child: ChildNode,
    spec.Sleep: SleepNode,
    spec.Saga: SagaNode,
    spec.Deadline: DeadlineNode,
}
