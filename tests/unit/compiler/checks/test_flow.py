"""Statements that are never reached, endless loops and waits, options that do not exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest

REACHABILITY = {
    "after leaving": """
        @workflow
        def wf(order: Order):
            for item in order.items:
                if item.count:
                    break
                    notify(order, "x")
        #           ^^^^^^^^^^^^^^^^^^ V401
                continue
                notify(order, "y")
        #       ^^^^^^^^^^^^^^^^^^ V401
            if order.total > 5:
                raise Declined("x")
                charge(order)
        #       ^^^^^^^^^^^^^ V401
            return order.id
            charge(order)
        #   ^^^^^^^^^^^^^ V401
            charge(order)
        """,
    "after a statement whose every way leaves": """
        @workflow
        def wf(order: Order):
            try:
                return charge(order)
            except Declined:
                raise
            notify(order, "x")
        #   ^^^^^^^^^^^^^^^^^^ V401
        """,
    "after an endless loop": """
        @workflow
        def wf(order: Order):
            while True:
                charge(order)
                for item in order.items:
                    break
            notify(order, "x")
        #   ^^^^^^^^^^^^^^^^^^ V401
        """,
    "match and with": """
        @workflow
        def wf(order: Order):
            with saga():
                match order.id:
                    case "a":
                        return 1
                    case _:
                        return 2
            notify(order, "x")
        #   ^^^^^^^^^^^^^^^^^^ V401
        """,
    "handlers": """
        @workflow
        def wf(order: Order):
            try:
                charge(order)
            except Exception:
                notify(order, "x")
            except Declined:
        #          ^^^^^^^^ V401
                notify(order, "y")
            except (ValueError, KeyError):
        #          ^^^^^^^^^^^^^^^^^^^^^^ V401
                notify(order, "z")
        """,
    "reached by some way": """
        @workflow
        def wf(order: Order):
            while True:
                if count() > 2:
                    break
            try:
                return charge(order)
            except Declined:
                notify(order, "x")
            finally:
                notify(order, "y")
            for item in order.items:
                return item
            match order.id:
                case "a":
                    return 1
            with deadline("1h"):
                charge(order)
            return 2
        """,
}

LOOPS = {
    "nothing leaves": """
        @workflow
        def wf(order: Order):
            n = 0
            while True:
        #         ^^^^ V402
                n += 1
        """,
    "nothing changes": """
        @workflow
        def wf(order: Order):
            n = 0
            m = 0
            while n < 5 and order.items:
        #         ^^^^^^^^^^^^^^^^^^^^^ V402
                m += 1
            return m
        """,
    "only an inner loop is left": """
        @workflow
        def wf(order: Order):
            while True:
        #         ^^^^ V402
                for item in order.items:
                    break
        """,
    "something progresses": """
        @workflow
        def wf(order: Order):
            n = 0
            while n < 5:
                n += 1
            queue = [1]
            while queue:
                queue.pop()
            while order.items:
                del order.items[0]
            while (n := n - 1) > 0:
                print(n)
            while double(n) < 3:
                print(n)
            while True:
                charge(order)
            """,
    "something leaves": """
        @workflow
        def wf(order: Order):
            n = 1
            while n:
                if order.items:
                    return n
            while n:
                raise Declined("x")
            while datetime.now(UTC).hour < 5:
                sleep("1m")
            while count() < 5:
                pass
            while n:
                state = {}
                break
        """,
}

WAITS = {
    "without a timeout": """
        @workflow
        def wf(order: Order):
            a = receive("paid", key=order.id)
        #       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ V403
            b = approve("Refund?")
        #       ^^^^^^^^^^^^^^^^^^ V403
            c = callback()
        #       ^^^^^^^^^^ V304
            who, d = first(a=receive("a"), b=receive("b"))
        #                    ^^^^^^^^^^^^ V403
        #                                    ^^^^^^^^^^^^ V403
            return a, b, c, who, d
        """,
    "with one": """
        @workflow
        def wf(order: Order):
            a = receive("paid", key=order.id, timeout="3d")
            with deadline("1d"):
                b = approve("Refund?")
            who, c = first(paid=receive("paid"), late=sleep(hours=2))
            d = callback(timeout="1h")
            return a, b, c, who, d.result()
        """,
    "of the workflow": """
        @workflow(timeout="1d")
        def wf(order: Order):
            return receive("paid", key=order.id)
        """,
}

OPTIONS = {
    "durations": """
        @workflow
        def wf(order: Order):
            sleep("5 minuts")
        #         ^^^^^^^^^^ V306
            sleep(-5)
        #         ^^ V306
            sleep(days=-1)
        #              ^^ V306
            sleep()
        #   ^^^^^^^ V306
            sleep("1h", minutes=5)
        #               ^^^^^^^^^ V306
            sleep(until="tomorrow")
        #               ^^^^^^^^^^ V306
            sleep(until="2030-01-01T00:00:00")
        #               ^^^^^^^^^^^^^^^^^^^^^ V306
            with deadline("soon"):
        #                 ^^^^^^ V306
                receive("paid", timeout="3 weeks ago")
        #                               ^^^^^^^^^^^^^ V306
            sleep("1h30m")
            sleep(until="2030-01-01T00:00:00+00:00")
        """,
    "forks": """
        @workflow
        def wf(order: Order):
            map_each(check, [1], on_error="colect")
        #                                 ^^^^^^^^ V307
            map_each(check, [1], max_concurrency=0)
        #                                        ^ V307
            map_each(check, [1], tolerate=1.5)
        #                                 ^^^ V307
            parallel(count(), count(), need=3)
        #                                   ^ V307
            map_each(check, [1], on_error="collect", tolerate=0.5, need=1, max_concurrency=10)
        """,
}

NOTES = {
    "steps in comprehensions": """
        @workflow
        def wf(order: Order):
            a = [check(n) for n in [1, 2]]
        #        ^^^^^^^^ V901
            b = {n: check(n) for n in [1, 2]}
        #           ^^^^^^^^ V901
            c = parallel(*[check(n) for n in [1, 2]])
            return a, b, c
        """,
    "unused": """
        @workflow
        def wf(order: Order):
            order.total == 5
        #   ^^^^^^^^^^^^^^^^ V902
            order.note
        #   ^^^^^^^^^^ V902
            ...
        """,
}


@pytest.mark.parametrize("snippet", REACHABILITY.values(), ids=REACHABILITY.keys())
def test_reachability(agrees: Callable[[str], None], snippet: str) -> None:
    """What nothing leads to is found, once for each stretch."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", LOOPS.values(), ids=LOOPS.keys())
def test_progress(agrees: Callable[[str], None], snippet: str) -> None:
    """A loop that can only go on is found."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", WAITS.values(), ids=WAITS.keys())
def test_timeouts(agrees: Callable[[str], None], snippet: str) -> None:
    """A wait that nothing bounds is found."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", OPTIONS.values(), ids=OPTIONS.keys())
def test_options(agrees: Callable[[str], None], snippet: str) -> None:
    """A literal duration or option that means nothing is found."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", NOTES.values(), ids=NOTES.keys())
def test_notes(agrees: Callable[[str], None], snippet: str) -> None:
    """What is no mistake is noted."""
    agrees(snippet)
