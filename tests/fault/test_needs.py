"""What users of other engines suffer from, row by row: each row about an engine is a test here.

The rows are those of the project's list of needs, "Part A", by engine and number. `ROWS` says which
test shows that it does not happen to us; the rows that belong to no other file are shown below.
"""

import ast
import copy
from collections import Counter
from pathlib import Path

import pytest
from tests.fault import zoo
from tests.fault.test_enumeration import every_fault, run

from vivido import deadline, sleep, step, step_context, workflow
from vivido.model.journal import Kind
from vivido.testing import simulate
from vivido.testing.simulation import never
from vivido.testing.world import World, check, committed

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
TESTS = Path(__file__).parents[1]
ROWS = {
    "AWS Step Functions 1: dies at 25,000 history events": [
        "fault/test_needs.py::test_thirty_thousand_records_are_no_end",
    ],
    "AWS Step Functions 2: 256 KB of state, uncatchable": [
        "unit/runtime/test_large.py::test_what_no_store_takes_is_an_error_at_its_step",
        "unit/runtime/test_large.py::test_200_megabytes_pass_between_steps",
    ],
    "AWS Step Functions 4: cannot be unit-tested": [
        "unit/testing/test_simulate.py::test_mocks_are_values_errors_functions_and_sequences",
    ],
    "AWS Step Functions 5: a deploy breaks running executions": [
        "fault/test_needs.py::test_other_code_leaves_a_running_execution_alone",
    ],
    "AWS durable functions 1: a changed flow takes another step's result": [
        "fault/test_needs.py::test_other_code_leaves_a_running_execution_alone",
        "unit/engine/test_keys.py::test_what_is_recorded_before_changes_no_key",
    ],
    "AWS durable functions 2: large results are recomputed": [
        "conformance/test_child.py::test_a_case_of_blocks",
        "fault/test_payloads.py::test_blobs_change_nothing",
    ],
    "AWS durable functions 3: races of a wide map": [
        "fault/test_enumeration.py::test_each_fault_at_each_call",
        "contract/test_sets.py::test_of_arrivals_at_once_one_sees_the_list_full",
    ],
    "AWS durable functions 4: a retried start starts anew": [
        "unit/runtime/test_starting.py::test_a_start_can_crash_anywhere",
        "unit/test_client.py::test_a_start_is_idempotent",
    ],
    "Temporal 2: 51,200 events end a history": [
        "fault/test_needs.py::test_thirty_thousand_records_are_no_end",
    ],
    "Temporal 3: limits of size are found too late": [
        "unit/runtime/test_large.py::test_warnings_come_before_the_bound",
        "unit/runtime/test_large.py::test_what_no_store_takes_is_an_error_at_its_step",
    ],
    "Temporal 4: pause": [
        "fault/test_controls.py::test_pause_at_each_moment",
        "fault/test_switches.py::test_temporal_4_a_workflow_is_paused_at_each_moment",
    ],
    "Temporal 5: priority and fairness": [
        "contract/test_limits.py::test_the_line_is_by_priority_then_by_time",
    ],
    "Azure 1: changed code breaks what runs": [
        "fault/test_needs.py::test_other_code_leaves_a_running_execution_alone",
    ],
    "Azure 2: stuck in Running": [
        "fault/test_sweeper.py::test_azure_2_stuck_in_running_heals_itself",
    ],
    "Azure 3: a join costs more with each branch": [
        "unit/runtime/test_cost.py::test_a_map_child_is_one_record_and_one_arrival",
    ],
    "Azure 4: a large fan-out delays everything": [
        "fault/test_enumeration.py::test_each_fault_at_each_call",
    ],
    "Azure 5: large inputs in the history": [
        "unit/runtime/test_large.py::test_200_megabytes_pass_between_steps",
    ],
    "Inngest 1: the local server loops at the tenth step": [
        "fault/test_needs.py::test_every_step_runs_once_however_many_there_are",
    ],
    "Restate 2: a suspended call blocks its key": [
        "contract/test_limits.py::test_a_dead_holder_frees_its_slot_when_its_lease_ends",
    ],
    "Restate 3: all work fires at once on a restart": [
        "fault/test_switches.py::test_restate_3_a_gradual_resume",
    ],
    "Restate 4: a pause aborts what runs": [
        "fault/test_switches.py::test_restate_4_a_pause_lets_a_running_step_finish",
    ],
    "DBOS 1: a recovered workflow blocks its queue": [
        "contract/test_limits.py::test_a_dead_holder_frees_its_slot_when_its_lease_ends",
    ],
    "DBOS 2: a stale recovery runs what it does not own": [
        "fault/test_needs.py::test_of_two_workers_one_commits",
        "unit/runtime/test_laws.py::test_old_messages_change_nothing",
    ],
    "DBOS 3: two recoveries finish one run": [
        "fault/test_needs.py::test_a_wait_ends_once_whatever_comes_together",
        "fault/test_judge.py::test_terminal_is_final",
    ],
    "DBOS 4: another function was recorded": [
        "fault/test_needs.py::test_other_code_leaves_a_running_execution_alone",
    ],
    "DBOS 5: limits are lost across restarts": [
        "contract/test_limits.py::test_so_many_hold_a_slot_and_no_more",
    ],
    "Cloudflare 1: a cap on steps": [
        "fault/test_needs.py::test_thirty_thousand_records_are_no_end",
    ],
    "Cloudflare 3: success is reported as an exception": [
        "fault/test_judge.py::test_terminal_is_final",
    ],
    "Cloudflare 4: a killed attempt writes after its retry": [
        "fault/test_needs.py::test_of_two_workers_one_commits",
        "unit/testing/test_trials.py::test_what_may_run_twice_is_fine",
    ],
    "Cloudflare 5: a start that nobody sees": [
        "fault/test_sweeper.py::test_cloudflare_5_a_start_without_a_message",
    ],
    "Conductor 1: whoever loses a lock sleeps": [
        "fault/test_sweeper.py::test_conductor_1_a_lost_race_queues_itself_again",
    ],
    "Conductor 3: JOIN fires before all forks finish": [
        "fault/test_judge.py::test_a_fork_is_joined_once_and_last",
        "fault/test_needs.py::test_nothing_is_joined_too_early",
    ],
    "Conductor 4: stuck at a join": [
        "contract/test_sets.py::test_of_arrivals_at_once_one_sees_the_list_full",
        "fault/test_needs.py::test_nothing_is_joined_too_early",
    ],
    "Conductor 5: complete before the next is queued": [
        "fault/test_sweeper.py::test_conductor_5_marked_complete_before_the_next_was_queued",
        "fault/test_broken_protocols.py::test_each_breakage_is_caught",
    ],
    "Camunda 2: a payload that is too big leaves no trace": [
        "unit/runtime/test_large.py::test_what_is_too_large_elsewhere_ends_the_execution",
    ],
    "Camunda 4: an input of many items": [
        "fault/test_payloads.py::test_each_fault_at_each_call",
    ],
    "Prefect 1: a dead worker holds its slot": [
        "contract/test_limits.py::test_a_dead_holder_frees_its_slot_when_its_lease_ends",
    ],
    "Dagster 3: a retry drops branches": [
        "fault/test_needs.py::test_no_branch_is_dropped",
    ],
    "Dagster 4: no fan-out within a fan-out": [
        "fault/test_constructs.py::test_each_fault_at_each_call",
    ],
    "Prefect 5: zombies when limits change": [
        "contract/test_limits.py::test_limits_change_live",
    ],
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_names_a_test_that_is_there(row):
    """A test that was renamed is found by this one."""
    missing = [
        place
        for place in ROWS[row]
        if place.partition("::")[2] not in functions(TESTS / place.partition("::")[0])
    ]
    assert missing == []


def functions(file: Path) -> set[str]:
    """The names of all functions of a file."""
    tree = ast.parse(file.read_text("utf-8")) if file.exists() else ast.parse("")
    return {node.name for node in ast.walk(tree) if isinstance(node, FUNCTIONS)}


# ---------------------------------------------------------------- rows that belong to no other file
@step
def tick(n: int) -> int:
    """Counts its runs by key."""
    return n + 1


@workflow
def many(n: int) -> int:
    """A loop of so many steps."""
    total = 0
    for _ in range(n):
        total = tick(total)
    return total


def test_thirty_thousand_records_are_no_end():
    """No cap on records or steps, and each costs what the first one did: nothing is replayed."""
    run = simulate(many, 30_000)
    assert (run.status, run.output, run.calls(tick)) == ("succeeded", 30_000, 30_000)
    assert run.history[-1].record.n == 30_000


def test_every_step_runs_once_however_many_there_are():
    """Inline, and with a message after each record, which is how another process goes on."""
    for inline in (None, never):
        result = World().run(many, 40, goes_on_inline=inline)
        assert check(result) == []
        assert result.outcome == ("succeeded", 40, None)
        assert set(result.bodies.values()) == {1}
        assert len(result.bodies) == 40


@workflow
def first_way(n: int) -> list[str]:
    """Two steps and a timer between them."""
    before = zoo.a(n)
    sleep(hours=1)
    return [before, zoo.b(n)]


@workflow
def other_way(n: int) -> list[str]:
    """What the author deploys meanwhile: another order, another step first."""
    zoo.c(n)
    after = zoo.b(n)
    sleep(hours=1)
    return [after, zoo.a(n)]


def test_other_code_leaves_a_running_execution_alone():
    """It keeps the definition with which it was started; what is started anew has the new one."""
    deployed = copy.copy(first_way)

    async def during(world, engine, number):
        if number == 2:  # it sleeps
            deployed.__dict__["definition"] = other_way.definition
            engine.library.put(first_way.ref, deployed)
            engine.programs.clear()  # as in a process that is new

    result = World().run(first_way, 1, goes_on_inline=never, during=during)
    assert check(result) == []
    assert result.outcome == ("succeeded", ["a1", "b1"], None)
    assert [key[0] for key in result.bodies] == ["a", "b"]
    assert World().run(other_way, 1).outcome == ("succeeded", ["b1", "a1"], None)


keys: list[tuple[str, int]] = []


@step
def writes(n: int) -> int:
    """Writes to a service that takes each key once."""
    keys.append((step_context().idempotency_key, step_context().attempt))
    return n


@workflow
def written(n: int) -> int:
    """One write between two steps."""
    return zoo.c(writes(zoo.c(n)))


def test_of_two_workers_one_commits():
    """A worker that comes late, or a copy of its message: one outcome is recorded, for one key.

    What the other one did bears the same key, so the service can tell that it has it already.
    """
    calm = World().run(written, 1, goes_on_inline=never)
    for fault in every_fault(calm):
        keys.clear()
        result = World(fault, stale_acks=True).run(written, 1, goes_on_inline=never)
        assert (str(fault), check(result)) == (str(fault), [])
        assert result.outcome == calm.outcome
        assert set(committed(result).values()) == {1}
        assert set(keys) == {("x~r~writes", 1)}


@workflow
def child_or_deadline(n: int) -> int:
    """A child execution that ends at the very time at which its parent's patience does."""
    try:
        with deadline("1h"):
            return slow(n)
    except TimeoutError:
        return -1


@workflow
def slow(n: int) -> int:
    """Takes exactly an hour."""
    sleep(hours=1)
    return n


def test_a_wait_ends_once_whatever_comes_together():
    """The end of a child and the end of a time: one of them is recorded, whatever is repeated."""
    calm = World().run(child_or_deadline, 1, goes_on_inline=never)
    for fault in every_fault(calm):
        result = World(fault, stale_acks=True).run(child_or_deadline, 1, goes_on_inline=never)
        assert (str(fault), check(result)) == (str(fault), [])
        root = [record.kind for record in result.records["x"]["r"]]
        assert Counter(root)[Kind.WOKE] + (root[-1] is Kind.END) <= 2
        assert result.outcome[1] in (1, -1)


@pytest.mark.parametrize("flow", [zoo.wide, zoo.wide_lanes, zoo.nested], ids=lambda f: f.name)
def test_nothing_is_joined_too_early(flow):
    """All children are there when a fork is joined: the number is recorded before the first one."""
    calm = run(flow, inline=never)
    for fault in every_fault(calm):
        result = run(flow, fault, inline=never, stale_acks=True)
        assert (str(fault), check(result), result.outcome) == (str(fault), [], calm.outcome)
        for branch, records in result.records["x"].items():
            for record in records:
                if record.kind is Kind.FORK:
                    children = [
                        b for b in result.records["x"] if b.startswith(f"{branch}.{record.n}:")
                    ]
                    width = record.data["state"]["wait"]["width"]
                    assert (
                        len([b for b in children if b.count(":") == branch.count(":") + 1]) == width
                    )


def test_no_branch_is_dropped():
    """Whatever is run again, each of the items has one result, in its place."""
    calm = run(zoo.mapped, inline=never)
    for fault in every_fault(calm):
        result = run(zoo.mapped, fault, inline=never, stale_acks=True)
        assert (str(fault), result.outcome[1]) == (str(fault), [2, 3, 4, 5])
        assert set(committed(result).values()) == {1}
        assert len(committed(result)) == 4
