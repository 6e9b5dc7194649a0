"""A protocol that is done wrong in one place is caught by the enumeration.

The tests above can fail.
"""

from dataclasses import replace

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import every_fault, pairs, run, violations

from vivido import engine as pure
from vivido import ids
from vivido.backends.memory.metas import MemoryMetas
from vivido.model.arrivals import Siblings
from vivido.model.journal import Cause
from vivido.ports import Ack, Send, arriving
from vivido.runtime import ending, engine, forking, performing, turn, waiting
from vivido.runtime.control import Control
from vivido.runtime.engine import Engine
from vivido.testing.simulation import never


async def ack_first(self, execution, branch, record, effects):
    """The message is deleted before what follows is committed."""
    for effect in effects:
        if isinstance(effect, Ack):
            await self.perform(effect)
    if record is not None and (old := await self.ports.journal.append(execution, branch, record)):
        return old
    for effect in effects:
        await self.perform(effect)
    return None


async def send_first(self, execution, branch, record, effects):
    """What follows is done before the record is appended."""
    for effect in effects:
        await self.perform(effect)
    return None if record is None else await self.ports.journal.append(execution, branch, record)


async def overwritten(self, execution, branch, record, effects):
    """A refused append is taken for one that worked."""
    if record is not None:
        await self.ports.journal.append(execution, branch, record)
    for effect in effects:
        await self.perform(effect)


async def trusting(self, following):
    """The message's own state is taken for the head, whatever the journal says."""
    return await CATCH_UP(self, None if self.message.state is not None else following)


async def acks_own_refusal(self):
    """A refusal by this very message deletes it: it may have been the only lease."""
    try:
        while await self.once():
            pass
    except turn.Refused:
        await self.perform_effects([Ack(self.delivery)])


async def no_line(self, following):
    """A successor does not know which messages it stands for."""
    self.own = {self.message.id}
    return await CATCH_UP(self, following)


async def counting(joins, arrival):
    """Arrivals are counted, not collected: one that is repeated counts twice."""
    seen = COUNTS.setdefault((id(joins), arrival.fork), [])
    seen.append(arrival.child)
    await joins.arrive(arrival.execution, arrival.fork, "0/0", [arrival.child])
    return [Send([arrival.joined])] if len(seen) >= arrival.siblings.width else []


def last_decides(self, arrived):
    """A group counts as closed by its last entry that closes, which changes with each arrival."""
    found = [place for place, one in enumerate(arrived) if one % 3]
    return found[-1] if found else None


