"""What random programs and their readers found, one small program each, and refusals that took their place."""

from __future__ import annotations

import asyncio
import textwrap
from pathlib import Path

import pytest
from tests.differential.differential import Comparison, Differential, Mode, always, loaded, refusals
from tests.differential.expressions import Traits
from tests.differential.programs import PRELUDE, Source

from vivido.testing.faults import Fault

AGREES = {
    # runtime: the outcome of `Continue` was thrown away
    "a long walk ends the branch": """
        n = 0
        for i in range(400):
            n += i
        return n
        """,
    # engine: `rows.append(…)` was recorded as one more item whatever its argument did
    "an item is moved by append": """
        xs = [1, 2, 3]
        echo(0)
        xs.append(xs.pop(0))
        echo(1)
        xs.append(xs.pop(0))
        echo(2)
        return xs
        """,
    # engine: what was changed before an error was not recorded
    "changed before an error": """
        xs = [1, 2]
        try:
            len([xs.append(1), 1 // 0])
        except ZeroDivisionError:
            echo(xs)
        return xs
        """,
    "assigned before an error": """
        xs, d = [1, 2], {}
        try:
            xs[0], d["zz"]["q"] = 5, 6
        except KeyError:
            echo(xs)
        return xs
        """,
    "extended half-way": """
        xs = [1, 2]
        try:
            xs.extend(1 // (2 - x) for x in [1, 2, 3])
        except ZeroDivisionError:
            echo(xs)
        return xs
        """,
    # engine: an error that depends on chance was not recorded before the next step
    "chance raises": """
        n = 0
        for i in range(5):
            try:
                n += strict(dice(8))
            except ValueError:
                echo("L")
            else:
                echo("R")
        return n
        """,
    "chance misses": """
        for i in range(5):
            try:
                [1, 2, 3, 4][dice(8)]
            except IndexError:
                echo("L")
            else:
                echo("R")
        return 1
        """,
    # engine: a bare `raise` in a `finally` raises the error that waits
    "raise in finally": """
        try:
            risky(3)
        except Refused:
            try:
                found({}, "a")
            finally:
                echo(2)
                raise
        """,
    # lowering: what is changed must be found through its variable
    "the default of setdefault is changed": """
        d = {}
        d.setdefault("k", [0])[0] = 5
        echo(d)
        return d
        """,
    "an index that differs each time": """
        xs = [[1]]
        xs[tally(1) - 8].append(plus(1))
        xs[tally(1) - 8][0] = 2
        xs[tally(1) - 8][0] += plus(1)
        echo(1)
        return xs
        """,
    "an index of chance": """
        xs = [[1], [2]]
        xs[random.randint(0, 1)][0] = 4
        echo(xs)
        xs[dice(2)].append(plus(1))
        return xs
        """,
    # expressions: `hasattr` of a method that changes
    "a method of a value of unknown type": """
        d = echo({"a": 1})
        d.update(table(3))
        xs = echo([1])
        xs.extend(some(3))
        return d, xs
        """,
}

REFUSED = {
    # lowering: `b.rows` was kept in a temporary variable, which another name for it is
    "a change behind a change": """
        b = Box([4], [[5]])
        def best(xs):
            b.best = xs
            return some(3)
        b.rows.append(best([1]))
        return b
        #V501
        """,
    "an item behind a change": """
        b = Box([4], [[5]])
        def best():
            b.best = [1]
            return 0
        b.rows[best()].append(3)
        return b
        #V501
        """,
    # compiler: it failed when it ran
    "an iterator in a variable": """
        pairs = zip([1], [2])
        echo(1)
        return list(pairs)
        #V507
        """,
    "a function in a variable": """
        f = double
        echo(1)
        return f(2)
        #V507
        """,
}


def source(body: str, number: int) -> Source:
    """A program of one workflow."""
    lines = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    text = f"{PRELUDE}\n\n@workflow\ndef main(n0: int):\n{lines}\n"
    return Source(1_000_000 + number, text, Traits(), {"n0": 1})


@pytest.mark.parametrize("name", AGREES)
def test_agrees(name: str, tmp_path: Path, runner: asyncio.Runner) -> None:
    """Under hops, under chance, and with a crash before and after each call of a port."""
    program = source(AGREES[name], list(AGREES).index(name))
    with loaded(program, tmp_path) as module:
        assert refusals(module) == set()
        comparison = Comparison(Differential(tmp_path, runner), program, module)
        assert [str(each) for each in comparison.all()] == []
        calls = comparison.under(Mode("stays", always))[0].calls
        for kind in ("crash before", "crash after"):
            for at in range(1, calls + 1):
                mode = Mode(f"{kind} {at}", always, faults=(Fault(kind, at),))
                assert [str(each) for each in comparison.under(mode)[1]] == []


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path) -> None:
    """What would differ is refused when it is compiled."""
    body, _, code = REFUSED[name].rpartition("#")
    program = source(body, 500 + list(REFUSED).index(name))
    with loaded(program, tmp_path) as module:
        assert refusals(module) == {code.strip()}
