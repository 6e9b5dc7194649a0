"""A record and what follows it in one transaction, where a backend can do that."""

from collections.abc import Sequence
from typing import Protocol

from vivido.model.journal import Record
from vivido.ports.effects import Effect


class Atomic(Protocol):
    """Optional: a backend without it performs the append and then the effects one after another."""

    async def commit(
        self, execution: str, branch: str, record: Record | None, effects: Sequence[Effect]
    ) -> Record | None:
        """Append `record` (if one is given) and perform the effects in order: all of it or nothing.

        If there is a record of that number already, do nothing at all and return it. Otherwise
        return None. It is durable on return if there is a record, a new META, a stop, or messages
        without an `Ack` or `Back` beside them: messages that are handed on need not be, since a
        failure that takes them takes the `Ack` too.
        """
        ...
