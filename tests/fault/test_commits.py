"""Backends that commit a record and what follows it at once: the same faults, the same laws.

On SQLite too: the store of production, in a file, with virtual time.
"""

import os
from contextlib import closing

import pytest
from tests.fault import constructs, zoo
from tests.fault.test_enumeration import allowed, every_fault, mocks, with_settings

from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.backends.sqlite import SqliteStore
from vivido.testing.simulation import never
from vivido.testing.world import World, check

BEGIN = 1_000_000.0
FLOWS = [*zoo.ALL, *constructs.ALL]
SOME = [
    zoo.undone, zoo.map_fails, zoo.parent, zoo.retried_slowly, zoo.wide_stopped, zoo.claimed,
    zoo.collected_early, zoo.forked_and_undone, constructs.saga_in_saga,
]  # fmt: skip
ALL_OF_THEM = os.environ.get("VIVIDO_FAULTS") == "all"  # `make faults`
ON_FILE = FLOWS if ALL_OF_THEM else SOME
HOPS = [False, True] if ALL_OF_THEM else [False]  # with hops: on the file


def in_memory(flow, *faults, inline):
    """One run on memory, with commits of a record and its effects."""
    ports = memory_ports(clock=VirtualClock(BEGIN), ids=SeededIds(1), atomic=True, stale_acks=True)
    world = World(*faults, engine_class=with_settings(flow), ports=ports)
    return world.run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)


def on_file(folder, flow, *faults, inline):
    """One run in a file of its own."""
    path = folder / f"{'-'.join(str(fault).replace(' ', '_') for fault in faults) or 'calm'}.db"
    clock = VirtualClock(BEGIN)
    with closing(SqliteStore(path, clock=clock, ids=SeededIds(1), poll_seconds=0.0)) as store:
        world = World(*faults, engine_class=with_settings(flow), ports=store.ports)
        return world.run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)


def broken(flow, calm, make):
    """What is wrong under each single fault."""
    found = {}
    for fault in every_fault(calm):
        result = make(fault)
        wrong = check(result)
        if not allowed(flow, calm, result):
            wrong.append(f"ended as {result.outcome}, calmly as {calm.outcome}")
        if wrong:
            found[str(fault)] = wrong
    return found


@pytest.mark.parametrize("hops", HOPS)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_each_fault_at_each_commit(flow, hops):
    """A record and what follows it are there together, or not at all."""
    inline = never if hops else None
    calm = in_memory(flow, inline=inline)
    assert check(calm) == []
    assert "atomic.commit" in calm.call_names
    assert broken(flow, calm, lambda fault: in_memory(flow, fault, inline=inline)) == {}


@pytest.mark.parametrize("flow", ON_FILE, ids=lambda flow: flow.name)
def test_each_fault_on_a_file(flow, tmp_path):
    """What memory does, SQLite does."""
    calm = on_file(tmp_path, flow, inline=never)
    assert (check(calm), calm.outcome) == ([], in_memory(flow, inline=never).outcome)
    assert broken(flow, calm, lambda fault: on_file(tmp_path, flow, fault, inline=never)) == {}
