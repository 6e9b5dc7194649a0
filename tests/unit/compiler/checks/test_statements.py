"""What is not compiled, each with its place: statements, builtins, effects, functions as values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

STATEMENTS = {
    "yield": """
        @workflow
        def wf(order: Order):
            total = 0
            def numbers():
                yield 1
        #       ^^^^^^^ V201
            return total
        """,
    "yield from": """
        @workflow
        def wf(order: Order):
            def numbers():
                yield from order.items
        #       ^^^^^^^^^^^^^^^^^^^^^^ V201
            return 1
        """,
    "global": """
        @workflow
        def wf(order: Order):
            global LIMIT
        #   ^^^^^^^^^^^^ V202
            LIMIT = 4
        """,
    "nonlocal": """
        @workflow
        def wf(order: Order):
            total = 0
            def add(amount):
                nonlocal total
        #       ^^^^^^^^^^^^^^ V202
                total += amount
            add(1)
            return total
        """,
    "class": """
        @workflow
        def wf(order: Order):
            class Inner:
        #   ^^^^^^^^^^^^ V203
                pass
            return order.id
        """,
    "import": """
        @workflow
        def wf(order: Order):
            import os
        #   ^^^^^^^^^ V204
            from json import dumps
        #   ^^^^^^^^^^^^^^^^^^^^^^ V204
            return order.id
        """,
    "other managers": """
        @workflow
        def wf(order: Order):
            with open_file(order.id):
        #        ^^^^^^^^^^^^^^^^^^^ V205
        #        ^^^^^^^^^ V301
                notify(order, "x")
            with saga() as s:
        #                  ^ V205
                charge(order)
        """,
    "async with": """
        @workflow
        async def wf(order: Order):
            async with asyncio.timeout(5):
        #              ^^^^^^^^^^^^^^^^^^ V206
                await fetch("x")
        """,
    "async for": """
        @workflow
        async def wf(order: Order):
            async for item in order.items:
        #                     ^^^^^^^^^^^ V206
                await fetch(item.sku)
        """,
    "async comprehension": """
        @workflow
        async def wf(order: Order):
            return [item.sku async for item in order.items]
        #                                      ^^^^^^^^^^^ V206
        """,
    "except*": """
        @workflow
        def wf(order: Order):
            try:
        #   ^^^^ V214
                charge(order)
            except* ValueError:
                notify(order, "x")
        """,
    "decorated function": """
        @workflow
        def wf(order: Order):
            @pure
        #    ^^^^ V215
            def inner(n):
                return n
            return inner(1)
        """,
    "async function in a plain workflow": """
        @workflow
        def wf(order: Order):
            async def inner(n):
        #   ^^^^^^^^^^^^^^^^^^^ V215
                return n
            return order.id
        """,
    "function defined twice": """
        @workflow
        def wf(order: Order):
            if order.total > 5:
                def inner(n):
                    return n
            else:
                def inner(n):
        #       ^^^^^^^^^^^^^ V215
                    return n + 1
            return inner(1)
        """,
    "function and variable": """
        @workflow
        def wf(order: Order):
            def inner(n):
                return n
            x = inner(1)
            inner = 5
        #   ^^^^^ V215
            return x
        """,
    "recursion": """
        @workflow
        def wf(order: Order):
            def down(n):
                return 0 if n == 0 else down(n - 1)
        #                               ^^^^ V207
            return down(3)
        """,
    "recursion of two": """
        @workflow
        def wf(order: Order):
            def even(n):
                return True if n == 0 else odd(n - 1)
        #                                  ^^^ V207
            def odd(n):
                return False if n == 0 else even(n - 1)
        #                                   ^^^^ V207
            return even(4)
        """,
}

CALLS = {
    "step in a lambda": """
        @workflow
        def wf(order: Order):
            return sorted([1, 2], key=lambda n: check(n))
        #                                       ^^^^^^^^ V208
        """,
    "builtins": """
        @workflow
        def wf(order: Order):
            text = open("x").read()
        #          ^^^^ V209
            answer = input("?")
        #            ^^^^^ V209
            n = eval("1")
        #       ^^^^ V209
            setattr(order, "note", "x")
        #   ^^^^^^^ V209
            return text, answer, n, id(order), hash("x"), globals()
        #                           ^^ V209
        #                                      ^^^^ V209
        #                                                 ^^^^^^^ V209
        """,
    "time.sleep": """
        @workflow
        def wf(order: Order):
            time.sleep(5)
        #   ^^^^^^^^^^ V210
            charge(order)
        """,
    "the network and the process": """
        import os
        import subprocess
        import threading
        import urllib.request
        import urllib.parse

        @workflow
        def wf(order: Order):
            page = urllib.request.urlopen("http://localhost")
        #          ^^^^^^^^^^^^^^^^^^^^^^ V210
            subprocess.run(["ls"])
        #   ^^^^^^^^^^^^^^ V210
            threading.Thread(target=None)
        #   ^^^^^^^^^^^^^^^^ V210
            os.remove("x")
        #   ^^^^^^^^^ V210
            secret = os.getenv("SECRET")
        #            ^^^^^^^^^ V210
            quoted = urllib.parse.quote(order.id)
            name = os.path.basename(order.id)
            return page, quoted, name, secret
        """,
    "asyncio": """
        @workflow
        async def wf(order: Order):
            asyncio.run(fetch("x"))
        #   ^^^^^^^^^^^ V210
        #               ^^^^^^^^^^ V213
        """,
    "steps as values": """
        @workflow
        def wf(order: Order):
            f = charge
        #       ^^^^^^ V212
            steps = [charge, notify]
        #            ^^^^^^ V212
        #                    ^^^^^^ V212
            sleeping = sleep
        #              ^^^^^ V212
            def inner(n):
                return n
            return anything(inner), child
        #                   ^^^^^ V212
        #                           ^^^^^ V212
        """,
    "functions that are taken by name": """
        @workflow
        def wf(order: Order):
            def inner(n):
                return check(n)
            job = spawn(inner, 1)
            checks = map_each(lambda n: check(n), [1])
            return map_each(check, [1]), map_each(inner, [1]), checks, job.result()
        """,
}

AWAITING = {
    "not awaited": """
        @workflow
        async def wf(key: str):
            order = fetch(key)
        #           ^^^^^^^^^^ V213
            asyncio.sleep(5)
        #   ^^^^^^^^^^^^^^^^ V213
            return order
        """,
    "awaited for nothing": """
        @workflow
        async def wf(key: str):
            order = load(key)
            paid = await charge(order)
        #          ^^^^^^^^^^^^^^^^^^^ V213
            return paid
        """,
    "an asynchronous step in a plain workflow": """
        @workflow
        def wf(key: str):
            return fetch(key)
        #          ^^^^^^^^^^ V213
        """,
    "handed to a fork": """
        @workflow
        async def wf(key: str):
            a, b = await asyncio.gather(fetch("a"), fetch("b"))
            many = await asyncio.gather(*[fetch(each) for each in ["a", "b"]])
            c, d = await parallel(fetch("c"), fetch("d"))
            orders = await map_each(fetch, ["e"])
            job = spawn(fetch, "f")
            return a, b, many, c, d, orders, await job.result()
        """,
    "a fork that is not awaited": """
        @workflow
        async def wf(key: str):
            orders = map_each(fetch, ["e"])
        #            ^^^^^^^^^^^^^^^^^^^^^^ V213
            paid = await parallel(count(), count())
        #          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ V213
            return orders, paid
        """,
}


@pytest.mark.parametrize("snippet", STATEMENTS.values(), ids=STATEMENTS.keys())
def test_statements_that_are_not_compiled(agrees: Callable[[str], None], snippet: str) -> None:
    """Each is refused where it stands."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", CALLS.values(), ids=CALLS.keys())
def test_calls_that_are_not_compiled(agrees: Callable[[str], None], snippet: str) -> None:
    """What reaches outside, and functions as values."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", AWAITING.values(), ids=AWAITING.keys())
def test_awaiting(agrees: Callable[[str], None], snippet: str) -> None:
    """Exactly what is asynchronous is awaited."""
    agrees(snippet)