def full_of_all(self, group, arrived, closed):
    """A group waits also for those that will never begin."""
    return {one // 3 for one in arrived} >= set(self.members(group))


async def closes_nothing(self, group):
    """Only the own group is closed: those behind it wait for children that never begin."""


async def looks_not_back(self, stop):
    """A stop is written without a look at the join."""
    await self.ports.metas.stop(stop.execution, stop.scope, stop.how)


async def keeps_stop(self, execution, scope):
    """A stop stays in META for ever."""


async def no_sweep(self, execution, scope):
    """A stop is written down, and nobody who waits is woken."""


def in_order(program, state, now):
    """Compensations run in the order of completion."""
    state.stack.reverse()
    return UNDONE(program, state, now)


async def stop_blind(self):
    """A stop ends a branch whatever its head obliges it to."""
    if (
        self.meta.stopped(self.branch)
        and not self.is_root
        and self.state.phase in ("fork", "run", "unwind")
    ):
        return await ending.obey(self, "failed")
    return await ONCE(self)


async def stop_unrecorded(turn_, end, data):
    """A child stops its siblings before its own end is recorded."""
    if not turn_.is_root and end["status"] == "failed":
        await turn_.engine.control.stop(turn_.execution, ids.scope_of(turn_.branch), "failed")
    return await APPEND_END(turn_, end, data)


async def no_claim(turn_, need):
    """An at-most-once step runs without a claim."""
    spec = need.step.spec.model_copy(update={"at_most_once": False})
    return await PERFORM(turn_, replace(need, step=replace(need.step, spec=spec)))


async def meta_first(turn_, end, data):
    """META says that it is over before the journal does."""
    if turn_.is_root:
        for effect in ending.root_ended(turn_, end, turn_.head + 1):
            await turn_.engine.perform(effect)
    return await APPEND_END(turn_, end, data)


async def timer_once(turn_):
    """A wait is taken for armed because it is recorded."""
    if turn_.delivery.receives > 1:
        await turn_.perform_effects([Ack(turn_.delivery)])
        return False
    return await ARM(turn_)


async def no_resend(turn_):
    """A fork is taken for sent because it is recorded."""
    await turn_.perform_effects([Send([]), Ack(turn_.delivery)])
    return False


def no_wake(self, execution, cause=Cause.GO, **more):
    """A child execution tells nobody that it has ended."""
    if cause is Cause.CHILD:
        more["n"] = 999
    return MESSAGE(self, execution, cause, **more)


COUNTS: dict = {}
CATCH_UP, ONCE, UNDONE, PERFORM = (
    turn.Turn.catch_up,
    turn.Turn.once,
    pure.undone,
    performing.perform,
)
APPEND_END, ARM, MESSAGE = ending.append_end, waiting.arm, Engine.message

BREAKAGES = [
    (Engine, "commit", ack_first, zoo.sequence),
    (Engine, "commit", send_first, zoo.forked),
    (Engine, "commit", overwritten, zoo.sequence),
    (turn.Turn, "catch_up", trusting, zoo.sequence),
    (turn.Turn, "run", acks_own_refusal, zoo.sequence),
    (turn.Turn, "catch_up", no_line, zoo.sequence),
    (engine, "arrive", counting, zoo.forked),
    (Siblings, "closed_at", last_decides, zoo.lanes_stopped),
    (Siblings, "is_full", full_of_all, zoo.lanes_stopped),
    (arriving._Arriving, "close_behind", closes_nothing, zoo.wide_stopped),  # noqa: SLF001
    (Engine, "stop", looks_not_back, zoo.collected_early),
    (MemoryMetas, "unstop", keeps_stop, zoo.collected_early),
    (pure, "undone", in_order, zoo.undone),
    (turn.Turn, "once", stop_blind, zoo.map_fails),
    (ending, "append_end", stop_unrecorded, zoo.fork_flaky),
    (performing, "perform", no_claim, zoo.claimed),
    (ending, "append_end", meta_first, zoo.sequence),
    (waiting, "arm", timer_once, zoo.slept),
    (forking, "send_children", no_resend, zoo.forked),
    (Engine, "message", no_wake, zoo.parent),
]


@pytest.mark.parametrize(
    ("owner", "name", "broken", "workflow"),
    BREAKAGES,
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_breakage_is_caught(owner, name, broken, workflow, monkeypatch):
    """Some fault of the enumeration shows that the protocol was done wrong."""
    calm = {inline: run(workflow, inline=inline) for inline in (None, never)}
    monkeypatch.setattr(owner, name, broken)

    def caught():
        for inline in (None, never):
            singles = ([fault] for fault in every_fault(calm[inline]))
            for faults in (*singles, *pairs(calm[inline], 600)):
                try:
                    if violations(workflow, calm[inline], faults, inline, stale_acks=True):
                        return str(faults)
                except Exception as error:
                    return f"{faults}: {error!r}"
        return None

    assert caught() is not None


def test_a_control_that_wakes_nobody_is_not_seen_by_single_faults_alone(monkeypatch):
    """The sweep matters to branches that wait; the zoo's fork of sleepers shows it."""
    assert run(zoo.sleepers).meta.updated - run(zoo.sleepers).meta.created < 1
    monkeypatch.setattr(Control, "sweep", no_sweep)
    result = run(zoo.sleepers)
    assert result.meta.updated - result.meta.created == 3_600
