"""Does each backend keep messages as `ports.Queue` says?"""

import asyncio
from collections.abc import Sequence

import pytest

from vivido.backends.memory import VirtualClock
from vivido.model.journal import Cause, Delivery, Message
from vivido.ports import Ports

LEASE = 90.0
FULL = Message(
    id="m1",
    execution="x",
    branch="r.2:0",
    n=7,
    cause=Cause.OPERATOR,
    state={"at": [["main", 3]], "vars": {"x": 'ä"\0', "big": 2**63 - 1}},
    line=("m0", "m00"),
    doubt=True,
    pool="default",
    data={"choice": "retry", "by": None},
)


def message(id: str = "m1", **fields: object) -> Message:  # noqa: A002  (its name)
    """Make a message with few words."""
    return Message(**{"id": id, "execution": "x", "branch": "r", "n": 0, **fields})  # type: ignore[arg-type]


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    """Name the messages that were delivered, sorted: a queue has no order."""
    return sorted(delivery.message.id for delivery in deliveries)


async def receive_all(ports: Ports, pool: str = "default") -> list[Delivery]:
    """Receive until nothing comes."""
    deliveries: list[Delivery] = []
    while more := await ports.queue.receive(pool, 3):
        deliveries += more
    return deliveries


async def received_before(ports: Ports) -> None:
    """Make a process that receives: what it sends to itself takes a shorter way."""
    assert list(await ports.queue.receive("default", 1)) == []


async def test_a_message_comes_as_it_was_sent(ports: Ports) -> None:
    """All fields survive, on the first way and after the lease has ended."""
    await ports.queue.send([FULL])
    (delivery,) = await ports.queue.receive("default", 1)
    assert (delivery.message, delivery.receives) == (FULL, 1)


@pytest.mark.parametrize("cause", Cause)
async def test_every_cause_comes_back(ports: Ports, cause: Cause) -> None:
    """Each cause is kept as that cause."""
    await ports.queue.send([message(cause=cause)])
    (delivery,) = await ports.queue.receive("default", 1)
    assert delivery.message == message(cause=cause)


async def test_nothing_visible_is_nothing(ports: Ports) -> None:
    """`receive` does not wait."""
    assert list(await ports.queue.receive("default", 10)) == []


@pytest.mark.parametrize("receiving", [False, True])
async def test_receive_gives_at_most_limit(ports: Ports, *, receiving: bool) -> None:
    """No more come than were asked for, and the others come later."""
    if receiving:
        await received_before(ports)
    await ports.queue.send([message(f"m{number}") for number in range(5)])
    first = await ports.queue.receive("default", 2)
    second = await ports.queue.receive("default", 9)
    assert (len(first), len(second)) == (2, 3)
    assert ids([*first, *second]) == ["m0", "m1", "m2", "m3", "m4"]


async def test_a_leased_message_is_not_visible(ports: Ports, clock: VirtualClock) -> None:
    """Until the lease ends nobody else gets the message."""
    await ports.queue.send([message()])
    await ports.queue.receive("default", 1)
    clock.advance_to(clock.now() + LEASE - 1)
    assert await receive_all(ports) == []


@pytest.mark.parametrize("receiving", [False, True])
async def test_an_unacknowledged_message_comes_back(
    ports: Ports, clock: VirtualClock, *, receiving: bool
) -> None:
    """When the lease ends the message comes as it was: counted, under a new delivery id."""
    if receiving:
        await received_before(ports)
    await ports.queue.send([FULL])
    deliveries = []
    for _ in range(3):
        deliveries += await ports.queue.receive("default", 1)
        clock.advance_to(clock.now() + LEASE)
    assert [(one.message, one.receives) for one in deliveries] == [(FULL, 1), (FULL, 2), (FULL, 3)]
    assert len({one.id for one in deliveries}) == 3


@pytest.mark.parametrize("receiving", [False, True])
async def test_an_acknowledged_message_is_gone(
    ports: Ports, clock: VirtualClock, *, receiving: bool
) -> None:
    """`ack` deletes it for good; again is nothing."""
    if receiving:
        await received_before(ports)
    await ports.queue.send([message()])
    (delivery,) = await ports.queue.receive("default", 1)
    await ports.queue.ack(delivery)
    await ports.queue.ack(delivery)
    clock.advance_to(clock.now() + 10 * LEASE)
    assert await receive_all(ports) == []


