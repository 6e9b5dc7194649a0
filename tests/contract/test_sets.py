"""Does each backend keep joins, waits and parked messages as `ports.sets` says?"""

import asyncio

from vivido.model.journal import Cause, Message
from vivido.ports import Ports, Wait

WAIT = Wait("x", "r.2:0", 7, timer=1_700_000_000.5, child="x~r.7", event={"name": "paid", "key": 3})


def message(id: str = "m1", execution: str = "x") -> Message:  # noqa: A002  (its name)
    """Make a message that was parked."""
    return Message(
        id, execution, "r.2:0", 7, Cause.GO, {"at": [1]}, ("m0",), doubt=True, pool="gpu", data=[1]
    )


async def test_arrive_gives_all_that_arrived_in_order(ports: Ports) -> None:
    """Each arrival is put at the end of the list, and the whole list comes back."""
    answers = [
        tuple(await ports.joins.arrive("x", "r.5", "0/0", members))
        for members in ([3], [1, 2], [], [0])
    ]
    assert answers == [(3,), (3, 1, 2), (3, 1, 2), (3, 1, 2, 0)]


async def test_arriving_twice_changes_nothing(ports: Ports) -> None:
    """A repeated arrival gets the same list: nobody changes place."""
    await ports.joins.arrive("x", "r.5", "0/0", [1, 2])
    assert tuple(await ports.joins.arrive("x", "r.5", "0/0", [2, 1])) == (1, 2)


async def test_a_list_that_is_long_enough_takes_no_more(ports: Ports) -> None:
    """With `most` who comes too late is not in the list; who is there already stays."""
    answers = [
        tuple(await ports.joins.arrive("x", "r.5", "ok", [member], 2)) for member in (4, 7, 1, 4)
    ]
    assert answers == [(4,), (4, 7), (4, 7), (4, 7)]


async def test_join_items_are_apart(ports: Ports) -> None:
    """Execution, fork and item together name a list."""
    places = [("x", "r.5", "0/0"), ("y", "r.5", "0/0"), ("x", "r.6", "0/0"), ("x", "r.5", "0/1")]
    answers = [
        tuple(await ports.joins.arrive(*place, [number])) for number, place in enumerate(places)
    ]
    assert answers == [(0,), (1,), (2,), (3,)]


async def test_of_arrivals_at_once_one_sees_the_list_full(ports: Ports) -> None:
    """However many arrive together, exactly one of them is the last: it tells the parent."""
    answers = await asyncio.gather(
        *(ports.joins.arrive("x", "r.5", "0/0", [child]) for child in range(100))
    )
    places = sorted(list(answer).index(child) for child, answer in enumerate(answers))
    full = tuple(await ports.joins.arrive("x", "r.5", "0/0", []))
    assert (places, sorted(full)) == (list(range(100)), list(range(100)))


async def test_arrivals_of_two_processes_meet(ports: Ports, elsewhere: Ports) -> None:
    """Processes that share the store add to one list."""
    await ports.joins.arrive("x", "r.5", "0/0", [1])
    await elsewhere.joins.arrive("x", "r.5", "0/0", [2])
    assert tuple(await ports.joins.arrive("x", "r.5", "0/0", [3])) == (1, 2, 3)


async def test_a_wait_comes_back_as_it_was(ports: Ports) -> None:
    """All fields survive."""
    await ports.waits.put(WAIT)
    assert list(await ports.waits.scan("x")) == [WAIT]


async def test_a_wait_is_put_once(ports: Ports) -> None:
    """Putting it again is the same."""
    await ports.waits.put(WAIT)
    await ports.waits.put(WAIT)
    assert list(await ports.waits.scan("x")) == [WAIT]


async def test_waits_are_named_by_execution_branch_and_number(ports: Ports) -> None:
    """A scan has all waits of one execution and none of another; remove takes one."""
    waits = [Wait("x", "r", 2), Wait("x", "r", 10), Wait("x", "r.2:0", 2), Wait("y", "r", 2)]
    for wait in waits:
        await ports.waits.put(wait)
    await ports.waits.remove("x", "r", 10)
    scans = [set(await ports.waits.scan(execution)) for execution in ("x", "y", "z")]
    assert scans == [{waits[0], waits[2]}, {waits[3]}, set()]


async def test_a_scan_for_a_job(ports: Ports) -> None:
    """It finds who waits for that job, in whichever branch, and nobody else."""
    waits = [
        Wait("x", "r", 3, job="r.1"),
        Wait("x", "r.2:0", 1, job="r.1", timer=7.5),
        Wait("x", "r.2:1", 1, job="r.11"),
        Wait("x", "r.2:2", 1),
        Wait("y", "r", 3, job="r.1"),
    ]
    for wait in waits:
        await ports.waits.put(wait)
    found = [list(await ports.waits.scan("x", job)) for job in ("r.1", "r.11", "r.5")]
    assert found == [waits[:2], waits[2:3], []]


async def test_removing_a_wait_that_is_not_there(ports: Ports) -> None:
    """It does nothing."""
    await ports.waits.remove("x", "r", 1)
    assert list(await ports.waits.scan("x")) == []


async def test_a_parked_message_comes_back_as_it_was(ports: Ports) -> None:
    """All fields survive; putting it again is the same."""
    await ports.parked.put(message())
    await ports.parked.put(message())
    assert list(await ports.parked.scan("x")) == [message()]


async def test_parked_messages_are_named_by_id(ports: Ports) -> None:
    """A scan has all of one execution and none of another; remove takes one, and again nothing."""
    for one in (message("m1"), message("m2"), message("m3", "y")):
        await ports.parked.put(one)
    await ports.parked.remove(message("m1"))
    await ports.parked.remove(message("m1"))
    scans = [[one.id for one in await ports.parked.scan(name)] for name in ("x", "y", "z")]
    assert scans == [["m2"], ["m3"], []]


async def test_a_parked_message_is_not_queued(ports: Ports) -> None:
    """Parking is apart from the queue."""
    await ports.parked.put(message())
    assert list(await ports.queue.receive("gpu", 1)) == []


async def test_executions_that_have_parked_messages(ports: Ports) -> None:
    """Each once, sorted, from an id on; none whose messages were removed."""
    for execution in ("b", "a", "c", "d"):
        for id_ in ("m1", "m2"):
            await ports.parked.put(Message(id_, execution, "r", 0))
    for id_ in ("m1", "m2"):
        await ports.parked.remove(Message(id_, "c", "r", 0))
    assert list(await ports.parked.executions()) == ["a", "b", "d"]
    assert list(await ports.parked.executions("a", 1)) == ["b"]
