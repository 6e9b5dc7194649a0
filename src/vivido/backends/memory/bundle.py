"""The ports of one memory, put together."""

from collections.abc import Callable
from typing import Any

from vivido.backends.memory.actions import MemoryActions
from vivido.backends.memory.atomic import MemoryAtomic
from vivido.backends.memory.blobs import MemoryBlobs
from vivido.backends.memory.journal import MemoryJournal
from vivido.backends.memory.limits import MemoryLimits
from vivido.backends.memory.metas import MemoryMetas
from vivido.backends.memory.notes import MemoryNotes
from vivido.backends.memory.queue import MemoryQueue
from vivido.backends.memory.registry import MemoryRegistry
from vivido.backends.memory.retention import MemoryRetention
from vivido.backends.memory.sets import MemoryJoins, MemoryParked, MemoryWaits
from vivido.backends.memory.switches import MemorySwitches
from vivido.backends.wire import copied
from vivido.backends.world import SystemClock, SystemIds
from vivido.ports.bundle import Ports
from vivido.ports.world import Clock, Ids


def memory_ports(
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    lease_seconds: float = 90.0,
    atomic: bool = False,
    paranoid: bool = True,
    stale_acks: bool = False,
) -> Ports:
    """All ports over one new, empty memory.

    `atomic` offers the `Atomic` port; without it each operation is seen by itself, as fault tests
    need it. `paranoid` False stores what it is given, with `Message.live`: faster, for whoever
    trusts the caller.
    """
    clock, ids = clock or SystemClock(), ids or SystemIds()
    keep: Callable[[Any], Any] = copied if paranoid else _same
    metas = MemoryMetas(clock, keep)
    journal = MemoryJournal(metas, keep)
    queue = MemoryQueue(clock, ids, keep, lease_seconds, stale_acks=stale_acks)
    joins, waits, parked = MemoryJoins(), MemoryWaits(keep), MemoryParked(keep)
    blobs, notes, limits = MemoryBlobs(clock), MemoryNotes(), MemoryLimits(clock, keep)
    actions = MemoryActions()
    droppers = (journal, joins, waits, parked, limits, notes, actions)
    return Ports(
        journal=journal,
        metas=metas,
        queue=queue,
        joins=joins,
        waits=waits,
        parked=parked,
        limits=limits,
        blobs=blobs,
        retention=MemoryRetention(metas, queue, blobs, droppers),
        notes=notes,
        actions=actions,
        switches=MemorySwitches(),
        registry=MemoryRegistry(),
        clock=clock,
        ids=ids,
        atomic=MemoryAtomic(journal, metas, queue, joins, waits, limits, keep) if atomic else None,
    )


def _same(thing: object) -> object:
    return thing
