"""What happens with the program of a seed? `python -m tests.differential.show SEED`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.differential.differential import Comparison, Differential, loaded, refusals
from tests.differential.programs import program

from vivido.compiler import explain
from vivido.compiler.load import check_workflow, defined_in


def show(seed: int) -> None:
    """Print the program, its definition, and what plain Python and the engine make of it."""
    source = program(seed)
    print(source.text)
    with tempfile.TemporaryDirectory() as folder, loaded(source, Path(folder)) as module:
        for workflow in defined_in(module).values():
            definition, report = check_workflow(workflow)
            for finding in report.errors:
                print(finding)
            if definition is not None:
                print(explain(definition), "\n")
        if refusals(module):
            return
        with asyncio.Runner() as runner:
            comparison = Comparison(Differential(Path(folder), runner), source, module)
            print("plain:", comparison.calm.outcome)
            for line in [*comparison.calm.effects, *comparison.calm.logs]:
                print("   ", line)
            for difference in comparison.all():
                print(difference)
            print(comparison.tally)


if __name__ == "__main__":
    for text in sys.argv[1:]:
        show(int(text))
