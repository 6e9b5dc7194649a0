"""Sends what should be in the queue: of one execution, or of all that has stood still for long.

Nothing here appends to a journal: a message that was not missing is one more twin. Beside the queue
it only removes what is left of stops that came too late.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vivido.engine.repair import Due, Head, Standing, leftovers, missing
from vivido.model.journal import Cause, Message, Meta, Status
from vivido.ports import MetaFilter, Ports

_AT_ONCE: Final = 100  # messages in one request
_PAGE: Final = 500  # executions


@dataclass(frozen=True, slots=True)
class Repaired:
    """Which messages were sent to which execution."""

    execution: str
    dues: Sequence[Due]


class Repairs:
    """Repairs over some ports."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    async def repair(self, execution: str) -> list[Repaired]:
        """Send every message that an execution and its child executions may lack.

        Safe at any time and when nothing is missing, but a step that is running may run twice.
        """
        meta = await self.ports.metas.get(execution)
        if meta is None:
            return []
        dues = await self._repaired(meta)
        done = [Repaired(execution, dues)] if dues else []
        for due in dues:
            if due.child is not None:
                done += await self.repair(due.child)
        return done

    async def repair_all(self) -> AsyncIterator[Repaired]:
        """Repair every execution that has not ended, child executions too."""
        for status in (Status.RUNNING, Status.COMPENSATING, Status.NEEDS_ATTENTION):
            which = MetaFilter(status=status, limit=_PAGE)
            while metas := await self.ports.metas.list(which):
                for meta in metas:
                    if dues := await self._repaired(meta):
                        yield Repaired(meta.execution, dues)
                which = replace(which, after=(metas[-1].created, metas[-1].execution))

    async def _repaired(self, meta: Meta) -> list[Due]:
        standing = await self.standing(meta.execution)
        for scope in leftovers(meta, standing):
            await self.ports.metas.unstop(meta.execution, scope)
        dues = await self.missing(meta, standing)
        await self.send(meta.execution, dues)
        return dues

    async def standing(self, execution: str) -> Standing:
        """The heads of all branches, read in pages."""
        heads: list[Head] = []
        after = ""
        while page := await self.ports.journal.heads(execution, after):
            heads += [Head.of(execution, branch, record) for branch, record in page]
            after = page[-1][0]
        return Standing(heads)

    async def missing(self, meta: Meta, standing: Standing) -> list[Due]:
        """What should be in the queue."""
        parked = await self.ports.parked.scan(meta.execution)
        paused = meta.paused or (await self.ports.switches.read()).holds(meta.workflow)
        return missing(meta, standing, parked, self.ports.clock.now(), paused=paused)

    async def send(self, execution: str, dues: Sequence[Due]) -> None:
        """Send; what is still in the queue from another repair stays as it is."""
        now = self.ports.clock.now()
        later = [due for due in dues if due.at > now]
        soon = [_message(execution, due) for due in dues if due.at <= now]
        for begin in range(0, len(soon), _AT_ONCE):
            await self.ports.queue.send(soon[begin : begin + _AT_ONCE])
        for due in later:
            await self.ports.queue.send([_message(execution, due)], due.at - now)


def _message(execution: str, due: Due) -> Message:
    """The id says what it is for: sent twice, it is one message."""
    return Message(
        id=f"repair {execution} {due.branch} {due.n} {due.cause}",
        execution=execution,
        branch=due.branch,
        n=due.n,
        cause=due.cause,
        doubt=due.doubt and due.cause is Cause.GO,
    )
