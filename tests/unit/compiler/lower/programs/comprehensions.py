"""Comprehensions and generators with steps."""

# What people write, and worse: that is the point.
# ruff: noqa: C400, C416, D103, E501, F403, F405, SIM105
from __future__ import annotations

from programs_shop import *


@workflow
def list_comprehension(xs: list[int]):
    rows = [f(x) for x in xs if x % 2]
    return rows, [f(x) + y for x in xs for y in f([x, 0]) if f(y)], [x for x in f(xs)]


@workflow
def comprehension_in_expression(xs: list[int]):
    return (
        sum([f(x) for x in xs]) + len({f(x % 2) for x in xs}),
        {x: f(x) for x in xs},
        {f(x): x for x in xs},
    )


@workflow
def comprehension_as_statement(xs: list[int]):
    [f(x) for x in xs if x > 1]


@workflow
def comprehension_shadows(x: int = 1, xs: list[int] = [5, 6]):  # noqa: B006
    rows = [f(x) for x in xs]
    return x, rows, [f([y for y in range(x)]) for x in xs]


@workflow
def comprehension_of_old_value(rows: list[int]):
    rows = [f(row + 1) for row in rows]
    rows = [f(len(rows)) for _ in rows]
    return rows


@workflow
def comprehension_in_try(xs: list[int]):
    rows = ["old"]
    try:
        rows = [f(10 // x) for x in xs]
    except ZeroDivisionError:
        pass
    return rows


@workflow
def comprehension_with_walrus(xs: list[int]):
    rows = [y for x in xs if (y := own(x)) > 2]
    return rows, y


@workflow
def comprehension_unpacks(d: dict[str, int]):
    return [f(k) * v for k, v in d.items()], {k: [f(i) for i in range(v)] for k, v in d.items()}


@workflow
def nested_comprehensions(xs: list[int]):
    return [[f(x * y) for x in xs] for y in xs if f(y) > 1]


@workflow
def quantifiers(xs: list[int]):
    return (
        any(f(x) > 1 for x in xs), all(f(x) < 2 for x in xs), any(f(x + y) == 3 for x in xs for y in xs if y > 1),
        all(f(1) for x in []), not any(f(x) for x in [0, 0]),
    )  # fmt: skip


@workflow
def generators(xs: list[int]):
    return (
        sum(f(x) for x in xs),
        sorted((f(x) for x in xs), reverse=True),
        max(f(x) for x in xs),
        list(f(x) for x in xs),
        ",".join(str(f(x)) for x in xs),
    )


@workflow
def sum_of_mixed():
    return sum(f(x) for x in [1, "a", 2])


@workflow
def max_of_mixed():
    return max(f(x) for x in [1, "a", 2])


@workflow
def sum_with_start(xs: list[int]):
    return (
        sum((f(x) for x in f(xs)), f(10)),
        max((f(x) for x in xs), key=lambda x: -x, default=f(0)),
        sum(add(x) for x in xs),
    )


@workflow
def dict_comprehension_order(xs: list[int]):
    try:
        return {1 // (x - 2): x["no"] for x in xs if f(x)}
    except (ZeroDivisionError, TypeError) as e:
        return type(e).__name__


INPUTS = {
    "list_comprehension": [{"xs": [1, 2, 3]}, {"xs": []}],
    "comprehension_in_expression": [{"xs": [1, 2, 3]}],
    "comprehension_as_statement": [{"xs": [1, 2, 3]}],
    "comprehension_of_old_value": [{"rows": [1, 2]}],
    "comprehension_in_try": [{"xs": [1, 0, 2]}, {"xs": [1, 2]}],
    "comprehension_with_walrus": [{"xs": [1, 2]}, {"xs": []}],
    "comprehension_unpacks": [{"d": {"a": 1, "b": 2}}],
    "nested_comprehensions": [{"xs": [1, 2]}],
    "quantifiers": [{"xs": [1, 2, 3]}, {"xs": []}, {"xs": [0, 1]}],
    "generators": [{"xs": [1, 3, 2]}, {"xs": []}],
    "sum_with_start": [{"xs": [1, 2]}, {"xs": []}],
    "dict_comprehension_order": [{"xs": [1, 2]}, {"xs": [2, 1]}],
}
