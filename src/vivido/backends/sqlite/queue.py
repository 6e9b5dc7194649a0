"""The queue in a table: whose message it is stands in its row, until when in `leases`.

A message that this process sends to a pool from which it receives is leased in the very statement
that inserts it, and then received as the object that was sent. So the usual message costs an
INSERT and a DELETE and is never decoded. Past a bound of messages held, messages are left to
whoever asks first.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from math import inf

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.leases import Leases
from vivido.backends.sqlite.owners import Owners
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.backends.wire import message_body, message_of
from vivido.ids import child_prefixes
from vivido.model.journal import Delivery, Message
from vivido.ports.queue import Queued
from vivido.ports.world import Clock, Ids

_LEAST_WAIT = (
    0.005  # seconds: a pool that nobody receives from any more must not keep the loop busy
)


class SqliteQueue:
    """The `Queue` port."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        owners: Owners,
        leases: Leases,
        clock: Clock,
        ids: Ids,
        poll_seconds: float,
    ) -> None:
        self._poll_seconds = poll_seconds
        self._database = database
        self._writer = writer
        self._owners = owners
        self._leases = leases
        self._clock = clock
        self._ids = ids
        self._pools: set[str] = set()  # from which this process receives
        self._due: dict[str, float] = {}  # by pool: when the first message without owner is visible
        self._elsewhere = database.changes_elsewhere()
        self._changed = asyncio.Event()
        self._family: tuple[str, str, str] | None = None  # whose messages are received

    def only(self, execution: str) -> None:
        """Receive from now on only what an execution and its child executions need."""
        one, other = child_prefixes(execution)  # no id holds a sign that GLOB gives a meaning to
        self._family = (execution, f"{one}*", f"{other}*")

    def _is_ours(self, execution: str) -> bool:
        if self._family is None:
            return True
        one, *children = self._family
        return execution == one or any(execution.startswith(child[:-1]) for child in children)

    async def send(self, messages: Sequence[Message], delay: float = 0.0) -> None:
        """See `Queue.send`."""
        await self._writer.write(self.sending(messages, delay))

    def sending(self, messages: Sequence[Message], delay: float) -> Change[list[Message]]:
        """The change that `send` makes; its result is what this process has leased at once."""
        visible_at = self._clock.now() + delay
        bodies = [message_body(message).decode() for message in messages]
        pools = self._pools if delay <= 0 else ()

        def run(transaction: Transaction) -> list[Message]:
            room = transaction.shared.get("room", self._leases.room)
            taken: list[Message] = []
            for message, body in zip(messages, bodies, strict=True):
                take = message.pool in pools and len(taken) < room
                take = take and self._is_ours(message.execution)
                owner = self._owners.own if take else None
                key = (message.execution, message.id, message.pool, visible_at)
                receives = 0 if owner is None else 1
                added = transaction.run(queries.SEND, *key, owner, receives, body).rowcount
                if added and owner is not None:
                    taken.append(message)
            transaction.shared["room"] = room - len(taken)
            return taken

        def then(taken: list[Message]) -> None:
            for message in taken:
                self._leases.add(message, 1)
            if len(taken) < len(messages):
                for pool in {message.pool for message in messages}:
                    self._expect(pool, visible_at)
            self._changed.set()

        return Change(run, durable=True, then=then)

    def _expect(self, pool: str, visible_at: float) -> None:
        if pool in self._due:  # else the file is asked anyway
            self._due[pool] = min(self._due[pool], visible_at)

    async def receive(self, pool: str, limit: int) -> Sequence[Delivery]:
        """See `Queue.receive`."""
        self._changed.clear()
        if pool not in self._pools:
            await self._owners.claim()
            self._pools.add(pool)
        if await self._owners.free_the_dead():
            self._due.clear()
        now = self._clock.now()
        if self._leases.lapsed(now):
            await self._writer.write(self._lapsing(now))
        wanted = min(limit, max(self._leases.room, limit - self._leases.ready_in(pool)))
        if wanted > 0 and self._is_due(pool, now):
            await self._writer.write(self._leasing(pool, wanted, now))
        return self._leases.take(pool, limit, now, self._ids.new)

    def _is_due(self, pool: str, now: float) -> bool:
        """Whether the file has a visible message without owner; it is asked if that may be so."""
        elsewhere = self._database.changes_elsewhere()
        if elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            self._due.clear()
        if pool not in self._due:
            if self._family is None:
                row = self._database.row(queries.NEXT_VISIBLE, pool)
            else:
                row = self._database.row(queries.NEXT_VISIBLE_OF, pool, *self._family)
            self._due[pool] = inf if row is None or row[0] is None else row[0]
        return self._due[pool] <= now

    def _leasing(self, pool: str, limit: int, now: float) -> Change[list[tuple[Message, int]]]:
        def run(transaction: Transaction) -> list[tuple[Message, int]]:
            if self._family is None:
                found = transaction.run(queries.VISIBLE, pool, now, limit).fetchall()
            else:
                which = (pool, now, *self._family, limit)
                found = transaction.run(queries.VISIBLE_OF, *which).fetchall()
            leased: list[tuple[Message, int]] = []
            for execution, id_, receives, body in found:
                transaction.run(queries.LEASE, self._owners.own, receives + 1, execution, id_)
                leased.append((message_of(id_, pool, execution, body), receives + 1))
            return leased

        def then(leased: list[tuple[Message, int]]) -> None:
            for message, receives in leased:
                self._leases.add(message, receives)
            self._due.pop(pool, None)

        return Change(run, durable=False, then=then)

    def _lapsing(self, now: float) -> Change[None]:
        lapsed = self._leases.lapsed(now)

        def run(transaction: Transaction) -> None:
            for one in lapsed:
                key = (one.message.execution, one.message.id)
                transaction.run(queries.LEASE, self._owners.own, one.receives, *key)

        def then(_: None) -> None:
            for one in lapsed:
                self._leases.take_back(one)

        return Change(run, durable=False, then=then)

    async def ack(self, delivery: Delivery) -> None:
        """See `Queue.ack`: nothing, after a newer delivery."""
        await self._writer.write(self.acknowledging(delivery))

    def acknowledging(self, delivery: Delivery) -> Change[None]:
        """The change that `ack` makes."""
        message = delivery.message

        def run(transaction: Transaction) -> None:
            if self._leases.holds(delivery):
                transaction.run(queries.ACK, message.execution, message.id, self._owners.own)

        return Change(run, durable=False, then=lambda _: self._leases.end(delivery))

    async def back(self, delivery: Delivery, delay: float) -> None:
        """See `Queue.back`: nothing, after a newer delivery."""
        await self._writer.write(self.giving_back(delivery, delay))

    def giving_back(self, delivery: Delivery, delay: float) -> Change[None]:
        """The change that `back` makes."""
        message, visible_at = delivery.message, self._clock.now() + delay

        def run(transaction: Transaction) -> None:
            if self._leases.holds(delivery):
                key = (message.execution, message.id)
                transaction.run(queries.BACK, visible_at, *key, self._owners.own)

        def then(_: None) -> None:
            self._leases.end(delivery)
            self._expect(message.pool, visible_at)
            self._changed.set()

        return Change(run, durable=False, then=then)

    async def renew(self, deliveries: Sequence[Delivery]) -> None:
        """See `Queue.renew`: nothing, after a newer delivery. Writes nothing."""
        now = self._clock.now()
        for delivery in deliveries:
            self._leases.renew(delivery, now)

    async def of(self, execution: str, limit: int = 1_000) -> Sequence[Queued] | None:
        """See `Queue.of`."""
        rows = self._database.rows(queries.MESSAGES_OF, execution, limit)
        return [
            Queued(message_of(id_, pool, execution, body), visible_at, bool(leased))
            for id_, pool, body, visible_at, leased in rows
        ]

    async def forget(self, execution: str) -> None:
        """See `Queue.forget`."""

        def run(transaction: Transaction) -> None:
            transaction.run(queries.FORGET, execution)

        await self._writer.write(
            Change(run, durable=False, then=lambda _: self._leases.forget(execution))
        )

    def next_visible(self) -> float | None:
        """When the next message of any pool becomes visible, or did (seconds since 1970), or None.

        A message that this process holds counts with the end of its lease; ready ones are visible
        now.
        """
        if next(self._leases.ready(), None):
            return self._clock.now()
        row = self._database.row(queries.NEXT_VISIBLE_OF_ALL)
        times = [self._leases.first_end(), None if row is None else row[0]]
        return min((time for time in times if time is not None), default=None)

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109  (no error: just the end of waiting)
        """See `Queue.wait`."""
        end = self._leases.first_end()
        soon = min(inf if end is None else end, *self._due.values(), inf) - self._clock.now()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(timeout, self._poll_seconds, max(soon, _LEAST_WAIT))):
                await self._changed.wait()

    def release(self) -> None:
        """Give back all that this process holds, for others to receive at once: this is the end."""

        def run(transaction: Transaction) -> None:
            for message, receives in self._leases.ready():  # never delivered, so not counted
                key = (message.execution, message.id)
                transaction.run(queries.LEASE, None, receives - 1, *key)

        self._owners.release(Change(run, durable=False))
