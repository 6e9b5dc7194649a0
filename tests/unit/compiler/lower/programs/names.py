"""Constants, enums, modules, and names that hide others."""

# What people write, and worse: that is the point.
# ruff: noqa: C416, C420, D103, F403, F405, PLC3002
from __future__ import annotations

from programs_shop import *


@workflow
def constants_and_enums(kind: Kind = Kind.LARGE):
    t = TABLE["a"]
    return (
        f(LIMIT) + len(t),
        f(kind is Kind.LARGE),
        Kind.SMALL.value + f("!"),
        Kind("large") == f(Kind.LARGE),
    )


@workflow
def conversions_of_constants():
    return (
        f(math.pi),
        math.floor(f(2.5)),
        timedelta(days=f(2)),
        sqrt(f(4.0)),
        dt.date(2020, 1, f(2)),
        Space.limit + f(1),
    )


@workflow
def names_of_other_modules(item: Item):
    parcel = lowering_models.Parcel(weight=lowering_models.LIMIT)
    total = sum([lowering_models.sum(2, 3), lowering_models.weigh(parcel)])
    return parcel, total, lowering_models.Item, item, [lowering_models.LIMIT, f(1)]


@workflow
def hidden_names(xs: list[int]):
    f0 = [f(x) for x in xs]
    return (
        f0,
        [[f for f in range(x)] for x in xs],
        (lambda f: f + 1)(len(f0)),
        {fixed: 1 for fixed in xs},
    )


INPUTS = {
    "names_of_other_modules": [{"item": Item(name="i")}],
    "hidden_names": [{"xs": [1, 2]}],
}
