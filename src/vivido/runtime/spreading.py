"""How the children of a fork are sent on their way, also where they are too many for one delivery.

A few are sent with the FORK. Of more, one message is sent that stands for all of them: a spreader.
Each delivery of one sends some children, or splits its range and hands the parts on. It appends
nothing and may be repeated: who has begun already finds its first record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vivido import ids
from vivido.engine.fork import ForkNode
from vivido.model.journal import Cause, Delivery, Json, Message, Meta
from vivido.model.pages import Pages, are_pages
from vivido.ports import Ack, Effect, Send
from vivido.runtime import ends

if TYPE_CHECKING:
    from vivido.engine.program import Program
    from vivido.runtime.engine import Engine

_REMEMBERED = 16  # forks whose record is not read again: it never changes


@dataclass(frozen=True, slots=True)
class Forked:
    """A fork as its record tells it; `state` is that of the branch, `plan` has its items."""

    branch: str
    n: int
    state: Json
    plan: Json
    node: ForkNode

    @property
    def undoes(self) -> bool:
        """Whether its children undo what those of another fork did."""
        return "undo" in self.plan

    def begins(self, child: int) -> Json:
        """The state in which a child begins; None where it reads that itself.

        It does where it undoes another branch, or goes on from one.
        """
        if "job" in self.plan:
            return self.state
        reads = self.undoes or "again" in self.plan
        return None if reads else self.node.child(self.plan, self.state["vars"], child)


def forked(engine: Engine, program: Program, branch: str, n: int, state: Json) -> Forked:
    """Read the state that a FORK record holds; large items are fetched."""
    plan, node = state["wait"], program.nodes[state["at"][-1]]
    assert isinstance(node, ForkNode) or "undo" in plan  # noqa: S101
    if "items" in plan:
        items = {name: _items(engine, each) for name, each in plan["items"].items()}
        plan = {**plan, "items": items}
    return Forked(branch, n, state, plan, node)  # type: ignore[arg-type]


def _items(engine: Engine, items: Json) -> Sequence[Json]:
    """The encoded items of a branch; of a long list those that are asked for."""
    if are_pages(items):
        return Pages(items, engine.payloads.fetch)
    found: Sequence[Json] = engine.payloads.inline(items)
    return found


class Forks:
    """The forks whose children have been sent or begun here."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[tuple[str, float, str, int], Forked] = {}

    async def get(self, meta: Meta, branch: str, n: int) -> Forked:
        """The fork that a branch recorded as its record `n`."""
        key = (meta.execution, meta.created, branch, n)
        found = self._known.get(key)
        if found is None:
            engine = self._engine
            (record,) = await engine.ports.journal.read(meta.execution, branch, n - 1, 1)
            program = await engine.program(meta.digest)
            begins = record.data.get("begins")
            if begins is None:
                found = forked(engine, program, branch, n, record.data["state"])
            else:  # a job
                found = Forked(branch, n, begins, {"job": True}, None)  # type: ignore[arg-type]
            if len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = found
        return found


def first(engine: Engine, execution: str, fork: Forked, *, doubt: bool = False) -> list[Message]:
    """The messages of the children that begin with a fork, or the one that stands for them.

    `doubt`: they may have begun, and their messages been lost.
    """
    return _messages(engine, execution, fork, (0, fork.plan["lanes"]), whole=True, doubt=doubt)


async def spread(engine: Engine, delivery: Delivery, meta: Meta) -> None:
    """Send the children of a range, or split it. Stops are not looked at: children obey them."""
    message = delivery.message
    fork = await engine.forks.get(meta, message.branch, message.n)
    following = _messages(engine, message.execution, fork, message.data, doubt=message.doubt)
    effects: list[Effect] = [Send(following), Ack(delivery)]
    _, lighter = await engine.payloads.outgoing(message.execution, None, effects)
    await engine.commit(message.execution, message.branch, None, lighter)


def _messages(
    engine: Engine,
    execution: str,
    fork: Forked,
    places: Sequence[int],
    *,
    doubt: bool,
    whole: bool = False,
) -> list[Message]:
    """For a range of places among the children that begin with a fork."""
    begin, end = places
    width = engine.settings.spreader_width
    if end - begin <= width:
        siblings = ends.siblings(fork.plan, engine.settings.join_item_children)
        return [
            engine.message(
                execution,
                branch=ids.child_branch(fork.branch, fork.n, child),
                state=fork.begins(child),
                doubt=doubt,
            )
            for child in siblings.beginners(begin, end)
        ]
    size = end - begin if whole else max(width, -(-(end - begin) // width))
    return [
        engine.message(
            execution,
            Cause.SPREAD,
            branch=fork.branch,
            n=fork.n,
            data=[place, min(end, place + size)],
            doubt=doubt,
        )
        for place in range(begin, end, size)
    ]
