"""Branches, loops, `try`, `match`, and what is bound behind them."""

# What people write, and worse: that is the point.
# ruff: noqa: ARG001, B007, B012, B018, B905, D103, F403, F405, F821, FBT002, PERF401, PERF402, PIE790, PLW0120, PLW2901, RET505, TRY301
from __future__ import annotations

from programs_shop import *


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
def statements_of_no_effect(x: int = 1):
    """A docstring."""
    "text"
    x
    ...
    x + 1
    (x, f(1))
    [x, 1]


INPUTS = {
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
    "loops_in_loops": [{"xs": [1, 2]}, {"xs": [0]}],
}
