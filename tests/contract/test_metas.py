"""Does each backend keep META as `ports.Metas` says?"""

from dataclasses import replace
from typing import Any

import pytest

from vivido.backends.memory import VirtualClock
from vivido.model.journal import Meta, ParentWait, Status
from vivido.ports import MetaFilter, Ports

ENDS = [status for status in Status if status.is_end]
FULL = Meta(
    execution="x",
    workflow="orders",
    version="7",
    digest="d" * 64,
    input={"order": {"$": "shop:Order", "id": "o1", "lines": [1, 2.5, None]}},
    created=1_700_000_000.25,
    updated=1_700_000_001.5,
    deadline=1_700_086_400.0,
    parent=ParentWait("parent", "r.2:0", 5),
    tags={"team": "fulfilment"},
    stops={"r.3": "failed"},
    paused=True,
)


def meta(execution: str = "x", **fields: Any) -> Meta:
    """Make a META with few words."""
    return Meta(
        **{
            "execution": execution,
            "workflow": "orders",
            "version": "1",
            "digest": "d",
            "input": {},
            "created": 5.0,
            **fields,
        }
    )


async def stored(ports: Ports, execution: str = "x") -> Meta:
    """Read a META that is there, without the time of its last change."""
    found = await ports.metas.get(execution)
    assert found is not None
    return replace(found, updated=0.0)


async def test_create_adds_once(ports: Ports) -> None:
    """The first META is added, which None says; the second gets it back, unchanged."""
    assert await ports.metas.create(FULL) is None
    assert await ports.metas.create(meta(version="8")) == FULL
    assert await ports.metas.get("x") == FULL


async def test_get_of_nothing(ports: Ports) -> None:
    """An unknown execution has no META."""
    assert await ports.metas.get("x") is None


@pytest.mark.parametrize(("as_of", "expected"), [(2, 3), (3, 3), (4, 4)])
async def test_set_status_only_if_newer(ports: Ports, as_of: int, expected: int) -> None:
    """A status of an older or the same record changes nothing, not even its output."""
    await ports.metas.create(meta())
    await ports.metas.set_status("x", Status.COMPENSATING, 3)
    await ports.metas.set_status("x", Status.SUCCEEDED, as_of, output={"a": 1})
    found = await stored(ports)
    status = Status.SUCCEEDED if expected == 4 else Status.COMPENSATING
    output = {"a": 1} if expected == 4 else None
    assert found == meta(status=status, as_of=expected, output=output)


async def test_attention_comes_and_goes_as_of_one_record(ports: Ports) -> None:
    """Branches of a fork come to need a person, and go on, while the root stands still."""
    await ports.metas.create(meta())
    for status in (Status.NEEDS_ATTENTION, Status.RUNNING, Status.NEEDS_ATTENTION):
        await ports.metas.set_status("x", status, 3)
        assert await stored(ports) == meta(status=status, as_of=3)


@pytest.mark.parametrize("status", Status)
async def test_set_status_keeps_output_and_error(ports: Ports, status: Status) -> None:
    """Each status is kept with what came with it."""
    await ports.metas.create(meta())
    await ports.metas.set_status("x", status, 1, output=[1], error={"type": "E"})
    assert await stored(ports) == meta(status=status, as_of=1, output=[1], error={"type": "E"})


async def test_stop_adds_scopes(ports: Ports) -> None:
    """Each scope is stopped beside the others, and a second stop of one changes nothing."""
    await ports.metas.create(meta())
    await ports.metas.stop("x", "r.3", "failed")
    await ports.metas.stop("x", "r", "cancelled")
    await ports.metas.stop("x", "r.3", "timed_out")
    assert await stored(ports) == meta(stops={"r.3": "failed", "r": "cancelled"})


@pytest.mark.parametrize("paused", [True, False])
async def test_pause_sets_and_clears(ports: Ports, *, paused: bool) -> None:
    """The flag is what was said last."""
    await ports.metas.create(meta(paused=not paused))
    await ports.metas.pause("x", paused=paused)
    await ports.metas.pause("x", paused=paused)
    assert await stored(ports) == meta(paused=paused)


