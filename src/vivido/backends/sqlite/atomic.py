"""A record and what follows it in one transaction: the append decides, the effects follow."""

from collections.abc import Sequence
from typing import Any, assert_never

from vivido.backends.sqlite.journal import SqliteJournal
from vivido.backends.sqlite.metas import SqliteMetas
from vivido.backends.sqlite.queue import SqliteQueue
from vivido.backends.sqlite.sets import SqliteWaits, completes
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.model.journal import Record
from vivido.ports.effects import Ack, Arm, Arrive, Back, Effect, PutMeta, PutStatus, Send, Stop


class SqliteAtomic:
    """The `Atomic` port. It needs no savepoint: a refused append is all that is done."""

    def __init__(
        self,
        writer: Writer,
        journal: SqliteJournal,
        metas: SqliteMetas,
        queue: SqliteQueue,
        waits: SqliteWaits,
    ) -> None:
        self._writer = writer
        self._journal = journal
        self._metas = metas
        self._queue = queue
        self._waits = waits

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

    def _change(self, effect: Effect) -> Change[Any]:  # noqa: PLR0911  (one for each effect)
        match effect:
            case Send(messages=messages, delay=delay):
                return self._queue.sending(messages, delay)
            case Ack(delivery=delivery):
                return self._queue.acknowledging(delivery)
            case Back(delivery=delivery, delay=delay):
                return self._queue.giving_back(delivery, delay)
            case PutStatus(execution, status, as_of, output, error):
                return self._metas.setting_status(execution, status, as_of, output, error)
            case PutMeta(meta=meta):
                return self._metas.creating(meta)
            case Arm(wait=wait):
                return self._waits.putting(wait)
            case Stop(execution=execution, scope=scope, how=how):
                return self._metas.stopping(execution, scope, how)
            case Arrive():
                return self._arriving(effect)
            case _:
                assert_never(effect)

    def _arriving(self, arrival: Arrive) -> Change[list[Any]]:
        """Arrive; who completes the fork sends its parent on. The result: what was sent, if any."""
        sending = self._queue.sending([arrival.joined], 0.0)

        def run(transaction: Transaction) -> list[Any]:
            return [sending.run(transaction)] if completes(transaction, arrival) else []

        def then(sent: list[Any]) -> None:
            if sent and sending.then:
                sending.then(sent[0])

        return Change(run, durable=False, then=then)


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