async def test_an_id_that_is_there_is_left_as_it_is(ports: Ports, clock: VirtualClock) -> None:
    """A message sent twice is one message, the first; also while it is leased."""
    await ports.queue.send([message(n=1)])
    await ports.queue.send([message(n=2), message("m2")])
    deliveries = await receive_all(ports)
    await ports.queue.send([message(n=3)])
    assert [one.message.n for one in deliveries if one.message.id == "m1"] == [1]
    assert ids(deliveries) == ["m1", "m2"]
    assert await receive_all(ports) == []
    clock.advance_to(clock.now() + LEASE)
    assert ids(await receive_all(ports)) == ["m1", "m2"]


async def test_an_acknowledged_id_may_be_sent_again(ports: Ports) -> None:
    """Only what is in the queue keeps its namesake out."""
    await ports.queue.send([message(n=1)])
    (delivery,) = await ports.queue.receive("default", 1)
    await ports.queue.ack(delivery)
    await ports.queue.send([message(n=2)])
    assert [one.message.n for one in await receive_all(ports)] == [2]


@pytest.mark.parametrize("receiving", [False, True])
async def test_a_delayed_message_is_visible_later(
    ports: Ports, clock: VirtualClock, *, receiving: bool
) -> None:
    """A message is not seen before its delay is over, then it is."""
    if receiving:
        await received_before(ports)
    start = clock.now()
    await ports.queue.send([message()], delay=30.0)
    seen = []
    for seconds in (0.0, 29.0, 30.0):
        clock.advance_to(start + seconds)
        seen.append(ids(await receive_all(ports)))
    assert seen == [[], [], ["m1"]]


async def test_a_message_given_back_comes_after_its_delay(
    ports: Ports, clock: VirtualClock
) -> None:
    """`back` ends the lease; the message is visible after the delay, with a higher count."""
    await ports.queue.send([message()])
    (delivery,) = await ports.queue.receive("default", 1)
    await ports.queue.back(delivery, 200.0)
    start, seen = clock.now(), []
    for seconds in (0.0, LEASE, 199.0, 200.0):
        clock.advance_to(start + seconds)
        seen.append([one.receives for one in await ports.queue.receive("default", 1)])
    assert seen == [[], [], [], [2]]


async def test_a_message_given_back_at_once(ports: Ports) -> None:
    """Without a delay the message is there for the next who asks, each time counted."""
    await ports.queue.send([message()])
    counts = []
    for _ in range(4):
        (delivery,) = await ports.queue.receive("default", 1)
        counts.append(delivery.receives)
        await ports.queue.back(delivery, 0.0)
    assert counts == [1, 2, 3, 4]


async def test_after_a_newer_delivery_an_old_one_harms_nobody(
    ports: Ports, clock: VirtualClock
) -> None:
    """What an outdated delivery says may be obeyed or not, but never loses another message."""
    await ports.queue.send([message(), message("m2")])
    old = {one.message.id: one for one in await ports.queue.receive("default", 2)}
    clock.advance_to(clock.now() + LEASE)
    new = {one.message.id: one for one in await ports.queue.receive("default", 2)}
    await ports.queue.back(old["m1"], 5.0)
    await ports.queue.renew([old["m1"]])
    await ports.queue.ack(old["m1"])
    await ports.queue.ack(new["m1"])
    clock.advance_to(clock.now() + LEASE)
    assert ids(await receive_all(ports)) == ["m2"]


async def test_a_renewed_lease_lasts_anew(ports: Ports, clock: VirtualClock) -> None:
    """Long work keeps its message by renewing; then the lease ends as usual."""
    await ports.queue.send([message()])
    deliveries = await ports.queue.receive("default", 1)
    start, seen = clock.now(), []
    for seconds in (80.0, 160.0, 240.0):
        clock.advance_to(start + seconds)
        seen.append(ids(await receive_all(ports)))
        await ports.queue.renew(deliveries)
    clock.advance_to(start + 240.0 + LEASE)
    assert [*seen, ids(await receive_all(ports))] == [[], [], [], ["m1"]]


