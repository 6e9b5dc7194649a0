"""What a step costs, counted by the backend: the table "Cost of a step" of the protocol."""

import asyncio
from collections import Counter

import pytest

from vivido import map_each, step, workflow
from vivido.backends.sqlite import SqliteStore
from vivido.runtime.engine import Engine
from vivido.settings import Settings
from vivido.testing.simulation import never
from vivido.testing.world import World


@step(inline=True)
def one(i: int) -> int:
    """A step."""
    return i + 1


@workflow
def chain(n: int) -> int:
    """So many steps, one after another."""
    total = 0
    for i in range(n):
        total += one(i)
    return total


@workflow
def fan(n: int) -> list[int]:
    """So many steps side by side."""
    return map_each(one, range(n))


def port_calls(flow, n, inline=None) -> Counter[str]:
    """Calls of the ports in deliveries, by name."""
    return Counter(World().run(flow, n, goes_on_inline=inline).call_names)


def per_step(flow, few, many, inline=None) -> dict[str, float]:
    """What one more step costs: the difference of two runs."""
    more = port_calls(flow, many, inline)
    more.subtract(port_calls(flow, few, inline))
    return {name: count / (many - few) for name, count in more.items() if count}


def test_an_inline_step_is_one_append_and_nothing_else():
    """No read, no message: whatever the length."""
    assert per_step(chain, 10, 30) == {"journal.append": 1}


def test_a_hop_is_one_append_one_read_request_one_send_one_receipt_one_delete():
    """Receiving is the harness's call, so it is not among these."""
    assert per_step(chain, 10, 30, never) == {
        "journal.append": 1,
        "journal.head": 1,
        "queue.send": 1,
        "queue.ack": 1,
    }


def test_a_map_child_is_one_record_and_one_arrival():
    """Within one join item: 10 to 60 children."""
    cost = per_step(fan, 10, 60)
    assert cost == {"journal.append": 1, "joins.arrive": 1, "journal.head": 1, "queue.ack": 1}


def test_children_of_one_batch_share_their_arrival_and_their_commit(tmp_path):
    """On SQLite 100 more children are 100 records, and with them one join item and one sync."""

    async def costs(n: int) -> Counter[str]:
        store = SqliteStore(str(tmp_path / f"fan-{n}.db"))
        engine = Engine(store.ports, settings=Settings(meta_age_seconds=3_600))
        await engine.start(fan.definition, {"n": n}, execution="x")
        while deliveries := await store.ports.queue.receive("default", 100):
            await asyncio.gather(*map(engine.deliver, deliveries))
        counted = Counter(store.stats.statements)
        counted["syncs"] = store.stats.durable
        store.close()
        return counted

    more = asyncio.run(costs(600))
    more.subtract(asyncio.run(costs(200)))
    names = ("append", "send", "ack", "put_join", "syncs")
    per_hundred = {name: more[name] / 4 for name in names}
    assert (per_hundred["append"], per_hundred["put_join"] <= 4) == (100, True)
    assert per_hundred["syncs"] <= 4
    assert per_hundred["send"] == per_hundred["ack"] <= 103  # and a spreader each hundred


def sqlite_costs(tmp_path, n) -> tuple[int, dict[str, int]]:
    """Durable commits and statements of one execution on SQLite."""

    async def run():
        store = SqliteStore(str(tmp_path / f"{n}.db"))
        # A slow machine is no reason to read META again in the middle.
        engine = Engine(store.ports, settings=Settings(meta_age_seconds=3_600))
        await engine.start(chain.definition, {"n": n}, execution="x")
        while deliveries := await store.ports.queue.receive("default", 10):
            for delivery in deliveries:
                await engine.deliver(delivery)
        costs = store.stats.durable, store.stats.statements
        store.close()
        return costs

    return asyncio.run(run())


@pytest.mark.parametrize("few", [5, 50])
def test_an_inline_step_on_sqlite_is_one_durable_commit_of_one_insert(tmp_path, few):
    """One sync, one statement, no select, at position 5 and at position 50."""
    durable, statements = sqlite_costs(tmp_path, few)
    durable_more, statements_more = sqlite_costs(tmp_path, few + 20)
    assert durable_more - durable == 20
    grown = {name: count - statements.get(name, 0) for name, count in statements_more.items()}
    by_the_clock = {"other_owners"}  # who else uses the file is looked at now and then
    counted = {name: count for name, count in grown.items() if count and name not in by_the_clock}
    assert counted == {"append": 20}


def test_the_counter_counts() -> None:
    """A test of the tests above: without the harness's calls, three steps are three appends."""
    assert port_calls(chain, 3)["journal.append"] == 3
