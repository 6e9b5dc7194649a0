"""Explore scenarios, then each with its mutations: a mutation must be caught.

    python -m tests.model                    all
    python -m tests.model NAME...            those only
    python -m tests.model --no-mutations     the scenarios only
    python -m tests.model --traces           with the way to what each mutation breaks

A name with a star is too large to exhaust and is walked at random, the same way each time.
"""

import sys
import time

from tests.model.explore import Run
from tests.model.scenarios import *

LIMIT = 3_000_000


def main(arguments: list[str]) -> int:
    """Gives how many scenarios or mutations went wrong."""
    names = [name for name in arguments if not name.startswith("--")]
    groups = {"POLICIES": POLICIES, "STOPS": STOPS, "SLOTS": SLOTS, "SPREAD": SPREAD, "FORKS": FORKS, "BASICS": BASICS}
    names += [sc.name for group in names if group in groups for sc in groups[group]]
    wrong = 0
    for sc in SCENARIOS:
        if names and sc.name not in names:
            continue
        wrong += holds(sc)
        if "--no-mutations" not in arguments:
            wrong += sum(not caught(sc, name, "--traces" in arguments) for name in sc.mutations)
    return wrong


def holds(sc) -> bool:
    """Explore a scenario; gives whether something is wrong."""
    began, run = time.perf_counter(), Run(sc)
    count, bad, trace = run.walk(sc.walks) if sc.walks else run.explore(LIMIT)
    came = bad or "holds: " + ", ".join(sorted(run.finals))
    if run.beside > 0:
        came += f"; {run.beside} duplicate bodies beside max_concurrency"
    print(f"{sc.name:24} {count:8} {'steps' if sc.walks else 'worlds':6}  {sc.faults} faults ({sc.kinds})  {time.perf_counter() - began:5.1f} s  {came}", flush=True)
    for line in trace:
        print("      ", line)
    return bool(bad)


def caught(sc, name: str, traces: bool) -> bool:
    """Explore a scenario with one line done wrong."""
    began = time.perf_counter()
    count, bad, trace = Run(sc, frozenset({name})).explore(LIMIT)
    found = bool(bad) and bad != "state limit"
    print(f"   broken: {name:18} {count:8} worlds  {time.perf_counter() - began:5.1f} s  {'caught: ' + bad if found else 'NOT CAUGHT'}", flush=True)
    if traces and trace:
        print("      ", " | ".join(trace))
    return found


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
