"""A record and what follows it, without a gap in which another coroutine could run."""

from collections.abc import Callable, Sequence
from typing import Any, assert_never

from vivido.backends.memory.journal import MemoryJournal
from vivido.backends.memory.limits import MemoryLimits
from vivido.backends.memory.metas import MemoryMetas
from vivido.backends.memory.queue import MemoryQueue
from vivido.backends.memory.sets import MemoryJoins, MemoryWaits
from vivido.model.journal import Record
from vivido.ports.arriving import arrive
from vivido.ports.effects import (
    Ack,
    Arm,
    Arrive,
    Back,
    Effect,
    Leave,
    PutMeta,
    PutStatus,
    Reopen,
    Send,
    Stop,
    Tell,
    Unstop,
)


class MemoryAtomic:
    """The `Atomic` port: no method here gives up control, so awaiting one by one is one step."""

    def __init__(
        self,
        journal: MemoryJournal,
        metas: MemoryMetas,
        queue: MemoryQueue,
        joins: MemoryJoins,
        waits: MemoryWaits,
        limits: MemoryLimits,
        keep: Callable[[Any], Any],
    ) -> None:
        self._journal = journal
        self._metas = metas
        self._queue = queue
        self._joins = joins
        self._waits = waits
        self._limits = limits
        self._keep = keep

    async def commit(
        self, execution: str, branch: str, record: Record | None, effects: Sequence[Effect]
    ) -> Record | None:
        """See `Atomic.commit`."""
        for effect in effects:  # what cannot be stored is found before anything is
            self._check(effect)
        if record and (old := await self._journal.append(execution, branch, record)):
            return old
        for effect in effects:
            await self._perform(effect)
        return None

    def _check(self, effect: Effect) -> None:
        match effect:
            case Send(messages=messages):
                for message in messages:
                    self._keep(message)
            case PutMeta(meta=meta):
                self._keep(meta)
            case Arm(wait=wait):
                self._keep(wait)
            case PutStatus(output=output, error=error):
                self._keep([output, error])
            case Arrive(joined=joined) | Tell(joined=joined):
                self._keep(joined)
            case Ack() | Back() | Stop() | Unstop() | Leave() | Reopen():
                pass
            case _:
                assert_never(effect)

    async def _perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912  (one for each effect)
        match effect:
            case Send(messages=messages, delay=delay):
                await self._queue.send(messages, delay)
            case Ack(delivery=delivery):
                await self._queue.ack(delivery)
            case Back(delivery=delivery, delay=delay):
                await self._queue.back(delivery, delay)
            case PutStatus(
                execution=execution, status=status, as_of=as_of, output=output, error=error
            ):
                await self._metas.set_status(execution, status, as_of, output=output, error=error)
            case Reopen(execution=execution, as_of=as_of, pins=pins):
                await self._metas.redrive(execution, as_of, pins)
            case PutMeta(meta=meta):
                await self._metas.create(meta)
            case Arm(wait=wait):
                await self._waits.put(wait)
            case Stop(execution=execution, scope=scope, how=how, joined=joined):
                if joined is None or self._journal.at(execution, joined[0], joined[1]) is None:
                    await self._metas.stop(execution, scope, how)
            case Unstop(execution=execution, scope=scope):
                await self._metas.unstop(execution, scope)
            case Leave(slot=slot):
                await self._queue.send(await self._limits.leave(slot))
            case Tell(execution=execution, job=job):
                await self._queue.send(effect.messages(await self._waits.scan(execution, job)))
            case Arrive():
                for following in await arrive(self._joins, effect):
                    await self._perform(following)
            case _:
                assert_never(effect)
