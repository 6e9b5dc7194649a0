"""`simulate`: the engine and protocol of production, on memory, with virtual time and mocks."""

from __future__ import annotations

import asyncio
import random
import weakref
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vivido import engine as pure
from vivido import ids, values
from vivido.authoring import Step, Workflow
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.engine.needs import Compensate, Perform
from vivido.errors import UsageError
from vivido.model.journal import Delivery, Kind, Meta, Record, Status
from vivido.ports import Ports
from vivido.runtime.engine import Engine, always
from vivido.runtime.library import Library
from vivido.runtime.steps import Outcome
from vivido.testing.mocks import Mocks, inline, mocked

EXECUTION = "simulated"
MANY = 100_000  # deliveries after which a simulation is taken to run for ever


@dataclass(frozen=True, slots=True)
class Failure:
    """The error of a run. `type` is the class's name, `exception` the error itself."""

    type: str
    message: str
    exception: BaseException


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of one branch."""

    branch: str
    record: Record

    @property
    def kind(self) -> Kind:
        """What happened."""
        return self.record.kind


class SimulatedEngine(Engine):
    """An engine whose steps are mocked, counted and run without threads."""

    def __init__(
        self,
        ports: Ports,
        mocks: Mocks,
        library: Library | None = None,
        goes_on_inline: Callable[[], bool] = always,
    ) -> None:
        super().__init__(ports, library, goes_on_inline=goes_on_inline)
        self.doubles = {step.ref: mocked(step, mock) for step, mock in mocks.items()}
        self.bodies: Counter[str] = Counter()

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        """Count it, and run the mock if there is one."""
        ref = need.step.spec.ref
        self.bodies[ref] += 1
        if ref not in self.doubles:
            self.doubles[ref] = inline(self.library.step(ref))
        self.library.put(ref, self.doubles[ref])
        return await super().attempt(need, execution, branch, number)


class Run:
    """A simulated execution, at rest: ended, waiting for something from outside, or stopped before a step."""

    def __init__(
        self, engine: SimulatedEngine, clock: VirtualClock, stop_before: frozenset[str]
    ) -> None:
        self._engine, self._clock, self._stop_before = engine, clock, stop_before
        self._held: list[Delivery] = []
        self._changes: dict[str, Any] | None = None
        self._loop = asyncio.Runner()
        # Nobody closes a run. Only its loop: a runner that closes would run it, maybe inside another.
        weakref.finalize(self, self._loop.get_loop().close)

    # ------------------------------------------------------------- what came of it
    @property
    def meta(self) -> Meta:
        """What is known of the execution as a whole."""
        meta = self._do(self._engine.ports.metas.get(EXECUTION))
        assert meta is not None  # noqa: S101
        return meta  # type: ignore[no-any-return]

    @property
    def status(self) -> str:
        """As in META; "paused" before a step of `stop_before`, "waiting" where only the outside can move it."""
        status = self.meta.status
        if status is Status.RUNNING:
            return "paused" if self._held else "waiting"
        return str(status)

    @property
    def output(self) -> Any:
        """What the workflow returned; None unless it succeeded."""
        meta = self.meta
        return values.decode(meta.output) if meta.status is Status.SUCCEEDED else None

    @property
    def error(self) -> Failure | None:
        """Why it did not succeed."""
        meta = self.meta
        if meta.error is None:
            return None
        error = values.decode(meta.error)
        name = getattr(error, "type_name", type(error).__name__)
        return Failure(str(name).rpartition(":")[2].rpartition(".")[2], str(error), error)

    @property
    def history(self) -> list[Entry]:
        """All records of all branches, in the order of their times; a branch's own in theirs."""
        journal = self._engine.ports.journal
        branches = self._do(journal.branches(EXECUTION))
        entries = [
            Entry(branch, record)
            for branch in branches
            for record in self._do(journal.read(EXECUTION, branch))
        ]
        return sorted(entries, key=lambda entry: entry.record.time)

    @property
    def path(self) -> list[str]:
        """The ids of the nodes that came to an outcome, in order."""
        wanted = {Kind.OK, Kind.ERROR, Kind.FORK, Kind.WAIT, Kind.UNDONE, Kind.END}
        return [
            entry.record.data["node"]
            for entry in self.history
            if entry.kind in wanted and "node" in entry.record.data
        ]

    @property
    def logs(self) -> list[tuple[str, str, str]]:
        """The lines the workflow has logged: (level, logger, text)."""
        return [tuple(line) for entry in self.history for line in entry.record.data.get("logs", ())]  # type: ignore[misc]

    @property
    def published(self) -> dict[str, Any]:
        """What `publish` shows."""
        shown: dict[str, Any] = {}
        for entry in self.history:
            data = entry.record.data
            shown.update(data.get("shown", {}) or data.get("state", {}).get("shown", {}))
        return {name: values.decode(value) for name, value in shown.items()}

    @property
    def now(self) -> float:
        """The virtual time, in seconds since 1970."""
        return self._clock.now()

    def calls(self, step: Step[..., Any]) -> int:
        """How often the step's body ran."""
        return self._engine.bodies[step.ref]

    # ------------------------------------------------------------- stopping and going on
    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the workflow where it is stopped; what is changed in it counts after `resume`."""
        if self._changes is None:
            state = self._do(self._state(self._held[0])) if self._held else None
            if state is None:
                raise UsageError(
                    "the run is not stopped before a step: its variables are in its history"
                )
            self._changes = {
                name: state.vars[name]
                for name in sorted(state.vars.names())
                if not name.startswith("$")
            }
        return self._changes

    def resume(self) -> Run:
        """Go on after a stop, with the variables as they are now."""
        if not self._held:
            raise UsageError(f"the run is not stopped before a step, it is {self.status}")
        held, self._held = self._held, []
        self._do(self._resume(held))
        return self

    async def _resume(self, held: list[Delivery]) -> None:
        for delivery in held:
            if self._changes is not None:
                state = await self._state(delivery)
                for name, value in self._changes.items():
                    state.vars[name] = value
                delivery = replace(
                    delivery, message=replace(delivery.message, state=state.snapshot())
                )
            await self._engine.deliver(delivery)
        self._changes = None
        await self.settle()

    async def _state(self, delivery: Delivery) -> pure.State:
        message, engine = delivery.message, self._engine
        if message.state is not None:
            return pure.restore(message.state)
        meta = await engine.ports.metas.get(message.execution)
        assert meta is not None  # noqa: S101
        return pure.begin(await engine.program(meta.digest), meta.input)

    async def _stops(self, delivery: Delivery) -> bool:
        """Whether the message is about to run a step of `stop_before`."""
        message = delivery.message
        if (
            not self._stop_before
            or message.cause != "go"
            or (message.state is None and message.branch != ids.ROOT)
        ):
            return False
        meta = await self._engine.ports.metas.get(message.execution)
        if meta is None:
            return False
        state = await self._state(delivery)
        need = pure.advance(await self._engine.program(meta.digest), state, self._clock.now())
        return isinstance(need, Perform) and need.step.spec.ref in self._stop_before

    async def settle(self) -> None:
        """Deliver until nothing moves; the clock jumps to what comes next."""
        queue: Any = self._engine.ports.queue
        for _ in range(MANY):
            deliveries = await queue.receive("default", 1)
            if not deliveries:
                soon = queue.next_visible()
                if soon is None or self._held:
                    return
                self._clock.advance_to(max(soon, self._clock.now()))
            elif await self._stops(deliveries[0]):
                self._held.append(deliveries[0])
                await queue.ack(deliveries[0])
            else:
                await self._engine.deliver(deliveries[0])
        raise UsageError(
            f"the simulation has not come to rest after {MANY} deliveries: does the workflow loop for ever?"
        )

    def _do(self, work: Any) -> Any:
        return self._loop.run(work)


def simulate(
    workflow: Workflow[..., Any],
    input: Any = None,  # noqa: A002  the word users expect
    *,
    mocks: Mocks | None = None,
    stop_before: Step[..., Any] | Iterable[Step[..., Any]] = (),
    now: datetime | float = 1_767_225_600.0,
    seed: int = 0,
) -> Run:
    """Run a workflow on the engine, in memory, in virtual time.

    `input` is the sole argument, or a dict of all parameters. `mocks` maps steps to what takes their place
    (`vivido.testing.mocks`). `stop_before`: stop when one of these steps is about to run. `now`: when it begins
    (seconds since 1970, or a datetime with a zone). `seed`: of ids, jitter and chance. Raises DefinitionError and UsageError.
    """
    begin = now.timestamp() if isinstance(now, datetime) else float(now)
    clock = VirtualClock(begin)
    stops = (stop_before,) if isinstance(stop_before, Step) else tuple(stop_before)
    ports = memory_ports(clock=clock, ids=SeededIds(seed))
    library = Library()
    library.put(workflow.ref, workflow)
    engine = SimulatedEngine(
        ports, mocks or {}, library, goes_on_inline=always if not stops else never
    )
    run = Run(engine, clock, frozenset(step.ref for step in stops))
    arguments = workflow.bind_input(input)
    run._do(engine.start(workflow.definition, arguments, execution=EXECUTION))  # noqa: SLF001
    run._do(run.settle())  # noqa: SLF001
    return run


def never() -> bool:
    """Hand on by a message after each record."""
    return False
