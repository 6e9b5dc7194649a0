"""A map/*: items with an index, tolerated failures, enough successes, and maps within maps."""

from collections.abc import Callable

from vivido import Batch, map_each, step, workflow
from vivido.testing import Run, simulate


@step
def invert(number: int) -> float:
    """Divide one by a number."""
    return 1 / number


@step
def label(index: int, total: int, item: str) -> str:
    """Name an item by its place."""
    return f"{index + 1}/{total} {item}"


@workflow
def numbered(items: list[str]) -> list[str]:
    """Pass the place of each item, and something from outside, along with it."""
    total = len(items)
    return map_each(lambda entry: label(entry[0], total, entry[1]), list(enumerate(items)))


@workflow
def inverted(numbers: list[int], need: int | None = None) -> dict[str, object]:
    """Return what the batch says of itself."""
    batch = map_each(invert, numbers, on_error="collect", need=need, max_concurrency=1)
    return {
        "results": batch.results,
        "errors": [type(error).__name__ for error in batch.errors],
        "counts": (batch.succeeded, batch.failed),
        "reason": batch.reason,
    }


@workflow
def tolerant(numbers: list[int], share: float) -> list[float] | str:
    """Leave out what failed, if it is little."""
    try:
        return map_each(invert, numbers, tolerate=share)
    except ZeroDivisionError as error:
        return f"too many: {error}"


@workflow
def table(rows: int, columns: int) -> list[list[float]]:
    """Map within a map."""

    def row(number: int) -> list[float]:
        return map_each(lambda column: invert(number * column), list(range(1, columns + 1)))

    return map_each(row, list(range(1, rows + 1)), max_concurrency=2)


def test_items_know_their_places(both: Callable[..., Run]) -> None:
    """Tuples as items, and a variable of the workflow in the function."""
    assert both(numbered, {"items": ["a", "b"]}).output == ["1/2 a", "2/2 b"]


def test_a_batch_tells_of_itself(both: Callable[..., Run]) -> None:
    """Results, errors and counts; two successes end it when two are enough."""
    assert both(inverted, {"numbers": [1, 0, 4]}).output == {
        "results": [1.0, 0.25],
        "errors": ["ZeroDivisionError"],
        "counts": (2, 1),
        "reason": "all_done",
    }
    assert both(inverted, {"numbers": [0, 0], "need": 1}).output["reason"] == "need_missed"


def test_enough_successes_are_told() -> None:
    """Two successes are enough."""
    run = simulate(inverted, {"numbers": [0, 1, 2, 0, 4], "need": 2})
    assert run.output["reason"] == "need_met"


def test_enough_successes_end_it(both: Callable[..., Run]) -> None:
    """One at a time, the rest is not begun when two have succeeded."""
    assert both(inverted, {"numbers": [0, 1, 2, 0, 4], "need": 2}).calls(invert) == 3


def test_a_share_of_failures_is_tolerated(both: Callable[..., Run]) -> None:
    """A quarter of four may fail; two are too many."""
    assert both(tolerant, {"numbers": [1, 2, 0, 4], "share": 0.25}).output == [1.0, 0.5, 0.25]
    failed = both(tolerant, {"numbers": [1, 0, 0, 4], "share": 0.25})
    assert failed.output == "too many: division by zero"


def test_maps_nest(both: Callable[..., Run]) -> None:
    """Rows of columns, in order."""
    assert both(table, {"rows": 2, "columns": 2}).output == [[1.0, 0.5], [0.5, 0.25]]
    assert simulate(table, {"rows": 0, "columns": 2}).output == []
    assert Batch([]).succeeded == 0
