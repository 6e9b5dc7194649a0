"""A user's own workflow under faults: one run for each crash, copy and late worker, all compared.

Every call that the engine makes to its store is a crash point, before and after its effect; so is
every effect that a step tells of (`step_context().effect`). Each run is a world of its own, in
memory and virtual time, and ends as the calm run does, or the report says how it did not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from vivido import ids
from vivido.authoring import Step, Workflow
from vivido.authoring.context import noting
from vivido.engine.needs import Compensate, Perform
from vivido.errors import InvariantError, UsageError
from vivido.model.definition import Definition
from vivido.model.journal import Json
from vivido.model.nodes import NodeBase
from vivido.runtime.engine import always, branch_of
from vivido.runtime.steps import Outcome, Raised
from vivido.testing.effects import Ran, differing, shown, silent
from vivido.testing.faults import AT_CALLS, AT_DELIVERIES, EFFECT, Fault, FaultKind, Faults
from vivido.testing.mocks import Mocks, Script
from vivido.testing.report import Differs, NotIdempotent, Report
from vivido.testing.simulation import never
from vivido.testing.world import MANY, FaultyEngine, NoRest, Result, World, check
from vivido.visible import shortened

NAMES: Mapping[FaultKind, str] = {
    "crash before": "a crash before",
    "crash after": "a crash after",
    "late": "a late worker at",
    "echo": "a repeated request at",
    "twice": "a copy of",
    "undead": "a message come back after",
}
TEXT = 200  # characters of an outcome in a report
MODES = (always, never)  # goes on inline, and hands on by a message after each record


class TriedEngine(FaultyEngine):
    """Notes what each body tells of its effects; each is a crash point too."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.mocked = frozenset(self.doubles)  # what their mocks give is taken for their effect
        self.bodies_ran: list[Ran] = []

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        """Run the body, noting."""
        key = ids.idempotency_key(execution, branch_of(need, branch), need.path)
        ran = Ran(need.step.name, need.node, need.path, key, execution, number)
        self.bodies_ran.append(ran)

        def note(name: str, value: object) -> None:
            self.injector.crash_point(EFFECT, lambda: ran.effects.append((name, shown(value))))

        with noting(note):
            outcome = await super().attempt(need, execution, branch, number)
        if need.step.spec.ref in self.mocked:
            given = repr(outcome.error) if isinstance(outcome, Raised) else outcome.result
            ran.gave.append(("result", given))
        return outcome


