"""What Python evaluates before a step is evaluated before it: values, errors, changes."""

# What people write, and worse: that is the point.
# ruff: noqa: B905, D103, F403, F405, FBT002, FURB192, PLC3002, UP034
from __future__ import annotations

from programs_shop import *


@workflow
def attribute_before_step(item: Item):
    return item.amount + f(1), f"{item.name}-{f(item.amount)}-{item.kind.value}"


@workflow
def error_before_step(d: dict[str, int]):
    return d["missing"] + f(1)


@workflow
def error_before_step_in_call(d: dict[str, int]):
    return max(d["missing"], f(1))


@workflow
def unbound_before_step(flag: bool = False):
    if flag:
        x = 1
    return x + f(2)


@workflow
def rebound_while_evaluating(x: int = 1):
    return x + (x := f(5)) + x


@workflow
def list_while_rebinding(xs: list[int]):
    return [xs, (xs := f([9])), xs]


@workflow
def f_string_format_error(x: str = "text"):
    return f"{x:d} {f(1)}"


@workflow
def unpacked_not_iterable(x: int = 1):
    return max(*x, f(1))


@workflow
def method_of_missing_key(d: dict[str, list[int]]):
    d["missing"].append(f(1))


@workflow
def method_of_none(d: dict[str, list[int]]):
    d.get("missing").append(f(1))


@workflow
def popped_while_evaluating(xs: list[int]):
    return [xs[0], xs.pop(), f(1), len(xs)]


@workflow
def popped_as_argument(xs: list[int]):
    a = add(xs.pop(), xs.pop())
    return a, xs


@workflow
def lazy_arguments(xs: list[int], d: dict[str, int]):
    a = list(zip(xs, f(["a", "b"])))
    b = [*zip(d.items(), f(["x"]))]
    c = dict(zip(map(str, xs), enumerate(f("pq"))))
    return a, b, c


@workflow
def mutating_tests(xs: list[int]):
    if xs.pop() > 2:
        f("large")
    while xs.pop():
        f(len(xs))
    return xs, xs.pop()


@workflow
def lazy_generators(xs: list[int], d: dict[str, int]):
    a = max((x * 2 for x in xs), default=f(1))
    b = dict(zip(d.keys(), f([1, 2])))
    c = list(map(own, f([1])))
    e = sorted(enumerate(reversed(xs)), key=lambda pair: f0(pair[1]), reverse=bool(f(1)))
    return a, b, c, e, [*d.values(), f(2)], [*xs, f(3)], {*xs, f(4)}


@workflow
def lazy_over_missing(d: dict[str, list[int]]):
    return list(zip(d["missing"], f([1])))


@workflow
def receivers_once(d: dict[str, list[list[int]]]):
    d["k"].pop().append(f(1))
    d.get("k")[0].append(f(2))
    own_list(d["k"]).index(f([3]))
    return d


@workflow
def receiver_rebound(xs: list[list[int]]):
    xs[0].append((x := f([1]))[0])
    sorted(xs)[0].count(f(2))
    return xs, x


@workflow
def index_rebound(xs: list[list[int]], i: int = 0):
    xs[i].append((i := f(1)))
    return xs, i


@workflow
def index_rebound_deep(d: dict[str, list[list[int]]], basket: Basket, i: int = 0):
    d["k"][i].append((i := f(1)))
    basket.items[i - 1].tags.append(str(i := f(2)))
    d["k"][own(0)].append(f(3))
    return d, basket, i


@workflow
def receiver_depends_on_rebound(xs: list[list[int]], ys: list[int]):
    n = sorted(xs)[ys[0]].count((ys := f([1]))[0])
    m = xs[ys[0]].index((ys := f([2]))[0])
    return n, m, ys


@workflow
def fields_stay(item: Item, basket: Basket):
    item.tags.append(f("t"))
    item.amount += f(2) * item.amount
    basket.items.append(f(item))
    return item, basket.items[0].amount + f(1), [basket.note, f("n")], {"a": item.name, "b": f(2)}


@workflow
def comparisons_of_plain(a: int = 1, b: str = "x", c: float = 1.5):
    return (
        [a < 2, f(1)],
        [b == "x", not b, f(2)],
        [a + c, -c, f(3)],
        [a is None, f(4)],
        [b < "y", f(5)],
        [a < b if f(0) else a, 1],
    )


@workflow
def comparison_that_raises(a: int = 1, b: str = "x"):
    return [a < b, f(1)]


@workflow
def chain_with_plain_middle(xs: list[int]):
    return 0 < xs[0] < f(3) < f(9), xs[1] < xs.pop() <= f(9), 1 < f(2) <= xs[-1] < f(0)


@workflow
def small_negatives(a: int = 2):
    return [not a, -a, +a, ~a, f(1)], [a // 2, f(2)], [(lambda x=a: x + 1)(), f(3)]


INPUTS = {
    "index_rebound_deep": [
        {"d": {"k": [[], []]}, "basket": Basket("o", [Item(name="i")])},
        {"d": {"k": []}, "basket": Basket("o")},
        {"d": {}, "basket": Basket("o")},
    ],
    "receiver_depends_on_rebound": [
        {"xs": [[1], [2]], "ys": [0]},
        {"xs": [], "ys": [0]},
        {"xs": [[]], "ys": []},
    ],
    "attribute_before_step": [{"item": Item(name="n", amount=2)}],
    "error_before_step": [{"d": {}}, {"d": {"missing": 1}}],
    "error_before_step_in_call": [{"d": {}}, {"d": {"missing": 1}}],
    "unbound_before_step": [{}, {"flag": True}],
    "list_while_rebinding": [{"xs": [1]}],
    "method_of_missing_key": [{"d": {}}, {"d": {"missing": []}}],
    "method_of_none": [{"d": {}}, {"d": {"missing": []}}],
    "popped_while_evaluating": [{"xs": [1, 2, 3]}, {"xs": [1]}, {"xs": []}],
    "popped_as_argument": [{"xs": [1, 2, 3]}, {"xs": [1]}],
    "lazy_arguments": [{"xs": [1, 2], "d": {"k": 1}}],
    "mutating_tests": [{"xs": [4, 0, 5, 3]}, {"xs": []}, {"xs": [0, 1]}],
    "lazy_generators": [{"xs": [2, 1], "d": {"a": 1, "b": 2}}, {"xs": [], "d": {}}],
    "lazy_over_missing": [{"d": {}}, {"d": {"missing": [2]}}],
    "receivers_once": [{"d": {"k": [[1], [2]]}}, {"d": {"k": []}}, {"d": {}}],
    "receiver_rebound": [{"xs": [[0], [], [1, 2]]}],
    "index_rebound": [{"xs": [[1], [2]]}, {"xs": []}],
    "fields_stay": [{"item": Item(name="i", amount=2), "basket": Basket("o")}],
    "chain_with_plain_middle": [{"xs": [1, 4, 2]}, {"xs": [5, 1, 2]}, {"xs": []}, {"xs": [1, 9]}],
}
