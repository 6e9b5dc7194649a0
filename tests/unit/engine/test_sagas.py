"""Compensation: in exact reverse, in scopes, over forks and loops, and what stands in its way."""

from dataclasses import dataclass
from typing import Any

import pytest

from vivido import Retry, StepError, map_each, parallel, saga, sleep, step, workflow
from vivido.model.journal import Kind
from vivido.testing import Run, simulate
from vivido.testing.world import World, check

undone: list[Any] = []


class Broken(Exception):
    """What makes a workflow fail."""


@pytest.fixture(autouse=True)
def nothing_undone() -> None:
    """Begin each test without compensations."""
    undone.clear()


@dataclass
class Seat:
    """What a step gives, and its compensation gets."""

    row: int
    taken: bool = True


@step
def release(row: int, kind: str, result: Seat) -> None:
    """Undo `reserve`: with an argument, a default and the result of that step."""
    undone.append((row, kind, result))


@step(compensate=release)
def reserve(row: int, kind: str = "window") -> Seat:
    """Reserve a seat."""
    return Seat(row)


@step
def forget(*rows: int, note: str = "none", **more: str) -> None:
    """Undo `note_down`."""
    undone.append((rows, note, more))


@step(compensate=forget)
def note_down(*rows: int, **more: str) -> int:
    """Note rows down."""
    return len(rows)


@step
def give_back(n: int) -> None:
    """Undo `take`."""
    undone.append(n)


@step(compensate=give_back)
def take(n: int) -> int:
    """Take something."""
    return n


@step
def fail(n: int) -> int:
    """Fail."""
    raise Broken(f"at {n}")


def compensations(run: Run) -> list[str]:
    """Return the step paths of the compensations that were done, in order."""
    return [e.record.data.get("path", "") for e in run.history if e.kind is Kind.UNDONE]


def shown(run: Run) -> tuple[str, str | None]:
    """Return the status and the error's message."""
    return run.status, run.error.message if run.error else None


# ------------------------------------------------------------------ arguments
@workflow
def three_seats(n: int) -> None:
    """Reserve three seats and fail."""
    reserve(n)
    reserve(n + 1, "aisle")
    reserve(kind="middle", row=n + 2)
    fail(n)


@workflow
def noted(n: int) -> None:
    """Note down and fail."""
    rows = [n, n + 1]
    more = {"size": "L"}
    note_down(n - 1, *rows, colour="red", **more)
    fail(n)


def test_compensations_get_arguments_and_result_by_name() -> None:
    """However they were given to the step, and also those that were not given but have defaults."""
    run = simulate(three_seats, 1)
    assert shown(run) == ("compensated", "at 1")
    assert undone == [
        (3, "middle", Seat(3)),
        (2, "aisle", Seat(2)),
        (1, "window", Seat(1)),
    ]


def test_compensations_get_unpacked_arguments_as_such() -> None:
    """What was `*rows` and `**more` in the step is so in its compensation."""
    simulate(noted, 1)
    assert undone == [((0, 1, 2), "none", {"colour": "red", "size": "L"})]


@step
def repaint(seat: Seat) -> Seat:
    """Change what it is given."""
    seat.taken = False
    return seat


@workflow
def changed_later(n: int) -> None:
    """Change the result of a step after it was recorded."""
    seat = reserve(n)
    seat.taken = False
    repaint(seat)
    fail(n)


def test_compensations_get_the_result_as_it_was() -> None:
    """What happens to the variable afterwards is another matter."""
    simulate(changed_later, 4)
    assert undone == [(4, "window", Seat(4, taken=True))]


# ------------------------------------------------------------------ order
@workflow
def in_loops(n: int) -> None:
    """Take in loops, within blocks and within a try."""

    def pair(i: int) -> None:
        take(i)
        take(i + 1)

    for i in range(n):
        pair(i * 10)
    try:
        take(77)
    finally:
        take(88)
    fail(n)


@workflow
def over_forks(n: int) -> None:
    """Take one after another within branches that run side by side, one fork within another."""

    def twice(i: int) -> int:
        take(i)
        return take(i + 1)

    def nested(i: int) -> list[int]:
        take(i)
        return map_each(twice, [i + 10, i + 20])

    take(1)
    parallel(twice(100), take(200))
    map_each(nested, [1_000, 2_000], max_concurrency=1)
    take(2)
    fail(n)