class Trials:
    """The runs of one workflow with one input. `go` makes them; `report` grows meanwhile."""

    def __init__(
        self,
        workflow: Workflow[..., Any],
        input: Any,  # noqa: A002  the word users expect
        mocks: Mocks,
        faults: Faults,
    ) -> None:
        self.workflow, self.input, self.faults = workflow, input, faults
        self.mocks: dict[Step[..., Any], Any] = {
            step: Script(step, mock) if isinstance(mock, list) else mock
            for step, mock in mocks.items()
        }
        self.calm = {mode: self.calmly(mode) for mode in MODES}
        self.found: set[tuple[str, str]] = set()  # step and node of what is not idempotent
        first = self.calm[always]
        self.report = Report(workflow.name, ended(first))
        self.report.varies = self.varies()
        self.plan = list(self.planned())
        self.report.planned = len(self.plan)
        if broken := check(first):
            self.report.violations["no fault"] = broken

    def calmly(self, mode: Any) -> Result:
        """The run without a fault. Raises UsageError where it is too long to be tried."""
        try:
            result, _ = self.run(mode)
        except NoRest as error:
            raise UsageError(
                f"workflow {self.workflow.name!r} has not come to rest after {MANY} deliveries, "
                "without any fault: try it with a smaller input, or mock what it waits for"
            ) from error
        return result

    def varies(self) -> bool:
        """Whether the output is another at another time, with other ids and chances."""
        other, _ = self.run(always, now=2_000_000_000.0, seed=7)
        return end_of(other) != end_of(self.calm[always])

    def planned(self) -> Iterator[tuple[Any, tuple[Fault, ...]]]:
        """All runs: how they go on, and the faults of each."""
        every = [
            (mode, fault) for mode, calm in self.calm.items() for fault in self.of_one_run(calm)
        ]
        most = self.faults.most
        kept = every if most is None else every[:: max(1, -(-len(every) // most))]
        yield from ((mode, (fault,)) for mode, fault in kept)
        dice = random.Random(self.faults.seed)  # noqa: S311  meant to be repeated
        in_hops = [fault for mode, fault in every if mode is never]
        for _ in range(self.faults.pairs if len(in_hops) > 1 else 0):
            yield never, tuple(dice.sample(in_hops, 2))

    def of_one_run(self, calm: Result) -> Iterator[Fault]:
        """All single faults of a run that is as long as the calm one."""
        wanted = self.faults.kinds()
        for kind in AT_CALLS:
            for at, name in enumerate(calm.call_names, 1):
                if kind in wanted and _makes_sense(kind, name):
                    yield Fault(kind, at)
        for kind in AT_DELIVERIES:
            if kind in wanted:
                yield from (Fault(kind, at) for at in range(1, calm.deliveries + 1))

    def go(self) -> Iterator[int]:
        """Make all runs; yields how many are done after each."""
        for number, (mode, faults) in enumerate(self.plan, 1):
            self.try_one(mode, faults)
            yield number
        self.report.complete = True

    def try_one(self, mode: Any, faults: tuple[Fault, ...]) -> None:
        """One run, compared with the calm one."""
        calm, report = self.calm[mode], self.report
        name = " and ".join(_named(fault, calm) for fault in faults)
        report.runs[faults[0].kind if len(faults) == 1 else "pairs"] += 1
        try:
            result, ran = self.run(mode, *faults)
        except InvariantError as error:
            report.violations[name] = [str(error)]
            return
        if broken := check(result):
            report.violations[name] = broken
        if end_of(result, varies=report.varies) != end_of(calm, varies=report.varies):
            report.differs.append(Differs(name, ended(result), interrupted(result)))
        report.silent |= silent(ran)
        self.compare(result, ran, name)

    def compare(self, result: Result, ran: list[Ran], fault: str) -> None:
        """Note which steps were run twice and did different things: each once in the report."""
        for twice in differing(ran):
            body = twice.ran
            if (body.step, body.node) in self.found:
                continue
            self.found.add((body.step, body.node))
            definition = result.definitions.get(result.metas[body.execution].digest)
            line = lines(definition).get(body.node)
            found = NotIdempotent(
                body.step, body.node, line, body.key, twice.one, twice.other, fault
            )
            self.report.not_idempotent.append(found)

    def run(
        self, mode: Any, *faults: Fault, now: float = 1_767_225_600.0, seed: int = 0
    ) -> tuple[Result, list[Ran]]:
        """One run in a world of its own."""
        mocks = {
            step: mock.again() if isinstance(mock, Script) else mock
            for step, mock in self.mocks.items()
        }
        world = World(*faults, engine_class=TriedEngine, now=now, seed=seed, stale_acks=True)
        result = world.run(self.workflow, self.input, mocks=mocks, goes_on_inline=mode)
        if not faults and mode is always:  # whoever had which item is to have it again
            self.mocks = mocks
        engine: Any = world.engine
        return result, engine.bodies_ran


def _makes_sense(kind: FaultKind, call: str) -> bool:
    if kind == "echo":
        return call == "journal.append"
    return call != EFFECT or kind != "late"


def _named(fault: Fault, calm: Result) -> str:
    if fault.kind in AT_DELIVERIES:
        return f"{NAMES[fault.kind]} delivery {fault.at}"
    return f"{NAMES[fault.kind]} call {fault.at} ({calm.call_names[fault.at - 1]})"


def ended(result: Result) -> str:
    """How a run ended, in words."""
    status, output, error = result.outcome
    if error is not None:
        return shortened(f"ended as {status} with {error[0]}: {error[1]}", TEXT)
    if status == "succeeded":
        return shortened(f"succeeded with {output!r}", TEXT)
    return f"ended as {status}" if status not in ("running", "unborn") else f"is {status}"


def end_of(result: Result, *, varies: bool = False) -> tuple[str, Json, Any]:
    """What is compared: status, output as it is stored, error; of what varies, not the values."""
    status, _, error = result.outcome
    if varies:
        return status, None, error and error[0]
    return status, result.meta and result.meta.output, error


def interrupted(result: Result) -> bool:
    """Whether an at-most-once step lost its outcome."""
    return any(
        "StepInterrupted" in str(record.data.get("raised", record.data.get("error", "")))
        or "StepInterrupted" in str(record.data.get("end", ""))
        for branches in result.records.values()
        for records in branches.values()
        for record in records
    )


def lines(definition: Definition | None) -> dict[str, int]:
    """The line of each node of a definition, by its id."""
    found: dict[str, int] = {}
    level: list[Any] = [] if definition is None else [definition]
    while level:
        part = level.pop()
        if isinstance(part, NodeBase) and part.line is not None:
            found[part.id] = part.line
        level.extend(part.parts())
    return found
