"""Three workers at once, in any order of their calls: every law of the protocol holds.

Dice choose, from a seed, so each run can be had again. Workers die, and leases end under those who
work. What is compared with the calm run is the outcome, where it is no matter of luck.
"""

import os

import pytest
from tests.fault import constructs, jobs, undone, zoo
from tests.fault.interleaving import Dice, Interleaved
from tests.fault.test_broken_protocols import acks_own_refusal, counting, trusting
from tests.fault.test_enumeration import mocks, run, with_settings

from vivido import ids
from vivido.errors import InvariantError
from vivido.runtime import engine, forking, turn
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, check

SEEDS = 600 if os.environ.get("VIVIDO_FAULTS") == "all" else 12  # `make faults`
FLOWS = [*zoo.ALL, *constructs.ALL, *jobs.ALL, *undone.UNDONE]
# Who comes first decides: whether something was there to be undone, who of many was quick enough.
LUCK = {"map_fails", "fork_fails", "lanes_stopped", "wide_stopped", "needed", "tolerated",
        "wide_needed", "wide_counted", "wide_tolerated", "finished", "collected_early",
        "fork_flaky", "claimed"}  # fmt: skip


def interleaved(flow, seed, deaths=0.01, acts=()):
    """One run, and whether somebody died in it."""
    jobs.seen.clear()
    dice, settings = Dice(seed, deaths), with_settings(flow)
    world = Interleaved(dice, settings, acts, stale_acks=seed % 2 == 0)
    inline = never if seed % 3 else None
    result = world.run(flow, 1, mocks=mocks(flow), goes_on_inline=inline)
    return result, world.crashed


def wrong(flow, seed, deaths=0.01):
    """What is wrong with one run.

    Who dies between a stop that comes too late and the look that would take it back leaves it
    behind in META, where a repair finds it.
    """
    result, died = interleaved(flow, seed, deaths)
    return [what for what in check(result) if not (died and "was never removed" in what)]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_any_order_of_calls(flow):
    """No law is broken, and it ends as it does calmly."""
    calm = run(flow).outcome
    for seed in range(SEEDS):
        result, died = interleaved(flow, seed)
        broken = [what for what in check(result) if not (died and "was never removed" in what)]
        assert (seed, broken) == (seed, [])
        if flow.name not in LUCK:
            assert (seed, result.outcome) == (seed, calm)


@pytest.mark.parametrize(
    "flow",
    [zoo.map_fails, zoo.fork_fails, zoo.collected_early, zoo.wide_stopped, zoo.wide_tolerated],
    ids=lambda flow: flow.name,
)
def test_nobody_dies(flow):
    """Then nothing is left behind, not even a stop."""
    for seed in range(2 * SEEDS):
        assert (seed, wrong(flow, seed, deaths=0.0)) == (seed, [])


async def cancel(engine):
    """Somebody cancels it."""
    await engine.control.stop(EXECUTION, ids.ROOT, "cancelled")


async def cancel_plain(engine):
    """Somebody cancels it, and nothing is to be undone."""
    await engine.control.stop(EXECUTION, ids.ROOT, "cancelled_plain")


async def pause(engine):
    """Somebody pauses it."""
    await engine.control.pause(EXECUTION)


async def resume(engine):
    """Somebody lets it go on."""
    await engine.control.resume(EXECUTION)


ACTS = [[cancel], [cancel_plain], [pause, resume], [pause, cancel], [cancel, pause, resume]]


@pytest.mark.parametrize("acts", ACTS, ids=lambda acts: "-".join(act.__name__ for act in acts))
def test_somebody_outside(acts):
    """Cancels and pauses at any moment, in any order of calls: it ends, and no law is broken."""
    for flow in FLOWS:
        ends = {run(flow).outcome[0], "cancelled", "failed"}
        for seed in range(SEEDS // 3):
            result, died = interleaved(flow, seed, acts=acts)
            broken = [what for what in check(result) if not (died and "was never removed" in what)]
            assert (flow.name, seed, broken) == (flow.name, seed, [])
            assert (flow.name, seed, result.outcome[0] in ends) == (flow.name, seed, True)


def by_meta(turn_, plan, ended):
    """A join takes a stop back only if META says so already."""
    return False


BREAKAGES = [
    (turn.Turn, "catch_up", trusting, zoo.sequence),
    (turn.Turn, "run", acks_own_refusal, zoo.sequence),
    (engine, "arrive", counting, zoo.forked),
    (forking, "stopped_by_an_end", by_meta, zoo.map_fails),
]


@pytest.mark.parametrize(
    ("owner", "name", "broken", "flow"), BREAKAGES, ids=lambda it: getattr(it, "__name__", "")
)
def test_a_broken_protocol_is_caught(owner, name, broken, flow, monkeypatch):
    """Some order shows it, by the laws alone."""
    monkeypatch.setattr(owner, name, broken)

    def caught():
        for seed in range(600):
            try:
                if found := wrong(flow, seed, deaths=0.0 if broken is by_meta else 0.05):
                    return found
            except InvariantError as error:
                return str(error)
        return None

    assert caught()


def test_the_same_seed_is_the_same_run():
    """What is found can be had again."""
    one, other = (interleaved(zoo.wide_tolerated, 5)[0] for _ in range(2))
    assert one.records == other.records
    assert one.call_names == other.call_names