def test_loops_and_blocks_are_undone_in_reverse() -> None:
    """Each call in turn, and the paths say which round it was."""
    run = simulate(in_loops, 2)
    assert undone == [88, 77, 11, 10, 1, 0]
    assert compensations(run)[-4:] == [
        "for[1]/pair/pair.take_2/undo",
        "for[1]/pair/pair.take/undo",
        "for[0]/pair/pair.take_2/undo",
        "for[0]/pair/pair.take/undo",
    ]


def test_forks_are_undone_in_reverse() -> None:
    """What follows a fork first, then its branches, each in reverse, then what came before."""
    run = simulate(over_forks, 1)
    assert run.status == "compensated"
    assert undone[0] == 2
    assert undone[-1] == 1
    branches = undone[1:-1]
    for order in ([200], [101, 100], [2021, 2020, 2000], [2011, 2010, 2000], [1011, 1010, 1000]):
        assert [n for n in branches if n in order] == order
    # Whole forks are undone in reverse: the later one first.
    assert set(branches[:10]) == {n for n in branches if n > 999}
    assert set(branches[10:]) == {100, 101, 200}


@workflow
def a_branch_fails(n: int) -> list[int]:
    """One of the branches fails after the others are done."""

    def one(i: int) -> int:
        take(i)
        if i == 3:
            return fail(i)
        return i

    take(0)
    return map_each(one, [1, 2, 3], max_concurrency=1)


def test_branches_that_succeeded_are_undone_when_another_fails() -> None:
    """And so is what the failing branch had done itself."""
    run = simulate(a_branch_fails, 1)
    assert shown(run) == ("compensated", "at 3")
    assert undone == [3, 2, 1, 0]


# ------------------------------------------------------------------ scopes
@workflow
def nested_sagas(n: int) -> str:
    """The inner scope is undone, the outer one is not."""
    take(1)
    with saga():
        take(2)
        try:
            with saga():
                take(3)
                take(4)
                fail(n)
        except Broken as error:
            take(5)
            return f"went on after {error}"
    return "not reached"


@workflow
def sagas_fail_through(n: int) -> None:
    """Nobody catches what leaves both scopes."""
    take(1)
    with saga():
        take(2)
        with saga():
            take(3)
            fail(n)


@workflow
def saga_in_a_loop(n: int) -> list[int]:
    """Every second round fails and is undone."""
    kept = []
    for i in range(n):
        try:
            with saga():
                got = take(i)
                if i % 2:
                    fail(i)
                kept.append(got)
        except Broken:
            continue
    return kept


@workflow
def left_early(n: int) -> str:
    """A return and a break leave a saga: nothing is undone by that."""
    for i in range(n):
        with saga():
            take(i)
            if i == 1:
                break
    with saga():
        take(10)
        return "left"


@workflow
def undone_in_finally(n: int) -> None:
    """An error passes a `finally` with a step in it on its way out of the saga."""
    with saga():
        take(1)
        try:
            fail(n)
        finally:
            take(2)


def test_only_the_scope_that_fails_is_undone() -> None:
    """What was done before it stays, and the workflow goes on."""
    run = simulate(nested_sagas, 9)
    assert (run.status, run.output) == ("succeeded", "went on after at 9")
    assert undone == [4, 3]


def test_an_error_that_leaves_all_scopes_undoes_all() -> None:
    """Scope by scope, then the rest."""
    run = simulate(sagas_fail_through, 9)
    assert shown(run) == ("compensated", "at 9")
    assert undone == [3, 2, 1]


def test_scopes_in_loops_are_of_their_round() -> None:
    """What earlier rounds kept is not touched."""
    run = simulate(saga_in_a_loop, 5)
    assert (run.output, undone) == ([0, 2, 4], [1, 3])


def test_leaving_a_scope_undoes_nothing() -> None:
    """Only an error does."""
    run = simulate(left_early, 5)
    assert (run.output, undone) == ("left", [])


def test_finally_runs_before_its_scope_is_undone() -> None:
    """As in Python: and what it did is undone first."""
    run = simulate(undone_in_finally, 9)
    assert (run.status, undone) == ("compensated", [2, 1])


def test_a_scope_that_was_undone_leaves_the_status_compensated() -> None:
    """Also where nothing else is left to undo."""
    run = simulate(only_in_scope, 3)
    assert shown(run) == ("compensated", "at 3")
    nothing = simulate(nothing_to_undo, 3)
    assert shown(nothing) == ("failed", "at 3")


@workflow
def only_in_scope(n: int) -> None:
    """All that can be undone stands in a saga."""
    with saga():
        take(1)
        fail(n)


