"""The sweeper: finds executions that have stood still for long, and repairs them.

It looks at so many executions at a time, one after the other and then from the start again, so its
cost does not grow with the store; and at nothing that a step does. What it does is a line in the
notes of the execution and in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from math import inf
from typing import Final

from vivido.engine.repair import Due, Standing, overdue
from vivido.model.journal import Cause, Message, Meta, Status
from vivido.ports import Line, MetaFilter, Ports
from vivido.runtime.repairing import Repaired, Repairs

log = logging.getLogger("vivido.sweeper")

_MOVING: Final = (Status.RUNNING, Status.COMPENSATING)
_LOOKED_AT: Final = 1_000  # messages of one execution: with more it is surely not stuck
_REMEMBERED: Final = 10_000
_IN_VAIN: Final = 2  # repairs of the same thing, after which it is an error


_Key = tuple[str, str, int, Cause]


class Sweeper:
    """`bound`: seconds without a record after which an execution that waits for nothing is stuck.

    Where the queue cannot tell what it holds, `bound` must be above the longest lease.
    """

    def __init__(self, ports: Ports, *, bound: float, at_once: int = 500) -> None:
        self.ports, self.bound, self.at_once = ports, bound, at_once
        self.repairs = Repairs(ports)
        self.repaired = 0  # messages that were sent
        self._place = 0  # in _MOVING
        self._after: tuple[float, str] | None = None
        self._sent: dict[_Key, tuple[float, int]] = {}  # when, and how often

    async def run(self, every: float) -> None:
        """Look at the next executions every so many seconds, until it is cancelled."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.tick()
            except Exception as error:  # noqa: BLE001  whatever it is, it is tried again
                log.warning("the sweeper could not look: %s", error)

    async def tick(self) -> list[Repaired]:
        """Look at the next executions, at most `at_once`; repair those that are stuck."""
        which = MetaFilter(status=_MOVING[self._place], limit=self.at_once, after=self._after)
        metas = await self.ports.metas.list(which)
        if len(metas) < self.at_once:
            self._place, self._after = (self._place + 1) % len(_MOVING), None
        else:
            self._after = (metas[-1].created, metas[-1].execution)
        found: list[Repaired] = []
        for meta in metas:
            if (one := await self.look(meta)) is not None:
                found.append(one)
            await asyncio.sleep(0)  # steps go first, also where no read gives up control
        return found

    async def sweep(self) -> AsyncIterator[Repaired]:
        """Look at all executions once."""
        self._place, self._after = 0, None
        while True:
            for one in await self.tick():
                yield one
            if (self._place, self._after) == (0, None):
                return

    async def look(self, meta: Meta) -> Repaired | None:
        """Repair one execution, if it is stuck."""
        before = self.ports.clock.now() - self.bound
        if meta.updated > before or meta.paused:
            return None
        there = await self._queued(meta.execution)
        if there is None:
            return None
        standing = await self.repairs.standing(meta.execution)
        dues = await self.repairs.missing(meta, standing)
        if not any(due.since < before for due in dues):
            return None
        if (await self.ports.switches.read()).holds(meta.workflow):
            return None
        late = [
            due
            for due in overdue(dues, standing, before, there)
            if await self._waits_in_vain(due, before) and self._is_new(meta.execution, due)
        ]
        return await self._repair(meta, standing, late) if late else None

    async def _queued(self, execution: str) -> Sequence[Message] | None:
        """What is queued for later; None where something is to be done just now."""
        queued = await self.ports.queue.of(execution, _LOOKED_AT) or ()
        now = self.ports.clock.now()
        if len(queued) == _LOOKED_AT or any(one.leased or one.visible_at <= now for one in queued):
            return None
        return [one.message for one in queued]

    async def _waits_in_vain(self, due: Due, before: float) -> bool:
        """Whether a child execution, if one is waited for, was never begun or has long ended."""
        if due.child is None:
            return True
        child = await self.ports.metas.get(due.child)
        return child is None or (child.status.is_end and child.updated < before)

    def _is_new(self, execution: str, due: Due) -> bool:
        """Whether this has not just been sent: a worker may be far behind."""
        now, key = self.ports.clock.now(), _key(execution, due)
        at, times = self._sent.get(key, (-inf, 0))
        if at > now - 2 * self.bound:
            return False
        if len(self._sent) >= _REMEMBERED:
            self._sent.clear()
        self._sent[key] = now, times + 1
        return True

    async def _repair(self, meta: Meta, standing: Standing, late: Sequence[Due]) -> Repaired:
        await self.repairs.send(meta.execution, late)
        self.repaired += len(late)
        now = self.ports.clock.now()
        times = [self._sent[_key(meta.execution, due)][1] for due in late]
        lines = [_line(due, standing, now, n) for due, n in zip(late, times, strict=True)]
        level = logging.ERROR if max(times) > _IN_VAIN else logging.WARNING
        log.log(level, "execution %s: %s", meta.execution, lines[0].text)
        await self.ports.notes.log(meta.execution, lines)
        return Repaired(meta.execution, late)


def _key(execution: str, due: Due) -> _Key:
    return (execution, due.branch, due.n, due.cause)


def _line(due: Due, standing: Standing, now: float, times: int) -> Line:
    """What is said of a repair, for people."""
    head = standing.heads.get(due.branch)
    stands = "before its first record" if head is None else f"at record {head.n}, {head.kind}"
    text = f"repaired by the sweeper: nothing had happened for {now - due.since:.0f} s {stands}"
    again = "" if times == 1 else f", for the {times}. time: is there a worker that has its code?"
    text = f"{text}; sent: {due.cause}{again}"
    return Line(now, due.branch, "", "sweeper", 0, "warning", text)
