"""Effects: idempotency keys, claims, records, logs; each happens once whatever happens twice."""

import logging
from collections import Counter
from typing import Any

import pytest

from vivido import StepInterrupted, map_each, parallel, publish, step, step_context, workflow
from vivido.model.journal import Kind
from vivido.testing import simulate
from vivido.testing.faults import AT_CALLS, AT_DELIVERIES, Fault
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, World, check

keys: list[tuple[str, int]] = []
log = logging.getLogger("shop.orders")


@pytest.fixture(autouse=True)
def no_keys() -> None:
    """Begin each test without keys."""
    keys.clear()


@step(retry=3)
def keyed(n: int) -> str:
    """Say what key it has."""
    context = step_context()
    keys.append((context.idempotency_key, context.attempt))
    return context.idempotency_key


@workflow
def places(n: int) -> list[Any]:
    """Call one step from everywhere."""

    def part(i: int) -> str:
        return keyed(i)

    found = [keyed(1), keyed(1)]
    for i in range(2):
        for j in range(2):
            key = keyed(i + j)
            found.append(key)
        key = part(i)
        found.append(key)
    found.extend(map_each(keyed, range(2)))
    found.extend(parallel(part(1), keyed(1)))
    while len(found) < n:
        found.append(keyed(n))
    return found


# ------------------------------------------------------------------ idempotency keys
def test_each_place_and_round_has_a_key_of_its_own() -> None:
    """Calls, loops in loops, blocks, branches: no two effects share one."""
    run = simulate(places, 13)
    assert run.status == "succeeded"
    assert len(set(run.output)) == len(run.output) == 13
    assert run.output[:6] == [
        f"{run.execution}~r~keyed",
        f"{run.execution}~r~keyed_2",
        *(run.output[2:6]),
    ]
    assert [len(key) <= 64 for key in run.output] == [True] * 13


def test_step_paths_say_where_a_step_stands() -> None:
    """Calls around it, loops with their rounds, the node."""
    run = simulate(places, 13)
    paths = [
        entry.record.data.get("path", entry.record.data["node"])
        for entry in run.history
        if entry.record.data.get("step") and entry.branch == "r"
    ]
    assert paths[:8] == [
        "keyed",
        "keyed_2",
        "for[0]/for_2[0]/keyed_3",
        "for[0]/for_2[1]/keyed_3",
        "for[0]/part/part.keyed",
        "for[1]/for_2[0]/keyed_3",
        "for[1]/for_2[1]/keyed_3",
        "for[1]/part/part.keyed",
    ]


def test_keys_outlive_their_attempts() -> None:
    """A retry has the key of the attempt before it."""
    failing = [OSError("once"), keyed.function]
    run = simulate(one_key, 1, mocks={keyed: failing})
    assert run.output == f"{run.execution}~r~keyed"
    assert keys == [(run.output, 2)]


@workflow
def one_key(n: int) -> str:
    """One step."""
    return keyed(n)


def every_fault(calls: int, deliveries: int) -> list[Fault]:
    """All single faults of a run of that length."""
    at_calls = [Fault(kind, at) for kind in AT_CALLS for at in range(1, calls + 1)]
    return at_calls + [Fault(kind, at) for kind in AT_DELIVERIES for at in range(1, deliveries + 1)]


@pytest.mark.parametrize("inline", [None, never], ids=["inline", "hops"])
def test_keys_are_the_same_whatever_happens(inline: Any) -> None:
    """Crashes and redeliveries run a body again under the same key, or not at all."""
    calm = World().run(places, 13, goes_on_inline=inline)
    for fault in every_fault(calm.calls, calm.deliveries):
        result = World(fault).run(places, 13, goes_on_inline=inline)
        assert (str(fault), check(result)) == (str(fault), [])
        assert (str(fault), len(result.bodies)) == (str(fault), len(calm.bodies))
        assert len(set(result.outcome[1])) == len(result.outcome[1]) == 13


# ------------------------------------------------------------------ at most once
@step
def look(n: int) -> None:
    """Undo what perhaps was done."""
    keys.append((f"looked {n}", 0))


@step(at_most_once=True, compensate=look, timeout="30s")
def once(n: int, times: int = 2) -> int:
    """Never twice."""
    return n * times


