"""All ports of one backend together."""

from dataclasses import dataclass

from vivido.ports.actions import Actions
from vivido.ports.atomic import Atomic
from vivido.ports.blobs import Blobs
from vivido.ports.journal import Journal
from vivido.ports.limits import Limits
from vivido.ports.metas import Metas
from vivido.ports.notes import Notes
from vivido.ports.queue import Queue
from vivido.ports.retention import Retention
from vivido.ports.sets import Joins, Parked, Waits
from vivido.ports.switches import Switches
from vivido.ports.world import Clock, Ids, Registry


@dataclass(frozen=True, slots=True)
class Ports:
    """What a runtime runs on."""

    journal: Journal
    metas: Metas
    queue: Queue
    joins: Joins
    waits: Waits
    parked: Parked
    limits: Limits
    blobs: Blobs
    retention: Retention
    notes: Notes
    actions: Actions
    switches: Switches
    registry: Registry
    clock: Clock
    ids: Ids
    atomic: Atomic | None = None
