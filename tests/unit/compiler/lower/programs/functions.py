"""Nested functions: closures, defaults, changes of what is around them."""

# What people write, and worse: that is the point.
# ruff: noqa: D103, F403, F405, PIE804, RET503
from __future__ import annotations

from programs_shop import *


@workflow
def functions(a: int = 1):
    k = 10

    def helper(x, y=k, *more, z=2):
        """Add them up."""
        if x > 100:
            return None
        return f(x + y + a + k + len(more)) + z

    first = helper(f(1))
    k = 20
    a = 5
    return (
        first,
        helper(1, 2, 3, 4, z=f(1)),
        helper(x=1),
        [helper(i) for i in range(2)],
        helper(101),
    )


@workflow
def functions_share():
    rows = []
    total = {"n": 0}

    def note(x):
        rows.append(x)
        total["n"] += f(x)

    for i in range(3):
        note(i)
    note(len(rows))
    return rows, total


@workflow
def function_between_reads():
    total = {"n": 1}

    def bump():
        total["n"] += 1
        return f(10)

    return total["n"] + bump(), f"{total['n']} {bump()}", total["n"]


@workflow
def functions_in_functions(n: int = 2):
    def outer(x):
        y = x + 1

        def inner(z):
            return f(x + y + z)

        return inner(1) + inner(2)

    def early():
        for i in range(3):
            if i == n:
                return i
            f(i)

    return outer(n), early()


@workflow
def function_raises():
    def bad():
        try:
            fail()
        finally:
            f("inner")

    try:
        bad()
    except Refused as e:
        return e.code


@workflow
def recursive(n: int = 3):
    if n <= 0:
        return 0
    return f(n) + recursive(n - 1)


@workflow
def formatted_before_change(xs: list[int]):
    def grow():
        xs.append(f(1))
        return len(xs)

    return f"{xs}{grow()}{xs!r}"


@workflow
def all_kinds_of_parameters(n: int = 1):
    def g(a, /, b, *c, d=n, e, **h):
        return a, b, c, d, e, h, f(a)

    return g(1, 2, e=3), g(1, f(2), 3, 4, d=5, e=6, x=7), g(*[1, 2], e=3, **{"y": f(8)})


@workflow
def functions_call_each_other(n: int = 2):
    def even(k):
        return "even" if k == 0 else odd(k - 1)

    def odd(k):
        return f("odd") if k == 1 else k

    return even(n), odd(n)


@workflow
def changes_through_functions(basket: Basket, d: dict[str, list[int]]):
    def fill(n):
        basket.note = "full"
        basket.items[0].tags.append("x")
        d["k"] += [n]
        d["n"], basket.owner = [n], "me"
        del d["gone"]
        for d["i"] in [[1]]:
            pass
        return f(n)

    return [len(d["k"]), fill(1), basket.note, f(2)], d, basket


INPUTS = {
    "recursive": [{}],
    "formatted_before_change": [{"xs": [0]}],
    "changes_through_functions": [
        {"basket": Basket("o", [Item(name="i")]), "d": {"k": [], "gone": []}},
        {"basket": Basket("o"), "d": {"k": []}},
    ],
}