@workflow
def claims(n: int) -> str:
    """Claim, and go on where the outcome is lost."""
    try:
        got = once(n)
    except StepInterrupted as error:
        return f"interrupted: {error}"
    return f"got {got}"


@workflow
def claims_and_fails(n: int) -> int:
    """Nobody catches it."""
    return once(n)


def test_a_claim_is_recorded_before_the_step_runs() -> None:
    """It says until when others are to wait for its outcome."""
    run = simulate(claims, 4, now=100)
    assert run.output == "got 8"
    assert [entry.kind for entry in run.history] == [Kind.CLAIM, Kind.END]
    assert run.history[0].record.data["until"] == 130


def test_a_lost_outcome_interrupts_and_is_undone() -> None:
    """The body is not run again; the compensation gets all arguments by name, and no result."""
    calm = World().run(claims_and_fails, 4)
    seen = Counter[str]()
    for at in range(1, calm.calls + 1):
        keys.clear()
        result = World(Fault("crash before", at)).run(claims_and_fails, 4)
        assert check(result) == []
        assert max((n for (name, _), n in result.bodies.items() if name == "once")) == 1
        seen[result.outcome[0]] += 1
        if result.outcome[0] == "compensated":
            assert result.outcome[2][0] == "StepInterrupted"
            assert keys == [("looked 4", 0)]
    assert set(seen) == {"succeeded", "compensated"}


def test_an_interruption_can_be_caught() -> None:
    """The message says what to do."""
    calm = World().run(claims, 4)
    found = {
        World(Fault("crash before", at)).run(claims, 4).outcome[1]
        for at in range(1, calm.calls + 1)
    }
    lost = "step 'once' began at most once and its outcome is lost: look at its effect before you"
    assert found == {"got 8", f"interrupted: {lost} run it again"}


# ------------------------------------------------------------------ what people see
@workflow
def talks(n: int) -> int:
    """Log, print and publish around steps and in branches."""
    log.info("begins with %d", n)
    publish(stage="first", percent=0)
    keyed(n)

    def part(i: int) -> int:
        log.warning("part %s", i)
        publish(part=i)
        keyed(i)
        print("part", i, "done", sep="-")
        return i

    for i in range(2):
        print(f"round {i}")
    total = sum(map_each(part, [1, 2], max_concurrency=1))
    publish(stage="last", percent=total * 25)
    log.error("ends: {'%s': %r}", total, "100%")
    return total


LINES = [
    ("info", "shop.orders", "begins with 1"),
    ("info", "print", "round 0"),
    ("info", "print", "round 1"),
    ("warning", "shop.orders", "part 1"),
    ("info", "print", "part-1-done"),
    ("warning", "shop.orders", "part 2"),
    ("info", "print", "part-2-done"),
    ("error", "shop.orders", "ends: {'3': '100%'}"),
]


def said(result: Any) -> list[tuple[str, ...]]:
    """All lines in the records of a run, the branches in their order."""
    lines = [
        (record.time, n, tuple(line))
        for n, records in enumerate(sorted(result.records[EXECUTION].items()))
        for record in records[1]
        for line in record.data.get("logs", ())
    ]
    return [line for _, _, line in lines]


def test_logs_and_published_values_are_in_the_history() -> None:
    """In the order in which they were said, with level and logger."""
    run = simulate(talks, 1)
    assert sorted(run.logs) == sorted(LINES)
    assert run.published == {"stage": "last", "percent": 75, "part": 2}


def test_values_are_shown_while_it_runs() -> None:
    """They are recorded before the next step, not with its result."""
    run = simulate(talks, 1, stop_before=keyed)
    assert run.published == {}
    run.resume()
    assert run.published["stage"] == "first"


@pytest.mark.parametrize("inline", [None, never], ids=["inline", "hops"])
def test_each_line_is_said_once_whatever_happens(inline: Any) -> None:
    """No fault says a line twice or swallows one."""
    calm = World().run(talks, 1, goes_on_inline=inline)
    expected = Counter(said(calm))
    assert expected == Counter(LINES)
    for fault in every_fault(calm.calls, calm.deliveries):
        result = World(fault).run(talks, 1, goes_on_inline=inline)
        assert (str(fault), check(result)) == (str(fault), [])
        assert (str(fault), Counter(said(result))) == (str(fault), expected)
