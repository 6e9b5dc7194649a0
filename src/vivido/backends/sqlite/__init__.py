"""Everything in one SQLite file: durable, shared by the processes of one machine, no server.

    with SqliteStore(".vivido/state.db") as store:
        ...  # store.ports, store.stats

**One writer that groups.** All operations issued in one turn of the event loop share one
transaction and so one sync (`writer`). SQLite runs in the loop's thread: statements take
microseconds, and a hop to a thread and back costs more than a sync on a good disk; where a sync
takes long, the loop waits that long for each group.

**Two kinds of commit.** The file is in WAL mode. A *durable* commit (`PRAGMA synchronous=FULL`)
syncs the log before it returns; a *relaxed* one (`NORMAL`) writes the log and does not sync.
SQLite on that: "WAL mode is always consistent with synchronous=NORMAL, but does lose durability. A
transaction committed in WAL mode with synchronous=NORMAL might roll back following a power loss or
system reboot" (https://www.sqlite.org/pragma.html#pragma_synchronous); the death of a process
takes nothing back. The log is one file that only grows between checkpoints, its checksums are
chained, and recovery keeps the longest valid beginning
(https://www.sqlite.org/fileformat2.html#the_write_ahead_log). Hence

1. a durable commit makes all relaxed ones before it durable too, whichever process made them;
2. a power failure takes back a row of *newest* relaxed commits, whole ones: the store is as it was
   a moment earlier.

So whatever is bookkeeping can be relaxed: to lose a lease, an acknowledgement, a message that was
given back, an arrival, a wait item or the status in META, together with all that came after it, is
to have crashed a moment earlier, which the protocol repairs by redelivery: the message whose
delivery did these things is still there. Durable is what somebody was told or what an effect
outside relies on: records, new executions, stops, pauses, redrives, definitions, and messages that
are sent outside of a delivery.

**Leases** end with their process, at once: `owners`. Within a living process they end by time:
`leases`.

A sync is what the system makes of it: on macOS it ends in the cache of the drive, for all programs
that do not ask for more (`PRAGMA fullfsync`).

No mmap: there, a disk error is a signal that kills the process, here it is an exception.
"""

from vivido.backends.sqlite.stats import Stats
from vivido.backends.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "Stats"]
