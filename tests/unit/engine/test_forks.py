"""Side by side: results in order, bounds, policies, nesting, and what branches see and keep."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivido import Batch, Workflow, map_each, parallel, sleep, step, workflow
from vivido.engine.fork import ForkNode
from vivido.model.journal import Kind
from vivido.testing import Run, simulate
from vivido.testing.simulation import never
from vivido.testing.world import EXECUTION, FaultyEngine, World, check

ran: list[Any] = []


class Bad(Exception):
    """What a branch fails with."""


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    """Begin each test without traces."""
    ran.clear()


@step
def inc(n: int) -> int:
    """Add one."""
    ran.append(n)
    return n + 1


@step
def picky(n: int) -> int:
    """Refuse negative numbers."""
    ran.append(n)
    if n < 0:
        raise Bad(f"no {n}")
    return n


def forks(run: Run) -> list[Any]:
    """Return the plans of the forks, in order."""
    return [e.record.data["state"]["wait"] for e in run.history if e.kind is Kind.FORK]


def outcome(run: Run) -> tuple[str, Any]:
    """Return the value, or type and message of the error."""
    return ("value", run.output) if run.error is None else (run.error.type, run.error.message)


def plainly(flow: Workflow[..., Any], given_: dict[str, Any]) -> tuple[str, Any]:
    """Return the same of a plain call."""
    try:
        return "value", flow(**given_)
    except (Bad, TypeError, ValueError) as error:
        return type(error).__name__, str(error)


def branches(run: Run) -> set[str]:
    """Return the branches that have a record."""
    return {entry.branch for entry in run.history}


# ------------------------------------------------------------------ parallel
@workflow
def mixed(n: int) -> tuple[Any, ...]:
    """Run fixed branches, spread ones and expressions side by side."""
    base = n * 10

    def twice(i: int) -> int:
        return inc(inc(i + base))

    rows = [1, 2, 3, 4]
    return parallel(
        inc(n),
        *[inc(row) for row in rows if row % 2 if row != 3],
        twice(n),
        *[twice(r) for r in ()],
    )


@workflow
def unpacked(n: int) -> list[Any]:
    """Give results to names, items and attributes."""
    found: dict[str, int] = {}
    first, (second, *others) = parallel(inc(n), both(n))
    found["x"], _ = parallel(inc(n + 1), inc(n + 2))
    return [first, second, others, found]


@step
def both(n: int) -> list[int]:
    """Give several."""
    return [n, n * 2, n * 3]


def test_values_come_in_the_order_written() -> None:
    """Fixed branches, spread ones that pass their conditions, blocks; empty spreads add nothing."""
    run = simulate(mixed, 5)
    assert run.output == (6, 2, 57)
    assert mixed(5) == (6, 2, 57)
    assert branches(run) == {"r", "r.1:0", "r.1:1", "r.1:2"}


def test_results_are_unpacked_as_in_python() -> None:
    """Stars, items, names that are thrown away."""
    assert simulate(unpacked, 1).output == unpacked(1) == [2, 1, [2, 3], {"x": 3}]


@workflow
def raising_while_it_forks(n: int) -> str:
    """Fail before, within and after a fork."""
    found = []
    for what in ("items", "unpack", "policy"):
        try:
            if what == "items":
                map_each(inc, range(10 // n))
            elif what == "unpack":
                _a, _b, _c = parallel(inc(n), inc(n))
            else:
                map_each(inc, [1], max_concurrency=n)
        except (ValueError, ZeroDivisionError) as error:
            found.append(type(error).__name__)
    return " ".join(found)


def test_what_goes_wrong_around_a_fork_is_raised_there() -> None:
    """Items that fail, results that do not fit their targets, options that mean nothing."""
    assert simulate(raising_while_it_forks, 0).output == raising_while_it_forks(0)
    assert simulate(raising_while_it_forks, 0).output == "ZeroDivisionError ValueError ValueError"


@pytest.mark.parametrize("option", ["max_concurrency", "need", "tolerate"])
@pytest.mark.parametrize("value", [0, -1, True, "2", 1.5])
def test_options_that_mean_nothing_are_refused_as_in_python(option: str, value: object) -> None:
    """The same error with the same message, and nothing runs."""
    given_ = {"numbers": [1, 2], **dict.fromkeys(OPTIONS, None), option: value}
    expected = plainly(optional, given_)
    ran.clear()
    assert outcome(simulate(optional, given_)) == expected
    assert (expected[0] == "value") or ran == []


OPTIONS = ("max_concurrency", "need", "tolerate")


@workflow
def optional(numbers: list[int], max_concurrency: Any, need: Any, tolerate: Any) -> Any:
    """Map with options from outside."""
    return map_each(picky, numbers, max_concurrency=max_concurrency, need=need, tolerate=tolerate)


# ------------------------------------------------------------------ nothing to do
@workflow
def empty(n: int) -> list[Any]:
    """Fork over nothing."""
    none: list[int] = []
    batch = map_each(inc, none, on_error="collect")
    quotes = parallel(*[inc(i) for i in none])
    return [map_each(inc, none), quotes, batch.reason, batch.succeeded, len(batch), n]


def test_a_fork_of_no_branches_is_over_at_once() -> None:
    """It gives what plain Python gives, and writes no record."""
    run = simulate(empty, 3)
    assert run.output == empty(3) == [[], (), "all_done", 0, 0, 3]
    assert [entry.kind for entry in run.history] == [Kind.END]


# ------------------------------------------------------------------ max_concurrency
class Gauge(FaultyEngine):
    """Knows which branches have begun and not ended, and how many there were at once."""

    most = 0

    def recorded(self, *_told: Any) -> None:
        """Look at the journals after each record."""
        journal: Any = self.ports.journal
        records = journal._port._records[EXECUTION]  # noqa: SLF001
        begun = [one for name, one in records.items() if name != "r"]
        moving = sum(1 for one in begun if one[-1].kind is not Kind.END)
        type(self).most = max(self.most, moving)


@workflow
def lanes(width: int, most: int) -> list[int]:
    """Three records a branch, so many branches at once."""

    def one(i: int) -> int:
        a = inc(i)
        sleep("1m")
        return inc(a)

    return map_each(one, range(width), max_concurrency=most)


@pytest.mark.parametrize(("width", "most"), [(1, 1), (5, 1), (5, 2), (7, 3), (4, 4), (3, 9)])
def test_max_concurrency_is_exact(width: int, most: int) -> None:
    """At most so many branches are under way at once, and at some time as many."""
    Gauge.most = 0
    result = World(engine_class=Gauge).run(
        lanes, {"width": width, "most": most}, goes_on_inline=never
    )
    assert check(result) == []
    assert result.outcome[1] == [i + 2 for i in range(width)]
    assert Gauge.most == min(width, most)


def test_lanes_take_as_long_as_their_branches() -> None:
    """Seven branches of a minute in three lanes take three minutes."""
    assert simulate(lanes, {"width": 7, "most": 3}, now=0).now == 180


# ------------------------------------------------------------------ policies
@workflow
def policies(numbers: list[int], policy: str, bound: float, most: int | None = None) -> Any:
    """Map under a policy."""
    match policy:
        case "fail":
            return map_each(picky, numbers, max_concurrency=most)
        case "tolerate":
            return map_each(picky, numbers, tolerate=bound, max_concurrency=most)
        case "need":
            return map_each(picky, numbers, need=int(bound), max_concurrency=most)
    batch = map_each(picky, numbers, on_error="collect", max_concurrency=most)
    if policy == "need collect":
        batch = map_each(picky, numbers, on_error="collect", need=int(bound), max_concurrency=most)
    if policy == "tolerate collect":
        batch = map_each(picky, numbers, on_error="collect", tolerate=bound, max_concurrency=most)
    return told(batch)


@step
def told(batch: Batch[int]) -> list[Any]:
    """Take a batch as an argument: it is a value like any other."""
    return [batch.reason, batch.results, [str(error) for error in batch.errors]]


POLICIES = ["fail", "tolerate", "need", "collect", "need collect", "tolerate collect"]


@given(
    st.lists(st.integers(-3, 3), max_size=6),
    st.sampled_from(POLICIES),
    st.sampled_from([0.0, 0.34, 0.5, 1.0, 2.0, 4.0]),
)
@settings(max_examples=80, deadline=None)
def test_one_lane_is_plain_python(numbers: list[int], policy: str, bound: float) -> None:
    """With one branch at a time the policies do what they do without an engine."""
    given_ = {"numbers": numbers, "policy": policy, "bound": as_count(bound), "most": 1}
    ran.clear()
    run = simulate(policies, given_)
    on_the_engine = list(ran)
    ran.clear()
    assert outcome(run) == plainly(policies, given_)
    assert on_the_engine == list(ran)


def as_count(bound: float) -> float:
    """A bound of 1 and more is a count."""
    return bound if bound < 1 else int(bound)


@pytest.mark.parametrize(
    ("policy", "bound", "numbers", "expected"),
    [
        ("tolerate", 1, [1, -2, 3], [1, 3]),
        ("tolerate", 0.5, [1, -2, -3, 4], [1, 4]),
        ("tolerate", 0.34, [-1, 2, 3], [2, 3]),
        ("need", 2, [1, -2, 3], [1, 3]),
        ("collect", 0, [1, -2], ["all_done", [1], ["no -2"]]),
        ("need collect", 2, [-1, -2, 3], ["need_missed", [3], ["no -1", "no -2"]]),
    ],
)
def test_policies_side_by_side(
    policy: str, bound: float, numbers: list[int], expected: Any
) -> None:
    """Where no branch has to be stopped, all at once give the same."""
    run = simulate(policies, {"numbers": numbers, "policy": policy, "bound": bound})
    assert (run.status, run.output) == ("succeeded", expected)


@pytest.mark.parametrize(
    ("policy", "bound", "numbers"),
    [("tolerate", 1, [-1, -2, 3]), ("tolerate", 0.3, [-1, 2, 3]), ("need", 3, [-1, -2, 3])],
)
def test_too_many_failures_raise_the_first(policy: str, bound: float, numbers: list[int]) -> None:
    """In the order of the items, whichever failed first."""
    run = simulate(policies, {"numbers": numbers, "policy": policy, "bound": bound})
    assert run.error is not None
    assert (run.status, run.error.message) == ("failed", "no -1")


@workflow
def sleepers(policy: str) -> list[Any]:
    """Branches that sleep for as many hours as they say, the negative ones fail."""

    def one(hours: int) -> int:
        sleep(hours=abs(hours))
        return picky(hours)

    match policy:
        case "need":
            return list(map_each(one, [1, 2, 30], need=2))
        case "tolerate":
            batch = map_each(one, [-1, -2, 30], tolerate=1, on_error="collect")
            return [batch.reason, batch.succeeded, batch.failed]
        case "fail":
            return list(map_each(one, [-1, 2, 30]))
    results = parallel(one(1), one(-2), one(30), need=1, on_error="collect")
    return [str(result) for result in results]


@pytest.mark.parametrize(
    ("policy", "hours", "expected"),
    [
        ("need", 2, [1, 2]),
        ("tolerate", 2, ["tolerance_exceeded", 0, 2]),
        (
            "parallel",
            1,
            ["1", *["the branch was stopped: enough others had ended"] * 2],
        ),
    ],
)
def test_branches_that_are_not_needed_are_woken_and_stopped(
    policy: str, hours: int, expected: list[Any]
) -> None:
    """Nobody waits for the one that sleeps for thirty hours."""
    run = simulate(sleepers, policy, now=0)
    assert (run.output, run.now) == (expected, hours * 3600)


def test_the_first_failure_stops_the_others() -> None:
    """At once, and it is the error of the fork."""
    run = simulate(sleepers, "fail", now=0)
    assert run.error is not None
    assert (run.status, run.error.message, run.now) == ("failed", "no -1", 3600)
    ends = Counter(e.record.data["end"]["status"] for e in run.history if e.kind is Kind.END)
    assert ends == {"failed": 2, "stopped": 2}


# ------------------------------------------------------------------ what branches see
@workflow
def captured(n: int) -> list[Any]:
    """Branches read variables of the workflow, also through blocks that they call."""
    base, unused = n * 100, [0] * 1_000
    names = {"a": 1}

    def deeper(i: int) -> int:
        return base + i + names["a"]

    def one(i: int) -> list[int]:
        own = [i, deeper(i)]
        own.append(inc(i))
        return own

    return [map_each(one, [1, 2]), len(unused)]


@workflow
def nested(rows: int, columns: int) -> list[list[tuple[int, int]]]:
    """Forks in forks in forks."""

    def row(y: int) -> list[tuple[int, int]]:
        def cell(x: int) -> tuple[int, int]:
            return parallel(inc(x + y), inc(x * y))

        return map_each(cell, range(columns))

    return map_each(row, range(rows))


@workflow
def in_a_loop(n: int) -> list[list[int]]:
    """The same fork, round after round."""
    found: list[list[int]] = []
    for i in range(n):
        rows = map_each(inc, range(i))
        found.append(rows)
    return found


def test_branches_read_what_is_around_them() -> None:
    """Variables, closures of blocks; a branch gets only what it may read."""
    run = simulate(captured, 2)
    assert run.output == captured(2) == [[[1, 202, 2], [2, 203, 3]], 1_000]
    engine = run._engine  # noqa: SLF001
    (program,) = engine.programs.values()
    (fork,) = [node for node in program.nodes.values() if isinstance(node, ForkNode)]
    assert "unused" not in fork.branches[0].captured
    assert {"base", "names"} <= fork.branches[0].captured


def test_forks_nest() -> None:
    """Each branch is named by where it was forked off."""
    run = simulate(nested, {"rows": 2, "columns": 2})
    assert run.output == nested(2, 2)
    assert len(branches(run)) == 1 + 2 + 4 + 8
    assert "r.1:1.1:0.1:1" in branches(run)


def test_a_fork_in_a_loop_is_a_fork_each_round() -> None:
    """Rounds without items are over at once."""
    run = simulate(in_a_loop, 4)
    assert run.output == [[], [1], [1, 2], [1, 2, 3]]
    assert [plan["width"] for plan in forks(run)] == [1, 2, 3]


@workflow
def wide(width: int) -> int:
    """As wide as one likes."""
    return sum(map_each(inc, range(width)))


def test_a_wide_fork_joins_by_levels() -> None:
    """More than one join item holds: 250 branches are three items and one above them."""
    run = simulate(wide, 250)
    assert run.output == sum(range(1, 251))
    assert Counter(entry.kind for entry in run.history)[Kind.JOIN] == 0  # it ended with the join
    assert Counter(entry.kind for entry in run.history)[Kind.END] == 251


@given(
    rows=st.integers(0, 4), columns=st.integers(0, 3), most=st.integers(1, 5), hops=st.booleans()
)
@settings(max_examples=25, deadline=None)
def test_every_fork_joins_once(*, rows: int, columns: int, most: int, hops: bool) -> None:
    """Whatever its width, each FORK is followed by one record that joins it."""
    flow: Workflow[..., Any] = tables
    inputs = {"rows": rows, "columns": columns, "most": most}
    result = World().run(flow, inputs, goes_on_inline=never if hops else None)
    assert check(result) == []
    assert result.outcome == ("succeeded", flow(**inputs), None)
    for records in result.records[EXECUTION].values():
        forked = [record.n for record in records if record.kind is Kind.FORK]
        after = {record.n: record.kind for record in records}
        assert [after[n + 1] in (Kind.JOIN, Kind.END) for n in forked] == [True] * len(forked)


@workflow
def tables(rows: int, columns: int, most: int) -> list[Any]:
    """Forks in forks, and one after another."""

    def row(y: int) -> list[int]:
        return map_each(inc, range(y, y + columns), max_concurrency=most)

    first = map_each(row, range(rows), max_concurrency=most)
    return [first, map_each(inc, range(columns))]
