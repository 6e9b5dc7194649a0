"""`simulate`: the engine and protocol of production, on memory, with virtual time and mocks."""

from __future__ import annotations

import asyncio
import weakref
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from vivido import engine as pure
from vivido import values
from vivido.authoring import Step, Workflow
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.engine.needs import Compensate, Perform
from vivido.errors import InvariantError, UsageError
from vivido.model.definition import Definition
from vivido.model.journal import Cause, Decision, Delivery, Kind, Status
from vivido.ports import Ports
from vivido.runtime.asking import Redrive, ask
from vivido.runtime.engine import Engine, always
from vivido.runtime.library import Library
from vivido.runtime.operating import By, Operations
from vivido.runtime.steps import Outcome
from vivido.runtime.turn import Turn
from vivido.testing.execution import Execution
from vivido.testing.faults import Faults, chosen
from vivido.testing.mocks import Mocks, inline, mocked
from vivido.testing.report import Report

EXECUTION = "simulated"
_TEST = By("test")
MANY = 100_000  # deliveries after which a simulation is taken to run for ever


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


class Run(Execution):
    """A simulated execution, at rest.

    Ended, waiting for something from outside, or stopped before a step.
    """

    def __init__(
        self, engine: SimulatedEngine, clock: VirtualClock, stop_before: frozenset[str]
    ) -> None:
        self._loop = asyncio.Runner()
        super().__init__(engine.ports, EXECUTION, self._loop.run)
        self._engine, self._clock, self._stop_before = engine, clock, stop_before
        self._held: list[tuple[Delivery, pure.State]] = []
        self._changes: dict[str, Any] | None = None
        self.faults: Report | None = None  # what `simulate(faults=…)` has found
        # Nobody closes a run. Only its loop: a runner that closes would run it, maybe inside
        # another.
        weakref.finalize(self, self._loop.get_loop().close)

    @property
    def status(self) -> str:
        """As in META.

        "paused" before a step of `stop_before`, "waiting" where only the outside can move it.
        """
        status = super().status
        if status != Status.RUNNING:
            return status
        return "paused" if self._held else "waiting"

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
        """The variables of the workflow where it is stopped.

        What is changed in it counts after `resume`.

        In a fork several branches may be stopped: these are the variables of the first.
        """
        if not self._held:
            raise UsageError(
                "the run is not stopped before a step: its variables are in its history"
            )
        if self._changes is None:
            _, state = self._held[0]
            names = sorted(name for name in state.vars.names() if not name.startswith("$"))
            self._changes = {name: values.copy(state.vars[name]) for name in names}
        return self._changes

    def resume(self) -> Run:
        """Go on after a stop, with the variables as they are now."""
        if not self._held:
            raise UsageError(f"the run is not stopped before a step, it is {self.status}")
        self._do(self._resume())
        return self

    def decide(self, decision: Decision, result: Any = None) -> Run:
        """Decide on the compensation that failed for good, and go on: see `Client.decide`."""
        self._do(Operations(self._engine.ports).decide(EXECUTION, decision, _TEST, result=result))
        self._do(self.settle())
        return self

    def redrive(
        self,
        redrive: Redrive | None = None,
        *,
        definition: Workflow[..., Any] | Definition | None = None,
    ) -> Run:
        """Let the run that has ended go on, and run to rest: see `vivido.runtime.asking`.

        `definition`: the newer workflow on which to go on.
        """
        asked = redrive or Redrive()
        if definition is not None:
            newer = definition.definition if isinstance(definition, Workflow) else definition
            asked = replace(asked, definition=newer)
        self._do(ask(Operations(self._engine.ports), EXECUTION, asked, _TEST))
        self._do(self.settle())
        return self

    async def _resume(self) -> None:
        held, self._held = self._held, []
        changes, self._changes = self._changes or {}, None
        for delivery, state in held:
            changed = {
                name: value for name, value in changes.items() if state.vars.get(name) != value
            }
            await self._go_on(delivery, changed)
            changes = {}
        await self.settle()

    async def _go_on(self, delivery: Delivery, changed: dict[str, Any]) -> None:
        """Deliver what was held.

        Changes are recorded like anything else that happens to a branch.
        """
        turn = await self._turn(delivery)
        pure.advance(turn.program, turn.state, self.now)
        if changed:
            for name, value in changed.items():
                turn.state.vars[name] = value
            await turn.append(Kind.SET, {"by": "test", **pure.follows(turn.state)})
        await turn.run()

    async def _turn(self, delivery: Delivery) -> Turn:
        """The work under a delivery, caught up to its head."""
        message = delivery.message
        meta, following = await self._engine.ports.journal.head(
            message.execution, message.branch, message.n
        )
        if meta is None:
            raise InvariantError(f"execution {message.execution!r} has messages and no META")
        turn = Turn(self._engine, await self._engine.program(meta.digest), delivery, meta)
        await turn.catch_up(following)
        return turn

    async def _stops(self, delivery: Delivery) -> bool:
        """Hold the message, if it is about to run a step of `stop_before`."""
        if not self._stop_before or delivery.message.cause is not Cause.GO:
            return False
        turn = await self._turn(delivery)
        if turn.state.phase != "run":
            return False
        need = pure.advance(turn.program, turn.state, self.now)
        if not isinstance(need, Perform) or need.step.spec.ref not in self._stop_before:
            return False
        self._held.append((delivery, turn.state))
        return True

    async def _is_over(self) -> bool:
        """Whether it has ended: then nobody waits for what is still in the queue, as old timers."""
        meta = await self._engine.ports.metas.get(EXECUTION)
        return meta is not None and meta.status.is_end

    async def settle(self) -> None:
        """Deliver until nothing moves; the clock jumps to what comes next."""
        queue: Any = self._engine.ports.queue
        for _ in range(MANY):
            deliveries = await queue.receive("default", 1)
            if not deliveries:
                soon = queue.next_visible()
                if soon is None or self._held or await self._is_over():
                    return
                self._clock.advance_to(max(soon, self._clock.now()))
            elif await self._stops(deliveries[0]):
                await queue.ack(deliveries[0])
            else:
                await self._engine.deliver(deliveries[0])
        raise UsageError(
            f"the simulation has not come to rest after {MANY} deliveries: does the workflow "
            "loop for ever?"
        )


