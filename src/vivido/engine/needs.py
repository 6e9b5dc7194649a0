"""What a branch needs next: the answers of `advance`, matched exhaustively by the runtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vivido.model.journal import Json

if TYPE_CHECKING:
    from vivido.engine.fork import ForkNode
    from vivido.engine.program import RunnableStep


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


@dataclass(frozen=True, slots=True)
class Compensate:
    """Run a compensation with encoded arguments by name.

    `result` is absent where the outcome is unknown.
    """

    node: str
    path: str
    step: RunnableStep
    args: dict[str, Json]
    branch: str | None  # the child branch that ran the step, if it was not this one


@dataclass(frozen=True, slots=True)
class Fork:
    """Append FORK and start the children."""

    node: ForkNode
    path: str
    plan: dict[str, Json]  # width, lanes, items by branch, policy


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


Need = Perform | Compensate | Fork | Wait | Continue | End


def names(need: Perform | Compensate | Fork | Wait) -> dict[str, Json]:
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
