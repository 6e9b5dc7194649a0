"""Workflows of every form, each a few lines: what is lowered in `programs.txt`, and run twice by the tests.

Steps write into `TRACE`, so that the order of effects shows. `INPUTS` has the arguments of workflows with parameters.
"""

# What people write, and worse: that is the point.
# ruff: noqa: ARG001, B007, B012, B905, C400, C416, D101, D103, E501, FBT002, FURB110, G004, LOG015, PERF401, PERF402, PIE804, PLR0133, PLR1711, PLW0120, PLW0128, RET501, RET503, RET504, RET505, SIM105, T201, TRY301
from __future__ import annotations

import asyncio
import datetime as dt
import logging
import math

import lowering_models
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from math import sqrt

from pydantic import BaseModel

from vivido import deadline, map_each, parallel, publish, pure, saga, sleep, step, workflow

TRACE: list[object] = []
LIMIT = 3
TABLE = {"a": [1, 2], "b": []}
log = logging.getLogger("programs")
adapter = logging.LoggerAdapter(log, {})


class Kind(Enum):
    SMALL = "small"
    LARGE = "large"


class Item(BaseModel):
    name: str
    amount: int = 1
    kind: Kind = Kind.SMALL
    tags: list[str] = []


@dataclass
class Basket:
    owner: str
    items: list[Item] = field(default_factory=list)
    note: str = ""


