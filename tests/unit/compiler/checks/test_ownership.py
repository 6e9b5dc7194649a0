"""Changes of a value that a second name would show are refused, with both lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vivido.compiler.diagnostics import Diagnostic

SHARED = {
    "a second name": """
        @workflow
        def wf():
            x = [1]
            y = x
            x.append(2)
        #   ^^^^^^^^^^^ V501
            return y
        """,
    "through the second name": """
        @workflow
        def wf():
            x = [1]
            y = x
            y.append(2)
        #   ^^^^^^^^^^^ V501
            return x
        """,
    "an attribute": """
        @workflow
        def wf(order: Order):
            items = order.items
            items.append(Item(sku="x"))
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^ V501
            return order
        """,
    "an item": """
        @workflow
        def wf(order: Order):
            first_item = order.items[0]
            order.items[0].count = 2
        #   ^^^^^^^^^^^^^^^^^^^^ V501
            return first_item
        """,
    "put into a list": """
        @workflow
        def wf():
            found = []
            r = row()
            found.append(r)
            r["n"] = 2
        #   ^^^^^^ V501
            return found
        """,
    "put into a list in one round, changed in the next": """
        @workflow
        def wf():
            found = []
            r = {}
            for n in range(3):
                r["n"] = n
        #       ^^^^^^ V501
                found.append(r)
            return found
        """,
    "put into a dict": """
        @workflow
        def wf():
            r = row()
            found = {"first": r}
            found["first"]["n"] = 2
        #   ^^^^^^^^^^^^^^^^^^^ V501
            return found, r
        """,
    "put into a tuple": """
        @workflow
        def wf():
            r = row()
            pair = (r, 1)
            r["n"] = 2
        #   ^^^^^^ V501
            return pair
        """,
    "the items of a loop": """
        @workflow
        def wf(order: Order):
            for item in order.items:
                item.count = 2
        #       ^^^^^^^^^^ V501
            return order
        """,
    "the values of a dict": """
        @workflow
        def wf():
            groups = {"a": [1]}
            for name, group in groups.items():
                group.append(2)
        #       ^^^^^^^^^^^^^^^ V501
            return groups
        """,
    "unpacked": """
        @workflow
        def wf():
            pairs = rows()
            one, two = pairs
            one["n"] = 2
        #   ^^^^^^^^ V501
            return pairs, two
        """,
    "setdefault": """
        @workflow
        def wf():
            r = row()
            found = {}
            found.setdefault("x", r)["n"] = 2
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ V501
            return r
        """,
    "a conditional expression": """
        @workflow
        def wf(n: int):
            a, b = [1], [2]
            c = a if n else b
            c.append(3)
        #   ^^^^^^^^^^^ V501
            return a, b
        """,
    "a constructor": """
        @workflow
        def wf():
            notes = ["x"]
            line = Line(sku="a", notes=notes)
            line.notes.append("y")
        #   ^^^^^^^^^^^^^^^^^^^^^^ V501
            return notes
        """,
    "a shallow copy": """
        @workflow
        def wf():
            all_rows = rows()
            some = list(all_rows)
            some[0]["n"] = 5
        #   ^^^^^^^^^^^^ V501
            return all_rows
        """,
    "a shallow copy of a model": """
        @workflow
        def wf(order: Order):
            other = order.model_copy()
            other.items.append(Item(sku="x"))
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ V501
            return order
        """,
    "a list times a number": """
        @workflow
        def wf():
            table = [[]] * 3
            table[0].append(1)
        #   ^^^^^^^^^^^^^^^^^^ V501
            return table
        """,
    "a function that gives back what it was given": """
        @workflow
        def wf():
            x = [1]
            y = same(x)
            y.append(2)
        #   ^^^^^^^^^^^ V501
            return x
        """,
    "a nested function's parameter": """
        @workflow
        def wf():
            def add(values):
                values.append(1)
        #       ^^^^^^^^^^^^^^^^ V501
            x = [1]
            add(x)
            return x
        """,
    "a default argument": """
        @workflow
        def wf():
            def add(n, values=[]):
                values.append(n)
        #       ^^^^^^^^^^^^^^^^ V501
                return values
            return add(1), add(2)
        """,
    "an error's arguments": """
        @workflow
        def wf():
            x = [1]
            try:
                raise ValueError(x)
            except ValueError as e:
                x.append(2)
        #       ^^^^^^^^^^^ V501
                return e.args
        """,
    "a value that waits for a step": """
        @workflow
        def wf():
            x = [1]
            return [x, count(), x.append(2)]
        #                       ^^^^^^^^^^^ V501
        """,
    "added in place": """
        @workflow
        def wf():
            x = [1]
            y = x
            x += [2]
        #   ^^^^^^^^ V501
            return y
        """,
    "a comprehension": """
        @workflow
        def wf():
            r = row()
            found = [r for n in [1, 2]]
            found[0]["n"] = 5
        #   ^^^^^^^^^^^^^ V501
            return found
        """,
    "a match": """
        @workflow
        def wf(order: Order):
            match order:
                case Order(items=items):
                    items.append(Item(sku="x"))
        #           ^^^^^^^^^^^^^^^^^^^^^^^^^^^ V501
            return order
        """,
    "itself": """
        @workflow
        def wf():
            x = [1]
            x.append(x)
        #   ^^^^^^^^^^^ V501
            return x
        """,
    "in a handler": """
        @workflow
        def wf():
            x = [1]
            y = x
            try:
                y.append(count())
        #       ^^^^^^^^^^^^^^^^^ V501
            except Declined:
                return x
        """,
}

OTHERS = {
    "what a loop goes over": """
        @workflow
        def wf():
            x = [1, 2]
            for n in x:
                x.append(n)
        #       ^^^^^^^^^^^ V502
            d = {"a": 1}
            for k in d:
                d[k + "x"] = 1
        #       ^^^^^^^^^^ V502
            for k in list(d):
                del d[k]
            return x, d
        """,
    "captured by branches": """
        @workflow
        def wf(order: Order):
            found = []
            def keep(n):
                found.append(n)
        #       ^^^^^^^^^^^^^^^ V503
                return n
            map_each(keep, [1, 2])
            a, b = parallel(check(order.items.pop().count), count())
        #                         ^^^^^^^^^^^^^^^^^ V503
            job = spawn(lambda n: order.tags.update(a=n), "x")
        #                         ^^^^^^^^^^^^^^^^^^^^^^ V503
            c, d = parallel(check(e := 1), count())
        #                         ^^^^^^ V503
            return found, a, b, job.result(), c, d
        """,
    "the module's": """
        @workflow
        def wf():
            NAMES.append("x")
        #   ^^^^^^^^^^^^^^^^^ V504
            names = NAMES
            names[0] = "y"
        #   ^^^^^^^^ V504
            RATES["de"] = Decimal(1)
        #   ^^^^^^^^^^^ V504
            mine = list(NAMES)
            mine.append("x")
            return mine
        """,
    "by the author's functions": """
        @workflow
        def wf():
            x = [1]
            n = spoil(x)
        #       ^^^^^^^^ V505
            m = spoil(list(x))
            y = [2]
            y = [spoil(y), *y]
        #        ^^^^^^^^ V505
            return x, n, m, y
        """,
    "identity": """
        @workflow
        def wf(order: Order, other: Order):
            if order is other:
        #      ^^^^^^^^^^^^^^ V506
                return 1
            if order.note is None or order is not None or order.note is True:
                return 2
            return other.id is order.id
        #          ^^^^^^^^^^^^^^^^^^^^ V506
        """,
}


@pytest.mark.parametrize("snippet", SHARED.values(), ids=SHARED.keys())
def test_shared_values(agrees: Callable[[str], None], snippet: str) -> None:
    """Each way to share a value, and then to change it."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", OTHERS.values(), ids=OTHERS.keys())
def test_other_owners(agrees: Callable[[str], None], snippet: str) -> None:
    """Loops, branches, the module and functions own values, too."""
    agrees(snippet)


def test_both_lines_are_shown(diagnose: Callable[[str], list[Diagnostic]]) -> None:
    """A finding names the other holder and the line since when there are two."""
    (found,) = diagnose(
        """
        @workflow
        def wf():
            x = [1]
            y = x
            x.append(2)
            return y
        """
    )
    assert found.message == "'x' is changed here, but 'y' holds the same value."
    assert found.related == ((6, "the value is shared since here"),)
    assert found.hint == "share the copy list(x), or change it before it is shared"
