"""Whatever the compiler accepts means the same however often its variables are stored and read.

Programs that share and change values at random are judged by the compiler; those that it accepts
run on a machine that stores no variable, all variables after each statement, or some now and then.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from tests.property.ownership.machine import (
    HEAD,
    Machine,
    TooLong,
    always,
    load,
    never,
    rewritten,
    sometimes,
)
from tests.property.ownership.programs import program

from vivido import workflow
from vivido.compiler.diagnostics import Diagnostic, Report
from vivido.compiler.ownership import find_shared_changes
from vivido.compiler.read import read

BLOCK, BLOCKS = 50, 8

# What random programs found, each made small.
ACCEPTED_ONCE = {
    "a comprehension keeps one object twice": """
        a = [1]
        m = [a for q in [0, 1]]
        m[0].append(2)
        return m
    """,
    "one keyword for two names": """
        a = [1]
        d = dict(k=a, l=a)
        d['k'].append(2)
        return d
    """,
    "two variables from one list": """
        m = [[4], [5, 6]]
        b, b = m
        b.append(1)
        return m
    """,
    "an error holds its arguments in a tuple": """
        b = [1]
        try:
            raise ValueError(b)
        except ValueError as e:
            a = e.args[0]
        b.append(3)
        return a
    """,
    "a named tuple has names and places": """
        m, p = [], Pair(1, [2])
        _, b = p
        m.append(b)
        m[0].append(1)
        return p
    """,
    "a list added to itself": """
        m = [[1]]
        m = m + m
        m[0].append(2)
        return m
    """,
}


def judged(source: str, folder: Path) -> list[Diagnostic]:
    """What the compiler finds of shared values."""
    unit = read(workflow(load(source, folder).run))
    report = Report(unit.file, unit.lines)
    find_shared_changes(unit, report)
    return list(report)


def differences(source: str, folder: Path) -> list[str]:
    """How the outcomes differ between machines; nothing, if they agree."""
    text = rewritten(source)
    outcomes = {}
    machines = {"all": always, "some": sometimes(1), "others": sometimes(2)}
    try:
        plain = Machine(never).run(load(text, folder))
        for name, copies in machines.items():
            outcomes[name] = Machine(copies).run(load(text, folder))
    except TooLong:
        return []
    return [
        f"{HEAD}{source}\nplain: {plain}\n{name}: {outcome}"
        for name, outcome in outcomes.items()
        if outcome != plain
    ]


@pytest.mark.parametrize("block", range(BLOCKS))
def test_what_is_accepted_means_the_same(block: int, tmp_path: Path) -> None:
    """No accepted program shows whether its variables were stored."""
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        source = program(Random(seed))  # noqa: S311 - no secret
        if not judged(source, tmp_path):
            assert differences(source, tmp_path) == []


def test_programs_are_accepted_and_refused(tmp_path: Path) -> None:
    """The comparison is about something: many programs are accepted, and many rightly refused."""
    accepted = rightly = 0
    for seed in range(10_000, 10_100):
        source = program(Random(seed))  # noqa: S311 - no secret
        if not judged(source, tmp_path):
            accepted += 1
        elif differences(source, tmp_path):
            rightly += 1
    assert accepted > 20
    assert rightly > 5


@pytest.mark.parametrize("body", ACCEPTED_ONCE.values(), ids=ACCEPTED_ONCE.keys())
def test_what_was_found_stays_found(body: str, tmp_path: Path) -> None:
    """Each was accepted once, shows a difference, and is refused."""
    source = "def run():\n" + body.replace("\n        ", "\n    ").strip("\n").rstrip() + "\n"
    assert differences(source, tmp_path) != []
    assert [each.code for each in judged(source, tmp_path)] == ["V501"]