def simulate(
    workflow: Workflow[..., Any],
    input: Any = None,  # noqa: A002  the word users expect
    *,
    mocks: Mocks | None = None,
    stop_before: Step[..., Any] | Iterable[Step[..., Any]] = (),
    now: datetime | float = 1_767_225_600.0,
    seed: int = 0,
    faults: Faults | Literal["all"] | None = None,
) -> Run:
    """Run a workflow on the engine, in memory, in virtual time.

    `input` is the sole argument, or a dict of all parameters. `mocks` maps steps to what takes
    their place
    (`vivido.testing.mocks`). `stop_before`: stop when one of these steps is about to run. `now`:
    when it begins
    (seconds since 1970, or a datetime with a zone). `seed`: of ids, jitter and chance. `faults`:
    run it again for each crash, copy and late worker; `run.faults` says what was found, and
    `run.faults.check()` raises if that is anything. Raises DefinitionError and UsageError.
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
    if faults is not None:
        if stops:
            raise UsageError("simulate() takes stop_before= or faults=, not both")
        run.faults = tried(workflow, input, mocks or {}, chosen(faults))
    return run


def tried(
    workflow: Workflow[..., Any],
    input: Any,  # noqa: A002  the word users expect
    mocks: Mocks,
    faults: Faults,
) -> Report:
    """Run a workflow under every fault; see `vivido.testing.trials`."""
    from vivido.testing.trials import Trials  # noqa: PLC0415  it builds on this

    trials = Trials(workflow, input, mocks, faults)
    for _ in trials.go():
        pass
    return trials.report


def never() -> bool:
    """Hand on by a message after each record."""
    return False
