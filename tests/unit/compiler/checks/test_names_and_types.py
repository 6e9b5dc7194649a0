"""Names that mean nothing, attributes that do not exist, arguments and values that do not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vivido.compiler.diagnostics import Diagnostic

NAMES = {
    "unknown": """
        @workflow
        def wf(order: Order):
            paid = chrge(order)
        #          ^^^^^ V301
            return payed
        #          ^^^^^ V301
        """,
    "unknown in nested places": """
        @workflow
        def wf(order: Order):
            def inner(n):
                return n + amount
        #                  ^^^^^^ V301
            total = [x + y for x in [1]]
        #                ^ V301
            f = sorted([1], key=lambda n: n + m)
        #                                     ^ V301
            return f"{inner(1)} {nothing}", total, f
        #                        ^^^^^^^ V301
        """,
    "unknown in a module": """
        @workflow
        def wf(order: Order):
            return math.sqroot(2), vivido.paralel(charge(order))
        #          ^^^^^^^^^^^ V301
        #                          ^^^^^^^^^^^^^^ V301
        """,
    "no value on any path": """
        @workflow
        def wf(order: Order):
            if order.total > 5:
                notify(order, text)
        #                     ^^^^ V302
            text = "hello"
            notify(order, text)
        """,
    "deleted": """
        @workflow
        def wf(order: Order):
            text = "hello"
            del text
            notify(order, text)
        #                 ^^^^ V302
        """,
    "an error after its handler": """
        @workflow
        def wf(order: Order):
            try:
                charge(order)
            except Declined as e:
                notify(order, e.code)
            return str(e)
        #              ^ V302
        """,
    "augmented before assigned": """
        @workflow
        def wf(order: Order):
            total += order.total
        #   ^^^^^ V302
            return total
        """,
}

ATTRIBUTES = {
    "of a model": """
        @workflow
        def wf(order: Order):
            return order.totl, order.address.stret, order.items[0].pric
        #                ^^^^ V303
        #                                    ^^^^^ V303
        #                                                          ^^^^ V303
        """,
    "of a step's result": """
        @workflow
        def wf(order: Order):
            payment = charge(order)
            print(payment.amout)
        #                 ^^^^^ V303
            for item in order.items:
                print(item.skew)
        #                  ^^^^ V303
            return [item.pricey for item in order.items], charge(order).ref
        #                ^^^^^^ V303
        #                                                               ^^^ V303
        """,
    "of enums, dataclasses, texts": """
        @workflow
        def wf(order: Order, line: Line, pair: Pair, when: datetime):
            a = Color.GREEN
        #             ^^^^^ V303
            b = line.skus
        #            ^^^^ V303
            c = order.id.uper()
        #                ^^^^ V303
            d = pair.middle
        #            ^^^^^^ V303
            e = [1].push(2)
        #           ^^^^ V303
            f = when.minutes
        #            ^^^^^^^ V303
            return a, b, c, d, e, f
        """,
    "assigned": """
        @workflow
        def wf(order: Order, line: Line):
            order.notes = "x"
        #         ^^^^^ V303
            order.note = "y"
            line.extra = 1
            return order, line
        """,
    "optional": """
        @workflow
        def wf(order: Order | None):
            if order is not None:
                return order.totl
        #                    ^^^^ V303
        """,
}

ARGUMENTS = {
    "steps": """
        @workflow
        def wf(order: Order):
            charge()
        #   ^^^^^^^^ V304
            charge(order, 5)
        #                 ^ V304
            notify(order, txt="x")
        #                 ^^^^^^^ V304
            notify(order, "x", text="y")
        #                      ^^^^^^^^ V304
            notify(order, "x", True)
        #                      ^^^^ V304
        """,
    "workflows and nested functions": """
        @workflow
        def wf(order: Order):
            def inner(a, b=1, *, c):
                return a
            child()
        #   ^^^^^^^ V304
            inner(1)
        #   ^^^^^^^^ V304
            inner(1, 2, 3, c=4)
        #               ^ V304
            inner(1, c=2, d=3)
        #                 ^^^ V304
            inner(1, 2, c=3)
            double()
        #   ^^^^^^^^ V304
        """,
    "constructors": """
        @workflow
        def wf(order: Order):
            a = Receipt(order_id=order.id)
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^ V304
            b = Receipt(order_id=order.id, paid=1, trackin="x")
        #                                          ^^^^^^^^^^^ V304
            c = Line()
        #       ^^^^^^ V304
            d = Point(1, 2, 3)
        #                   ^ V304
            e = Declined()
        #       ^^^^^^^^^^ V304
            f = Open(anything="goes")
            return a, b, c, d, e, f, ValueError("x", 1)
        """,
    "operations": """
        @workflow
        def wf(order: Order):
            sleep(day=2)
        #         ^^^^^ V304
            map_each(notify, [order])
        #            ^^^^^^ V304
            spawn(notify, order)
        #   ^^^^^^^^^^^^^^^^^^^^ V304
            map_each(check, [1], max_concurency=3)
        #                        ^^^^^^^^^^^^^^^^ V304
            order.id.replace("x")
        #   ^^^^^^^^^^^^^^^^^^^^^ V304
        """,
    "unpacked arguments are not counted": """
        @workflow
        def wf(order: Order):
            values = ["x"]
            options = {"urgent": True}
            notify(order, *values, **options)
            charge(*[order])
        """,
}

TYPES = {
    "literals and names": """
        @workflow
        def wf(order: Order, n: int):
            check("one")
        #         ^^^^^ V305
            check(order)
        #         ^^^^^ V305
            notify(order, n)
        #                 ^ V305
            notify(order, None)
        #                 ^^^^ V305
            charge("order")
        #          ^^^^^^^ V305
            check(order.id)
        #         ^^^^^^^^ V305
            quote("x", load("y"))
        """,
    "models convert what they can": """
        @workflow
        def wf(order: Order):
            a = Receipt(order_id=5, paid="1.5")
        #                        ^ V305
            b = Receipt(order_id=order, paid="one")
        #                        ^^^^^ V305
        #                                    ^^^^^ V305
            return a, b, Receipt(order_id="x", paid=1)
        """,
    "returned and declared": """
        @workflow
        def wf(order: Order) -> Receipt:
            text: str = 5
        #               ^ V305
            def inner() -> int:
                return "x"
        #              ^^^ V305
            if inner():
                return None
        #              ^^^^ V305
            return order
        #          ^^^^^ V305
        """,
    "operators": """
        @workflow
        def wf(order: Order, n: int, when: datetime):
            a = order.id + n
        #       ^^^^^^^^^^^^ V305
            b = order.total * 1.5
        #       ^^^^^^^^^^^^^^^^^ V305
            c = when + 5
        #       ^^^^^^^^ V305
            return a, b, c, order.total * 2, order.id * n, when + timedelta(seconds=5)
        """,
    "loops": """
        @workflow
        def wf(order: Order, n: int):
            for x in n:
        #            ^ V305
                check(x)
            return [y for y in order.total]
        #                      ^^^^^^^^^^^ V305
        """,
    "unions fit if a part does": """
        @workflow
        def wf(order: Order, n: int | str, key: str | None = None):
            check(n)
            if key:
                load(key)
            x = None
            if n:
                x = "text"
            notify(order, x)
        """,
}


@pytest.mark.parametrize("snippet", NAMES.values(), ids=NAMES.keys())
def test_names(agrees: Callable[[str], None], snippet: str) -> None:
    """A name that means nothing here is found at each place."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", ATTRIBUTES.values(), ids=ATTRIBUTES.keys())
