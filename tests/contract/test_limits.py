"""Do slots by key keep what `ports.Limits` promises: bounded, in turn, leased, nothing lost?"""

import asyncio
from dataclasses import replace

import pytest

from vivido.model.journal import Cause, Message
from vivido.ports.limits import Claim, Slot

LEASE = 90.0


def claim(place, *, execution="x", key="acme", bound=1, **more) -> Claim:
    """Somebody who asks."""
    return Claim(
        "concurrency shop:charge", key, execution, place, bound, 1.0, **{"since": 1.0, **more}
    )


def wake(name) -> Message:
    """The message that wakes a waiter."""
    return Message(f"wake {name}", "x", "r", 3, Cause.SLOT)


def names(messages) -> list[str]:
    """Whose wakes these are."""
    return [message.id.removeprefix("wake ") for message in messages]


async def holders(ports) -> list[str]:
    """Who holds a slot."""
    return [one.place for one in await ports.limits.view() if one.until is not None]


async def line(ports) -> list[str]:
    """Who waits, in turn."""
    return [one.place for one in await ports.limits.view() if one.until is None]


async def test_so_many_hold_a_slot_and_no_more(ports, elsewhere):
    """Two of three get one, whichever process asks."""
    found = [
        await ports.limits.enter(claim("a", bound=2)),
        await elsewhere.limits.enter(claim("b", bound=2)),
        await ports.limits.enter(claim("c", bound=2)),
    ]
    assert [one.slot is None for one in found] == [False, False, True]


async def test_each_key_has_its_own_slots(ports):
    """One customer does not wait for another."""
    await ports.limits.enter(claim("a"))
    assert (await ports.limits.enter(claim("b", key="other"))).slot is not None


async def test_who_asks_at_once_from_two_processes_is_counted_once(ports, elsewhere):
    """Ten ask at the same time for three slots."""
    asked = [
        (ports if i % 2 else elsewhere).limits.enter(claim(str(i), bound=3)) for i in range(10)
    ]
    found = await asyncio.gather(*asked)
    assert sum(one.slot is not None for one in found) == 3


async def test_entering_again_takes_no_second_slot_and_has_a_higher_fence(ports):
    """The same holder has one slot, however often it asks; an earlier fence counts no more."""
    first = (await ports.limits.enter(claim("a", bound=2))).slot
    again = (await ports.limits.enter(claim("a", bound=2))).slot
    assert again.fence > first.fence
    await ports.limits.leave(first)
    assert await holders(ports) == ["a"]
    await ports.limits.leave(again)
    assert await holders(ports) == []


async def test_leaving_twice_changes_nothing(ports):
    """The slot of whoever came next is not theirs to give up."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.leave(slot)
    await ports.limits.enter(claim("b"))
    assert names(await ports.limits.leave(slot)) == []
    assert await holders(ports) == ["b"]


async def test_who_leaves_wakes_the_next_and_says_so_until_that_one_has_come(ports):
    """A wake that was lost on the way is in the answer again, until its waiter enters."""
    slot = (await ports.limits.enter(claim("a"))).slot
    assert (await ports.limits.line_up(claim("b"), wake("b"))).wakes == ()
    assert names(await ports.limits.leave(slot)) == ["b"]
    assert names(await ports.limits.leave(slot)) == ["b"]
    assert (await ports.limits.enter(claim("b", under=("wake b",)))).slot is not None
    assert names(await ports.limits.leave(slot)) == []


async def test_nobody_overtakes_who_waits(ports):
    """A slot that is free is for the line, not for who comes just now."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.leave(slot)
    assert (await ports.limits.enter(claim("c"))).slot is None
    assert await holders(ports) == ["b"]


async def test_the_line_is_by_priority_then_by_time(ports, elsewhere):
    """The highest first; of the same priority the one that has waited longest."""
    slot = (await ports.limits.enter(claim("a"))).slot
    for place, priority, since in (("b", 0, 5.0), ("c", 0, 4.0), ("d", 10, 9.0), ("e", -1, 1.0)):
        port = (ports if priority else elsewhere).limits
        await port.line_up(claim(place, priority=priority, since=since), wake(place))
    assert await line(ports) == ["d", "c", "b", "e"]
    order = []
    while wakes := names(await ports.limits.leave(slot)):
        order += wakes
        slot = (await ports.limits.enter(claim(wakes[0], under=(f"wake {wakes[0]}",)))).slot
    assert order == ["d", "c", "b", "e"]


