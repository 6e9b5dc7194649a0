"""Random programs of the whole subset: plain Python and the engine agree on all of them."""

from __future__ import annotations

import pytest
from tests.differential.differential import Differential, Tally
from tests.differential.programs import program

BLOCK, BLOCKS = 100, 20


@pytest.mark.parametrize("block", range(BLOCKS))
def test_plain_and_engine_agree(block: int, differential: Differential, tally: Tally) -> None:
    """Value or error, effects and log lines are the same, under hops and crashes, on each backend."""
    differential.tally = tally
    seeds = range(block * BLOCK, (block + 1) * BLOCK)
    found = [each for seed in seeds for each in differential.compare(program(seed))[:1]]
    assert [str(each) for each in found] == []


def test_most_programs_are_accepted(tally: Tally) -> None:
    """The generator writes programs that compile, and all families of refusals are known."""
    if tally.programs < BLOCK * BLOCKS:
        pytest.skip("only for the whole run")
    assert tally.accepted / tally.programs > 0.6
    assert set(tally.refused) <= {"V211", "V302", "V401", "V501", "V502", "V503", "V505"}