@pytest.mark.parametrize("status", ENDS)
async def test_an_ended_execution_is_neither_stopped_nor_paused(
    ports: Ports, status: Status
) -> None:
    """A stop or pause that comes late changes nothing."""
    ended = meta(status=status, as_of=4)
    await ports.metas.create(ended)
    await ports.metas.stop("x", "r", "cancelled")
    await ports.metas.pause("x", paused=True)
    assert await stored(ports) == ended


async def test_redrive_runs_again(ports: Ports) -> None:
    """A redriven execution is running, with no stops, no pause and no result."""
    ended = meta(
        status=Status.FAILED, as_of=4, stops={"r.3": "failed"}, paused=True, error={"type": "E"}
    )
    await ports.metas.create(ended)
    await ports.metas.redrive("x", 5)
    assert await stored(ports) == meta(status=Status.RUNNING, as_of=5)


async def test_a_late_redrive_changes_nothing(ports: Ports) -> None:
    """A redrive of a record that is not newer than the status is over already."""
    ended = meta(status=Status.FAILED, as_of=5, error={"type": "E"})
    await ports.metas.create(ended)
    await ports.metas.redrive("x", 5)
    assert await stored(ports) == ended


async def test_changes_of_nothing_do_nothing(ports: Ports) -> None:
    """An execution without META does not get one by a change."""
    await ports.metas.set_status("x", Status.FAILED, 1)
    await ports.metas.stop("x", "r", "failed")
    await ports.metas.pause("x", paused=True)
    await ports.metas.redrive("x", 1)
    assert await ports.metas.get("x") is None


async def test_updated_is_the_time_of_the_last_change(ports: Ports, clock: VirtualClock) -> None:
    """What changes META says when; what does not change it does not."""
    await ports.metas.create(meta())
    times = []
    for number, change in enumerate(
        [
            lambda: ports.metas.stop("x", "r.3", "failed"),
            lambda: ports.metas.stop("x", "r.3", "failed"),
            lambda: ports.metas.pause("x", paused=True),
            lambda: ports.metas.set_status("x", Status.FAILED, 3),
            lambda: ports.metas.set_status("x", Status.FAILED, 3),
            lambda: ports.metas.redrive("x", 4),
        ]
    ):
        clock.advance_to(2_000.0 + number)
        await change()
        found = await ports.metas.get("x")
        assert found is not None
        times.append(found.updated)
    assert times == [2_000.0, 2_000.0, 2_002.0, 2_003.0, 2_003.0, 2_005.0]


METAS = [
    meta("a", workflow="orders", created=1.0, status=Status.FAILED),
    meta("b", workflow="refunds", created=2.0),
    meta("c", workflow="orders", created=3.0),
    meta("d", workflow="orders", created=3.0, status=Status.FAILED),
    meta("e", workflow="refunds", created=4.0, status=Status.FAILED),
]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (MetaFilter(), "edcba"),
        (MetaFilter(workflow="orders"), "dca"),
        (MetaFilter(status=Status.FAILED), "eda"),
        (MetaFilter(workflow="orders", status=Status.FAILED), "da"),
        (MetaFilter(workflow="orders", status=Status.CANCELLED), ""),
        (MetaFilter(created_before=3.0), "ba"),
        (MetaFilter(workflow="refunds", created_before=4.0), "b"),
        (MetaFilter(after=(3.0, "c")), "ba"),
        (MetaFilter(after=(3.0, "d")), "cba"),
        (MetaFilter(after=(4.0, "x"), created_before=3.0), "ba"),
        (MetaFilter(limit=2), "ed"),
        (MetaFilter(limit=0), ""),
        (MetaFilter(workflow="elsewhere"), ""),
    ],
)
async def test_list_filters_newest_first(ports: Ports, which: MetaFilter, expected: str) -> None:
    """A list has what the filter takes, the newest first, of equal age the greater id."""
    for one in METAS:
        await ports.metas.create(one)
    assert "".join(one.execution for one in await ports.metas.list(which)) == expected


async def test_list_sees_the_newest_status(ports: Ports) -> None:
    """An execution is listed under the status that it has now."""
    await ports.metas.create(meta("a"))
    await ports.metas.set_status("a", Status.SUCCEEDED, 3, output=1)
    lists = [
        [one.output for one in await ports.metas.list(MetaFilter(status=status))]
        for status in (Status.RUNNING, Status.SUCCEEDED)
    ]
    assert lists == [[], [1]]
