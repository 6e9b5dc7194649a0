"""What does a process know of the messages that it holds?"""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from vivido.backends.sqlite.leases import Leases
from vivido.model.journal import Delivery, Message


def message(number: int, pool: str = "default") -> Message:
    """Make a message."""
    return Message(f"m{number}", "x", "r", 0, pool=pool)


def taken(leases: Leases, limit: int, now: float) -> list[Delivery]:
    """Take messages of the usual pool; ids say when."""
    numbers = count()
    return leases.take("default", limit, now, lambda: f"{now}-{next(numbers)}")


def test_ready_messages_are_delivered_in_turn() -> None:
    """First come, first served, each pool by itself, with the count that was said."""
    leases = Leases(90.0, 10)
    for number, pool in enumerate(["default", "gpu", "default", "default"]):
        leases.add(message(number, pool), number + 1)
    first, rest = taken(leases, 2, 0.0), taken(leases, 2, 0.0)
    assert [(one.message.id, one.receives) for one in first + rest] == [
        ("m0", 1),
        ("m2", 3),
        ("m3", 4),
    ]
    assert [one.id for one, _ in leases.ready()] == ["m1"]


def test_room_counts_what_is_ready_and_what_is_delivered() -> None:
    """Acknowledging makes room, delivering does not."""
    leases = Leases(90.0, 3)
    rooms = [leases.room]
    leases.add(message(1), 1)
    rooms.append(leases.room)
    (delivery,) = taken(leases, 1, 0.0)
    rooms.append(leases.room)
    leases.end(delivery)
    leases.end(delivery)
    assert [*rooms, leases.room] == [3, 2, 2, 3]


def test_a_lease_ends_by_time_and_is_taken_back_once() -> None:
    """What is not acknowledged in time is ready again and counted; what is, meanwhile, is not."""
    leases = Leases(90.0, 10)
    for number in (1, 2):
        leases.add(message(number), 1)
    first, second = taken(leases, 2, 0.0)
    assert (leases.first_end(), leases.lapsed(89.0)) == (90.0, [])
    lapsed = leases.lapsed(90.0)
    leases.end(second)
    for one in [*lapsed, *lapsed]:
        leases.take_back(one)
    assert [(one.id, receives) for one, receives in leases.ready()] == [("m1", 2)]
    assert (leases.holds(first), leases.first_end()) == (False, None)


def test_a_renewed_lease_ends_later() -> None:
    """The time runs from the renewal; an outdated delivery renews nothing."""
    leases = Leases(90.0, 10)
    leases.add(message(1), 1)
    (old,) = taken(leases, 1, 0.0)
    leases.renew(old, 50.0)
    ends = [leases.first_end()]
    for one in leases.lapsed(140.0):
        leases.take_back(one)
    taken(leases, 1, 140.0)
    leases.renew(old, 200.0)
    leases.end(old)
    assert [*ends, leases.first_end()] == [140.0, 230.0]


def test_what_is_forgotten_is_not_delivered() -> None:
    """Ready messages of an execution are dropped; others, and what is delivered, stay."""
    leases = Leases(90.0, 10)
    leases.add(message(1), 1)
    (delivery,) = taken(leases, 1, 0.0)
    leases.add(message(2), 1)
    leases.add(Message("m3", "y", "r", 0), 1)
    leases.forget("x")
    assert [one.id for one, _ in leases.ready()] == ["m3"]
    assert (leases.holds(delivery), leases.room) == (True, 8)


@given(st.lists(st.sampled_from(["add", "take", "end", "renew", "pass", "lapse"]), max_size=60))
def test_nothing_is_lost_and_nothing_is_double(  # noqa: C901  (an arm for each move)
    moves: list[str],
) -> None:
    """Whatever happens, each message is ready or delivered once, until its newest delivery ends."""
    leases, now, added, ended = Leases(90.0, 10), 0.0, count(), set[str]()
    newest: dict[str, Delivery] = {}
    numbers = count()
    alive: set[str] = set()
    for move in moves:
        match move:
            case "add":
                one = message(next(added))
                alive.add(one.id)
                leases.add(one, 1)
            case "take":
                for one in leases.take("default", 2, now, lambda: f"d{next(numbers)}"):
                    newest[one.message.id] = one
            case "end" if newest:
                _, delivery = newest.popitem()
                if leases.holds(delivery):
                    ended.add(delivery.message.id)
                leases.end(delivery)
            case "renew" if newest:
                leases.renew(next(iter(newest.values())), now)
            case "pass":
                now += 50.0
            case "lapse":
                for lapsed in leases.lapsed(now):
                    leases.take_back(lapsed)
        ready = [one.id for one, _ in leases.ready()]
        held = [one.message.id for one in newest.values() if leases.holds(one)]
        assert sorted(ready + held) == sorted(alive - ended)
        assert leases.room == 10 - len(ready) - len(held)
