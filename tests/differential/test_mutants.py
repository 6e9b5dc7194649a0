"""Random programs find mistakes: each of these, put in on purpose, within some seeds."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.differential.differential import Differential
from tests.differential.mutants import COMPILER, ENGINE, EVALUATOR, Mutant
from tests.differential.programs import Source, program

SEEDS = 400


def finds(source: Source, folder: Path, runner: asyncio.Runner) -> bool:
    """Whether a program shows a difference; that something breaks is one."""
    try:
        return bool(Differential(folder, runner).compare(source))
    except Exception:  # noqa: BLE001  a broken part may break anyhow
        return True


@pytest.mark.parametrize("mutant", [*COMPILER, *EVALUATOR, *ENGINE], ids=lambda each: each.__name__)
def test_found(
    mutant: Mutant, tmp_path: Path, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake is found by one of the first programs; says by which."""
    mutant(monkeypatch)
    found = next((n for n in range(SEEDS) if finds(program(n), tmp_path, runner)), None)
    print(f"{mutant.__name__}: seed {found}")
    assert found is not None
