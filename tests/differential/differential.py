"""Do the plain call and the engine agree on a program? Under every mode, or says how they differ."""

from __future__ import annotations

import asyncio
import importlib.util
import linecache
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.differential import library, plain
from tests.differential.machine import Machine, Mode, Run
from tests.differential.plain import Seen
from tests.differential.programs import Source
from tests.differential.script import Script

from vivido.authoring import Workflow
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.backends.sqlite import SqliteStore
from vivido.compiler.load import check_workflow, defined_in
from vivido.engine.program import Program
from vivido.testing.faults import Fault
from vivido.testing.simulation import never

BEGIN = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What a mode shows, and what plain Python shows."""

    mode: str
    what: str
    plain: object
    engine: object

    def __str__(self) -> str:
        return f"{self.mode}: {self.what}\n    plain:  {self.plain}\n    engine: {self.engine}"


@dataclass(slots=True)
class Tally:
    """What was done, for people."""

    programs: int = 0
    accepted: int = 0
    long: int = 0
    raised: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    effects: int = 0
    hops: int = 0
    crashes: int = 0
    repeats: int = 0

    def __str__(self) -> str:
        share = 100 * self.accepted / max(1, self.programs)
        refused = ", ".join(f"{code} {n}" for code, n in self.refused.most_common())
        return (
            f"{self.programs} programs, {self.accepted} accepted ({share:.0f} %), of which "
            f"{self.raised} end in an error, {self.long} too long; refused: {refused or 'none'}\n"
            f"{sum(self.runs.values())} runs ({dict(self.runs)}), {self.effects} effects, "
            f"{self.hops} hops, {self.crashes} crashes, {self.repeats} bodies run twice"
        )


@contextmanager
def loaded(source: Source, folder: Path) -> Iterator[ModuleType]:
    """The module of a program, for as long as it is needed."""
    name = f"program_{source.seed}"
    file = folder / f"{name}.py"
    file.write_text(source.text)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[name]
        linecache.cache.pop(str(file), None)


class Differential:
    """Compares programs, one after another. `tally` says what was done."""

    def __init__(
        self, folder: Path, runner: asyncio.Runner, *, sqlite: Machine | None = None
    ) -> None:
        self.folder, self.runner, self.sqlite = folder, runner, sqlite
        self.tally = Tally()

    def compare(self, source: Source) -> list[Difference]:
        """All differences; a program that the compiler refuses has none."""
        self.tally.programs += 1
        with loaded(source, self.folder) as module:
            codes = refusals(module)
            if codes:
                self.tally.refused.update(codes)
                return []
            try:
                comparison = Comparison(self, source, module)
            except library.TooLong:
                self.tally.long += 1
                return []
            self.tally.accepted += 1
            return comparison.all()


def refusals(module: ModuleType) -> set[str]:
    """The codes for which the compiler refuses the workflows of a module; else each has a definition."""
    codes: set[str] = set()
    for workflow in defined_in(module).values():
        definition, report = check_workflow(workflow)
        codes |= {finding.code for finding in report.errors}
        if definition is not None:
            workflow.__dict__["definition"] = definition
    return codes


class Comparison:
    """One program."""

    def __init__(self, all_: Differential, source: Source, module: ModuleType) -> None:
        self.tally, self.runner, self.sqlite = all_.tally, all_.runner, all_.sqlite
        self.source, self.module = source, module
        self.workflow: Workflow[..., Any] = vars(module)[source.main]
        self.programs: dict[str, Program] = {}
        self.rng = random.Random(f"modes {source.seed}")  # noqa: S311
        self.calm = self.plain(())
        self.tally.effects += len(self.calm.effects)
        self.tally.raised += self.calm.outcome[0] == "error"

    def plain(self, given: Sequence[float]) -> Seen:
        """The plain call, with these draws."""
        script = Script(self.source.seed, given)
        return plain.run(self.workflow, dict(self.source.arguments), self.module, script)

    def all(self) -> list[Difference]:
        """Under each mode."""
        stays = Mode("stays", always)
        run, found = self.under(stays)
        if found:
            return found
        modes = [
            Mode("hops at every node", never, nodes_without_record=1),
            Mode("hops now and then", lambda: self.rng.random() < 0.6),
            *(self.crashing(run.calls) for _ in range(4 if self.source.traits.chance else 2)),
        ]
        for mode in modes:
            found += self.under(mode)[1]
        if self.sqlite is not None and self.source.seed % 3 == 0:
            for mode in (modes[1], self.crashing(run.calls)):
                found += self.under(mode, self.sqlite)[1]
        return found

    def crashing(self, calls: int) -> Mode:
        """Crashes at up to three calls of a port."""
        most = (5, calls, calls * 2)  # the first calls see most that no record holds yet
        at = sorted(
            {self.rng.randint(1, self.rng.choice(most)) for _ in range(self.rng.randint(1, 3))}
        )
        faults = tuple(Fault(self.rng.choice(["crash before", "crash after"]), n) for n in at)
        hops = self.rng.random() < 0.5
        name = f"crashes ({', '.join(map(str, faults))})" + (", hops" if hops else "")
        return Mode(name, never if hops else always, faults=faults)

    def under(self, mode: Mode, machine: Machine | None = None) -> tuple[Run, list[Difference]]:
        """Run under a mode, and compare with a plain call that draws what counted."""
        backend = "memory" if machine is None else "sqlite"
        self.tally.runs[backend] += 1
        script = Script(self.source.seed)
        arguments = dict(self.source.arguments)
        execution = f"x{self.source.seed}-{sum(self.tally.runs.values())}"
        run = self.runner.run(
            (machine or memory_machine()).run(
                self.workflow, arguments, execution, mode, script, self.programs
            )
        )
        self.tally.hops += run.hops
        self.tally.crashes += run.crashes
        self.tally.repeats += run.repeats
        script.commit()
        expected = self.plain(script.counted) if script.counted else self.calm
        name = f"seed {self.source.seed}, {backend}, {mode.name}"
        return run, list(differences(name, expected, run, forks=self.source.traits.forks))


def differences(mode: str, expected: Seen, run: Run, *, forks: bool) -> Iterator[Difference]:
    """How a run differs. Where branches run side by side, each has an order of its own."""
    seen = run.seen
    if run.unequal:
        yield Difference(mode, "what one idempotency key did", [], run.unequal)
    if run.repeats and not run.crashes:
        yield Difference(mode, "idempotency keys used twice", 0, run.repeats)
    if seen.outcome != expected.outcome:
        yield Difference(mode, "outcome", expected.outcome, seen.outcome)
    if not forks:
        if list(seen.effects) != list(expected.effects):
            yield Difference(mode, "effects", expected.effects, seen.effects)
        if list(seen.logs) != list(expected.logs):
            yield Difference(mode, "log lines", expected.logs, seen.logs)
        return
    if run.cut_short:
        return
    for what, wanted, found in (
        ("effects", expected.effects, seen.effects),
        ("log lines", expected.logs, seen.logs),
    ):
        if Counter(wanted) != Counter(found):
            yield Difference(mode, what, wanted, found)
    for branch, own in run.by_branch.items():
        if not _is_within(own, expected.effects):
            yield Difference(mode, f"order of effects in branch {branch}", expected.effects, own)


def _is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether all of a part occurs in the whole, in that order."""
    rest = iter(whole)
    return all(any(other == one for other in rest) for one in part)


def always() -> bool:
    """Never hand on."""
    return True


def sqlite_machine(path: Path) -> Iterator[Machine]:
    """A machine on a new file; closed behind the `yield`."""
    clock = VirtualClock(BEGIN)
    with SqliteStore(path, clock=clock, ids=SeededIds(1)) as store:
        yield Machine(store.ports, clock)


def memory_machine() -> Machine:
    """A machine on a new memory."""
    clock = VirtualClock(BEGIN)
    return Machine(memory_ports(clock=clock, ids=SeededIds(1)), clock)
