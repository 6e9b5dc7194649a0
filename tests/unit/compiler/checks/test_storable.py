"""V507: what variables, results and arguments of calls cannot hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

REFUSED = [
    """
    @workflow
    def w(xs: list[int]):
        later = (x for x in xs)
        #       ^^^^^^^^^^^^^^^ V507
        return list(later)
    """,
    """
    @workflow
    def w(xs: list[int]):
        pairs = zip(xs, xs)
        #       ^^^^^^^^^^^ V507
        for a, b in pairs:
            print(a, b)
    """,
    """
    @workflow
    def w(xs: list[int]):
        key = lambda x: -x
        #     ^^^^^^^^^^^^ V507
        return sorted(xs, key=key)
    """,
    """
    @workflow
    def w(d: dict[str, int]):
        names = d.keys()
        #       ^^^^^^^^ V507
        return list(names)
    """,
    """
    @workflow
    def w(flag: bool):
        kind = int if flag else str
        #      ^^^ V507
        #                       ^^^ V507
        return kind("1")
    """,
    """
    @workflow
    def w(xs: list[int]):
        a, b = len, max(xs)
        #      ^^^ V507
        return a(xs), b
    """,
    """
    @workflow
    def w(xs: list[int]):
        rows = []
        rows.append(map(str, xs))
        #           ^^^^^^^^^^^^ V507
        return rows
    """,
    """
    @workflow
    def w(xs: list[int]):
        return map(str, xs)
        #      ^^^^^^^^^^^^ V507
    """,
    """
    @workflow
    def w(xs: list[int]):
        def all_of(items):
            return list(items)
        return all_of(reversed(xs))
        #             ^^^^^^^^^^^^ V507
    """,
    """
    @workflow
    def w(e: int):
        table = {"a": [type(e)]}
        #              ^^^^^^^ V507
        return len(table)
    """,
]

ACCEPTED = [
    """
    @workflow
    def w(xs: list[int]):
        a, b = map(str, xs)
        return a, b, sorted(xs, key=lambda x: -x), max(xs, key=abs)
    """,
    """
    @workflow
    def w(d: dict[str, int]):
        for key, value in d.items():
            print(key, value)
        return [*d.keys()], sum(x for x in d.values()), type(d).__name__
    """,
    """
    @workflow
    def w(xs: list[int]):
        numbers = range(3)
        return [x + y for x, y in zip(xs, numbers)], isinstance(xs, list)
    """,
]


@pytest.mark.parametrize("snippet", REFUSED)
def test_refused(snippet: str, agrees: Callable[[str], None]) -> None:
    """Each part that no variable can hold is found, with its place."""
    agrees(snippet)


@pytest.mark.parametrize("snippet", ACCEPTED)
def test_accepted(snippet: str, agrees: Callable[[str], None]) -> None:
    """What is used up on the spot is nobody's to store."""
    agrees(snippet)
