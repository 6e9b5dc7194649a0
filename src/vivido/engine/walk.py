"""How control moves between nodes: forward, into bodies, out of them with a value or an error.

A `Walk` carries a state from its position to the next thing that has to be done. Leaving a body
early (`return`,
`break`, `continue`, an error) is a `Jump` that climbs from owner to owner until one of them takes
it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vivido.engine.handles import KEPT, leaving, open_jobs
from vivido.engine.needs import Continue, End, Need
from vivido.engine.state import Unread
from vivido.engine.undoing import undoing
from vivido.errors import DeadlineExceeded
from vivido.expressions import FUEL, Expression, Meter, Target

if TYPE_CHECKING:
    from vivido.engine.program import Body, Program, RunnableNode
    from vivido.engine.state import State


AGAIN = "$again"  # by step path: what ran there and was undone has another key when it runs again
BRANCH = "$branch"  # the variable of a child that says which of its siblings it is
DUE = "$due"  # the variable of a child that holds the end of the deadlines around its fork
PROCESS_ENDS = (KeyboardInterrupt, GeneratorExit, Unread)  # nobody's to catch, whatever went on


@dataclass(frozen=True, slots=True)
class Jump:
    """Control on its way out."""

    how: Literal["return", "break", "continue", "raise"]
    value: Any = None  # of return
    error: BaseException | None = None  # of raise


class Walk:
    """One pass over nodes. `need` is set by whoever finds that something has to be done."""

    def __init__(self, program: Program, state: State, now: float) -> None:
        self.program, self.state, self.now = program, state, now
        self.vars = state.vars
        self.need: Need | None = None
        self.own = False  # what the author's own code gave is on its way to a variable

    def run(self) -> Need:
        """Walk until something is needed; at most so many nodes without a record."""
        nodes, at = self.program.nodes, self.state.at
        for _ in range(self.program.nodes_without_record):
            if self.need is not None:
                return self.need
            node = nodes[at[-1]]
            try:
                need = node.enter(self)
            except PROCESS_ENDS:
                raise
            except BaseException as error:  # whatever evaluation raises is the workflow's to catch
                self.throw(node, of_the_author(error))
            else:
                self.need = need or self.need  # a jump out of the branch has set it meanwhile
        if self.need is not None:
            return self.need
        self.state.unrecorded = True
        return Continue()

    def value(self, expression: Expression, *, grows: str | None = None) -> Any:
        """Evaluate.

        What is given to the author's code, or changed by a method, counts as changed (but not
        `grows`), also where an error ends it half-way.
        """
        meter = Meter(FUEL, self.program.ambient)
        if expression.lends or expression.mutates:
            self.vars.load(expression.lends | expression.mutates)
        try:
            return expression(self.vars, meter)
        finally:
            self._note(expression, meter, grows)

    def assign(self, target: Target, value: Any) -> None:
        """`target = value`; what it changes in place counts as changed."""
        meter = Meter(FUEL, self.program.ambient)
        try:
            target.assign(self.vars, value, meter)
        finally:
            self._note_target(target, meter)
        self.keep(target.binds | target.mutates)

    def augment(self, target: Target, op: str, value: Expression) -> None:
        """`target op= value`, with the target read first."""
        meter = Meter(FUEL, self.program.ambient)
        self.vars.load(value.lends | value.mutates)
        try:
            target.augment(self.vars, op, value, meter)
        finally:
            self._note(value, meter, None)
            self._note_target(target, meter)
        self.keep(target.binds | target.mutates)

    def delete(self, target: Target) -> None:
        """`del target`."""
        meter = Meter(FUEL, self.program.ambient)
        try:
            target.delete(self.vars, meter)
        finally:
            self._note_target(target, meter)

    def _note(self, expression: Expression, meter: Meter, grows: str | None) -> None:
        if expression.impure or meter.impure:
            self.state.unrecorded = True
        self.own = self.own or expression.calls_own
        if expression.lends or expression.mutates:
            self.vars.changed((expression.lends | expression.mutates) - {grows})

    def _note_target(self, target: Target, meter: Meter) -> None:
        if target.impure or meter.impure:
            self.state.unrecorded = True
        self.own = self.own or target.calls_own
        self.vars.changed(target.mutates)

    def keep(self, names: Iterable[str]) -> None:
        """These variables were given values, or changed: raise ValueNotStorable here, not later.

        Only the author's own code gives what cannot be stored. The variable is unbound then.
        """
        if not self.own:
            return
        self.own = False
        for name in names:
            if name in self.vars:
                self.vars.check(name)

    # ------------------------------------------------------------- forward
    def into(self, body: Body) -> None:
        """Go to the first node of a body, or past it if it is empty."""
        if body.nodes:
            self.state.at[-1] = body.nodes[0].id
        else:
            body.owner.done(self, body.slot)

    def after(self, node: RunnableNode) -> None:
        """Go on behind a node that is finished."""
        body = node.body
        following = node.index + 1
        if following < len(body.nodes):
            self.state.at[-1] = body.nodes[following].id
        else:
            body.owner.done(self, body.slot)

    def again(self, node: RunnableNode) -> None:
        """Come back to a node from inside it: the next round of a loop."""
        self.state.at[-1] = node.id

    # ------------------------------------------------------------- outward
    def jump(self, node: RunnableNode, jump: Jump) -> None:
        """Leave `node` and what is around it until an owner takes the jump."""
        while True:
            body = node.body
            taken = body.owner.take(self, body.slot, jump)
            if taken is None:
                return
            node = taken

    def throw(self, node: RunnableNode, error: BaseException) -> None:
        """Raise `error` at `node`."""
        self.state.tried = self.state.resumed = 0
        self.state.claimed = False
        self.jump(node, Jump("raise", error=error))

    def finish(self, need: End) -> None:
        """The branch is over. An error is kept as such.

        It may have to be undone, or stop others, before the end. Its jobs end before it.
        """
        if need.error is not None:
            self.unwind(need.error, None)
        elif open_jobs(self.vars):
            self.state.phase = "leave"
            if need.stored is not None:
                self.vars.set_stored(KEPT, need.stored)
            else:
                self.vars[KEPT] = need.value
            self.need = leaving(self.state)
        else:
            self.need = need

    def unwind(self, error: BaseException, saga: str | None) -> None:
        """Turn to compensating, down to a saga or the whole branch."""
        state = self.state
        state.phase, state.error, state.saga, state.undone = "unwind", error, saga, 0
        self.need = undoing(self.program, state)

    # ------------------------------------------------------------- what nodes ask
    def path(self, node_id: str) -> str:
        """The step path: calls around, loops with the number of their round, the node."""
        path = "/".join(
            self.program.nodes[name].label(self.vars) for name in (*self.state.at[:-1], node_id)
        )
        if AGAIN in self.vars and path in self.vars[AGAIN]:
            return f"{path}@{self.vars[AGAIN][path]}"
        return path

    def name(self) -> str | None:
        """Under which name the steps of this child of a fork have their keys; None: of the root."""
        named: str | None = None
        if BRANCH in self.vars:
            named = self.vars.inline(self.vars.encoded(BRANCH)).get("name")
        return named

    def due(self) -> float | None:
        """The nearest end of a `with deadline` around, also of those around the fork of a child."""
        names = [name for at in self.state.at for name in self.program.nodes[at].deadlines]
        return min((self.vars[name] for name in (DUE, *names) if name in self.vars), default=None)

    def in_time(self) -> float | None:
        """The same; raises DeadlineExceeded if it is over."""
        due = self.due()
        if due is not None and self.now >= due:
            self.state.unrecorded = True
            raise too_late(self.state.at[-1])
        return due


def of_the_author(error: BaseException) -> BaseException:
    """The error, with a traceback that begins in the author's code: none where that was not run."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_globals.get("__name__", "").startswith(
        "vivido."
    ):
        frames = frames.tb_next
    return error.with_traceback(frames)


def too_late(node: str) -> DeadlineExceeded:
    """What is raised at a node that is reached when the time around it is over."""
    return DeadlineExceeded(f"the deadline ended before {node!r} was done")
