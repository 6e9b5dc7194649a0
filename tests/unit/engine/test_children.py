"""Child executions: arguments, results, errors, recursion, controls that reach them."""

from dataclasses import dataclass
from typing import Any

import pytest

from vivido import StepError, map_each, parallel, sleep, step, workflow
from vivido.model.journal import Kind
from vivido.testing import simulate
from vivido.testing.simulation import never
from vivido.testing.world import World, check


@dataclass
class Parcel:
    """What is sent."""

    weight: int
    stamps: tuple[str, ...] = ()


class Lost(Exception):
    """A parcel is lost."""

    def __init__(self, where: str) -> None:
        super().__init__(f"lost in {where}")
        self.where = where


@step
def weigh(parcel: Parcel) -> int:
    """Weigh it."""
    return parcel.weight


@workflow
def ship(parcel: Parcel, *stamps: str, express: bool = False, **notes: str) -> list[Any]:
    """Take arguments of every kind."""
    return [weigh(parcel), stamps, express, notes]


@workflow
def shipping(weight: int) -> list[Any]:
    """Give them."""
    parcel = Parcel(weight, ("a",))
    more = {"note": "fragile"}
    return [
        ship(parcel),
        ship(parcel, "x", "y", express=True),
        ship(parcel=parcel, **more),
        ship(parcel, *parcel.stamps),
    ]


@workflow
def loses(where: str) -> int:
    """Fail."""
    raise Lost(where)


@workflow
def finds(where: str) -> str:
    """Catch the child's own error."""
    try:
        return f"{loses(where)}"
    except Lost as error:
        return f"{error.where}: {error}"


@workflow
def factorial(n: int) -> int:
    """Call itself."""
    if n < 2:
        return 1
    return n * factorial(n - 1)


@workflow
def even(n: int) -> bool:
    """Call another that calls this one."""
    return True if n == 0 else odd(n - 1)


@workflow
def odd(n: int) -> bool:
    """Call another that calls this one."""
    return False if n == 0 else even(n - 1)


@workflow
def many(n: int) -> list[int]:
    """Child executions side by side, and within loops."""
    both = parallel(factorial(n), factorial(n + 1))
    rows = map_each(factorial, range(n))
    found = []
    for i in range(2):
        one = factorial(i)
        found.append(one)
    return [*both, *rows, *found]


def test_arguments_and_results_cross_as_in_a_call() -> None:
    """Defaults, unpacked arguments, values of any type."""
    run = simulate(shipping, 7)
    assert run.output == shipping(7)
    assert run.output[0] == [7, (), False, {}]


def test_the_error_of_a_child_is_its_own() -> None:
    """By its class, with its attributes."""
    run = simulate(finds, "Oslo")
    assert (run.status, run.output) == ("succeeded", "Oslo: lost in Oslo")


def test_workflows_call_themselves_and_one_another() -> None:
    """Each call is an execution of its own."""
    assert simulate(factorial, 6).output == 720
    assert [simulate(even, n).output for n in (0, 3, 4)] == [True, False, True]


def test_children_side_by_side() -> None:
    """Their ids come from the places where they are started."""
    run = simulate(many, 3)
    assert run.output == many(3)


def test_the_ids_of_children_say_whose_they_are() -> None:
    """Execution, branch and record: so that starting twice starts once."""
    result = World().run(factorial, 3, goes_on_inline=never)
    assert check(result) == []
    assert sorted(result.records) == ["x", "x~r.1", "x~r.1~r.1"]
    waits = [r for r in result.records["x"]["r"] if r.kind is Kind.WAIT]
    assert [record.data["state"]["wait"]["child"]["workflow"] for record in waits] == ["factorial"]


# ------------------------------------------------------------------ controls
@workflow
def slow(n: int) -> int:
    """Sleep for a day."""
    sleep(days=n)
    return n


@workflow
def waits_for_slow(n: int) -> str:
    """Wait for it, and go on if it was cancelled."""
    try:
        return f"slept {slow(n)}"
    except StepError as error:
        return f"{type(error).__name__}: {error}"


@workflow
def races(n: int) -> list[Any]:
    """One branch fails at once: the child of the other is stopped."""

    def one(i: int) -> int:
        if i:
            raise Lost("here")
        return slow(n)

    return list(parallel(one(0), one(1)))


@pytest.mark.parametrize("how", ["cancelled", "cancelled_plain"])
def test_a_child_that_is_cancelled_is_an_error_of_its_parent(how: Any) -> None:
    """It can be caught: the parent itself was not cancelled."""
    world = World()

    async def during(world: World, engine: Any, number: int) -> None:
        del world
        if number == 2:
            await engine.control.stop("x~r.1", "r", how)

    result = world.run(waits_for_slow, 1, during=during)
    assert check(result) == []
    assert result.outcome == (
        "succeeded",
        "StepError: the child execution of 'slow' was cancelled",
        None,
    )


def test_a_cancel_reaches_children() -> None:
    """The parent ends after its child has."""
    world = World()

    async def during(world: World, engine: Any, number: int) -> None:
        del world
        if number == 2:
            await engine.control.stop("x", "r", "cancelled")

    result = world.run(waits_for_slow, 1, during=during)
    assert (check(result), result.outcome[0]) == ([], "cancelled")
    (end,) = [r for r in result.records["x~r.1"]["r"] if r.kind is Kind.END]
    assert end.data["end"]["status"] == "cancelled"
    assert result.meta is not None
    assert result.meta.updated - result.meta.created < 1


def test_a_failing_branch_stops_the_children_of_the_others() -> None:
    """Nobody waits for a day."""
    run = simulate(races, 1, now=0)
    assert run.error is not None
    assert (run.status, run.error.type, run.now) == ("failed", "Lost", 0)
