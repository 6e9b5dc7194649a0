"""What a branch needs next: the answers of `advance`, matched exhaustively by the runtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vivido.model.journal import Json

if TYPE_CHECKING:
    from vivido.engine.fork import ForkNode
    from vivido.engine.program import RunnableStep
    from vivido.engine.spawning import SpawnNode


@dataclass(frozen=True, slots=True)
class Perform:
    """Run a step with these arguments. `path` is the step path.

    The same at each run of this very step.
    """

    node: str
    path: str
    step: RunnableStep
    args: dict[str, Any]
    deadline: float | None  # of the enclosing `with deadline`, seconds since 1970
    branch: str | None  # the name of a child of a fork, part of its idempotency keys


@dataclass(frozen=True, slots=True)
class Compensate:
    """Run a compensation with encoded arguments by name.

    `result` is absent where the outcome is unknown.
    """

    node: str
    path: str
    step: RunnableStep
    args: dict[str, Json]
    branch: str | None  # the name of the child that ran the step; None: it was this very branch


@dataclass(frozen=True, slots=True)
class UndoFork:
    """Append FORK and start branches that undo what those of another fork did."""

    node: str
    path: str
    plan: dict[str, Json]  # width, lanes, undo: [scope, lo, hi] of those that left something


@dataclass(frozen=True, slots=True)
class UndoChild:
    """Append WAIT and have a child execution undo itself; its END is record `n`."""

    node: str
    path: str
    execution: str
    n: int


@dataclass(frozen=True, slots=True)
class Fork:
    """Append FORK and start the children."""

    node: ForkNode
    path: str
    plan: dict[str, Json]  # width, lanes, items by branch, policy


@dataclass(frozen=True, slots=True)
class Spawn:
    """Append SPAWN, start the job under that name, and go on."""

    node: SpawnNode
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class JoinJob:
    """Append JOIN when a job has ended; `stop`: nobody wants it any more, it is stopped first."""

    node: str
    path: str
    scope: str
    execution: str | None = None  # that of the handle
    stop: bool = False
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Append WAIT: for a time (seconds since 1970), or for a child execution, or both."""

    node: str
    path: str
    timer: float | None = None
    child: Json | None = None  # {"workflow": name, "input": {name: encoded}}
    deadline: float | None = None  # of the enclosing `with deadline`


@dataclass(frozen=True, slots=True)
class Continue:
    """Append SET and walk on: enough nodes were walked without a record."""


@dataclass(frozen=True, slots=True)
class End:
    """Append END.

    `error` None means that `value` is the result of the branch, or `stored`, which is encoded.
    """

    value: Any = None
    error: BaseException | None = None
    stored: Json = None


Need = Perform | Compensate | UndoFork | UndoChild | Fork | Spawn | JoinJob | Wait | Continue | End


def names(
    need: Perform | Compensate | UndoFork | UndoChild | Fork | Spawn | JoinJob | Wait,
) -> dict[str, Json]:
    """What a record says of the node.

    Its id, the step it runs, and the step path where that says more.
    """
    node = need.node if isinstance(need.node, str) else need.node.id
    data: dict[str, Json] = {"node": node}
    if isinstance(need, Perform | Compensate):
        data["step"] = need.step.name
    if need.path != node:
        data["path"] = need.path
    return data