def test_attributes(agrees: Callable[[str], None], snippet: str) -> None:
    """A misspelt attribute of a known type is found."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_arguments(agrees: Callable[[str], None], snippet: str) -> None:
    """Wrong, missing, unknown and doubled arguments are found."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", TYPES.values(), ids=TYPES.keys())
def test_types(agrees: Callable[[str], None], snippet: str) -> None:
    """A value of the wrong type is found where both types are known."""
    agrees(snippet)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("x = order.totl", "Order has no attribute 'totl'.", "did you mean 'total'?"),
        ("x = ordr", "The name 'ordr' is not known.", "did you mean 'order'?"),
        ("x = math.sqroot(2)", "'math' has no 'sqroot'.", "did you mean 'math.sqrt'?"),
        ("notify(order, txt='x')", "notify() has no parameter 'txt'.", "did you mean 'text'?"),
        ("x = Color.REED", "type[Color] has no attribute 'REED'.", "did you mean 'RED'?"),
    ],
)
def test_suggestions(
    diagnose: Callable[[str], list[Diagnostic]], line: str, message: str, hint: str
) -> None:
    """A near name is suggested."""
    (found,) = diagnose(f"@workflow\ndef wf(order: Order):\n    {line}\n")
    assert (found.message, found.hint) == (message, hint)
