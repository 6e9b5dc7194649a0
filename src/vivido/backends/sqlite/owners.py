"""Which process a leased message belongs to: each has a number, and those of the dead are freed.

So the messages of a process that was killed are received by another at once, with their receive
counts, and those of a living one by nobody else, however long its steps take.
"""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from math import inf

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.liveness import Liveness
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.errors import VividoError
from vivido.ports.world import Clock

_SEEN_SECONDS = 30.0  # how often a process says that it is alive


class Owners:
    """All processes that receive from a store; `own` is this one's number, None before `claim`."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        liveness: Liveness,
        clock: Clock,
        poll_seconds: float,
    ) -> None:
        self._poll_seconds = poll_seconds
        self._database = database
        self._writer = writer
        self._liveness = liveness
        self._clock = clock
        self._claiming = asyncio.Lock()
        self._look_at = -inf  # by the loop's clock
        self._seen_at = -inf
        self.own: int | None = None

    async def claim(self) -> None:
        """Become an owner, before the first lease."""
        async with self._claiming:
            if self.own is None:
                await self._claim()

    async def _claim(self) -> None:
        self._seen_at = self._clock.now()
        claimed: set[int] = set()

        def run(transaction: Transaction) -> int:
            owner = transaction.run(queries.ADD_OWNER, os.getpid(), self._seen_at).lastrowid or 0
            self._liveness.claim(owner)  # before anybody else can read the number
            claimed.add(owner)
            return owner

        try:
            self.own = await self._writer.write(Change(run, durable=False))
        except BaseException:
            for owner in claimed:
                self._liveness.release(owner)
            raise

    async def free_the_dead(self) -> bool:
        """Make the leases of dead processes visible, if it is time to look; whether any died."""
        loop_time = asyncio.get_running_loop().time()
        if loop_time < self._look_at:
            return False
        self._look_at = loop_time + self._poll_seconds
        now = self._clock.now()
        others = self._database.rows(queries.OTHER_OWNERS, self.own)
        dead = [owner for owner, seen in others if not self._liveness.alive(owner, seen, now)]
        if now >= self._seen_at + _SEEN_SECONDS:
            await self._say_so(now)
        if dead:
            await self._writer.write(self._freeing(dead))
        return bool(dead)

    async def _say_so(self, now: float) -> None:
        """Be seen. Where locks are missing, who was silent was taken for dead: it begins anew."""
        self._seen_at = now

        def run(transaction: Transaction) -> bool:
            return transaction.run(queries.SEEN, now, self.own).rowcount > 0

        if not await self._writer.write(Change(run, durable=False)):
            await self._claim()

    def _freeing(self, owners: Sequence[int]) -> Change[None]:
        def run(transaction: Transaction) -> None:
            for owner in owners:
                transaction.run(queries.FREE_LEASES, owner)
                transaction.run(queries.REMOVE_OWNER, owner)

        return Change(run, durable=False)

    def release(self, first: Change[None]) -> None:
        """Make a last change, free all leases of this process, and be no owner any more.

        Where the file cannot be written now, others free the leases: they find this owner dead.
        """
        if self.own is not None:
            freeing = self._freeing([self.own])

            def run(transaction: Transaction) -> None:
                first.run(transaction)
                freeing.run(transaction)

            with suppress(VividoError):
                self._writer.write_now(Change(run, durable=False))
            self._liveness.release(self.own)
            self.own = None
        self._liveness.close()
