"""Waiting in plain Python: time does not pass, and nobody is outside."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from vivido import (
    StepTimeout,
    approve,
    callback,
    deadline,
    emit,
    poll,
    publish,
    pure,
    receive,
    saga,
    sleep,
    step,
)
from vivido.authoring import is_pure
from vivido.errors import UsageError


class State(BaseModel):
    """What is polled."""

    tries: int
    done: bool


def checks(done_at: int) -> Callable[..., State]:
    """Make a step that is done at that try."""
    count: list[int] = []

    @step
    def check(job: str) -> State:
        """Count the tries."""
        count.append(len(job))
        return State(tries=len(count), done=len(count) >= done_at)

    return check


@pytest.mark.parametrize(
    ("args", "keywords"),
    [
        (("30s",), {}),
        ((2.5,), {}),
        ((timedelta(days=400),), {}),
        ((), {"weeks": 1, "days": 2, "hours": 3, "minutes": 4, "seconds": 5, "milliseconds": 6}),
        ((), {"seconds": 0}),
        ((), {"until": datetime(2030, 1, 1, tzinfo=UTC)}),
        ((), {"until": "2030-01-01T00:00:00+00:00"}),
    ],
)
def test_sleep_takes_no_time(args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """Every form of a duration or moment is taken, and nothing is waited for."""
    assert sleep(*args, **keywords) is None


@pytest.mark.parametrize(
    ("args", "keywords", "error"),
    [
        ((), {}, TypeError),
        (("soon",), {}, ValueError),
        ((-1,), {}, ValueError),
        (("1s",), {"seconds": 1}, TypeError),
        (("1s",), {"until": datetime(2030, 1, 1, tzinfo=UTC)}, TypeError),
        ((), {"until": datetime(2030, 1, 1, tzinfo=UTC), "seconds": 1}, TypeError),
        ((), {"until": datetime(2030, 1, 1)}, ValueError),  # noqa: DTZ001  the point of it
        ((), {"until": "tomorrow"}, ValueError),
        ((), {"until": 5}, TypeError),
        ((), {"fortnights": 1}, TypeError),
        ((), {"days": "2"}, TypeError),
    ],
)
def test_what_is_no_sleep(
    args: tuple[Any, ...], keywords: dict[str, Any], error: type[Exception]
) -> None:
    """What names no time to wait is refused, as an engine refuses it."""
    with pytest.raises(error):
        sleep(*args, **keywords)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: receive("paid", key="1", timeout="3d"), "receive('paid')"),
        (lambda: receive("paid", type=State, where="event.done", fan_out=True), "receive('paid')"),
        (lambda: approve("Sure?", form=State, to="finance", timeout="2d"), "approve('Sure?')"),
        (lambda: callback(timeout="1h", heartbeat="5m"), "callback()"),
    ],
)
def test_nobody_is_outside(call: Callable[[], object], name: str) -> None:
    """What needs somebody outside says so, and who can play that part."""
    with pytest.raises(UsageError) as caught:
        call()
    assert str(caught.value).startswith(f"{name} has nobody to wait for in a plain call")
    assert "vivido.testing.simulate" in str(caught.value)


def test_poll_until_it_is_so() -> None:
    """A poll runs the step until the condition holds, and gives that result."""
    state = poll(checks(3), "job", until="result.done and result.tries > 2", timeout="2h")
    assert state == State(tries=3, done=True)


def test_poll_gives_up() -> None:
    """Time passes from try to try: a poll has as many as fit into its timeout."""
    check = checks(5)
    with pytest.raises(StepTimeout, match=r"after 4 tries: 'result\.done' did not become true"):
        poll(check, "job", until="result.done", every="30s", timeout="90s")
    assert poll(check, "job", until="result.done", every="30s", timeout=0).tries == 5


def test_poll_is_bounded_without_a_timeout() -> None:
    """A plain call never runs for ever."""
    with pytest.raises(StepTimeout, match="after 1000 tries"):
        poll(checks(10_000), "job", until="result.done")


def test_poll_awaited() -> None:
    """An async step is awaited at every try."""
    found: list[int] = []

    @step
    async def check() -> int:
        """Count."""
        found.append(0)
        return len(found)

    async def run(limit: str) -> int:
        return await poll(check, until="result == 3", timeout=limit)

    assert asyncio.run(run("2h")) == 3
    with pytest.raises(StepTimeout):
        asyncio.run(run("0s"))


def test_poll_refuses_what_it_cannot_follow() -> None:
    """A wrong interval or condition is refused before the step runs."""
    check = checks(1)
    with pytest.raises(ValueError, match="every"):
        poll(check, "job", until="result.done", every=0)
    with pytest.raises(ValueError, match="soon"):
        poll(check, "job", until="result.done", timeout="soon")
    with pytest.raises(Exception, match=r"__class__"):
        poll(check, "job", until="result.__class__")
    assert poll(check, "job", until="True").tries == 1


def test_scopes_change_nothing() -> None:
    """In plain Python, sagas and deadlines let values and errors pass."""
    with saga(), deadline("24h"), deadline(hours=2):
        pass
    for scope in (saga(), deadline(5)):
        with pytest.raises(KeyError), scope:
            raise KeyError("k")


@pytest.mark.parametrize(
    ("args", "keywords", "error"),
    [((), {}, TypeError), (("soon",), {}, ValueError), (("1s",), {"days": 1}, TypeError)],
)
def test_what_is_no_deadline(
    args: tuple[Any, ...], keywords: dict[str, Any], error: type[Exception]
) -> None:
    """What names no time is refused when the block is entered."""
    with pytest.raises(error), deadline(*args, **keywords):
        pass


def test_nobody_listens() -> None:
    """Events and published values go nowhere in plain Python."""
    emit("order.shipped", {"id": 1}, key="1")
    publish(stage="packing", percent=40)
    for name in ("", 5):
        with pytest.raises(ValueError, match="give the event a name"):
            emit(name)  # type: ignore[arg-type]


def test_pure_marks_and_returns_the_function() -> None:
    """A pure function is the function itself, with a mark."""

    def double(n: int) -> int:
        return 2 * n

    assert is_pure(double) is False
    assert pure(double) is double
    assert is_pure(double) is True
    assert double(2) == 4
