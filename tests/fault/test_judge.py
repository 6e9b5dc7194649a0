"""The judge of traces: a right one has no sentence, and each law that is broken has its own."""

import dataclasses

import pytest
from tests.fault import constructs, zoo
from tests.fault.test_broken_protocols import (
    BREAKAGES,
    acks_own_refusal,
    counting,
    looks_not_back,
    no_wake,
    trusting,
)
from tests.fault.test_enumeration import every_fault, pairs, run

from vivido.errors import InvariantError
from vivido.model.journal import Kind, Record, Status
from vivido.testing.laws import Laws
from vivido.testing.simulation import never
from vivido.testing.trace import Op
from vivido.testing.world import check


def judged(result, trace):
    """What the judge says of a trace, with everything else as the run left it."""
    return Laws(result.definitions).hold(trace).broken


def at_rest(result, trace):
    """What it says when nothing moves after a trace."""
    return Laws(result.definitions).hold(trace).at_rest(result.metas).broken


def appends(trace, branch, kind):
    """The places at which a branch appends a record of that kind."""
    return [
        place
        for place, op in enumerate(trace)
        if op.what == "append" and op.branch == branch and op.data.kind is kind
    ]


def changed(trace, place, **data):
    """The trace, with other data in the record at a place."""
    op = trace[place]
    record = dataclasses.replace(op.data, data={**op.data.data, **data})
    return [*trace[:place], dataclasses.replace(op, data=record), *trace[place + 1 :]]


def without(trace, *places):
    """The trace, without what happened at some places."""
    return [op for place, op in enumerate(trace) if place not in places]


def moved(trace, place, to):
    """The trace, with what happened at a place happening before another."""
    op = trace[place]
    rest = [*trace[:place], *trace[place + 1 :]]
    return [*rest[:to], op, *rest[to:]]


@pytest.mark.parametrize("workflow", [*zoo.ALL, *constructs.ALL], ids=lambda flow: flow.name)
def test_a_calm_run_breaks_no_law(workflow):
    """Inline and with a message after each record."""
    for inline in (None, never):
        assert check(run(workflow, inline=inline)) == []


# ---------------------------------------------------------------- journals
def test_a_number_is_given_once():
    """Neither a record that is there already, nor a gap."""
    result = run(zoo.sequence)
    (first, second, *_) = appends(result.trace, "r", Kind.OK)
    again = [*result.trace[: second + 1], result.trace[first]]
    assert judged(result, again) == [
        "x/r: record 1 follows record 2",
        "x/r: step c came to a result twice (x~r~c)",
    ]
    assert judged(result, without(result.trace, first))[0] == "x/r: record 2 follows record 0"


def test_nothing_comes_after_the_end():
    """But a redrive, and the undoing of a child execution."""
    result = run(zoo.sequence)
    (end,) = appends(result.trace, "r", Kind.END)
    n = result.trace[end].data.n + 1
    for kind, broken in ((Kind.OK, ["x/r: OK after END"]), (Kind.REDRIVE, [])):
        more = Op("append", "x", "r", Record(n, kind, "m", "d", 0.0, {"node": "c"}))
        assert judged(result, [*result.trace, more]) == broken


def test_what_the_store_holds_is_what_was_appended():
    """A record that was changed behind the journal's back is seen."""
    result = run(zoo.sequence)
    result.records["x"]["r"][0] = dataclasses.replace(result.records["x"]["r"][0], time=0.0)
    assert check(result) == ["x/r: the journal is not what was appended to it"]


# ---------------------------------------------------------------- META
def test_terminal_is_final():
    """A status that says the end is the last, and is what the journal says."""
    result = run(zoo.sequence)
    more = Op("status", "x", data=(Status.FAILED, 99))
    assert judged(result, [*result.trace, more]) == [
        "x: terminal status succeeded became failed",
        "x: META says failed, the root's journal does not end so",
    ]
    late = Op("status", "x", data=(Status.COMPENSATING, 1))
    assert judged(result, [*result.trace, late]) == []
    early = moved(result.trace, len(result.trace) - 1, 2)
    status = next(p for p, op in enumerate(result.trace) if op.what == "status")
    early = moved(result.trace, status, 2)
    assert "x: META says succeeded, the root's journal does not end so" in judged(result, early)


