"""A branch on an unrecorded value never runs both its arms, wherever a crash happens."""

from __future__ import annotations

import ast
import asyncio
import random
from collections import defaultdict
from pathlib import Path

import pytest
from tests.differential.arms import arms
from tests.differential.differential import Comparison, Differential, Mode, always, loaded, refusals
from tests.differential.machine import Run

from vivido.testing.faults import Fault
from vivido.testing.simulation import never

PROGRAMS, CRASHES = 30, 12


def taken(run: Run) -> dict[tuple[object, ...], set[int]]:
    """The arms that ran, by branch and the rounds of the loops around it; also in vain."""
    found: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for effect in run.bodies:
        site, arm, rounds = ast.literal_eval(effect.removeprefix("arm(").removesuffix(")"))
        found[site, rounds].add(arm)
    return found


@pytest.mark.parametrize("block", range(4))
def test_never_both_arms(block: int, tmp_path: Path, runner: asyncio.Runner) -> None:
    """Of each visit of each branch one arm ran, though bodies ran twice and values were drawn anew."""
    repeats = 0
    for seed in range(block * PROGRAMS, (block + 1) * PROGRAMS):
        source = arms(seed)
        rng = random.Random(seed)  # noqa: S311
        with loaded(source, tmp_path) as module:
            assert refusals(module) == set(), source.text
            comparison = Comparison(Differential(tmp_path, runner), source, module)
            calls = comparison.under(Mode("stays", always))[0].calls
            for _ in range(CRASHES):
                at = sorted({rng.randint(1, calls + 4) for _ in range(2)})
                faults = tuple(Fault(rng.choice(["crash before", "crash after"]), n) for n in at)
                mode = Mode(f"crashes {faults}", rng.choice([always, never]), faults=faults)
                run, differences = comparison.under(mode)
                repeats += run.repeats
                both = {site: arms for site, arms in taken(run).items() if len(arms) > 1}
                assert both == {}, f"seed {seed}, {mode.name}\n{source.text}"
                assert [str(each) for each in differences] == []
    assert repeats > PROGRAMS  # else nothing was at stake
