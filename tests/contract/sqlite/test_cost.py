"""What does a step cost in commits and statements, and which commits wait for the disk?"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from vivido.backends.sqlite import SqliteStore, Stats
from vivido.model.definition import Block, Definition
from vivido.model.journal import Delivery, Kind, Message, Meta, Record, Status
from vivido.ports import Ack, Arm, Back, Effect, Ports, PutMeta, PutStatus, Send, Stop, Wait

META = Meta("x", "orders", "1", "d", {}, 1.0)
DEFINITION = Definition(name="orders", blocks={"main": Block()})


def record(n: int = 1) -> Record:
    """Make record `n`."""
    return Record(n, Kind.OK, "m", "d", 1.0)


def message(id: str = "m1") -> Message:  # noqa: A002  (its name)
    """Make a message."""
    return Message(id, "x", "r", 0)


@dataclass
class Cost:
    """What was counted while something was done."""

    durable: int
    relaxed: int
    statements: dict[str, int]


async def cost(store: SqliteStore, work: Callable[[], Awaitable[object]]) -> Cost:
    """Count what a piece of work costs."""
    before = Stats(store.stats.durable, store.stats.relaxed), store.stats.statements
    await work()
    statements = {
        name: count - before[1].get(name, 0)
        for name, count in store.stats.statements.items()
        if count != before[1].get(name, 0)
    }
    return Cost(
        store.stats.durable - before[0].durable,
        store.stats.relaxed - before[0].relaxed,
        statements,
    )


async def delivered(store: SqliteStore) -> Delivery:
    """Receive a message that the process has sent to itself."""
    await store.ports.queue.receive("default", 1)
    await store.ports.queue.send([message("before")])
    (delivery,) = await store.ports.queue.receive("default", 1)
    return delivery


async def test_a_step_is_one_insert_and_one_sync(store: SqliteStore) -> None:
    """An append alone is one durable commit of one statement."""
    assert await cost(store, lambda: store.ports.journal.append("x", "r", record())) == Cost(
        1, 0, {"append": 1}
    )


async def test_steps_at_once_share_a_sync(store: SqliteStore) -> None:
    """Twenty appends of one turn of the loop are one commit."""

    async def work() -> None:
        await asyncio.gather(*(
            store.ports.journal.append("x", f"r.1:{child}", record()) for child in range(20)
        ))  # fmt: skip

    assert await cost(store, work) == Cost(1, 0, {"append": 20})


async def test_one_durable_change_makes_its_group_durable(store: SqliteStore) -> None:
    """What would be relaxed alone is durable beside a record, at no cost."""

    async def work() -> None:
        await asyncio.gather(
            store.ports.joins.arrive("x", "r.1", "0/0", [1]),
            store.ports.journal.append("x", "r", record()),
        )

    assert await cost(store, work) == Cost(1, 0, {"get_join": 1, "append": 1, "put_join": 1})


async def test_arrivals_at_once_are_one_write(store: SqliteStore) -> None:
    """A join item is read and written once for all arrivals of a turn."""

    async def work() -> None:
        await asyncio.gather(*(
            store.ports.joins.arrive("x", "r.1", "0/0", [child]) for child in range(50)
        ))  # fmt: skip

    assert await cost(store, work) == Cost(0, 1, {"get_join": 1, "put_join": 1})


async def test_a_message_to_oneself_is_an_insert_and_a_delete(store: SqliteStore) -> None:
    """A process that receives gets its own messages without reading the file."""
    await store.ports.queue.receive("default", 1)
    received: list[Delivery] = []

    async def receive() -> None:
        received.extend(await store.ports.queue.receive("default", 9))

    sent = message()
    costs = [
        await cost(store, lambda: store.ports.queue.send([sent])),
        await cost(store, receive),
        await cost(store, lambda: store.ports.queue.ack(received[0])),
    ]
    assert costs == [Cost(1, 0, {"send": 1}), Cost(0, 0, {}), Cost(0, 1, {"ack": 1})]
    assert received[0].message is sent


async def test_a_head_is_one_read(store: SqliteStore) -> None:
    """META and the next record are found by their keys."""
    await store.ports.metas.create(META)
    assert await cost(store, lambda: store.ports.journal.head("x", "r", 0)) == Cost(
        0, 0, {"head": 1}
    )


async def test_waiting_for_nothing_writes_nothing(store: SqliteStore) -> None:
    """Who asks an empty queue again and again only looks whether something has changed."""
    await store.ports.queue.receive("default", 1)

    async def work() -> None:
        for _ in range(100):
            await store.ports.queue.receive("default", 9)

    assert await cost(store, work) == Cost(0, 0, {})


async def test_a_definition_is_written_once(store: SqliteStore) -> None:
    """Each start puts its definition; only the first of a process does anything."""

    async def work() -> None:
        for _ in range(10):
            await store.ports.registry.put(DEFINITION)

    assert await cost(store, work) == Cost(1, 0, {"put_definition": 1})


async def test_a_renewal_writes_nothing(store: SqliteStore) -> None:
    """In the file a leased message says whose it is, not until when."""
    delivery = await delivered(store)
    assert await cost(store, lambda: store.ports.queue.renew([delivery])) == Cost(0, 0, {})


NORMAL, FULL = 1, 2  # as `PRAGMA synchronous` counts


def synchronous(store: SqliteStore) -> int:
    """Say how the last commit was made."""
    connection = store._database.connection  # noqa: SLF001  (no port for that)
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    return int(level)


Work = Callable[[Ports], Awaitable[object]]
DURABLE: dict[str, Work] = {
    "append": lambda ports: ports.journal.append("x", "r", record()),
    "create": lambda ports: ports.metas.create(META),
    "send": lambda ports: ports.queue.send([message()]),
    "stop": lambda ports: ports.metas.stop("x", "r", "cancelled"),
    "pause": lambda ports: ports.metas.pause("x", paused=True),
    "redrive": lambda ports: ports.metas.redrive("x", 1),
    "define": lambda ports: ports.registry.put(DEFINITION),
}
RELAXED: dict[str, Work] = {
    "arrive": lambda ports: ports.joins.arrive("x", "r.1", "0/0", [1]),
    "status": lambda ports: ports.metas.set_status("x", Status.FAILED, 1),
    "wait": lambda ports: ports.waits.put(Wait("x", "r", 1)),
    "awake": lambda ports: ports.waits.remove("x", "r", 1),
    "park": lambda ports: ports.parked.put(message()),
    "unpark": lambda ports: ports.parked.remove(message()),
    "forget": lambda ports: ports.queue.forget("x"),
}


@pytest.mark.parametrize("work", DURABLE.values(), ids=DURABLE)
async def test_what_somebody_relies_on_waits_for_the_disk(store: SqliteStore, work: Work) -> None:
    """An operation that the ports call durable is one durable commit."""
    counted = await cost(store, lambda: work(store.ports))
    assert (counted.durable, counted.relaxed, synchronous(store)) == (1, 0, FULL)


@pytest.mark.parametrize("work", RELAXED.values(), ids=RELAXED)
async def test_bookkeeping_does_not_wait_for_the_disk(store: SqliteStore, work: Work) -> None:
    """An operation whose loss the protocol repairs is one relaxed commit."""
    counted = await cost(store, lambda: work(store.ports))
    assert (counted.durable, counted.relaxed, synchronous(store)) == (0, 1, NORMAL)


NEW = Send([message("m2")])


@pytest.mark.parametrize(
    ("with_record", "effects", "waits"),
    [
        (True, lambda _: [], True),
        (True, lambda one: [Ack(one)], True),
        (False, lambda _: [NEW], True),
        (False, lambda _: [PutMeta(META), NEW], True),
        (False, lambda _: [Stop("x", "r", "cancelled"), NEW], True),
        (False, lambda one: [Stop("x", "r", "cancelled"), NEW, Ack(one)], True),
        (False, lambda one: [PutMeta(META), NEW, Ack(one)], True),
        (False, lambda one: [NEW, Ack(one)], False),
        (False, lambda one: [NEW, Back(one, 5.0)], False),
        (False, lambda one: [Ack(one)], False),
        (False, lambda one: [Back(one, 5.0)], False),
        (False, lambda _: [PutStatus("x", Status.FAILED, 1)], False),
        (False, lambda _: [Arm(Wait("x", "r", 1))], False),
    ],
)
async def test_which_commits_wait_for_the_disk(
    store: SqliteStore,
    *,
    with_record: bool,
    effects: Callable[[Delivery], list[Effect]],
    waits: bool,
) -> None:
    """A commit waits for a record, a new execution, a stop, or messages that nobody hands on."""
    delivery = await delivered(store)

    async def work() -> None:
        assert store.ports.atomic is not None
        one = record() if with_record else None
        await store.ports.atomic.commit("x", "r", one, effects(delivery))

    counted = await cost(store, work)
    assert (counted.durable, counted.relaxed) == ((1, 0) if waits else (0, 1))