# ---------------------------------------------------------------- forks
def test_a_fork_is_joined_once_and_last():
    """No child moves after it, none begins, and none begins without it."""
    result = run(zoo.forked, inline=never)
    (ends,) = appends(result.trace, "r.1:2", Kind.END)
    (joined,) = appends(result.trace, "r", Kind.END)
    (forked,) = appends(result.trace, "r", Kind.FORK)
    late = judged(result, moved(result.trace, ends, joined))
    assert late == ["x/r.1:2: begins after its fork was joined"]
    assert "x/r.1:0: begins before record 1 of its parent" in judged(
        result, without(result.trace, forked)
    )
    two = run(zoo.nested, inline=never)
    (inner,) = appends(two.trace, "r.1:1", Kind.END)
    (outer,) = appends(two.trace, "r", Kind.END)
    late = judged(two, moved(two.trace, inner, outer))
    assert late == ["x/r: fork 1 is joined while ['r.1:1'] move"]


def test_no_more_children_than_lanes():
    """A child that is sent before another has ended takes a lane that there is not."""
    result = run(zoo.mapped, inline=never)
    third = next(
        place for place, op in enumerate(result.trace) if op.what == "send" and op.branch == "r.1:2"
    )
    first_end = min(appends(result.trace, f"r.1:{i}", Kind.END)[0] for i in (0, 1))
    assert judged(result, moved(result.trace, third, first_end)) == [
        "x/r.1: ['r.1:0', 'r.1:1', 'r.1:2'] run in 2 lanes"
    ]


def test_a_stop_comes_from_an_end():
    """A fork is stopped because a child has ended, which is recorded by then."""
    result = run(zoo.fork_fails, inline=never)
    (stop,) = [place for place, op in enumerate(result.trace) if op.what == "stop"]
    assert "x/r.2: is stopped, and none of its children has ended" in judged(
        result, moved(result.trace, stop, 4)
    )


# ---------------------------------------------------------------- bodies and compensation
def test_a_claim_is_for_one_body():
    """At most once: neither a body before the claim, nor two after it."""
    result = run(zoo.claimed)
    (claim,) = appends(result.trace, "r", Kind.CLAIM)
    broken = ["x/r: once runs at most once, and runs without a claim"]
    body = claim + 1
    assert result.trace[body].data.step == "once"
    assert broken[0] in judged(result, moved(result.trace, claim, body))
    assert judged(result, [*result.trace, result.trace[body]]) == broken


def test_compensation_is_the_exact_reverse():
    """Another order, one too few, or a result that is never to be undone."""
    result = run(zoo.undone)
    (ok_a, ok_b) = appends(result.trace, "r", Kind.OK)
    (undone, *_) = appends(result.trace, "r", Kind.UNDONE)
    record = result.trace[ok_b].data
    assert result.trace[undone].data.data["node"] == "b"
    other = changed(result.trace, undone, node="a", path="a/undo", step="undo_a")
    assert judged(result, other)[0] == (
        "x/r: ('undo_a', 'a') was undone, on top lay ('undo_b', 'b')"
    )
    (end,) = appends(result.trace, "r", Kind.END)
    fewer = changed(result.trace, undone, pop=0)
    assert any("was never undone" in what for what in judged(result, fewer))
    assert record.data["push"][0]["node"] == "b"
    assert "x/r: b was done, and would never be undone" in judged(
        result, changed(result.trace, ok_b, push=[])
    )
    assert ok_a < ok_b < undone < end


