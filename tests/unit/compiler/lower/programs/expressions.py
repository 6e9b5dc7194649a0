"""Steps anywhere in an expression."""

# What people write, and worse: that is the point.
# ruff: noqa: D103, F403, F405, FBT002, PIE800, PIE804
from __future__ import annotations

from programs_shop import *


@workflow
def operators(a: int = 2, b: int = 3):
    x = a + f(b)
    y = f(a) - b * f(2) ** 2
    z = -f(1) + (not f(0)) + (f(6) // f(4)) % 5
    return x, y, z, f(a) < f(b), f(1) in [f(1), f(2)], f(3) is None


@workflow
def nested_calls():
    return f(add(f(1), b=f(2), c=f(3)))


@workflow
def walrus_in_while():
    seen = []
    n = 0
    while (n := add(n, 1)) < 4:
        seen.append(n)
    return seen, n


@workflow
def f_strings(x: int = 7):
    return f"{f(1)}:{x:>{f(4)}}|{f('a')!r}{x}{{}} {f(2.5):.2f}"


@workflow
def displays():
    return (
        [f(1), *f([2, 3]), f(4)],
        (f(1), 2),
        {f(1), f(2)},
        {f("k"): f("v"), **f({"a": 1}), "z": f(9)},
    )


@workflow
def unpacked_arguments(xs: list[int], named: dict[str, int]):
    return (
        many(*xs, f(1), *f([5]), a=f(2), **named),
        add(*xs),
        add(1, *[2], **{"c": 3}),
        many(1, 2),
        many(**named),
    )


@workflow
def subscripts(xs: list[int]):
    return (
        xs[f(0)],
        xs[f(1) : f(3)],
        f([1, 2, 3])[-1],
        xs[f(0) :: f(2)],
        {"a": {"b": 5}}[f("a")][f("b")],
    )


@workflow
def attributes_of_results():
    return f(Item(name="n")).name, f(Item(name="a", tags=["t"])).tags[f(0)].upper()


@workflow
def methods_with_steps(xs: list[int]):
    rows = []
    rows.append(f(1))
    rows.extend([f(2), f(3)])
    text = ",".join([str(f(4)), str(f(5))])
    d = {}
    d.setdefault("k", []).append(f(6))
    d["k"].append(f(7))
    return rows, text, d, xs.index(f(2)), f("abc").upper().startswith(f("A"))


@workflow
def own_functions(x: int = 4):
    y = own(x)
    z = f(own(y)) + fixed(f(2))
    return y, z, add(own(1), fixed(2), c=own(3))


@workflow
def lambdas_and_keys(items: list[Item]):
    best = max(items, key=lambda item: item.amount)
    return (
        f(best.name),
        sorted([f(3), f(1)], key=lambda n: -n),
        [own(item.amount) for item in items],
    )


@workflow
def merged_mappings(a: dict[str, int], b: dict[str, int]):
    return add(**a, **b), add(1, **a, c=f(2), **b), many(*[1], **{"x": f(1)}, **a, y=2)


@workflow
def slice_of_call(xs: list[int]):
    return [xs[own(0) : len(xs)], f(1)], xs[own(1) - 1 : :], (xs[f(1) :], f(2))


@workflow
def formatted_before_step(flag: bool = False, d: dict[str, int] = {}):  # noqa: B006
    if flag:
        n = 3
    return f"{n} {n!r:>5} {d['k']} {d['k']:03} {f(1)} {own(2):{f(4)}}"


@workflow
def dict_with_steps(item: Item, k: str = "k"):
    return (
        {k: 1, "b": f(2)},
        {"a": item.amount, "b": f(1)},
        {item.name: 1, "c": f(3)},
        {**{k: 2}, "d": f(4)},
    )


INPUTS = {
    "unpacked_arguments": [{"xs": [1], "named": {"z": 4}}, {"xs": [1, 2, 3], "named": {}}],
    "subscripts": [{"xs": [1, 2, 3, 4]}, {"xs": []}],
    "methods_with_steps": [{"xs": [1, 2]}, {"xs": []}],
    "lambdas_and_keys": [{"items": [Item(name="a"), Item(name="b", amount=3)]}],
    "merged_mappings": [{"a": {"a": 1}, "b": {"b": 2}}],
    "slice_of_call": [{"xs": [1, 2, 3]}],
    "formatted_before_step": [{}, {"flag": True}, {"flag": True, "d": {"k": 5}}],
    "dict_with_steps": [{"item": Item(name="i")}],
}