async def test_lining_up_again_keeps_the_place_and_the_wake(ports):
    """It waits once, and the message under which it waits stays."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.line_up(claim("b"), wake("other"))
    assert await line(ports) == ["b"]
    assert names(await ports.limits.leave(slot)) == ["b"]


async def test_who_lines_up_where_a_slot_is_free_is_woken_at_once(ports):
    """Between asking and lining up it has become free."""
    assert names((await ports.limits.line_up(claim("a"), wake("a"))).wakes) == ["a"]


@pytest.mark.parametrize("how", ["enter", "leave", "lapse", "line up"])
async def test_a_dead_holder_frees_its_slot_when_its_lease_ends(ports, clock, how):
    """Prefect 1, DBOS 1, Restate 2: a slot held by the dead is nobody's for ever."""
    dead = claim("dead")
    await ports.limits.enter(dead)
    standing = await ports.limits.line_up(claim("b"), wake("b"))
    assert standing.first_end == clock.now() + LEASE
    clock.advance_to(clock.now() + LEASE)
    match how:
        case "enter":
            wakes = (await ports.limits.enter(claim("c"))).wakes
        case "leave":
            wakes = await ports.limits.leave(Slot(dead.limit, dead.key, "x", "other", None))
        case "lapse":
            wakes = (await ports.limits.lapse(dead.limit, dead.key, "x")).wakes
        case _:
            wakes = (await ports.limits.line_up(claim("c"), wake("c"))).wakes
    assert names(wakes) == ["b"]
    assert await holders(ports) == ["b"]


async def test_a_holder_that_lives_renews(ports, clock):
    """Its lease begins anew; who has lost it is told so."""
    slot = (await ports.limits.enter(claim("a"))).slot
    clock.advance_to(clock.now() + LEASE - 1)
    assert await ports.limits.renew([slot]) == []
    clock.advance_to(clock.now() + LEASE - 1)
    assert (await ports.limits.enter(claim("b"))).slot is None
    clock.advance_to(clock.now() + 1)
    assert (await ports.limits.enter(claim("b"))).slot is not None
    assert await ports.limits.renew([slot]) == [slot]


async def test_a_lasting_slot_is_overdue_and_stays(ports, clock):
    """An execution is not dead because nobody works at it: somebody looks before it is freed."""
    slot = (await ports.limits.enter(claim("", lasting=True))).slot
    await ports.limits.line_up(claim("b", execution="y"), wake("b"))
    clock.advance_to(clock.now() + LEASE)
    standing = await ports.limits.lapse(slot.limit, slot.key, "y")
    assert (list(standing.overdue), standing.waits, list(standing.wakes)) == ([slot], True, [])
    assert names(await ports.limits.leave(slot)) == ["b"]
    assert (await ports.limits.lapse(slot.limit, slot.key, "y")).waits is False


async def test_a_grant_that_nobody_comes_for_is_for_whoever_is_next(ports, clock):
    """The woken one is paused, or died on its way: its slot is a lease, too."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.line_up(claim("c", since=2.0), wake("c"))
    await ports.limits.leave(slot)
    clock.advance_to(clock.now() + LEASE)
    assert names((await ports.limits.lapse(slot.limit, slot.key, "x")).wakes) == ["c"]


async def test_leaving_without_a_fence_gives_up_a_place_in_the_line(ports):
    """A stop has reached a waiter: it is not granted what it would not take."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.leave(Slot(slot.limit, slot.key, "x", "b", None))
    assert names(await ports.limits.leave(slot)) == []
    assert await line(ports) == []


async def test_limits_change_live(ports):
    """Prefect 5: the bound that was stated last counts, not the one of an older version."""
    await ports.limits.enter(claim("a"))
    await ports.limits.line_up(claim("b"), wake("b"))
    newer = replace(claim("c", bound=3), stated=2.0)
    entered = await ports.limits.enter(newer)
    assert (entered.slot is None, names(entered.wakes)) == (False, ["b"])
    assert (await ports.limits.enter(claim("d"))).slot is None  # full with three
    await ports.limits.enter(replace(newer, bound=1, stated=3.0))
    assert (await ports.limits.enter(claim("e", bound=9))).slot is None


async def test_a_bucket_gives_what_it_holds_then_one_at_a_time(ports, elsewhere, clock):
    """Three at once, then one each third of a second; a full bucket again after a second."""
    begin = clock.now()

    async def take(port):
        more = {"bound": 3, "period": 1.0, "stated": 1.0}
        return await port.limits.take("rate shop:charge", "acme", **more) - begin

    times = [await take(port) for port in (ports, elsewhere, ports, elsewhere, ports)]
    assert times == pytest.approx([0, 0, 0, 1 / 3, 2 / 3])
    clock.advance_to(begin + 10)
    assert [await take(ports) for _ in range(3)] == pytest.approx([10, 10, 10])


