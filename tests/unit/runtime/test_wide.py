"""A wide fork's results are read page by page, and are the same list to the author."""

from collections.abc import Callable
from typing import Any

import pytest

from vivido import Client, Workflow, map_each, parallel, pure, step, workflow
from vivido.model.journal import Kind
from vivido.model.pages import are_pages
from vivido.testing import Run, simulate

N = 2_345


class Bad(Exception):
    """What a step fails with."""


@step(inline=True)
def twice(n: int) -> dict[str, int]:
    """Give a small result."""
    return {"n": 2 * n}


@step(inline=True)
def text(n: int) -> str:
    """Give one that is too large for a record, now and then."""
    return str(n) * (5_000 if n % 1_000 == 0 else 1)


@step(inline=True)
def picky(n: int) -> int:
    """Refuse each thousandth."""
    if n % 1_000 == 999:
        raise Bad(f"no {n}")
    return n


@step(inline=True)
def total(rows: list[dict[str, int]]) -> int:
    """Take all of them."""
    assert type(rows) is list
    return sum(row["n"] for row in rows)


@pure
def add_up(rows: list[dict[str, int]]) -> int:
    """Do so without a step."""
    assert type(rows) is list
    return sum(row["n"] for row in rows)


@workflow
def read(n: int) -> list[Any]:
    """Read the list in each way that does not need all of it."""
    rows = map_each(twice, range(n))
    found: list[Any] = [len(rows), rows[0], rows[-1], rows[n - 2 : n], rows[3]["n"]]
    found.append(sum([row["n"] for row in rows]))
    found.append(sum(row["n"] for row in rows if row["n"] % 3 == 0))
    found.append(max(rows, key=lambda row: row["n"]))
    found.append([i for i, row in enumerate(rows) if row["n"] > 2 * n - 6])
    found.append({row["n"] // 1_000 for row in rows})
    count = 0
    for row in rows:
        count += row["n"] % 7
    found.append(count)
    try:
        found.append(rows[n])
    except IndexError as error:
        found.append(str(error))
    return found


@workflow
def whole(n: int) -> list[Any]:
    """Use it as the list that it is."""
    rows = map_each(twice, range(n))
    same = rows == [{"n": 2 * i} for i in range(n)]
    found: list[Any] = [same, isinstance(rows, list), {"n": 4} in rows, total(rows), add_up(rows)]
    rows.append({"n": 1})
    rows[0] = {"n": 7}
    found += [len(rows), rows[0], rows[-1], sum(row["n"] for row in rows)]
    first, *_others = rows
    found.append(first)
    return found


@workflow
def passed_on(n: int) -> int:
    """The results of one fork are the items of another, and of a child execution."""
    rows = map_each(twice, range(n))
    again = map_each(total_of_one, rows)
    return sum(again) + summed(rows)


@step(inline=True)
def total_of_one(row: dict[str, int]) -> int:
    """Take one."""
    return row["n"]


@workflow
def summed(rows: list[dict[str, int]]) -> int:
    """Walk through what a parent gave."""
    found = 0
    for row in rows:
        found += row["n"]
    return found


@workflow
def large_ones(n: int) -> list[int]:
    """Some results are blobs of their own."""
    texts = map_each(text, range(n))
    return [len(texts), sum(len(one) for one in texts), len(texts[1_000])]


@workflow
def some_fail(n: int) -> int:
    """What failed is left out."""
    return len(map_each(picky, range(n), tolerate=5))


@workflow
def too_many_fail(n: int) -> str:
    """The first error in the order of the items is raised."""
    try:
        return str(len(map_each(picky, range(n), tolerate=1)))
    except Bad as error:
        return str(error)


@workflow
def branches(n: int) -> list[int]:
    """A tuple of so many branches."""
    found = parallel(*[picky(i) for i in range(n // 3)])
    return [len(found), found[0], found[-1], sum(found)]


@workflow
def nested(n: int) -> list[list[int]]:
    """Forks in a fork: rows of results."""

    def row(y: int) -> list[int]:
        return map_each(picky, range(y, y + n // 50))

    return map_each(row, range(n // 60))


@workflow
def collected(n: int) -> list[Any]:
    """All outcomes, and why there are no more."""
    batch = map_each(picky, range(n), on_error="collect", tolerate=0.5)
    errors = [str(error) for error in batch.errors]
    return [batch.succeeded, batch.failed, batch.reason, errors, batch.results[1_500], len(batch)]


@workflow
def unpacked(n: int) -> int:
    """The list goes somewhere else than to a name."""
    found: dict[str, list[int]] = {}
    found["x"] = map_each(picky, range(n), tolerate=5)
    return len(found["x"])


FLOWS = [
    read, whole, passed_on, large_ones, some_fail, too_many_fail, branches, nested, collected,
    unpacked,
]  # fmt: skip


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_it_is_the_list_that_python_gives(flow: Workflow[..., Any]) -> None:
    """Items, slices, sums, comparisons, changes: all as in plain Python."""
    assert simulate(flow, N).output == flow(N)


def stored(run: Run, kind: Kind) -> list[Any]:
    """What records of the root hold of variables and items."""
    found: list[Any] = []
    for entry in run.history:
        data = entry.record.data
        if entry.branch == "r" and entry.kind is kind:
            found += data.get("vars", {}).values()
            found += data.get("state", {}).get("wait", {}).get("items", {}).values()
    return found


def test_records_hold_references_to_pages() -> None:
    """The results of a wide fork, and the items of the next: the very same reference."""
    run = simulate(passed_on, N)
    (first, second), joined = stored(run, Kind.FORK), stored(run, Kind.JOIN)
    assert (are_pages(first), first["length"], second in joined) == (True, N, True)


def test_results_outlive_the_parent_in_its_child_execution(tmp_path: Any) -> None:
    """On SQLite a child execution refers to the pages, and to the blobs inside them."""
    with Client.local(tmp_path / "state.db") as client:
        client.start(passed_on, N, id="P")
        assert client.result("P") == passed_on(N)


def test_what_an_expression_may_do_grows_with_a_wide_fork() -> None:
    """A sum over 20,000 results in one expression is no work for a step, twenty times it is."""

    def ended(flow: Callable[..., Any]) -> str:
        run = simulate(flow, 20_000)  # type: ignore[arg-type]
        return run.status if run.error is None else run.error.type

    assert [ended(sum_once), ended(sum_squares)] == ["succeeded", "ExpressionLimit"]


@workflow
def sum_once(n: int) -> int:
    """Go through it once."""
    rows = map_each(twice, range(n))
    return sum([row["n"] * 2 + row["n"] // 3 for row in rows if row["n"] >= 0])


@workflow
def sum_squares(n: int) -> int:
    """Go through it again for each item."""
    rows = map_each(twice, range(n))
    return sum(a["n"] * b["n"] for a in rows for b in rows)


@workflow
def again_and_again(n: int) -> int:
    """Forks that fail, one after another, and the workflow goes on."""
    lost = 0
    for _i in range(n):
        try:
            map_each(picky, [1, 999, 3])
        except Bad:
            lost += 1
    return lost


def test_forks_that_fail_do_not_make_meta_grow() -> None:
    """The stop of a fork goes with its join."""
    run = simulate(again_and_again, 20)
    meta = run._do(run._engine.ports.metas.get("simulated"))  # noqa: SLF001
    assert (run.output, meta.stops) == (20, {})
