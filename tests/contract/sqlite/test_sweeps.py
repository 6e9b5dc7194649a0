"""Does a sweep that crashes between any two of its steps lose or leave anything?"""

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vivido.backends.memory import VirtualClock
from vivido.backends.sqlite import SqliteStore
from vivido.model.journal import Kind, Meta, ParentWait, Record, Status

OLD = 2_000.0


class Crash(Exception):
    """The process ends here."""


class Crashing:
    """A writer that crashes before its n-th write."""

    def __init__(self, writer: Any, at: int) -> None:
        self.writer, self.left = writer, at

    async def write(self, change: Any) -> Any:
        """Write, or crash."""
        self.left -= 1
        if self.left < 0:
            raise Crash
        return await self.writer.write(change)


@dataclass(frozen=True)
class One:
    """An execution of the model."""

    status: Status
    updated: float
    parent: int | None
    blobs: frozenset[bytes]


def acyclic(executions: list[One]) -> list[One]:
    """The same where only what began before can be a parent."""
    return [
        one if one.parent is None or one.parent < number else replace(one, parent=None)
        for number, one in enumerate(executions)
    ]


EXECUTIONS = st.lists(
    st.builds(
        One,
        st.sampled_from([Status.RUNNING, Status.SUCCEEDED, Status.FAILED]),
        st.sampled_from([1_000.0, 3_000.0]),
        st.none() | st.integers(0, 3),
        st.frozensets(st.sampled_from([b"a", b"b", b"c", b"d"])),
    ),
    max_size=5,
).map(acyclic)


def kept(executions: list[One]) -> set[int]:
    """Say which stay: those that are young or run, and the children of what stays."""
    found: set[int] = set()
    while True:
        more = {
            number
            for number, one in enumerate(executions)
            if not one.status.is_end or one.updated >= OLD or one.parent in found
        }
        if more == found:
            return found
        found = more


async def put(store: SqliteStore, executions: list[One]) -> None:
    """Put all of them."""
    for number, one in enumerate(executions):
        name = f"x{number}"
        for blob in one.blobs:
            await store.ports.blobs.put(name, sha256(blob).hexdigest(), blob)
        parent = None if one.parent is None else ParentWait(f"x{one.parent}", "r", 1)
        meta = Meta(name, "flow", "1", "d", {}, 1.0, one.status, updated=one.updated, parent=parent)
        await store.ports.metas.create(meta)
        for n in (1, 2, 3):
            await store.ports.journal.append(name, "r", Record(n, Kind.OK, "m", "d", 1.0))


async def whole(store: SqliteStore, executions: list[One], number: int) -> bool:
    """Say whether all of an execution is there."""
    name = f"x{number}"
    return (
        await store.ports.metas.get(name) is not None
        and len(await store.ports.journal.read(name, "r")) == 3
        and all(
            store.ports.blobs.get(sha256(blob).hexdigest()) == blob
            for blob in executions[number].blobs
        )
    )


async def crashed_sweeps(path: Path, executions: list[One], at: list[int]) -> None:
    """Sweep, crash, look; and in the end sweep to the end, and look again."""
    clock = VirtualClock(1_500.0)
    with SqliteStore(path, clock=clock) as store:
        await put(store, executions)
        stay = kept(executions)
        retention: Any = store.ports.retention
        writer = retention._writer  # noqa: SLF001
        for crash in (*at, 10_000, 10_000, 10_000, 10_000, 10_000):
            retention._writer = Crashing(writer, crash)  # noqa: SLF001
            with suppress(Crash):
                await retention.sweep(OLD, 10)
            assert [await whole(store, executions, number) for number in sorted(stay)] == [
                True for _ in stay
            ]
        database: Any = store._database  # noqa: SLF001
        used = {blob for number in stay for blob in executions[number].blobs}
        counts = [
            database.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in ("metas", "records", "blobs", "chunks", "leftovers")
        ]
        assert counts == [len(stay), 3 * len(stay), len(used), len(used), 0]


@settings(max_examples=60)
@given(EXECUTIONS, st.lists(st.integers(0, 12), max_size=4))
def test_a_sweep_can_crash_anywhere(executions: list[One], at: list[int]) -> None:
    """What stays is whole all the time; what goes is gone in the end, with its blobs."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(crashed_sweeps(Path(folder) / "state.db", executions, at))


def test_an_id_is_used_again_after_a_crash(tmp_path: Path) -> None:
    """The new execution finds nothing of the old one, and keeps its own blobs."""

    async def work() -> list[object]:
        clock = VirtualClock(1_500.0)
        with SqliteStore(tmp_path / "state.db", clock=clock) as store:
            one = One(Status.SUCCEEDED, 1_000.0, None, frozenset([b"a", b"b"]))
            await put(store, [one])
            retention: Any = store.ports.retention
            retention._writer = Crashing(retention._writer, 1)  # noqa: SLF001
            try:
                await retention.sweep(OLD, 10)
            except Crash:
                clock.advance_to(OLD)
            await store.ports.blobs.put("x0", sha256(b"a").hexdigest(), b"a")
            await store.ports.metas.create(Meta("x0", "flow", "1", "d", {}, OLD, updated=OLD))
            found = [store.ports.blobs.get(sha256(blob).hexdigest()) for blob in (b"a", b"b")]
            return [*found, len(await store.ports.journal.read("x0", "r"))]

    assert asyncio.run(work()) == [b"a", None, 0]
