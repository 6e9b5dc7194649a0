"""META items in a table; what is searched for has a column of its own."""

from collections.abc import Callable, Sequence
from math import inf

from vivido.backends.sqlite import queries
from vivido.backends.sqlite.database import Database
from vivido.backends.sqlite.retention import forget
from vivido.backends.sqlite.writer import Change, Transaction, Writer
from vivido.backends.wire import meta_body, meta_of
from vivido.model.journal import Json, Meta, Pins, Status, StopHow
from vivido.ports.metas import NO_PINS, MetaFilter
from vivido.ports.world import Clock

_REMEMBERED = 256  # METAs that are not read again while their text is the same


class SqliteMetas:
    """The `Metas` port."""

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._read: dict[str, tuple[str, Meta]] = {}

    def read(self, execution: str) -> Meta | None:
        """META, or None."""
        row = self._database.row(queries.GET_META, execution)
        return None if row is None else self.known(execution, row[0])

    def known(self, execution: str, body: str) -> Meta:
        """Read a body, or remember what it was read as: the children of a fork read the same."""
        before = self._read.get(execution)
        if before is not None and before[0] == body:
            return before[1]
        if len(self._read) >= _REMEMBERED:
            self._read.clear()
        meta = meta_of(body)
        self._read[execution] = (body, meta)
        return meta

    async def create(self, meta: Meta) -> Meta | None:
        """See `Metas.create`."""
        return await self._writer.write(self.creating(meta))

    def creating(self, meta: Meta) -> Change[Meta | None]:
        """The change that `create` makes."""
        row = (
            meta.execution,
            meta.workflow,
            meta.status.value,
            meta.created,
            meta_body(meta).decode(),
        )

        def run(transaction: Transaction) -> Meta | None:
            if transaction.run(queries.CREATE_META, *row).rowcount:
                forget(transaction, meta.execution)
                return None
            (body,) = transaction.run(queries.GET_META, meta.execution).fetchone()
            return meta_of(body)

        return Change(run, durable=True)

    async def get(self, execution: str) -> Meta | None:
        """See `Metas.get`."""
        return self.read(execution)

    async def set_status(
        self,
        execution: str,
        status: Status,
        as_of: int,
        *,
        output: Json | None = None,
        error: Json | None = None,
    ) -> None:
        """See `Metas.set_status`."""
        await self._writer.write(self.setting_status(execution, status, as_of, output, error))

    def setting_status(
        self, execution: str, status: Status, as_of: int, output: Json | None, error: Json | None
    ) -> Change[None]:
        """The change that `set_status` makes: relaxed, for the record behind it is durable."""
        now = self._clock.now()

        def changed(meta: Meta) -> Meta:
            return meta.with_status(status, as_of, now, output, error)

        return _changing(execution, changed, durable=False)

    async def stop(self, execution: str, scope: str, how: StopHow) -> None:
        """See `Metas.stop`."""
        await self._writer.write(self.stopping(execution, scope, how))

    def stopping(self, execution: str, scope: str, how: StopHow) -> Change[None]:
        """The change that `stop` makes."""
        now = self._clock.now()
        return _changing(execution, lambda meta: meta.with_stop(scope, how, now), durable=True)

    async def unstop(self, execution: str, scope: str) -> None:
        """See `Metas.unstop`."""
        await self._writer.write(self.unstopping(execution, scope))

    def unstopping(self, execution: str, scope: str) -> Change[None]:
        """The change that `unstop` makes: relaxed, for the record behind it is durable."""
        now = self._clock.now()
        return _changing(execution, lambda meta: meta.without_stop(scope, now), durable=False)

    async def pause(self, execution: str, *, paused: bool) -> None:
        """See `Metas.pause`."""
        now = self._clock.now()

        def changed(meta: Meta) -> Meta:
            return meta.with_pause(now, paused=paused)

        await self._writer.write(_changing(execution, changed, durable=True))

    async def redrive(self, execution: str, as_of: int, pins: Pins = NO_PINS) -> None:
        """See `Metas.redrive`."""
        await self._writer.write(self.reopening(execution, as_of, pins))

    def reopening(self, execution: str, as_of: int, pins: Pins) -> Change[None]:
        """The change that `redrive` makes."""
        now = self._clock.now()
        return _changing(execution, lambda meta: meta.redriven(as_of, now, pins), durable=True)

    async def list(self, which: MetaFilter) -> Sequence[Meta]:
        """See `Metas.list`."""
        query = queries.LIST_METAS[which.workflow is not None, which.status is not None]
        before = inf if which.created_before is None else which.created_before
        cursor = min((before, ""), which.after or (inf, ""))
        status = None if which.status is None else which.status.value
        given = [part for part in (which.workflow, status) if part is not None]
        rows = self._database.rows(query, *given, *cursor, which.limit)
        return [meta_of(body) for (body,) in rows]


def _changing(execution: str, changed: Callable[[Meta], Meta], *, durable: bool) -> Change[None]:
    """Read, change, write, in one transaction. A META without a change is not written."""

    def run(transaction: Transaction) -> None:
        row = transaction.run(queries.GET_META, execution).fetchone()
        if row is None:
            return
        old = meta_of(row[0])
        new = changed(old)
        if new is not old:
            transaction.run(
                queries.CHANGE_META, new.status.value, meta_body(new).decode(), execution
            )

    return Change(run, durable)
