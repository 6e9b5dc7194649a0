"""The rarer ways to share a value, and the rarer ways that share none."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from vivido.compiler.diagnostics import Diagnostic, render

# Bodies of workflows; `!` before a line: it changes a shared value.
BODIES = {
    "a defaultdict": """
        r, groups = row(), defaultdict(list)
        groups["a"].append(r)
        groups["b"].append(1)
        !groups["a"][0]["n"] = 2
        return groups, r
    """,
    "deques and counters": """
        r = row()
        waiting = deque([r])
        waiting.appendleft(row())
        waiting.rotate(1)
        !waiting[0]["n"] = 1
        counted = Counter(["a"])
        counted.update(["b"])
        return waiting, r, counted
    """,
    "shuffled": """
        x = [1, 2]
        random.shuffle(x)
        y = x
        !random.shuffle(y)
        return x
    """,
    "copies that are deep": """
        x = rows()
        y = copy.deepcopy(x)
        y[0]["n"] = 5
        z = json.loads(json.dumps(x))
        z[0]["n"] = 6
        return x, y, z
    """,
    "taken out": """
        d = {"a": [1], "b": [2]}
        x = d.pop("a")
        x.append(2)
        key, y = d.popitem()
        y.append(3)
        d["c"] = y
        !y.append(4)
        return d, x, key
    """,
    "set by key": """
        d = {"a": [1]}
        x = d["a"]
        d["a"] = [2]
        x.append(3)
        d["a"].append(4)
        return d, x
    """,
    "merged": """
        one, other = {"a": [1]}, {"b": [2]}
        both = one | other
        !both["a"].append(3)
        both["c"] = 1
        return one, both
    """,
    "spread": """
        r = row()
        a, b = [*rows(), r], {**{"x": r}}
        a.append(1)
        b["y"] = 1
        !a[-2]["n"] = 1
        return a, b
    """,
    "gathered": """
        parts = [[1], [2]]
        flat = sum(parts, [])
        flat.append(3)
        paired = dict(a=parts)
        !paired["a"].append([4])
        return flat, parts, paired
    """,
    "zipped and numbered": """
        xs, ys = rows(), rows()
        pairs = list(zip(xs, ys))
        !pairs[0][1]["n"] = 1
        numbered = [pair for pair in enumerate(rows())]
        numbered[0][1]["n"] = 2
        return pairs, ys, numbered
    """,
    "mapped and filtered": """
        xs = rows()
        kept = list(filter(lambda r: r["n"], xs))
        !kept[0]["n"] = 1
        made = list(map(lambda r: dict(r), xs))
        made[0]["n"] = 2
        same_rows = list(map(same, xs))
        !same_rows[0]["n"] = 3
        return xs, kept, made
    """,
    "the best of several": """
        xs = rows()
        best = max(xs, key=lambda r: r["n"])
        !best["n"] = 0
        other = min(xs, key=same, default={})
        !other["n"] = 1
        first_one = next(iter(rows()))
        first_one["n"] = 2
        return xs, first_one
    """,
    "sliced": """
        xs = rows()
        some = xs[:1]
        !some[0]["n"] = 1
        some.append({})
        xs[0:1] = [{}]
        some[0:1] += rows()
        return xs, (xs, some)[0:1]
    """,
    "deleted": """
        x = {"a": [1], "b": 2}
        y = x
        z = x
        !del x["b"]
        del y, z[0]
        del z
        a = load("x")
        del a.note
        return a
    """,
    "augmented": """
        order.note += "x"
        order.items += [Item(sku="a")]
        tags = order.tags
        !order.tags |= {"a": "b"}
        total = order.total
        total += 5
        text = anything()
        other = text
        text += 1
        third = other
        !other += "x"
        text = third
        return order, tags, total, text
    """,
    "augmented by what it holds": """
        xs = [[1]]
        ys = [[2]]
        xs += ys
        !xs[1].append(3)
        pair = (1, [2])
        pair += ([3],)
        return xs, ys, pair
    """,
    "unpacked with a star": """
        head, *tail = rows()
        tail[0]["n"] = 1
        head["n"] = 2
        (a, b), c = ([1], [2]), head
        a.append(1)
        !c["n"] = 3
        return head, tail, b
    """,
    "a tuple's places": """
        pair = ([1], [2])
        x, y = pair
        x.append(1)
        return y
    """,
    "two targets": """
        a = b = []
        !a.append(1)
        return b
    """,
    "assigned in a test": """
        if (x := rows()) and (y := x[0]):
            !y["n"] = 1
        return x
    """,
    "methods of the author": """
        account = Account(entries=[[1]])
        last = account.last
        !last.append(2)
        everything = account.all()
        !everything.append(3)
        if account.size > account.count():
            !account.enter(4)
        return account
    """,
    "functions of the author": """
        x = [[1]]
        y = nested_items(x, depth=1)
        !y.append(2)
        z = nested_items(*[x])
        !z.append(3)
        parts = list(parts_of(x))
        !parts[0].append(4)
        n = remember(x)
        return x, y, n
    """,
    "functions that are cached": """
        t = table()
        !t["a"].append(1)
        mine = dict(table())
        mine["b"] = 2
        return mine
    """,
    "values of classes": """
        limits = Config.LIMITS
        !limits.append(3)
        return Color.RED.value, limits
    """,
    "what never comes back": """
        x = [1]
        y = x
        if order.note:
            return never(x)
        elif order.total:
            raise never(x)
        elif order.tags:
            match never(x):
                case _:
                    x.append(1)
        elif order.items:
            for z in never(x):
                x.append(z)
        elif order.id:
            while never(x):
                x.append(1)
        z = never(x) if order.customer else [1]
        z.append(2)
        order.note and never(x)
        found = [never(each) for each in order.items]
        !x.append(3)
        return y, found
    """,
    "an error in a nested function": """
        x = [1]
        y = x
        def fail():
            raise Declined("x")
        try:
            fail()
            x.append(1)
        except Declined:
            !x.append(2)
        return y
    """,
    "finally": """
        x, y = [1], []
        def add():
            for n in range(3):
                try:
                    if n == 1:
                        continue
                    if n == 2:
                        break
                    y.append(x)
                finally:
                    !x.append(n)
            try:
                return x
            finally:
                !x.append(3)
        return add(), y
    """,
    "guards": """
        x = rows()
        y = []
        match x:
            case [r, *_] if r["n"] > 3:
                !r["n"] = 1
            case [{"n": n, **rest}]:
                rest["n"] = n
            case r:
                !r.append(1)
        return x, y
    """,
    "loops in loops": """
        table = [[1], [2]]
        for line in [list(each) for each in table]:
            for number in list(line):
                line.append(number)
        while table:
            line = table.pop()
            line.append(1)
            if count() > 3:
                break
        else:
            table.append([3])
        return table
    """,
    "over keys and places": """
        d = {"a": [1]}
        for key in d.keys():
            d[key] = []
        for key in d:
            key = key + "x"
            !d[key] = []
        x = [1]
        for n in x:
            !x[n] = 2
        for n, each in enumerate(x):
            x[n] = each
        return d
    """,
    "values of a dict": """
        d = {"a": {"n": 1}}
        for value in d.values():
            !value["n"] = 2
        views = [each for each in d.values()]
        !views[0]["n"] = 3
        pairs = [each for _, each in d.items()]
        !pairs[0]["n"] = 4
        return d
    """,
    "in a branch": """
        found = []
        results = parallel(*[anything(found) for _ in order.items])
        found.append(results)
        def build(item):
            made = {"sku": item.sku}
            made["price"] = 1
            return made
        made = map_each(build, order.items)
        made[0]["price"] = 2
        who, value = first(a=anything(found), b=sleep(hours=1))
        value.append(who)
        twice = map_each(same, [found])
        twice[0].append(1)
        return found, made, value
    """,
    "rows that are waited for": """
        x = [1]
        y = [x, count()]
        !x.append(2)
        z = {"a": x, "b": count()}
        !z["a"].append(3)
        x = [1]
        x += [count()]
        x[count()] = 5
        x[count()].extend([1, count()])
        return y, z, x
    """,
    "deep paths": """
        a = anything()
        b = a.b.c.d.e.f.g
        !b.append(1)
        !b.h.append(2)
        return a
    """,
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_changes(diagnose: Callable[[str], list[Diagnostic]], body: str) -> None:
    """Exactly the marked lines change a shared value."""
    lines = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ").splitlines()
    lines = ["@workflow", "def wf(order: Order):", *lines]
    marked = [line.lstrip().startswith("!") for line in lines]
    source = "\n".join(
        line.replace("!", "", 1) if mark else line for line, mark in zip(lines, marked, strict=True)
    )
    found = [each for each in diagnose(source) if each.code.startswith("V50")]
    shown = "\n".join(render(each, []) for each in found)
    assert [each.line - 2 for each in found] == [n for n, mark in enumerate(marked, 1) if mark], (
        shown
    )


def test_what_is_too_large_is_taken_for_one(diagnose: Callable[[str], list[Diagnostic]]) -> None:
    """A function with hundreds of objects is refused rather than analysed for ever."""
    names = [f"x{n}" for n in range(250)]
    made = "\n".join(f"    {name} = [[{n}], [{n}]]" for n, name in enumerate(names))
    end = f"    y = x0\n    x0.append(1)\n    return y, {', '.join(names)}\n"
    source = f"@workflow\ndef wf():\n{made}\n{end}"
    assert "V501" in {each.code for each in diagnose(source)}