class Refused(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class Space:
    limit = 2


ERRORS = (KeyError, Refused)


@step
def f(x: object = 0) -> object:
    """Give back what it gets."""
    TRACE.append(("f", repr(x)))
    return x


@step
def add(a: int, b: int = 10, *, c: int = 0) -> int:
    TRACE.append(("add", a, b, c))
    return a + b + c


@step
def many(*numbers: int, **named: int) -> int:
    TRACE.append(("many", numbers, sorted(named.items())))
    return sum(numbers) + sum(named.values())


@step
def fail(code: int = 1) -> int:
    TRACE.append(("fail", code))
    raise Refused(code)


@step
def pair(a: object, b: object) -> tuple[object, object]:
    TRACE.append(("pair", repr(a), repr(b)))
    return a, b


def own(x: int) -> int:
    return x * 2


@pure
def fixed(x: int) -> int:
    return x * 3


# ---------------------------------------------------------------- expressions
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
def walrus_in_test(xs: list[int]):
    if (n := len(xs)) > 2 and (m := f(n)):
        return n, m
    return n


@workflow
def walrus_in_while():
    seen = []
    n = 0
    while (n := add(n, 1)) < 4:
        seen.append(n)
    return seen, n


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


@workflow
def f_strings(x: int = 7):
    return f"{f(1)}:{x:>{f(4)}}|{f('a')!r}{x}{{}} {f(2.5):.2f}"


@workflow
def f_string_format_error(x: str = "text"):
    return f"{x:d} {f(1)}"


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
def unpacked_not_iterable(x: int = 1):
    return max(*x, f(1))


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
def lazy_arguments(xs: list[int], d: dict[str, int]):
    a = list(zip(xs, f(["a", "b"])))
    b = [*zip(d.items(), f(["x"]))]
    c = dict(zip(map(str, xs), enumerate(f("pq"))))
    return a, b, c


@workflow
def constants_and_enums(kind: Kind = Kind.LARGE):
    t = TABLE["a"]
    return (
        f(LIMIT) + len(t),
        f(kind is Kind.LARGE),
        Kind.SMALL.value + f("!"),
        Kind("large") == f(Kind.LARGE),
    )


# ---------------------------------------------------------------- comprehensions
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


# ---------------------------------------------------------------- assignments
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


# ---------------------------------------------------------------- control
@workflow
def branches(n: int = 2):
    if f(n) == 1:
        return "one"
    elif f(n) == 2 and f("x"):
        r = "two"
    elif n:
        r = "many"
    else:
        r = "none"
    return r


@workflow
def while_with_else(n: int = 0):
    while f(n) < 3:
        n += 1
        if n == 2:
            continue
        f("body")
    else:
        f("else")
    return n


@workflow
def while_break(n: int = 0):
    while True:
        n = add(n, 1)
        if n > 3:
            break
    else:
        f("never")
    return n


@workflow
def for_with_else(xs: list[int]):
    total = 0
    for i, x in enumerate(f(xs)):
        if x == 2:
            continue
        total += add(i, x)
    else:
        f("else")
    for x in xs:
        if f(x) == 2:
            break
    else:
        f("never")
    return total, x


@workflow
def for_into_item(xs: list[int], d: dict[str, int]):
    for d["k"] in xs:
        f(d["k"])
    for d[f("x")] in xs:
        f(d["x"])
    return d


@workflow
def loops_over_things(d: dict[str, int], text: str = "ab"):
    out = []
    for k, v in d.items():
        out.append((f(k), v))
    for c in text:
        out.append(f(c))
    for a, b in zip(text, range(5)):
        out.append(f(b))
    for n in reversed([1, 2]):
        out.append(n)
    return out


@workflow
def tries(n: int = 0):
    out = []
    try:
        out.append(f(n))
        if n == 1:
            fail(3)
        if n == 2:
            {}["k"]
        if n == 3:
            raise ValueError("three")
    except Refused as e:
        out.append(e.code)
    except (KeyError, TypeError) as e:
        out.append(str(e))
    except Exception as e:
        out.append(type(e).__name__)
        raise RuntimeError("wrapped") from e
    else:
        out.append(f("else"))
    finally:
        out.append(f("finally"))
    return out


@workflow
def named_errors(n: int = 1):
    try:
        fail(n)
    except ERRORS as e:
        return str(e)


@workflow
def return_in_finally(n: int = 0):
    for i in range(3):
        try:
            if n == 0:
                return f("try")
            if n == 1:
                fail()
            if n == 2:
                break
            continue
        finally:
            f("cleanup")
            if n == 4:
                return "finally"
    return "end", i


@workflow
def bare_raise():
    try:
        fail(2)
    except Refused:
        f("log")
        raise


@workflow
def error_name_goes(flag: bool = True):
    e = "outer"
    try:
        fail()
    except Refused as e:
        f(e.code)
    return e


@workflow
def raises(n: int = 0):
    if n == 0:
        raise Refused(f(5))
    if n == 1:
        raise ValueError
    if n == 2:
        raise ValueError(f"bad {f(1)}") from Refused(f(2))
    if n == 3:
        raise KeyError("k") from None
    raise n


@workflow
def asserts(n: int = 1):
    assert n, f"zero: {f(n)}"
    assert f(n) < 3
    assert n < 2, "two"
    return n


@workflow
def matching(x: object = 0):
    match f(x):
        case 0 | -1:
            r = "zero"
        case Kind.LARGE:
            r = "large"
        case None | True:
            r = "none"
        case Item(name=name, amount=1 | 2 as n):
            r = (name, n)
        case [a, *rest] if a:
            r = (a, rest)
        case {"k": v, **other}:
            r = (v, other)
        case str(s):
            r = f(s)
        case _:
            r = "other"
    return r


@workflow
def match_without_default(x: int = 0):
    r = "before"
    match x:
        case 1:
            r = f("one")
    return r


@workflow
def match_guard_with_step(x: int = 0):
    match x:
        case 0:
            r = "zero"
        case n if f(n) > 2 and own(n) < 9:
            r = ("guard", n)
        case 1:
            r = "one"
        case m if f(m + 1) > 2:
            r = ("second", m)
        case _:
            r = "other"
    return r


@workflow
def scopes():
    with saga(), deadline("1h"):
        x = f(1)
    with deadline(hours=f(2)):
        sleep(seconds=f(3))
    publish(stage="done", percent=f(100))
    return x


# ---------------------------------------------------------------- functions
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
def mutating_tests(xs: list[int]):
    if xs.pop() > 2:
        f("large")
    while xs.pop():
        f(len(xs))
    return xs, xs.pop()


@workflow
def dict_comprehension_order(xs: list[int]):
    try:
        return {1 // (x - 2): x["no"] for x in xs if f(x)}
    except (ZeroDivisionError, TypeError) as e:
        return type(e).__name__


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


# ---------------------------------------------------------------- side by side
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


@step
async def af(x: int) -> int:
    TRACE.append(("af", x))
    return x


# ---------------------------------------------------------------- log lines
@workflow
def logs(x: int = 3):
    print("plain")
    print("x is", x, f(4), sep="=")
    print(f"{x} of {f(5)}", *[1, 2])
    print()
    print(x)
    log.info("order %s: %d", f("id"), x)
    logging.warning("no args %s")
    log.debug(f"{f(1)}")
    return None


# ---------------------------------------------------------------- the rarer forms
@workflow
def merged_mappings(a: dict[str, int], b: dict[str, int]):
    return add(**a, **b), add(1, **a, c=f(2), **b), many(*[1], **{"x": f(1)}, **a, y=2)


@workflow
def slices_as_targets(xs: list[int], item: Item):
    xs[f(0) : f(2)] = [f(7)]
    xs[f(1) :: f(1)] += [f(5)]
    item.tags[: len(f("a"))], item.amount = f(["x"]), f(3)
    del xs[f(0) :], item.tags[f(0)]
    (xs[f(0) : f(0)], *item.tags) = [f([1]), "a", f("b")]
    del (item.amount, [xs[0]])
    return xs, item.tags


@workflow
def slice_of_call(xs: list[int]):
    return [xs[own(0) : len(xs)], f(1)], xs[own(1) - 1 : :], (xs[f(1) :], f(2))


@workflow
def formatted_before_step(flag: bool = False, d: dict[str, int] = {}):  # noqa: B006
    if flag:
        n = 3
    return f"{n} {n!r:>5} {d['k']} {d['k']:03} {f(1)} {own(2):{f(4)}}"


@workflow
def formatted_before_change(xs: list[int]):
    def grow():
        xs.append(f(1))
        return len(xs)

    return f"{xs}{grow()}{xs!r}"


@workflow
def lazy_generators(xs: list[int], d: dict[str, int]):
    a = max((x * 2 for x in xs), default=f(1))
    b = dict(zip(d.keys(), f([1, 2])))
    c = list(map(own, f([1])))
    e = sorted(enumerate(reversed(xs)), key=lambda pair: f0(pair[1]), reverse=bool(f(1)))
    return a, b, c, e, [*d.values(), f(2)], [*xs, f(3)], {*xs, f(4)}


@pure
def f0(x: object) -> object:
    return x


@workflow
def lazy_over_missing(d: dict[str, list[int]]):
    return list(zip(d["missing"], f([1])))


@workflow
def receivers_once(d: dict[str, list[list[int]]]):
    d["k"].pop().append(f(1))
    d.get("k")[0].append(f(2))
    own_list(d["k"]).index(f([3]))
    return d


@pure
def own_list(x: list[object]) -> list[object]:
    return [*x, [3]]


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
def fields_stay(item: Item, basket: Basket):
    item.tags.append(f("t"))
    item.amount += f(2) * item.amount
    basket.items.append(f(item))
    return item, basket.items[0].amount + f(1), [basket.note, f("n")], {"a": item.name, "b": f(2)}


@workflow
def dict_with_steps(item: Item, k: str = "k"):
    return (
        {k: 1, "b": f(2)},
        {"a": item.amount, "b": f(1)},
        {item.name: 1, "c": f(3)},
        {**{k: 2}, "d": f(4)},
    )


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
def keeps_last_case(x: int = 0):
    r = None
    match f(x):
        case 1 if f(0):
            r = "first"
        case 2 | 3 as n if f(n) > 2:
            r = ("second", n)
    match x:
        case _ if f(x):
            r = (r, "any")
    return r


@workflow
def match_mapping(x: dict[str, object]):
    match x:
        case {"kind": Kind.LARGE, "n": int(n), **rest}:
            return f(n), rest
        case {"kind": "a" | "b" as k}:
            return f(k)
        case {}:
            return "empty"


@workflow
def loops_left_early(xs: list[int]):
    for x in xs:
        for y in range(x):
            if f(y) == 1:
                break
        else:
            continue
        last = x
        break
    else:
        last = "none"
    while xs:
        n = xs.pop()
        try:
            if f(n) == 2:
                break
        finally:
            f("after")
    else:
        n = "all"
    return last, n


@workflow
def only_bound_in_try(n: int = 0):
    try:
        a = f(1)
        if n:
            fail(n)
    except Refused as e:
        a = e.code
        b = f("handled")
    else:
        b = f("fine")
    finally:
        c = f("c")
    return a + f(2), b, c


@workflow
def bound_on_all_ways(n: int = 0):
    if n == 0:
        x = 1
    elif n == 1:
        return "early"
    else:
        raise Refused(n)
    return x + f(1)


@workflow
def deleted_in_loop(xs: list[int]):
    n = 1
    try:
        for x in xs:
            f(n)
            del n
    except NameError:
        return "gone"
    return [n, f(2)]


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
def small_negatives(a: int = 2):
    return [not a, -a, +a, ~a, f(1)], [a // 2, f(2)], [(lambda x=a: x + 1)(), f(3)]


@workflow
def loops_in_loops(xs: list[int]):
    for x in xs:

        def note(k):
            return f(k)

        while x > 0:
            x -= 1
            if x == 5:
                continue
        else:
            if x == 0:
                break
        note(x)
    for x in xs:
        with saga():
            if f(x) > 1:
                break
    # The last one
    # of all.
    y = f(x)
    # Nothing follows.
    pass
    return y


@workflow
def none_of_these(x: int = 1):
    try:
        fail(x)
    except:  # noqa: E722
        f("bare")
    match [x]:
        case [int(n) | (n)] if f(n):
            return n
        case (1 | _) as m if f(m):
            return m


@workflow
def map_of_workflows(xs: list[int]):
    return (
        map_each(choice_keeps_old, xs),
        [*map(str, xs), f(1)],
        {x for x in f(xs)} | {y % 2 for y in xs},
    )


@workflow
def hidden_names(xs: list[int]):
    f0 = [f(x) for x in xs]
    return (
        f0,
        [[f for f in range(x)] for x in xs],
        (lambda f: f + 1)(len(f0)),
        {fixed: 1 for fixed in xs},
    )


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


@workflow
def statements_of_no_effect(x: int = 1):
    """A docstring."""
    "text"
    x
    ...
    x + 1
    (x, f(1))
    [x, 1]


@workflow
def logs_of_all_kinds(x: int = 3):
    adapter.info("adapted %s", f(x))
    logging.getLogger().error("root")
    logging.getLogger("named").critical("%d%%", x)
    log.exception("failed", exc_info=False)
    print(x, x, sep="%", flush=True)
    r = print("none")
    return r


INPUTS: dict[str, list[dict[str, object]]] = {
    "attribute_before_step": [{"item": Item(name="n", amount=2)}],
    "error_before_step": [{"d": {}}, {"d": {"missing": 1}}],
    "error_before_step_in_call": [{"d": {}}, {"d": {"missing": 1}}],
    "unbound_before_step": [{}, {"flag": True}],
    "list_while_rebinding": [{"xs": [1]}],
    "walrus_in_test": [{"xs": [1]}, {"xs": [1, 2, 3]}],
    "short_circuit": [{}, {"a": 1, "b": 0}],
    "short_circuit_of_plain": [{}, {"a": 1}, {"a": 0, "b": 0}],
    "short_circuit_as_statement": [{}, {"a": 0}],
    "choices": [{}, {"a": 0}],
    "choice_keeps_old": [{}, {"flag": True}],
    "choice_as_statement": [{}, {"a": 0}],
    "unpacked_arguments": [{"xs": [1], "named": {"z": 4}}, {"xs": [1, 2, 3], "named": {}}],
    "subscripts": [{"xs": [1, 2, 3, 4]}, {"xs": []}],
    "methods_with_steps": [{"xs": [1, 2]}, {"xs": []}],
    "method_of_missing_key": [{"d": {}}, {"d": {"missing": []}}],
    "method_of_none": [{"d": {}}, {"d": {"missing": []}}],
    "popped_while_evaluating": [{"xs": [1, 2, 3]}, {"xs": [1]}, {"xs": []}],
    "popped_as_argument": [{"xs": [1, 2, 3]}, {"xs": [1]}],
    "lambdas_and_keys": [{"items": [Item(name="a"), Item(name="b", amount=3)]}],
    "lazy_arguments": [{"xs": [1, 2], "d": {"k": 1}}],
    "list_comprehension": [{"xs": [1, 2, 3]}, {"xs": []}],
    "comprehension_in_expression": [{"xs": [1, 2, 3]}],
    "comprehension_as_statement": [{"xs": [1, 2, 3]}],
    "comprehension_of_old_value": [{"rows": [1, 2]}],
    "comprehension_in_try": [{"xs": [1, 0, 2]}, {"xs": [1, 2]}],
    "comprehension_with_walrus": [{"xs": [1, 2]}, {"xs": []}],
    "comprehension_unpacks": [{"d": {"a": 1, "b": 2}}],
    "nested_comprehensions": [{"xs": [1, 2]}],
    "quantifiers": [{"xs": [1, 2, 3]}, {"xs": []}, {"xs": [0, 1]}],
    "sum_with_start": [{"xs": [1, 2]}, {"xs": []}],
    "generators": [{"xs": [1, 3, 2]}, {"xs": []}],
    "targets": [{"item": Item(name="n", tags=["t"]), "d": {}}],
    "target_with_effects": [{"d": {}}],
    "augmented": [{"d": {"a": 1}, "item": Item(name="n")}],
    "augmented_missing": [{"d": {}}, {"d": {"missing": 1}}],
    "augmented_unbound": [{}, {"flag": True}],
    "deleted": [{"d": {"a": 1}, "xs": [1, 2]}, {"d": {}, "xs": []}],
    "branches": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 0}],
    "for_with_else": [{"xs": [1, 2, 3]}, {"xs": [1]}],
    "for_into_item": [{"xs": [1, 2], "d": {}}],
    "loops_over_things": [{"d": {"a": 1}}],
    "tries": [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}],
    "return_in_finally": [{"n": n} for n in range(5)],
    "raises": [{"n": n} for n in range(5)],
    "asserts": [{"n": n} for n in range(4)],
    "matching": [
        {"x": x}
        for x in (
            0,
            -1,
            Kind.LARGE,
            Kind.SMALL,
            None,
            True,
            Item(name="i"),
            Item(name="i", amount=5),
            [1, 2],
            [0],
            {"k": 1, "l": 2},
            "s",
            2.5,
        )
    ],
    "match_without_default": [{}, {"x": 1}],
    "match_guard_with_step": [{"x": x} for x in range(7)],
    "mutating_tests": [{"xs": [4, 0, 5, 3]}, {"xs": []}, {"xs": [0, 1]}],
    "dict_comprehension_order": [{"xs": [1, 2]}, {"xs": [2, 1]}],
    "merged_mappings": [{"a": {"a": 1}, "b": {"b": 2}}],
    "slices_as_targets": [{"xs": [1, 2, 3], "item": Item(name="n", tags=["a", "b"])}],
    "slice_of_call": [{"xs": [1, 2, 3]}],
    "formatted_before_step": [{}, {"flag": True}, {"flag": True, "d": {"k": 5}}],
    "formatted_before_change": [{"xs": [0]}],
    "lazy_generators": [{"xs": [2, 1], "d": {"a": 1, "b": 2}}, {"xs": [], "d": {}}],
    "lazy_over_missing": [{"d": {}}, {"d": {"missing": [2]}}],
    "receivers_once": [{"d": {"k": [[1], [2]]}}, {"d": {"k": []}}, {"d": {}}],
    "receiver_rebound": [{"xs": [[0], [], [1, 2]]}],
    "index_rebound": [{"xs": [[1], [2]]}, {"xs": []}],
    "fields_stay": [{"item": Item(name="i", amount=2), "basket": Basket("o")}],
    "dict_with_steps": [{"item": Item(name="i")}],
    "chain_with_plain_middle": [{"xs": [1, 4, 2]}, {"xs": [5, 1, 2]}, {"xs": []}, {"xs": [1, 9]}],
    "keeps_last_case": [{"x": x} for x in range(4)],
    "match_mapping": [
        {"x": {"kind": Kind.LARGE, "n": 1, "z": 2}},
        {"x": {"kind": "b"}},
        {"x": {"q": 1}},
    ],
    "loops_left_early": [{"xs": [1, 2, 3]}, {"xs": [1, 1]}, {"xs": []}, {"xs": [2]}],
    "only_bound_in_try": [{}, {"n": 2}],
    "bound_on_all_ways": [{}, {"n": 1}, {"n": 2}],
    "deleted_in_loop": [{"xs": []}, {"xs": [1]}, {"xs": [1, 2]}],
    "branches_of_values": [{"xs": [1, 2]}],
    "awaited_forms": [{"xs": [1, 2]}],
    "hidden_names": [{"xs": [1, 2]}],
    "changes_through_functions": [
        {"basket": Basket("o", [Item(name="i")]), "d": {"k": [], "gone": []}},
        {"basket": Basket("o"), "d": {"k": []}},
    ],
    "names_of_other_modules": [{"item": Item(name="i")}],
    "loops_in_loops": [{"xs": [1, 2]}, {"xs": [0]}],
    "map_of_workflows": [{"xs": [1, 2]}],
    "recursive": [{}],
    "side_by_side": [{"xs": [1, 2, 3]}],
    "mapped": [{"xs": [1, 2]}],
    "asynchronous": [{"xs": [1, 2]}],
}
