"""Does each backend delete what is old, all of it, and nothing else?"""

from dataclasses import replace
from hashlib import sha256

import pytest

from vivido.backends.memory import VirtualClock
from vivido.model.journal import Kind, Message, Meta, ParentWait, Record, Status
from vivido.ports import Action, MetaFilter, Ports, Swept, Wait

META = Meta("x", "orders", "1", "d", {}, 1_000.0, updated=1_000.0)
OLD = 2_000.0  # a moment after all that these tests put, and before what comes later
BLOB = b"x" * 100


async def put(ports: Ports, meta: Meta, *blobs: bytes) -> None:
    """Put an execution with one of everything."""
    for blob in blobs:
        await ports.blobs.put(meta.execution, sha256(blob).hexdigest(), blob)
    await ports.metas.create(meta)
    for branch in ("r", "r.1:0"):
        await ports.journal.append(meta.execution, branch, Record(1, Kind.OK, "m", "d", 1.0))
    message = Message(f"m-{meta.execution}", meta.execution, "r", 0)
    await ports.queue.send([message])
    await ports.joins.arrive(meta.execution, "r.1", "0/0", [1])
    await ports.waits.put(Wait(meta.execution, "r", 1))
    await ports.parked.put(replace(message, id=f"p-{meta.execution}"))
    await ports.actions.add(meta.execution, Action(1.0, "ada", "pause"))


async def left(ports: Ports, execution: str) -> list[object]:
    """Say what there is of an execution."""
    queued = await ports.queue.receive("default", 10)
    return [
        await ports.metas.get(execution) is not None,
        list(await ports.journal.branches(execution)),
        [one.message.id for one in queued if one.message.execution == execution],
        list(await ports.joins.arrive(execution, "r.1", "0/0", [])),
        len(await ports.waits.scan(execution)),
        len(await ports.parked.scan(execution)),
        len(await ports.actions.read(execution)),
    ]


ALL = [True, ["r", "r.1:0"], ["m-x"], [1], 1, 1, 1]
NOTHING = [False, [], [], [], 0, 0, 0]


@pytest.mark.parametrize("status", Status)
async def test_only_what_has_ended_goes(ports: Ports, status: Status) -> None:
    """And then all of it, at once."""
    await put(ports, replace(META, status=status), BLOB)
    expected = Swept(1, 1, 100) if status.is_end else Swept()
    assert [one.execution for one in await ports.retention.expired(OLD, 9)] == (
        ["x"] if status.is_end else []
    )
    assert await ports.retention.sweep(OLD, 9) == expected
    assert await left(ports, "x") == (NOTHING if status.is_end else ALL)
    assert (ports.blobs.get(sha256(BLOB).hexdigest()) is None) is status.is_end


async def test_what_changed_lately_stays(ports: Ports) -> None:
    """The time counts from the last change of META, not from its start."""
    await put(ports, replace(META, status=Status.FAILED, updated=OLD))
    assert await ports.retention.sweep(OLD, 9) == Swept()
    assert await left(ports, "x") == ALL


async def test_a_child_goes_after_its_parent(ports: Ports) -> None:
    """A parent that is repaired may look for its child again."""
    parent = ParentWait("x", "r", 1)
    await put(ports, replace(META, status=Status.RUNNING))
    await put(ports, replace(META, execution="x~r.1", parent=parent, status=Status.SUCCEEDED))
    assert await ports.retention.sweep(OLD, 9) == Swept()
    await ports.metas.set_status("x", Status.SUCCEEDED, 3)
    sweeps = [await ports.retention.sweep(5_000.0, 9) for _ in range(3)]
    assert sum(one.executions for one in sweeps) == 2
    assert list(await ports.metas.list(MetaFilter())) == []


async def test_a_blob_stays_while_somebody_uses_it(ports: Ports) -> None:
    """Put by both, or handed on by the one that goes."""
    shared, handed, own = b"s" * 10, b"h" * 20, b"o" * 40
    await put(ports, replace(META, status=Status.SUCCEEDED), shared, handed, own)
    await put(ports, replace(META, execution="y"), shared)
    await ports.blobs.refer("y", [sha256(handed).hexdigest()])
    assert await ports.retention.sweep(OLD, 9) == Swept(1, 1, 40)
    kept = [ports.blobs.get(sha256(blob).hexdigest()) for blob in (shared, handed, own)]
    assert kept == [shared, handed, None]


async def test_a_sweep_deletes_no_more_than_it_was_asked_to(ports: Ports) -> None:
    """So that it ends, however much is old."""
    for number in range(5):
        await put(ports, replace(META, execution=f"x{number}", status=Status.SUCCEEDED))
    sweeps = [(await ports.retention.sweep(OLD, 2)).executions for _ in range(4)]
    assert sweeps == [2, 2, 1, 0]


async def test_blobs_of_what_was_never_created_go(ports: Ports, clock: VirtualClock) -> None:
    """A start that crashed before its META leaves them; a start under way keeps them."""
    await ports.blobs.put("crashed", sha256(BLOB).hexdigest(), BLOB)
    clock.advance_to(OLD)
    await ports.blobs.put("beginning", sha256(b"new").hexdigest(), b"new")
    assert await ports.retention.sweep(OLD, 9) == Swept(0, 1, 100)
    assert ports.blobs.get(sha256(b"new").hexdigest()) is not None


async def test_an_id_is_free_again(ports: Ports, clock: VirtualClock) -> None:
    """What is started anew has no past."""
    await put(ports, replace(META, status=Status.SUCCEEDED), BLOB)
    clock.advance_to(OLD)
    await ports.retention.sweep(OLD, 9)
    assert await ports.metas.create(META) is None
    assert (await left(ports, "x"))[:2] == [True, []]
