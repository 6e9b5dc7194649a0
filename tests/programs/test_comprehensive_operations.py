"""A comprehensive_operations: a step, a wait, a map, a parallel and a child, once each."""

import json
from collections.abc import Callable
from typing import Any

from vivido import map_each, parallel, sleep, step, workflow
from vivido.testing import Run, simulate


@step
def step1() -> str:
    """Be the first."""
    return "Step 1 completed"


@step
def square(number: int) -> int:
    """Be one item of the map."""
    return number**2


@step
def fruit(name: str) -> str:
    """Be one branch of the parallel."""
    return f"{name}-done"


@workflow
def child(message: str) -> str:
    """Be the child."""
    return step1() + f" for {message}"


@workflow
def comprehensive(event: dict[str, Any]) -> dict[str, Any]:
    """Return what each operation returned."""
    first = step1()
    sleep(seconds=1)
    message = event.get("message", "nobody")
    in_child = child(message)
    squares = map_each(square, [1, 2, 3, 4, 5])
    fruits = parallel(fruit("apple"), fruit("banana"), fruit("orange"))
    body = json.dumps({"squares": squares, "fruits": list(fruits)}, sort_keys=True)
    return {"status": 200, "first": first, "child": in_child, "body": json.loads(body)}


def test_every_operation_has_its_result(both: Callable[..., Run]) -> None:
    """One execution, one child, and a second of waiting."""
    run = both(comprehensive, {"message": "you"})
    assert run.output == {
        "status": 200,
        "first": "Step 1 completed",
        "child": "Step 1 completed for you",
        "body": {"squares": [1, 4, 9, 16, 25], "fruits": [f"{x}-done" for x in FRUITS]},
    }


def test_a_wait_takes_virtual_time() -> None:
    """A second passes, and nobody waits for it."""
    assert simulate(comprehensive, {}, now=0).now == 1


FRUITS = ("apple", "banana", "orange")