@pytest.mark.parametrize("receiving", [False, True])
async def test_pools_are_apart(ports: Ports, *, receiving: bool) -> None:
    """A pool receives its own messages only."""
    if receiving:
        await received_before(ports)
    await ports.queue.send([message(), message("m2", pool="gpu"), message("m3")])
    pools = [ids(await receive_all(ports, pool)) for pool in ("gpu", "default", "other")]
    assert pools == [["m2"], ["m1", "m3"], []]


async def test_a_send_of_nothing(ports: Ports) -> None:
    """No messages are no messages."""
    await ports.queue.send([])
    assert await receive_all(ports) == []


async def test_of_many_receivers_each_message_has_one(ports: Ports) -> None:
    """Receivers at the same time do not get the same message."""
    await ports.queue.send([message(f"m{number:03}") for number in range(50)])
    batches = await asyncio.gather(*(ports.queue.receive("default", 7) for _ in range(10)))
    assert ids([one for batch in batches for one in batch]) == [f"m{n:03}" for n in range(50)]


async def test_more_than_a_process_holds(ports: Ports) -> None:
    """However many messages a process sends to itself, each comes once."""
    await received_before(ports)
    names = [f"m{number:04}" for number in range(700)]
    await ports.queue.send([message(name) for name in names])
    assert ids(await receive_all(ports)) == names


async def test_forget_drops_what_waits(ports: Ports, clock: VirtualClock) -> None:
    """What is queued for an ended execution is gone, and only that."""
    await received_before(ports)
    await ports.queue.send([message(), message("m2", execution="y")])
    await ports.queue.send([message("m3")], delay=5.0)
    await ports.queue.forget("x")
    clock.advance_to(clock.now() + 5.0)
    assert ids(await receive_all(ports)) == ["m2"]


async def test_wait_ends_when_something_is_sent(ports: Ports) -> None:
    """Whoever waits for a message does not wait for the end of the time."""
    await received_before(ports)
    waiting = asyncio.create_task(ports.queue.wait(60.0))
    await asyncio.sleep(0)
    await ports.queue.send([message()])
    await asyncio.wait_for(waiting, 10.0)
    assert ids(await receive_all(ports)) == ["m1"]


async def test_wait_ends_by_itself(ports: Ports) -> None:
    """Where nothing comes, waiting ends with its time."""
    await received_before(ports)
    await asyncio.wait_for(ports.queue.wait(0.01), 10.0)
    assert await receive_all(ports) == []


async def test_two_processes_share_the_work(ports: Ports, elsewhere: Ports) -> None:
    """What one process sends another may receive, and no message comes to both."""
    await ports.queue.send([message(f"m{number}") for number in range(6)])
    first = await ports.queue.receive("default", 2)
    second = await elsewhere.queue.receive("default", 2)
    third = await ports.queue.receive("default", 9)
    assert ids([*first, *second, *third]) == ["m0", "m1", "m2", "m3", "m4", "m5"]


async def test_a_process_sees_what_another_sends_later(ports: Ports, elsewhere: Ports) -> None:
    """A process that found nothing finds what was sent afterwards."""
    await received_before(ports)
    await elsewhere.queue.send([message()])
    assert ids(await receive_all(ports)) == ["m1"]


async def test_messages_of_an_execution_can_be_looked_at(ports: Ports, clock: VirtualClock) -> None:
    """What is visible, leased and delayed, of this execution only; not what was deleted."""
    await received_before(ports)
    await ports.queue.send([message("late")], delay=50.0)
    await ports.queue.send([message("gone"), message("now", execution="y")])
    await ports.queue.send([message("m1")])
    for delivery in await receive_all(ports):
        if delivery.message.id == "gone":
            await ports.queue.ack(delivery)
        if delivery.message.id == "now":
            await ports.queue.back(delivery, 7.0)
    mine, other = await ports.queue.of("x"), await ports.queue.of("y")
    assert mine is not None
    assert other is not None
    found = {one.message.id: one for one in (*mine, *other)}
    assert sorted(found) == ["late", "m1", "now"]
    assert (found["late"].visible_at, found["late"].leased) == (clock.now() + 50.0, False)
    assert found["m1"].leased
    assert (found["now"].visible_at, found["now"].leased) == (clock.now() + 7.0, False)
    assert len(await ports.queue.of("x", 1) or ()) == 1
