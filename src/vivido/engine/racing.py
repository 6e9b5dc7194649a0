"""`first(…)`: a fork that the first end decides, whether it is a value or an error.

All branches begin at once, and their join item holds them in the order in which they ended: the
first that was not stopped is the winner. It stops the others, and the join waits for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vivido import values
from vivido.authoring.batch import STOPPED
from vivido.authoring.tolerance import Limits
from vivido.engine.fork import ForkNode
from vivido.engine.program import Body
from vivido.errors import StepError
from vivido.model import nodes as spec
from vivido.model.journal import Json

FIRST: Final = "first"
WINNER: Final = "winner"  # in the plan when it is joined: which branch ended first


class FirstNode(ForkNode):
    """Gives the name and the value of the branch that ended first, or raises its error."""

    as_tuple = True

    def __init__(self, node: spec.First, load: Any, body: Body, index: int) -> None:
        super().__init__(node, node.branches, load, body, index)
        self.extra = {"need": 1, FIRST: True}

    def limits(self, width: int, options: Mapping[str, Any]) -> Limits:
        """Any end is enough."""
        return Limits(width, 0, 1)

    def gather(self, ends: Sequence[Json], plan: Json) -> Any:
        """The name and the value of the winner."""
        winner = plan.get(WINNER)
        if winner is None:
            raise StepError(STOPPED)
        end = ends[winner]
        if end["status"] == "failed":
            raise values.decode(end["error"])
        return self.branches[winner].name, values.decode(end["value"])


KINDS = {spec.First: FirstNode}
