"""What the runtime asks of the outside: Protocols whose docstrings are the specification.

A backend is one object for each port; `Ports` bundles them. Every port is safe to call again: the
protocol repeats what it is not sure of. One contract suite (`tests/contract`) holds all backends
to these texts.

*Durable* is what a power failure leaves; a backend says so where it promises it. All else survives
the death of a process, and a power failure takes it back from the newest on: never an operation
without all that were made after it returned. So what follows from a lost operation is lost too,
and to lose some is to have crashed a moment earlier. What is given to a port is not changed
afterwards, neither by who gave it nor by the port.
"""

from vivido.ports.actions import Action, Actions
from vivido.ports.arriving import arrive
from vivido.ports.atomic import Atomic
from vivido.ports.blobs import Blobs
from vivido.ports.bundle import Ports
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
from vivido.ports.journal import Journal
from vivido.ports.limits import Claim, Entered, Entry, Limits, Slot, Standing
from vivido.ports.metas import MetaFilter, Metas
from vivido.ports.notes import Line, Notes, Progress
from vivido.ports.queue import Queue, Queued
from vivido.ports.retention import Retention, Swept
from vivido.ports.sets import Joins, Parked, Wait, Waits
from vivido.ports.switches import SwitchedOff, Switches
from vivido.ports.world import Clock, Ids, Registry

__all__ = [
    "Ack",
    "Action",
    "Actions",
    "Arm",
    "Arrive",
    "Atomic",
    "Back",
    "Blobs",
    "Claim",
    "Clock",
    "Effect",
    "Entered",
    "Entry",
    "Ids",
    "Joins",
    "Journal",
    "Leave",
    "Limits",
    "Line",
    "MetaFilter",
    "Metas",
    "Notes",
    "Parked",
    "Ports",
    "Progress",
    "PutMeta",
    "PutStatus",
    "Queue",
    "Queued",
    "Registry",
    "Reopen",
    "Retention",
    "Send",
    "Slot",
    "Standing",
    "Stop",
    "Swept",
    "SwitchedOff",
    "Switches",
    "Tell",
    "Unstop",
    "Wait",
    "Waits",
    "arrive",
]
