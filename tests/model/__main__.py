"""Explore scenarios, then each with its mutations: a mutation must be caught.

    python -m tests.model                    all
    python -m tests.model NAME...            those scenarios, or groups of them
    python -m tests.model --no-mutations     the scenarios only
    python -m tests.model --traces           with the way to what each mutation breaks

A name with a star is too large to exhaust and is walked at random, the same way each time.
"""

import sys
import time

from tests.model.explore import Run
from tests.model.nouns import LIMIT
from tests.model.scenarios import GROUPS, Scenario


def main(arguments: list[str]) -> int:
    """Gives how many scenarios or mutations went wrong."""
    names = [name for name in arguments if not name.startswith("--")]
    traces, wrong = "--traces" in arguments, 0
    for group, scenarios in GROUPS.items():
        for sc in scenarios:
            if names and group not in names and sc.name not in names:
                continue
            wrong += holds(sc, traces)
            if "--no-mutations" not in arguments:
                wrong += sum(not caught(sc, name, traces) for name in sc.mutations)
    return wrong


def holds(sc: Scenario, traces: bool) -> bool:
    """Explore a scenario; gives whether something is wrong."""
    began, run = time.perf_counter(), Run.of(sc)
    count, bad, trace = run.walk(sc.walks) if sc.walks else run.explore(LIMIT)
    came = bad or "holds: " + ", ".join(sorted(run.finals))
    if run.beside > 0:
        came += f"; {run.beside} duplicate bodies beside max_concurrency"
    unit, took = "steps" if sc.walks else "worlds", time.perf_counter() - began
    faults = f"{sc.faults} faults ({sc.kinds})"
    print(f"{sc.name:28} {count:8} {unit:6}  {faults}  {took:5.1f} s  {came}", flush=True)
    for line in trace if traces else ():
        print("      ", line)
    return bool(bad)


def caught(sc: Scenario, name: str, traces: bool) -> bool:
    """Explore a scenario with one line done wrong."""
    began = time.perf_counter()
    count, bad, trace = Run.of(sc, name).broken(LIMIT)
    found = bool(bad) and bad != "state limit"
    came, took = f"caught: {bad}" if found else "NOT CAUGHT", time.perf_counter() - began
    print(f"   broken: {name:22} {count:8} worlds  {took:5.1f} s  {came}", flush=True)
    if traces and trace:
        print("      ", "\n       ".join(trace))
    return found


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
