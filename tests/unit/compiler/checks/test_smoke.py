from __future__ import annotations
import pytest
from vivido.compiler.diagnostics import render

BAD = [
    """
    x = [1]
    y = x
    x.append(2)
    return y
""",
    """
    r = row()
    out = []
    out.append(r)
    r["n"] = 2
    return out
""",
    """
    out = []
    r = row()
    for i in range(3):
        out.append(r)
        r["n"] = i
    return out
""",
    """
    for it in order.items:
        it.count = 2
    return order
""",
    """
    items = order.items
    items.append(Item(sku="x"))
    return order
""",
    """
    xs = [1, 2]
    for x in xs:
        xs.append(x)
""",
    """
    def add(x):
        out.append(x)
        return x
    out = []
    map_each(add, [1, 2])
    return out
""",
    """
    NAMES.append("x")
""",
    """
    xs = [1]
    spoil(xs)
    return xs
""",
    """
    xs = [1]
    ys = same(xs)
    ys.append(2)
    return xs
""",
    """
    rows = [[]] * 3
    rows[0].append(1)
    return rows
""",
    """
    def f(acc=[]):
        acc.append(1)
        return acc
    a = f()
    b = f()
    return a, b
""",
    """
    a = [1]
    b = (a, 2)
    a.append(1)
    return b
""",
    """
    d = {}
    r = row()
    d.setdefault("k", r)
    r["n"] = 2
    return d
""",
    """
    line = Line(sku="a", notes=[])
    n = line.notes
    n.append("x")
    return line
""",
    """
    xs = [1]
    line = Line(sku="a", notes=xs)
    xs.append("x")
    return line
""",
    """
    xs = [1]
    y = [xs, count(), xs.append(2)]
    return y
""",
    """
    a = rows()
    b = list(a)
    b[0]["n"] = 5
    return a
""",
    """
    xs = [[1], [2]]
    x = xs[0]
    x.append(1)
    return xs
""",
    """
    xs = [1]
    xs += [2]
    ys = xs
    ys += [3]
    return xs
""",
    """
    xs = [1]
    try:
        raise ValueError(xs)
    except ValueError as e:
        xs.append(2)
        return e.args
""",
]
GOOD = [
    """
    out = []
    for i in range(3):
        r = {}
        r["n"] = i
        out.append(r)
    return out
""",
    """
    for r in rows():
        r["n"] = 1
        anything(r)
""",
    """
    order.note = "x"
    order.items.append(Item(sku="a"))
    order.items[0].count = 3
    return order
""",
    """
    items = order.items
    total = sum(i.price for i in items)
    order.total = total
    return order
""",
    """
    xs = [1]
    y = xs
    y.append(1)
    return y
""",
    """
    history = []
    for turn in range(3):
        history.append({"role": "user", "n": turn})
        reply = anything(history)
        history.append(reply)
        if reply is None:
            break
    return history
""",
    """
    d = {}
    for it in order.items:
        d.setdefault(it.sku, []).append(it.count)
    return d
""",
    """
    d = {"a": 1, "b": 2}
    for k in d:
        d[k] = d[k] + 1
    return d
""",
    """
    queue = rows()
    done = []
    while queue:
        task = queue.pop(0)
        task["done"] = True
        done.append(task)
    return done
""",
    """
    xs = [1, 2, 3]
    for x in xs:
        if x == 2:
            xs.remove(x)
            break
    return xs
""",
    """
    def add(x):
        out.append(x)
    out = []
    add(1)
    add(2)
    return out
""",
    """
    good = []
    bad = []
    for r in rows():
        if r["n"]:
            good.append(r)
        else:
            bad.append(r)
    good[0]["n"] = 5
    return good, bad
""",
    """
    order = load("x")
    order = order.model_copy(update={"note": "x"})
    order.note = "y"
    return order
""",
    """
    a, b = [1], [2]
    a, b = b, a
    a.append(1)
    return a, b
""",
    """
    total = Decimal(0)
    start = total
    for it in order.items:
        total += it.price * it.count
    return total, start
""",
    """
    def f(x):
        x.append(1)
        return x
    xs = [1]
    xs = f(xs)
    return xs
""",
    """
    address = order.address
    order.billing.street = "x"
    return address
""",
    """
    xs = list(NAMES)
    xs.append("x")
    return xs
""",
    """
    xs = [1]
    n = spoil(list(xs))
    return xs, n
""",
    """
    groups = {}
    for r in rows():
        if r["n"] not in groups:
            groups[r["n"]] = []
        groups[r["n"]].append(r)
    return groups
""",
    """
    state = {"items": [], "n": 0}
    for i in range(3):
        state["n"] += 1
        state["items"].append(i)
    return state
""",
]


def build(body):
    return "@workflow\ndef wf(order: Order):\n" + body


@pytest.mark.parametrize("body", BAD)
def test_bad(diagnose, body) -> None:
    found = diagnose(build(body))
    print("\n".join(render(d, build(body).splitlines()) for d in found))
    codes = [d.code for d in found if d.code.startswith("V5")]
    print("CODES", codes)
    assert codes


@pytest.mark.parametrize("body", GOOD)
def test_good(diagnose, body) -> None:
    found = diagnose(build(body))
    print("\n".join(render(d, build(body).splitlines()) for d in found))
    assert not found