def test_compensation_is_alone():
    """Nothing below moves while something is undone."""
    result = run(zoo.fork_fails, inline=never)
    undoing = next(
        place for place, op in enumerate(result.trace) if op.what == "body" and op.data.undoes
    )
    open_child = Op("append", "x", "r.2:9", Record(1, Kind.OK, "m", "d", 0.0, {"node": "c"}))
    trace = [*result.trace[:undoing], open_child, *result.trace[undoing:]]
    assert any("undoes while ['r.2:9'] have not ended" in what for what in judged(result, trace))


def test_what_took_effect_is_on_record():
    """A body that can be undone, of which no record speaks, is forgotten."""
    result = run(zoo.undone)
    laws = Laws(result.definitions).hold(result.trace)
    assert laws.nothing_forgotten().broken == []
    body = next(op for op in result.trace if op.what == "body" and op.data.step == "a")
    other = dataclasses.replace(body, data=dataclasses.replace(body.data, key="x~r~other"))
    forgotten = Laws(result.definitions).hold([*result.trace, other]).nothing_forgotten()
    assert forgotten.broken == ["x/r: a took effect, and no record says so (x~r~other)"]


# ---------------------------------------------------------------- at rest
def test_at_rest_everything_has_ended_or_waits():
    """What stands still, what has ended around what has not, and stops that stay."""
    result = run(zoo.sequence)
    (end,) = appends(result.trace, "r", Kind.END)
    assert at_rest(result, result.trace) == []
    assert at_rest(result, result.trace[:end]) == [
        "x: META says succeeded, written was running",
        "x: it has succeeded, and ['r'] have not ended",
    ]
    still = {"x": dataclasses.replace(result.metas["x"], status=Status.RUNNING)}
    laws = Laws(result.definitions).hold(result.trace[:end]).at_rest(still)
    assert laws.broken == ["x: nothing moves, META says running, heads are {'r': 'OK'}"]
    left = dataclasses.replace(result.metas["x"], stops={"r.1": "failed", "r": "cancelled"})
    laws = Laws(result.definitions).hold(result.trace).at_rest({"x": left})
    assert laws.broken == ["x: the stop of r.1 was never removed"]


def test_a_timer_is_not_waited_for_for_ever():
    """Who waits for a time does not rest; who waits for the outside may."""
    result = run(zoo.slept)
    (wait,) = appends(result.trace, "r", Kind.WAIT)
    still = {"x": dataclasses.replace(result.metas["x"], status=Status.RUNNING)}
    asleep = Laws(result.definitions).hold(result.trace[: wait + 1]).at_rest(still)
    assert asleep.broken == ["x: nothing moves, META says running, heads are {'r': 'WAIT'}"]
    state = result.trace[wait].data.data["state"]
    outside = changed(result.trace[: wait + 1], wait, state={**state, "wait": {"event": "paid"}})
    assert Laws(result.definitions).hold(outside).at_rest(still).broken == []


# ---------------------------------------------------------------- broken engines
# These never come to rest, or the store itself refuses what they do.
NOT_BY_TRACE = {trusting, no_wake}


@pytest.mark.parametrize(
    ("owner", "name", "broken", "workflow"),
    [row for row in BREAKAGES if row[2] not in NOT_BY_TRACE],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_broken_engine_is_caught_by_its_trace(owner, name, broken, workflow, monkeypatch):
    """Without a look at outcomes: some fault leaves a trace that breaks a law."""
    calm = {inline: run(workflow, inline=inline) for inline in (None, never)}
    monkeypatch.setattr(owner, name, broken)
    assert caught(workflow, calm)


def caught(workflow, calm):
    """The first law that some fault of the enumeration breaks."""
    for inline in (None, never):
        singles = ([fault] for fault in every_fault(calm[inline]))
        for faults in (*singles, *pairs(calm[inline], 600)):
            try:
                if broken := check(run(workflow, *faults, inline=inline, stale_acks=True)):
                    return broken[0]
            except InvariantError as error:
                return str(error)
    return None


def test_these_are_what_it_is_tried_on():
    """The list above holds what it should."""
    tried = {row[2] for row in BREAKAGES}
    assert {acks_own_refusal, counting, looks_not_back} < tried
    assert tried > NOT_BY_TRACE
