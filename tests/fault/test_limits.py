"""Steps with limits under faults, and under several workers: all get their turn, none too many.

Nobody waits for ever, whoever dies when; what is held stays within the bound at every moment; and
as long as nobody dies or stalls, so do the bodies that run.
"""

import os
from collections import Counter
from dataclasses import replace

import pytest
from tests.fault import limits
from tests.fault.interleaving import Dice, Interleaved
from tests.fault.test_enumeration import every_fault, pairs

from vivido.backends.ledger import Ledger
from vivido.errors import InvariantError
from vivido.model.journal import Kind
from vivido.testing.simulation import never
from vivido.testing.world import FaultyEngine, World, check, wasted

SEEDS = 400 if os.environ.get("VIVIDO_FAULTS") == "all" else 15  # `make faults`
# Who comes first decides which of them are too late, or have not begun when the others fail.
LUCK = {"slots_too_late", "slots_stopped", "slots_undone"}
ONCE = {"rated_once"}


class Bounded(FaultyEngine):
    """Counts the slots that are held with a lease, and the bodies that run, by limit and key."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.bodies_now, self.too_many, self.without = Counter(), [], []

    async def commit(self, *given):
        """Look each time that something happens."""
        now = self.now()
        held, bounds = Counter(), {}
        for one in await self.ports.limits._port.view():  # noqa: SLF001  (no call to be attacked)
            held[one.limit, one.key] += one.until is not None and one.until > now
            bounds[one.limit, one.key] = one.bound
        self.too_many += [key for key, count in held.items() if count > bounds[key]]
        return await super().commit(*given)

    async def attempt(self, need, execution, branch, number):
        """Others go on while the body runs."""
        if need.step.limits is None or need.step.limits.concurrency is None:
            return await super().attempt(need, execution, branch, number)
        bound = need.step.limits.concurrency
        key = bound.name, bound.key_of(self.named(need)) if bound.key else ""
        self.bodies_now[key] += 1
        try:
            if self.bodies_now[key] > bound.bound:
                self.without.append(key)
            await self.ports.metas.get(execution)  # a call at which others may go on
            return await super().attempt(need, execution, branch, number)
        finally:
            self.bodies_now[key] -= 1


def interrupted(flow, result) -> bool:
    """What begins at most once may have been interrupted."""
    return (
        flow.name in ONCE
        and result.outcome[2] is not None
        and (result.outcome[2][0] == "StepInterrupted")
    )


def violations(flow, calm, faults, inline, **more) -> list[str]:
    """What is wrong with one run under faults."""
    world = World(*faults, **more)
    result = world.run(flow, 1, goes_on_inline=inline)
    broken = check(result)
    if len(faults) == 1 and wasted(result) > 1:
        broken.append(f"one fault cost {wasted(result)} bodies: {result.bodies}")
    if result.outcome != calm.outcome and flow.name not in LUCK and not interrupted(flow, result):
        broken.append(f"ended as {result.outcome}, calmly as {calm.outcome}")
    return broken


@pytest.mark.parametrize("hops", [False, True], ids=["inline", "hops"])
@pytest.mark.parametrize("flow", limits.ALL, ids=lambda flow: flow.name)
def test_each_fault_at_each_call(flow, hops):
    """Whatever happens once, all get their turn and the outcome is the calm one."""
    inline = never if hops else None
    calm = World().run(flow, 1, goes_on_inline=inline)
    assert check(calm) == []
    broken = {
        str(fault): found
        for fault in every_fault(calm)
        if (found := violations(flow, calm, [fault], inline))
    }
    assert broken == {}


@pytest.mark.parametrize("flow", [limits.slots, limits.rated_slots], ids=lambda flow: flow.name)
def test_pairs_of_faults(flow):
    """Two faults, drawn from a seed: nobody waits for ever."""
    calm = World().run(flow, 1, goes_on_inline=never)
    broken = {
        f"{pair[0]}, {pair[1]}": found
        for pair in pairs(calm, 100)
        if (found := violations(flow, calm, pair, never, stale_acks=True))
    }
    assert broken == {}


def interleaved(flow, seed, *, deaths=0.0, stalls=0.0, engine_class=Bounded, acts=()):
    """One run of four workers at once, and its world."""
    dice = Dice(seed, deaths, stalls, workers=4)
    world = Interleaved(dice, engine_class, acts, stale_acks=seed % 2 == 0)
    return world.run(flow, 1, goes_on_inline=never if seed % 3 else None), world


@pytest.mark.parametrize("flow", limits.ALL, ids=lambda flow: flow.name)
def test_never_more_than_the_bound_and_each_gets_its_turn(flow):
    """Four workers, in any order of their calls; nobody dies: no body is one too many."""
    calm = World().run(flow, 1)
    for seed in range(SEEDS):
        result, world = interleaved(flow, seed)
        found = (check(result), world.engine.too_many, world.engine.without)
        assert (seed, *found) == (seed, [], [], [])
        if flow.name not in LUCK:
            assert (seed, result.outcome) == (seed, calm.outcome)


@pytest.mark.parametrize("flow", limits.ALL, ids=lambda flow: flow.name)
def test_nobody_waits_for_the_dead(flow):
    """Workers die, and leases end under those who work: all get their turn, slots stay bounded."""
    calm = World().run(flow, 1)
    for seed in range(SEEDS):
        result, world = interleaved(flow, seed, deaths=0.02, stalls=0.02)
        assert (seed, check(result), world.engine.too_many) == (seed, [], [])
        if flow.name not in LUCK and not interrupted(flow, result):
            assert (seed, result.outcome) == (seed, calm.outcome)


@pytest.mark.parametrize("flow", limits.ALL, ids=lambda flow: flow.name)
def test_a_cancel_reaches_who_waits(flow):
    """It ends as cancelled, or had ended; and nothing is held or waited for afterwards."""

    async def cancel(engine):
        await engine.control.stop("x", "r", "cancelled")

    for seed in range(SEEDS):
        result, _ = interleaved(flow, seed, acts=(cancel,))
        assert (seed, check(result)) == (seed, [])
        assert result.meta.status.is_end


def test_priority_goes_first():
    """Of those who wait for one slot the highest priority begins first."""
    seen = World().run(limits.ranked, 1)
    began = sorted(
        (record.time, record.data["result"])
        for records in seen.records["x"].values()
        for record in records
        if record.kind is Kind.END and record.data.get("step") == "by_rank"
    )
    assert [n for _, n in began] == [1, 2, 4, 3]


# ---------------------------------------------------------------- it can fail
def drops(self, row):
    """A slot whose lease is over takes its waiter along."""
    self._rows.remove(row)


def told_at_once(self, row):
    """A wake is sent once."""
    leased = replace(LEASE(self, row), told=True)
    self._rows.put(leased)
    return leased


LEASE = Ledger._lease  # noqa: SLF001  (to be broken)


@pytest.mark.parametrize(
    ("place", "name", "broken"),
    [
        (Ledger, "_free", drops),
        (Ledger, "_lease", told_at_once),
    ],
    ids=lambda part: getattr(part, "__name__", str(part)),
)
def test_a_broken_limit_is_caught(monkeypatch, place, name, broken):
    """Each rule has its reason: without it somebody waits for ever, or is one too many.

    Guards and fences are broken elsewhere (losses in `test_repair`, the contract of `leave`): here
    every message of the dead comes back, and does their work.
    """
    monkeypatch.setattr(place, name, broken)
    for flow in (limits.slots, limits.rated_slots, limits.slots_retried):
        for seed in range(300):
            try:
                result, world = interleaved(flow, seed, deaths=0.03, stalls=0.03)
            except InvariantError:  # it never comes to rest
                return
            if check(result) or world.engine.too_many:
                return
    pytest.fail("nothing was seen")