async def test_a_rate_changes_live(ports, clock):
    """The rate that was stated last counts."""
    slow = {"bound": 1, "period": 60.0, "stated": 1.0}
    fast = {"bound": 10, "period": 1.0, "stated": 2.0}
    await ports.limits.take("rate a", "k", **slow)
    await ports.limits.take("rate a", "other", **fast)
    assert await ports.limits.take("rate a", "other", **slow) == clock.now()


async def test_a_view_shows_slots_and_then_the_line(ports):
    """Restate 5: who holds, who waits, of all keys or of one, or of one execution."""
    await ports.limits.enter(claim("a", execution="x"))
    await ports.limits.line_up(claim("b", execution="y"), wake("b"))
    await ports.limits.enter(claim("c", execution="y", key="other"))
    found = [(one.key, one.execution, one.place, one.bound) for one in await ports.limits.view()]
    assert found == [("acme", "x", "a", 1), ("acme", "y", "b", 1), ("other", "y", "c", 1)]
    assert [one.place for one in await ports.limits.view(key="acme")] == ["a", "b"]
    assert [one.place for one in await ports.limits.view(execution="y")] == ["b", "c"]


async def test_a_grant_whose_lease_is_over_is_in_the_line_again(ports, clock):
    """Its wake was lost with whoever was to send it: the guard that comes then names it again."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.leave(slot)
    clock.advance_to(clock.now() + LEASE)
    assert names((await ports.limits.lapse(slot.limit, slot.key, "x")).wakes) == ["b"]


@pytest.mark.parametrize("how", ["leaves", "dies"])
async def test_who_lines_up_while_its_twin_holds_the_slot_is_not_forgotten(ports, clock, how):
    """The twin's outcome will be refused, and the waiter's own message is gone by then."""
    slot = (await ports.limits.enter(claim("a"))).slot
    assert names((await ports.limits.line_up(claim("a"), wake("a"))).wakes) == []
    if how == "dies":
        clock.advance_to(clock.now() + LEASE)
        wakes = (await ports.limits.lapse(slot.limit, slot.key, "x")).wakes
    else:
        wakes = await ports.limits.leave(slot)
    assert names(wakes) == ["a"]


async def test_only_the_wake_of_a_place_ends_that_place(ports):
    """A twin from before the WAIT enters: when it leaves, the waiter still has its turn."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.leave(slot)
    twin = (await ports.limits.enter(claim("b"))).slot
    assert names(await ports.limits.leave(twin)) == ["b"]
    mine = (await ports.limits.enter(claim("b", under=("wake b",)))).slot
    assert names(await ports.limits.leave(mine)) == []
    assert await ports.limits.view() == []


@pytest.mark.parametrize("how", ["in the line", "granted", "held"])
async def test_what_a_wait_that_is_over_has_lined_up_for_is_given_up(ports, how):
    """A wake that comes too late gives back what nobody would come for."""
    slot = (await ports.limits.enter(claim("b" if how == "held" else "a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.line_up(claim("c", since=2.0), wake("c"))
    if how == "granted":
        await ports.limits.leave(slot)
    assert names(await ports.limits.forget(replace(slot, place="b", fence=None), 2)) == (
        ["b"] if how == "granted" else []
    )
    wakes = names(await ports.limits.forget(replace(slot, place="b", fence=None), 3))
    if how != "granted":
        wakes = names(await ports.limits.leave(slot))
    assert wakes == ["c"]


async def test_a_wake_that_is_about_to_be_deleted_is_replaced(ports):
    """Its twin may come too: that one does not end the place of the next wake."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.line_up(claim("b", under=("wake b",)), wake("next"))
    assert names(await ports.limits.leave(slot)) == ["next"]
    twin = (await ports.limits.enter(claim("b", under=("wake b",)))).slot
    assert names(await ports.limits.leave(twin)) == ["next"]


async def test_the_wake_of_a_later_wait_takes_the_place_of_an_older(ports):
    """The older one would find its WAIT over; one that comes late changes nothing."""
    slot = (await ports.limits.enter(claim("a"))).slot
    await ports.limits.line_up(claim("b"), wake("b"))
    await ports.limits.line_up(claim("b"), replace(wake("later"), n=5))
    await ports.limits.line_up(claim("b"), replace(wake("late"), n=3))
    await ports.limits.forget(replace(slot, place="b", fence=None), 3)
    assert names(await ports.limits.leave(slot)) == ["later"]