@workflow
def nothing_to_undo(n: int) -> None:
    """Fail at once."""
    with saga():
        fail(n)


# ------------------------------------------------------------------ no way back
@step(no_return=True)
def dispatch(n: int) -> int:
    """Pass the point of no return."""
    return n


@workflow
def past_no_return(n: int) -> None:
    """Fail before it, or after it."""
    take(1)
    if n < 0:
        fail(n)
    with saga():
        take(2)
        dispatch(3)
        take(4)
        take(5)
        fail(n)


@workflow
def no_return_in_a_branch(n: int) -> None:
    """One of two branches passes the point of no return."""

    def send(i: int) -> int:
        take(i)
        dispatch(i)
        return take(i + 1)

    take(1)
    parallel(send(10), take(20))
    take(2)
    fail(n)


def test_nothing_is_undone_past_the_point_of_no_return() -> None:
    """What came after it is; before it was passed, everything is."""
    assert shown(simulate(past_no_return, 9)) == ("compensated", "at 9")
    assert undone == [5, 4]
    undone.clear()
    assert simulate(past_no_return, -1).status == "compensated"
    assert undone == [1]


def test_a_point_of_no_return_in_a_branch_holds_for_what_came_before_the_fork() -> None:
    """The branch's own later steps are undone, and those of what follows."""
    simulate(no_return_in_a_branch, 9)
    assert undone == [2, 20, 11]


# ------------------------------------------------------------------ compensations that fail
@step(retry=Retry(max_attempts=3, backoff="10s", factor=1))
def stubborn(n: int) -> None:
    """Undo, perhaps at the third attempt."""


@step(compensate=stubborn)
def commit(n: int) -> int:
    """Do what is hard to undo."""
    return n


@workflow
def hard_to_undo(n: int) -> None:
    """Fail after it."""
    take(1)
    commit(n)
    take(3)
    fail(n)


def test_compensations_are_retried() -> None:
    """By their own policy; the others wait for them."""
    mocks = {stubborn: [Broken("a"), Broken("b"), None]}
    run = simulate(hard_to_undo, 2, mocks=mocks, now=0)
    assert (run.status, undone, run.now) == ("compensated", [3, 1], 20)
    assert run.calls(stubborn) == 3


def test_a_compensation_that_fails_for_good_needs_a_person() -> None:
    """Nothing else is undone meanwhile; META and the history say where it stands and why."""
    run = simulate(hard_to_undo, 2, mocks={stubborn: Broken("the bank is closed")})
    assert (run.status, undone, run.calls(stubborn)) == ("needs_attention", [3], 3)
    last = run.history[-1]
    assert last.kind is Kind.ATTENTION
    assert last.record.data["step"] == "stubborn"
    assert last.record.data["raised"]["args"] == ["the bank is closed"]
    assert run.meta.error is None


def test_the_fault_harness_knows_that_state() -> None:
    """It is no failure of the protocol that nothing moves then."""
    result = World().run(hard_to_undo, 2, mocks={stubborn: Broken("closed")})
    assert (check(result), result.outcome[0]) == ([], "needs_attention")


# ------------------------------------------------------------------ child executions
@workflow
def child(n: int) -> int:
    """A child execution that undoes what it did itself."""
    take(n)
    return fail(n)


@workflow
def good_child(n: int) -> int:
    """A child execution that succeeds."""
    return take(n)


@workflow
def parent(n: int) -> None:
    """A child that succeeds, and one that fails."""
    take(1)
    good_child(10)
    child(20)


def test_a_child_execution_undoes_itself() -> None:
    """One that failed; one that had succeeded does so when its parent is undone, at its place."""
    run = simulate(parent, 1)
    assert (shown(run), undone) == (("compensated", "at 20"), [20, 10, 1])


@step
def watch(n: int) -> int:
    """Do nothing that could be undone."""
    return n


@workflow
def caught_inside(n: int) -> str:
    """An error that is caught without a saga undoes nothing."""
    take(1)
    try:
        take(2)
        fail(n)
    except Broken:
        watch(3)
    sleep("1h")
    return "fine"


def test_errors_that_are_caught_undo_nothing() -> None:
    """Without a saga around them."""
    run = simulate(caught_inside, 1)
    assert (run.output, undone) == ("fine", [])


def test_what_a_step_raises_has_no_effect_to_undo() -> None:
    """It said itself that it failed."""
    run = simulate(three_seats, 1, mocks={reserve: [Seat(1), StepError("full")]})
    assert (run.status, undone) == ("compensated", [(1, "window", Seat(1))])
