"""A definition made ready to run: nodes with compiled expressions, each knowing what is around it.

Every node lies in a `Body` of an owner: another node, a block, a branch of a fork. Walking needs no
more than that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from vivido import durations
from vivido.engine.limits import Limited, of_step
from vivido.engine.needs import End, Need
from vivido.engine.walk import Jump, Walk
from vivido.expressions import Ambient, Target
from vivido.model.definition import Definition, StepSpec
from vivido.model.nodes import NodeBase

if TYPE_CHECKING:
    from vivido.engine.load import Loader
    from vivido.engine.state import State, Variables

MAIN = "main"
VALUE = "$value"  # the variable that holds the value of a branch


@dataclass(frozen=True, slots=True)
class RunnableStep:
    """A step of the definition with its durations read, its keys and priority compiled."""

    name: str
    spec: StepSpec
    timeout: timedelta | None
    limits: Limited | None = None

    @classmethod
    def of(cls, name: str, spec: StepSpec) -> RunnableStep:
        """Read the durations once."""
        timeout = durations.parse(spec.timeout) if spec.timeout else None
        return cls(name, spec, timeout, of_step(spec))


class Owner:
    """What can have bodies: it says what happens when control leaves one of them."""

    id: str
    body: Body  # the body it lies in itself; blocks and branches lie in none

    def done(self, walk: Walk, slot: str) -> None:
        """The body in `slot` came to its end."""
        raise NotImplementedError

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        """A jump leaves the body in `slot`.

        Take it and return None, or return the node from which it climbs on.
        """
        raise NotImplementedError


@dataclass(slots=True)
class Body:
    """Nodes one after another, in a slot of their owner."""

    owner: Owner
    slot: str
    nodes: list[RunnableNode] = field(default_factory=list)


class RunnableNode(Owner):
    """A node ready to run."""

    counter: ClassVar[bool] = False  # a loop, whose rounds are part of step paths

    def __init__(self, spec: NodeBase, load: Loader, body: Body, index: int) -> None:
        self.id = spec.id
        self.body = body
        self.index = index
        self.loops: tuple[RunnableNode, ...] = load.loops
        self.deadlines: tuple[str, ...] = load.deadlines

    def enter(self, walk: Walk) -> Need | None:
        """Perform what is pure and move on, or say what has to be done."""
        raise NotImplementedError

    def leave(self, walk: Walk) -> None:
        """Drop the hidden variables: control is leaving."""

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        """By default a jump passes through."""
        self.leave(walk)
        return self

    def label(self, variables: Variables) -> str:
        """Id and the rounds of the loops around, as "for[3]/charge": a part of a step path."""
        if not self.loops:
            return self.id
        rounds = (f"{loop.id}[{variables.get('$' + loop.id, 0)}]" for loop in self.loops)
        return "/".join((*rounds, self.id))


class Assigns(RunnableNode):
    """A node whose result goes to a target."""

    to: Target | None
    plain: str | None  # the variable, where the target is just a name

    def aim(self, spec: Any, load: Loader) -> None:
        """Compile the target; the only node of a branch without one gives the branch its value."""
        if spec.to is None:
            self.plain, self.to = VALUE if load.gives_value(self) else None, None
        else:
            self.plain = load.plain_target(spec.to)
            self.to = None if self.plain else load.target(spec.to)

    def assign(self, walk: Walk, value: Any) -> None:
        """Put a result where it belongs; may raise what the assignment raises."""
        if self.plain is not None:
            walk.vars[self.plain] = value
            walk.keep((self.plain,))
        elif self.to is not None:
            walk.assign(self.to, value)

    def got(self, walk: Walk, value: Any) -> bool:
        """It came to a result. False: the node is not done with that."""
        self.assign(walk, value)
        return True

    def quit(self, walk: Walk) -> None:
        """It failed for good: drop what it has kept since it was entered."""


class Block(Owner):
    """A function body: `main`, or a nested function, which is entered by a call node."""

    def __init__(self, name: str) -> None:
        self.id = name
        self.root = Body(self, "block")
        self.locals: frozenset[str] = frozenset()
        self.hidden: set[str] = set()

    def clear(self, walk: Walk) -> None:
        """Unbind the block's own variables."""
        for name in (*self.locals, *self.hidden):
            walk.vars.discard(name)

    def done(self, walk: Walk, slot: str) -> None:
        """Falling off the end returns None."""
        self.take(walk, slot, Jump("return"))

    def take(self, walk: Walk, slot: str, jump: Jump) -> RunnableNode | None:
        """Return to the call, or end the branch."""
        if self.id == MAIN:
            walk.finish(End(value=jump.value, error=jump.error))
            return None
        at = walk.state.at
        at.pop()
        self.clear(walk)
        call = walk.program.nodes[at[-1]]
        if jump.how == "raise":
            return call
        try:
            call.assign(walk, jump.value)  # type: ignore[attr-defined]  # only calls enter blocks
        except Exception as error:
            walk.throw(call, error)
        else:
            walk.after(call)
        return None


@dataclass(slots=True)
class Program:
    """A loaded definition."""

    definition: Definition
    digest: str
    nodes: dict[str, RunnableNode] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    steps: dict[str, RunnableStep] = field(default_factory=dict)
    nodes_without_record: int = 1_000
    ambient: Ambient = field(default_factory=Ambient)  # the clock and chance of expressions

    def is_root(self, state: State) -> bool:
        """Whether the position lies in `main` outside of every fork.

        Then an error may have to be compensated.
        """
        return "$branch" not in state.vars

    def floor(self, state: State) -> int:
        """How many compensations stay on the stack when the present unwinding is over."""
        return 0 if state.saga is None else int(state.vars[f"${state.saga}"])


Resolve = Callable[[str], Any]  # "module:Qualname" to the object; raises LookupError if it is gone
