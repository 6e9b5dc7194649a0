"""Targets of every kind, augmented assignments, `del`."""

# What people write, and worse: that is the point.
# ruff: noqa: D103, F403, F405, FBT002, PLW0128
from __future__ import annotations

from programs_shop import *


@workflow
def targets(item: Item, d: dict[str, int]):
    item.amount = f(5)
    d["k"] = f(6)
    d[f("l")] = f(7)
    a, (b, *c) = f([1, [2, 3, 4]])
    item.tags[0:1] = f(["x", "y"])
    (item.name, d["n"]) = pair("new", 8)
    return item, d, a, b, c


@workflow
def several_targets():
    a = b = f(1)
    c = d = [f(2)][0]
    x = y = z = 5
    return a, b, c, d, x, y, z


@workflow
def unpack_error():
    try:
        a, b = f([1, 2, 3])
    except ValueError as e:
        return str(e)
    return a, b


@workflow
def target_with_effects(d: dict[str, int]):
    d[f("a")], d[f("b")] = f(1), f(2)
    xs = [0, 0, 0]
    xs[f(0)] = xs[f(1)] = f(9)
    return d, xs


@workflow
def augmented(d: dict[str, int], item: Item):
    n = 1
    n += f(2)
    n *= n + f(1)
    d["a"] += f(5)
    d[f("a")] -= 1
    item.amount += f(3)
    rows = [1]
    rows += f([2])
    s = "x"
    s += f("y") + s
    return n, d, item.amount, rows, s


@workflow
def augmented_missing(d: dict[str, int]):
    d["missing"] += f(5)


@workflow
def augmented_unbound(flag: bool = False):
    if flag:
        n = 1
    n += f(1)
    return n


@workflow
def augmented_rebound(x: int = 1):
    x += (x := 10) + f(1)
    return x


@workflow
def deleted(d: dict[str, int], xs: list[int]):
    del d["a"], xs[f(0)]
    y = 1
    if xs:
        del y
    try:
        return y
    except NameError:
        return d, xs


@workflow
def annotated():
    x: int = f(1)
    y: int
    y = x + 1
    return y


@workflow
def augmented_with_walrus(n: int = 2):
    d = {0: 1, 1: 5, 2: 7}
    d[n] += (n := f(1)) * 10
    return d, n


@workflow
def chained_unpacking():
    a = [1, 2]
    a, b = c = a
    x = (x, y) = z = f([3, 4])
    d = {}
    d[(y := f("k"))] = y
    return a, b, c, x, y, z, d


@workflow
def slices_as_targets(xs: list[int], item: Item):
    xs[f(0) : f(2)] = [f(7)]
    xs[f(1) :: f(1)] += [f(5)]
    item.tags[: len(f("a"))], item.amount = f(["x"]), f(3)
    del xs[f(0) :], item.tags[f(0)]
    (xs[f(0) : f(0)], *item.tags) = [f([1]), "a", f("b")]
    del (item.amount, [xs[0]])
    return xs, item.tags


INPUTS = {
    "targets": [{"item": Item(name="n", tags=["t"]), "d": {}}],
    "target_with_effects": [{"d": {}}],
    "augmented": [{"d": {"a": 1}, "item": Item(name="n")}],
    "augmented_missing": [{"d": {}}, {"d": {"missing": 1}}],
    "augmented_unbound": [{}, {"flag": True}],
    "deleted": [{"d": {"a": 1}, "xs": [1, 2]}, {"d": {}, "xs": []}],
    "slices_as_targets": [{"xs": [1, 2, 3], "item": Item(name="n", tags=["a", "b"])}],
}
