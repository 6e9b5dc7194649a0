"""A record and what follows it in one transaction: the append decides, the effects follow."""

from collections.abc import Sequence
from typing import Any, assert_never

from vivido.backends.sqlite.journal import SqliteJournal
from vivido.backends.sqlite.limits import SqliteLimits
from vivido.backends.sqlite.metas import SqliteMetas
from vivido.backends.sqlite.queue import SqliteQueue
from vivido.backends.sqlite.sets import SqliteWaits, arrived
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.model.journal import Record
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
from vivido.ports.limits import Slot


class SqliteAtomic:
    """The `Atomic` port. It needs no savepoint: a refused append is all that is done."""

    def __init__(
        self,
        writer: Writer,
        journal: SqliteJournal,
        metas: SqliteMetas,
        queue: SqliteQueue,
        waits: SqliteWaits,
        limits: SqliteLimits,
    ) -> None:
        self._writer = writer
        self._journal = journal
        self._metas = metas
        self._queue = queue
        self._waits = waits
        self._limits = limits

    async def commit(
        self, execution: str, branch: str, record: Record | None, effects: Sequence[Effect]
    ) -> Record | None:
        """See `Atomic.commit`."""
        append = None if record is None else self._journal.appending(execution, branch, record)
        changes = [self._change(effect) for effect in effects]
        results: list[Any] = []

        def run(transaction: Transaction) -> Record | None:
            results.clear()
            old = append.run(transaction) if append else None
            if old is None:
                results.extend(change.run(transaction) for change in changes)
            return old

        def then(old: Record | None) -> None:
            if old is None:
                for change, result in zip(changes, results, strict=True):
                    if change.then:
                        change.then(result)

        durable = append is not None or _is_durable(effects, changes)
        return await self._writer.write(Change(run, durable, then))

    def _change(self, effect: Effect) -> Change[Any]:  # noqa: C901, PLR0911, PLR0912  (one for each)
        match effect:
            case Send(messages=messages, delay=delay):
                return self._queue.sending(messages, delay)
            case Ack(delivery=delivery):
                return self._queue.acknowledging(delivery)
            case Back(delivery=delivery, delay=delay):
                return self._queue.giving_back(delivery, delay)
            case PutStatus(execution, status, as_of, output, error):
                return self._metas.setting_status(execution, status, as_of, output, error)
            case Reopen(execution, as_of, pins):
                return self._metas.reopening(execution, as_of, pins)
            case PutMeta(meta=meta):
                return self._metas.creating(meta)
            case Arm(wait=wait):
                return self._waits.putting(wait)
            case Stop():
                return self._stopping(effect)
            case Unstop(execution=execution, scope=scope):
                return self._metas.unstopping(execution, scope)
            case Leave(slot=slot):
                return self._leaving(slot)
            case Tell():
                return self._telling(effect)
            case Arrive():
                return self._arriving(effect)
            case _:
                assert_never(effect)

    def _stopping(self, stop: Stop) -> Change[None]:
        """Stop, unless the record is there after which nobody is left to be stopped."""
        stopping = self._metas.stopping(stop.execution, stop.scope, stop.how)
        if stop.joined is None:
            return stopping
        joined = stop.joined

        def run(transaction: Transaction) -> None:
            if not self._journal.holds(transaction, stop.execution, *joined):
                stopping.run(transaction)

        return Change(run, durable=True)

    def _arriving(self, arrival: Arrive) -> Change[list[tuple[Change[Any], Any]]]:
        """Arrive, and do what follows in the same transaction. The result: what was done."""

        def run(transaction: Transaction) -> list[tuple[Change[Any], Any]]:
            following = [self._change(effect) for effect in arrived(transaction, arrival)]
            return [(change, change.run(transaction)) for change in following]

        return Change(run, durable=False, then=_afterwards)

    def _telling(self, tell: Tell) -> Change[list[tuple[Change[Any], Any]]]:
        """Send to all that wait for a job, in the same transaction."""

        def run(transaction: Transaction) -> list[tuple[Change[Any], Any]]:
            waits = self._waits.waiting(transaction, tell.execution, tell.job)
            sending = [self._queue.sending(tell.messages(waits), 0.0)] if waits else []
            return [(change, change.run(transaction)) for change in sending]

        return Change(run, durable=False, then=_afterwards)

    def _leaving(self, slot: Slot) -> Change[list[tuple[Change[Any], Any]]]:
        """Leave, and wake who got a slot in the same transaction."""
        leave = self._limits.leaving(slot)

        def run(transaction: Transaction) -> list[tuple[Change[Any], Any]]:
            wakes = leave.run(transaction)
            sending = [self._queue.sending(wakes, 0.0)] if wakes else []
            return [(change, change.run(transaction)) for change in sending]

        return Change(run, durable=False, then=_afterwards)


def _afterwards(done: list[tuple[Change[Any], Any]]) -> None:
    for change, result in done:
        if change.then:
            change.then(result)


def _is_durable(effects: Sequence[Effect], changes: Sequence[Change[Any]]) -> bool:
    """Whether a commit without a record waits for the disk.

    A message that is sent in the same commit in which its sender is acknowledged need not: either
    both are lost, and the sender is delivered again, or none.
    """
    hands_on = any(isinstance(effect, Ack | Back) for effect in effects)
    return any(
        change.durable and not (hands_on and isinstance(effect, Send))
        for effect, change in zip(effects, changes, strict=True)
    )
