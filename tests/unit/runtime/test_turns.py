"""Single deliveries in odd moments: what a turn does with its message, seen record by record."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import mocks

from vivido import Retry, step, workflow
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.errors import DefinitionError, Unavailable
from vivido.model.journal import Cause, Delivery, Kind, Message, Record
from vivido.runtime.library import Library
from vivido.settings import Settings
from vivido.testing.faults import Crash
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, FaultyEngine, World, check

Act = Callable[[World], Awaitable[Any]]


def after(world: World, act: Act) -> Any:
    """Do something when nothing moves any more, and then run to rest."""

    async def acting() -> Any:
        found = await act(world)
        await world.settle(None)
        return found

    return asyncio.run(acting())


async def deliver(world: World, message: Message, receives: int = 1) -> Delivery:
    """Send a message and deliver it at once."""
    await world.ports.queue.send([message])
    (delivery,) = await world.ports.queue.receive("default", 1)
    await world.engine.deliver(replace(delivery, receives=receives))
    return delivery


async def journal(world: World, branch: str = "r") -> list[Record]:
    """Read a journal."""
    return list(await world.ports.journal.read(EXECUTION, branch))


def kinds(records: list[Record]) -> list[str]:
    """Return what happened."""
    return [str(record.kind) for record in records]


# ------------------------------------------------------------------ catching up
@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_message_without_a_state_reads_the_journal(n: int) -> None:
    """From its record on, or from the start where that record does not hold all of the state."""
    world = World()

    async def at_rest(engine: FaultyEngine) -> None:
        message = engine.message(EXECUTION, branch="r", n=n)
        others = {r.by for r in await journal(world)}
        await deliver(world, replace(message, line=tuple(others)))

    async def stop_for_good(world: World, engine: FaultyEngine, number: int) -> None:
        del number
        if len(await journal(world)) == 3:  # the messages are lost with the queue
            await engine.ports.queue.forget(EXECUTION)

    result = world.run(zoo.undone, 1, goes_on_inline=never, during=stop_for_good, at_rest=at_rest)
    assert check(result) == []
    assert result.outcome[0] == "compensated"


def test_a_definition_that_is_not_there_yet_is_waited_for() -> None:
    """The registry may lag behind: the message comes back."""
    world = World()
    world.run(zoo.sequence, 1)

    async def elsewhere(world: World) -> None:
        await world.engine.program("0" * 64)

    with pytest.raises(Unavailable, match=r"000000000000.* is not in the registry \(yet\)"):
        after(world, elsewhere)


# ------------------------------------------------------------------ waking
def test_a_timer_that_comes_early_is_given_back() -> None:
    """Until its time."""
    world = World()
    done: list[int] = []

    async def early(world: World, engine: FaultyEngine, number: int) -> None:
        if number == 1 and not done:
            done.append(number)
            n = len(await journal(world))
            await deliver(world, engine.message(EXECUTION, Cause.TIMER, branch="r", n=n))
            assert (await journal(world))[-1].kind is Kind.WAIT

    result = world.run(zoo.slept, 1, during=early)
    assert (check(result), result.outcome) == ([], ("succeeded", 3, None))
    assert result.meta is not None
    assert result.meta.updated - result.meta.created == 3_600


@pytest.mark.parametrize("cause", [Cause.STOP, Cause.EVENT, Cause.JOIN])
def test_what_does_not_concern_a_wait_leaves_it_alone(cause: Cause) -> None:
    """A stop that is over by now, an event that nobody waits for."""
    world = World()
    done: list[int] = []

    async def during(world: World, engine: FaultyEngine, number: int) -> None:
        if number == 1 and not done:
            done.append(number)
            records = await journal(world)
            await deliver(world, engine.message(EXECUTION, cause, branch="r", n=len(records)))
            assert kinds(await journal(world)) == kinds(records)

    result = world.run(zoo.slept, 1, during=during)
    assert (check(result), result.outcome) == ([], ("succeeded", 3, None))


def test_the_alarm_of_the_time_limit_waits_for_its_time() -> None:
    """A message that comes early is given back."""
    world = World()

    async def during(world: World, engine: FaultyEngine, number: int) -> None:
        if number == 1:
            message = engine.message(EXECUTION, Cause.TIMEOUT)
            delivery = await deliver(world, message)
            await world.ports.queue.ack(delivery)
            meta = await world.ports.metas.get(EXECUTION)
            assert meta is not None
            assert meta.stops == {}

    limited = _limited("3h")
    assert world.run(limited, 1, during=during).outcome == ("succeeded", 3, None)


def _limited(timeout: str) -> Any:
    import copy  # noqa: PLC0415

    double = copy.copy(zoo.slept)
    definition = zoo.slept.definition.model_copy(update={"timeout": timeout})
    double.__dict__["definition"] = definition
    return double


# ------------------------------------------------------------------ META that has aged
def aging(world: World, act: Act | None = None) -> Any:
    """Mock of step c: its second call takes ten seconds, in which something may happen."""
    calls = []

    async def c(n: int) -> int:
        calls.append(n)
        if len(calls) == 2:
            world.clock.advance_to(world.clock.now() + 10)
            if act is not None:
                await act(world)
        return n + 1

    return c


def test_a_long_delivery_reads_meta_again() -> None:
    """Nothing has changed: it goes on inline."""
    world = World()
    result = world.run(zoo.sequence, 1, mocks={zoo.c: aging(world)})
    assert (check(result), result.outcome) == ([], ("succeeded", 4, None))
    assert result.call_names.count("metas.get") == 1
    assert result.deliveries == 1


def test_a_pause_reaches_a_long_delivery() -> None:
    """It hands on, and the message is parked; resumed, it goes on."""
    world = World()

    async def pause(world: World) -> None:
        await world.engine.control.pause(EXECUTION)

    async def resume(engine: FaultyEngine) -> None:
        assert len(await world.ports.parked.scan(EXECUTION)) == 1
        assert len(await journal(world)) == 2
        await engine.control.resume(EXECUTION)

    result = world.run(zoo.sequence, 1, mocks={zoo.c: aging(world, pause)}, at_rest=resume)
    assert (check(result), result.outcome) == ([], ("succeeded", 4, None))


def test_a_cancel_reaches_a_long_delivery() -> None:
    """At its next node."""
    world = World()

    async def cancel(world: World) -> None:
        await world.engine.control.stop(EXECUTION, "r", "cancelled")

    result = world.run(zoo.sequence, 1, mocks={zoo.c: aging(world, cancel)})
    assert (check(result), result.outcome[0]) == ([], "cancelled")
    assert kinds(result.records[EXECUTION]["r"]) == ["OK", "OK", "CANCEL", "END"]


def test_an_execution_that_was_removed_is_handed_on_and_dropped() -> None:
    """Retention took META away meanwhile."""
    world = World()

    async def forget(world: World) -> None:
        metas: Any = world.ports.metas
        del metas._metas[EXECUTION]  # noqa: SLF001

    result = world.run(zoo.sequence, 1, mocks={zoo.c: aging(world, forget)})
    assert result.outcome == ("unborn", None, None)
    assert kinds(result.records[EXECUTION]["r"]) == ["OK", "OK"]


def test_a_resume_while_a_message_is_parked_sends_it() -> None:
    """Each side writes before it reads: the one that comes second sees the other."""
    world = World()
    done = []

    async def resume_after_put(message: Message) -> None:
        await put(message)
        if not done:
            done.append(message)
            await world.ports.metas.pause(EXECUTION, paused=False)

    parked: Any = world.ports.parked
    put = parked.put
    parked.put = resume_after_put

    async def pause(world: World, engine: FaultyEngine, number: int) -> None:
        del world
        if number == 1 and not done:
            await engine.control.pause(EXECUTION)

    result = world.run(zoo.sequence, 1, goes_on_inline=never, during=pause)
    assert (check(result), result.outcome) == ([], ("succeeded", 4, None))
    assert len(done) == 1


# ------------------------------------------------------------------ attempts without end
@step(retry=Retry(max_attempts=9, backoff="1s", factor=1))
def stubborn(n: int) -> int:
    """Mocked."""
    return n


@workflow
def patient(n: int) -> int:
    """Try very often."""
    return stubborn(n)


def test_a_message_is_given_back_only_so_often() -> None:
    """Queues bound how often they hand a message over: every so many attempts it is a new one."""

    class Bounded(FaultyEngine):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self.settings = Settings(attempts_per_message=3)

    world = World(engine_class=Bounded)
    failing = [*[OSError(str(i)) for i in range(8)], 5]
    result = world.run(patient, 1, mocks={stubborn: failing})
    assert (check(result), result.outcome) == ([], ("succeeded", 5, None))
    records = result.records[EXECUTION]["r"]
    assert kinds(records) == [*["ATTEMPT"] * 3, "WOKE", *["ATTEMPT"] * 3, "WOKE", *["ATTEMPT"] * 2,
                              "END"]  # fmt: skip
    assert len({record.by for record in records}) > 2


def test_a_compensation_that_kills_its_process_needs_a_person() -> None:
    """It is begun so often and no more."""

    def poison(n: int, result: str) -> None:
        del n, result
        raise Crash

    result = World().run(zoo.undone, 1, mocks={zoo.undo_a: poison})
    assert (check(result), result.outcome[0]) == ([], "needs_attention")
    last = result.records[EXECUTION]["r"][-1]
    assert last.data["raised"]["type"] == "vivido.errors:PoisonMessage"


def test_a_branch_that_needs_a_person_stays_so() -> None:
    """Another delivery of its message says so again, and is deleted."""
    world = World()
    result = world.run(zoo.undone, 1, mocks={zoo.undo_a: OSError("closed")})
    assert result.outcome[0] == "needs_attention"

    async def again(world: World) -> list[Record]:
        records = await journal(world)
        last = records[-1]
        message = replace(world.engine.message(EXECUTION, branch="r", n=last.n - 1), id=last.by)
        lost = Delivery(replace(message, line=tuple({r.by for r in records})), "late", 2)
        await world.engine.deliver(lost)
        return await journal(world)

    assert len(after(world, again)) == len(result.records[EXECUTION]["r"])


def test_a_claim_that_is_still_running_is_waited_for() -> None:
    """A copy of the message comes back when the claim is over."""
    world = World()

    async def once(n: int) -> int:
        records = await journal(world)
        message = replace(world.engine.message(EXECUTION, branch="r"), id=records[-1].by)
        await world.ports.queue.send([message])
        copy = Delivery(message, "copy", 2)
        await world.engine.deliver(copy)
        assert kinds(await journal(world)) == kinds(records)
        return n

    result = world.run(zoo.claimed, 1, mocks={zoo.once: once})
    assert (check(result), result.outcome) == ([], ("succeeded", 2, None))


# ------------------------------------------------------------------ atomic backends
@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("flow", zoo.ALL, ids=lambda flow: flow.name)
def test_records_and_what_follows_them_in_one_commit(flow: Any, *, hops: bool) -> None:
    """The outcome is the same where a backend can do that."""
    clock = VirtualClock(1_000_000.0)
    ports = memory_ports(clock=clock, ids=SeededIds(1), atomic=True)
    world = World(ports=ports)
    world.clock = clock
    inline = never if hops else None
    result = world.run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)
    calm = World().run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)
    assert check(result) == []
    assert result.outcome == calm.outcome
    assert {name: kinds(r) for name, r in result.records[EXECUTION].items()} == {
        name: kinds(r) for name, r in calm.records[EXECUTION].items()
    }


# ------------------------------------------------------------------ the author's objects
def test_a_library_finds_what_a_definition_names() -> None:
    """In modules, which it imports if it may; objects can be put in place of them."""
    library = Library()
    assert library.find("tests.fault.zoo:Order") is zoo.Order
    assert library.find("colorsys:rgb_to_hsv").__name__ == "rgb_to_hsv"
    assert library.find("math").__name__ == "math"
    library.put("shop:step", zoo.c)
    assert library.step("shop:step") is zoo.c
    assert library.workflow("tests.fault.zoo:sequence") is zoo.sequence


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("tests.fault.zoo:Order.nothing", "module 'tests.fault.zoo' has no 'Order.nothing'"),
        ("no_such_module:x", "module 'no_such_module' cannot be imported"),
    ],
)
def test_what_is_not_there_is_a_lookup_error(ref: str, message: str) -> None:
    """The message says what is missing; of a step or workflow it is the author's to mend."""
    with pytest.raises(LookupError, match=message):
        Library().find(ref)
    with pytest.raises(DefinitionError, match=r"is not there .*: deploy the code that the"):
        Library().step(ref)


def test_a_library_may_be_kept_from_importing() -> None:
    """Then only what is loaded already is there."""
    assert Library(imports=False).find("asyncio:run") is asyncio.run
    with pytest.raises(LookupError, match="module 'wave' is not loaded"):
        Library(imports=False).find("wave:open")


def test_what_is_no_step_is_refused() -> None:
    """The definition was compiled from other code."""
    with pytest.raises(DefinitionError, match=r"'tests.fault.zoo:Order' is a type, no step"):
        Library().step("tests.fault.zoo:Order")
