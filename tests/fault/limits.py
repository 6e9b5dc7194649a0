"""Small workflows whose steps have limits: slots by key, rates, and both."""

from tests.fault.zoo import Declined, undo_b

from vivido import Concurrency, Rate, Retry, deadline, map_each, parallel, step, workflow
from vivido.errors import DeadlineExceeded


class Busy(Exception):
    """Fails the first time."""


@step(concurrency=1)
def alone(n: int) -> int:
    """One at a time."""
    return n


@step(concurrency=Concurrency(1, key="n % 2"), compensate=undo_b)
def by_parity(n: int) -> int:
    """One at a time of the odd ones, and of the even ones."""
    return n


@step(concurrency=Concurrency(2, name="gateway"), priority="n")
def first_half(n: int) -> int:
    """Shares two slots with the other half."""
    return n


@step(concurrency=Concurrency(2, name="gateway"))
def second_half(n: int) -> int:
    """Shares two slots with the other half."""
    return -n


@step(rate=Rate(2, per="1m"))
def slowly(n: int) -> int:
    """Two a minute."""
    return n


@step(concurrency=2, rate=Rate(1, per="1m"), priority="n")
def both(n: int) -> int:
    """Waits for its token with the slot in its hand, so others wait for the slot."""
    return n


@step(concurrency=1, rate=Rate(1, per="1m"), priority="n")
def by_rank(n: int) -> int:
    """One at a time, the highest first."""
    return n


@step(concurrency=1, rate=Rate(1, per="5m"), at_most_once=True, timeout="10s")
def both_once(n: int) -> int:
    """The same, begun at most once."""
    return n


@step(concurrency=1, retry=Retry(max_attempts=2, backoff="1s"))
def again(n: int, bad: int) -> int:
    """Fails for good at one number; gives its slot up between its attempts."""
    if n == bad:
        raise Busy(str(n))
    return n


@step(concurrency=Concurrency(1, key="n.missing"))
def no_key(n: int) -> int:
    """Has no key for what it is given."""
    return n


@workflow
def slots(n: int) -> list[int]:
    """Four for one slot."""
    return map_each(alone, range(n, n + 4))


@workflow
def slots_by_key(n: int) -> list[int]:
    """Five, two keys."""
    return map_each(by_parity, range(n, n + 5))


@workflow
def slots_undone(n: int) -> int:
    """What had slots is undone; compensations wait for nobody."""
    parallel(by_parity(n), by_parity(n + 2))
    raise Declined("no")


@workflow
def shared(n: int) -> list[int]:
    """Two steps of one limit, side by side."""
    one, two = parallel(
        map_each(first_half, range(n, n + 3)), map_each(second_half, range(n, n + 3))
    )
    return one + two


@workflow
def rated(n: int) -> list[int]:
    """Four at two a minute."""
    return map_each(slowly, range(n, n + 4))


@workflow
def rated_slots(n: int) -> list[int]:
    """Four, of which two wait for tokens and two for slots."""
    return map_each(both, range(n, n + 4))


@workflow
def ranked(n: int) -> list[int]:
    """Four for one slot; the highest of those who wait goes first."""
    return map_each(by_rank, range(n, n + 4))


@workflow
def rated_once(n: int) -> list[int]:
    """Three that begin at most once, one at a time, each five minutes."""
    return map_each(both_once, range(n, n + 3))


@workflow
def slots_retried(n: int) -> int:
    """One of three fails for good, and is tried again before that."""
    batch = map_each(lambda i: again(i, n), range(n, n + 3), on_error="collect")
    return batch.failed


@workflow
def slots_stopped(n: int) -> list[int]:
    """The first failure stops the others, also those in the line."""

    def one(item: int) -> int:
        both(item)
        if item == n:
            raise Declined(str(item))
        return alone(item)

    return map_each(one, range(n, n + 4))


@workflow
def slots_too_late(n: int) -> str:
    """The deadline around it ends while it is in the line."""

    def late(item: int) -> str:
        try:
            with deadline("90s"):
                return str(both(item))
        except DeadlineExceeded:
            return "late"

    return ",".join(sorted(map_each(late, range(n, n + 4))))


@workflow
def keyless(n: int) -> str:
    """An expression that fails is the step's failure."""
    try:
        no_key(n)
    except AttributeError:
        return "no key"
    return "a key"


ALL = [
    slots, slots_by_key, slots_undone, shared, rated, rated_slots, ranked, rated_once,
    slots_retried, slots_stopped, slots_too_late, keyless,
]  # fmt: skip
