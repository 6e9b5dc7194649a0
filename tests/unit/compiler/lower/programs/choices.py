"""Parts of an expression that are not always evaluated."""

# What people write, and worse: that is the point.
# ruff: noqa: D103, F403, F405, FBT002, FURB110, PLR0133, RET504
from __future__ import annotations

from programs_shop import *


@workflow
def walrus_in_test(xs: list[int]):
    if (n := len(xs)) > 2 and (m := f(n)):
        return n, m
    return n


@workflow
def short_circuit(a: int = 0, b: int = 1):
    return (
        a and f(1),
        b and f(2),
        a or f(3),
        b or f(4),
        a or f(0) or f(7) or f(8),
        b and f(1) and a and f(2),
    )


@workflow
def short_circuit_of_plain(a: int = 0, b: int = 1):
    x = a and b and f(1)
    y = f(1) and a and b
    z = (a or b) and not f(0)
    return x, y, z


@workflow
def short_circuit_as_statement(a: int = 1):
    a and f("yes")
    a or f("no")
    a and f("both") and f("again")


@workflow
def choices(a: int = 1):
    x = f("then") if a else f("else")
    y = 1 if f(a) else f(2)
    return x, y, f(f(1) if not a else 2), 5 + (f(1) if a else 0)


@workflow
def choice_keeps_old(x: int = 5, flag: bool = False):
    x = f(x + 1) if flag else x
    return x


@workflow
def choice_as_statement(a: int = 1):
    f("then") if a else f("else")
    a if a else f("never")


@workflow
def chained_comparisons():
    return f(1) < f(2) < 3, 1 < f(2) < f(0) < f(9), f(3) < f(2) < f(9), 0 < 1 < f(2) < f(3) < f(1)


INPUTS = {
    "walrus_in_test": [{"xs": [1]}, {"xs": [1, 2, 3]}],
    "short_circuit": [{}, {"a": 1, "b": 0}],
    "short_circuit_of_plain": [{}, {"a": 1}, {"a": 0, "b": 0}],
    "short_circuit_as_statement": [{}, {"a": 0}],
    "choices": [{}, {"a": 0}],
    "choice_keeps_old": [{}, {"flag": True}],
    "choice_as_statement": [{}, {"a": 0}],
}
