"""`parallel`, `map_each` and what runs on asyncio."""

# What people write, and worse: that is the point.
# ruff: noqa: C416, D103, F403, F405
from __future__ import annotations

from programs_shop import *


@workflow
def side_by_side(xs: list[int]):
    a, b = parallel(f(1), add(2, b=f(3)))
    every = parallel(*[f(x) for x in xs if x > 1], 5, f(f(6)))
    many_of = parallel(*[add(x, y) for x in xs for y in range(x) if y])
    return a, b, every, many_of, parallel(), parallel(f(1) + f(2), f(3) if xs else 0)


@workflow
def mapped(xs: list[int]):
    def double(x):
        return f(x) * 2

    a = map_each(f, xs)
    b = map_each(double, xs, max_concurrency=2)
    c = map_each(lambda n: add(n, 1) + 1, [f(7), 8])
    d = map_each(own, (x for x in xs if x > 1))
    return a, b, c, d, map_each(f, f([]))


@workflow
def branch_names_clash(x: int = 1):
    rows = map_each(lambda x: f(x + 1), [5, 6])
    return x, rows, parallel(*[f(x) for x in (8, 9)])


@workflow
def branch_fails():
    try:
        parallel(f(1), fail(7), f(2))
    except Refused as e:
        return e.code


@workflow
def parallel_of_functions(n: int = 1):
    def work(k, bonus=0):
        x = f(k)
        return x + n + bonus

    return parallel(work(1), work(2, bonus=3)), parallel(*[work(i) for i in range(2)])


@workflow
async def asynchronous(xs: list[int]):
    async def helper(x):
        return f(x)

    a, b = await asyncio.gather(af(1), af(2))
    rows = await asyncio.gather(*[af(x) for x in xs])
    await asyncio.sleep(0.001)
    return a, b, rows, await helper(3) + await af(4), [await af(x) for x in xs]


@workflow
def branches_of_values(xs: list[int], n: int = 2):
    def g(k):
        return f(k) + n

    a = parallel(
        *[(x, y) for x in xs for y in xs if f(x) < y],
        n,
        g(n),
        *xs,
        *(g(x) for x in xs if own(x) > 1),
    )
    b = map_each(lambda pair: f(pair[0]) or pair[1], [(0, 1), (2, 3)])
    c = map_each(str, xs)
    return a, b, c, parallel(f(1)), parallel(f(1), sum([f(x) for x in xs]))


@workflow
async def awaited_forms(xs: list[int]):
    async def helper(x):
        return await af(x) + 1

    a = await asyncio.gather(helper(1), *[helper(x) for x in xs])
    await asyncio.gather(af(1), af(2))
    [await af(x) for x in xs if await af(x) > 1]
    b = {x: await helper(x) for x in xs}
    c = await af(1) if await af(0) else await af(2)
    if await af(0) or await af(5):
        d = await helper(await af(7))
    return a, b, c, d, await parallel(af(1), af(2))


@workflow
def one_more(x: int, by: int = 1):
    return f(x) + by


@workflow
def map_of_workflows(xs: list[int]):
    return (
        map_each(one_more, xs),
        [*map(str, xs), f(1)],
        {x for x in f(xs)} | {y % 2 for y in xs},
    )


INPUTS = {
    "one_more": [{"x": 1}],
    "side_by_side": [{"xs": [1, 2, 3]}],
    "mapped": [{"xs": [1, 2]}],
    "asynchronous": [{"xs": [1, 2]}],
    "branches_of_values": [{"xs": [1, 2]}],
    "awaited_forms": [{"xs": [1, 2]}],
    "map_of_workflows": [{"xs": [1, 2]}],
}
