"""What does the engine give? The same things, under hops and crashes, on any backend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.differential import library
from tests.differential.plain import Seen, error_outcome, shown, value_outcome
from tests.differential.script import Script, playing

from vivido import ids, values
from vivido.authoring import Workflow
from vivido.backends.memory import VirtualClock
from vivido.engine.needs import Compensate, Perform
from vivido.engine.program import Program
from vivido.errors import InvariantError
from vivido.model.journal import Delivery, Meta, Record
from vivido.ports import Ports
from vivido.runtime.library import Library
from vivido.runtime.steps import Outcome
from vivido.settings import Settings
from vivido.testing.faults import Crash, Fault, Injector, faulty
from vivido.testing.simulation import SimulatedEngine

MANY = 3_000  # deliveries after which a run is taken to go on for ever


@dataclass(frozen=True, slots=True)
class Mode:
    """How an execution is driven. `hops` says after each record whether it goes on elsewhere."""

    name: str
    goes_on_inline: Callable[[], bool]
    nodes_without_record: int = 1_000
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Run:
    """What came of an execution."""

    seen: Seen
    calls: int = 0  # of ports, that could have crashed
    hops: int = 0
    crashes: int = 0
    repeats: int = 0  # bodies of steps run again
    unequal: list[str] = field(default_factory=list)  # what ran again and did something else
    cut_short: bool = False  # a branch failed beside others: how far they came is open
    bodies: list[str] = field(default_factory=list)  # every run of a step's body, also in vain
    by_branch: dict[tuple[str, str], list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Body:
    """A step's body that ran."""

    effect: library.Effect
    execution: str
    branch: str
    undoes: bool


class _Engine(SimulatedEngine):
    """Draws from a script, and remembers which branch each effect belongs to."""

    def __init__(self, ports: Ports, mode: Mode, script: Script, known: dict[str, Program]) -> None:
        super().__init__(ports, {}, Library(), goes_on_inline=mode.goes_on_inline)
        self.settings = replace(Settings(), nodes_without_record=mode.nodes_without_record)
        self.script = script
        self.programs = known
        self.ran: list[_Body] = []

    async def program(self, digest: str) -> Program:
        found = await super().program(digest)
        found.ambient = self.script.ambient()
        found.nodes_without_record = self.settings.nodes_without_record
        return found

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        library.TRACE.clear()
        outcome = await super().attempt(need, execution, branch, number)
        undoes = isinstance(need, Compensate)
        self.ran += [_Body(effect, execution, branch, undoes) for effect in library.TRACE]
        return outcome


class _Watched:
    """Stands below the faults: sees each record that was really appended."""

    def __init__(self, port: Any, method: str, see: Callable[[str, str, Record], None]) -> None:
        self._port, self._method, self._see = port, method, see

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name != self._method:
            return found

        async def append(execution: str, branch: str, record: Record | None, *rest: Any) -> Any:
            old = await found(execution, branch, record, *rest)
            if old is None and record is not None:
                self._see(execution, branch, record)
            return old

        return append


class Machine:
    """Runs executions one after another on some ports, in virtual time."""

    def __init__(self, ports: Ports, clock: VirtualClock) -> None:
        self.ports, self.clock = ports, clock

    async def run(
        self,
        workflow: Workflow[..., Any],
        arguments: dict[str, Any],
        execution: str,
        mode: Mode,
        script: Script,
        programs: dict[str, Program],
    ) -> Run:
        """Run to rest."""
        appended: list[tuple[str, str, Record]] = []

        def see(execution: str, branch: str, record: Record) -> None:
            appended.append((execution, branch, record))
            script.commit()

        injector = Injector(*mode.faults)
        engine = _Engine(faulty(self._watched(see), injector), mode, script, programs)
        with playing(script):
            await engine.start(workflow.definition, arguments, execution=execution)
            crashes, deliveries = await self._settle(engine, injector)
        meta = await self.ports.metas.get(execution)
        assert meta is not None
        run = Run(_seen(engine.ran, appended, meta), injector.calls, deliveries - 1, crashes)
        run.repeats = len(engine.ran) - len(_once(engine.ran))
        run.unequal = _unequal(engine.ran)
        run.bodies = [shown(body.effect) for body in engine.ran]
        run.by_branch = _by_branch(engine.ran)
        run.cut_short = any(
            record.data.get("end", {}).get("status") == "failed" and ids.parent_of(branch)
            for _, branch, record in appended
        )
        return run

    def _watched(self, see: Callable[[str, str, Record], None]) -> Ports:
        ports = self.ports
        atomic = None if ports.atomic is None else _Watched(ports.atomic, "commit", see)
        journal: Any = _Watched(ports.journal, "append", see)
        return replace(ports, journal=journal, atomic=atomic)

    async def _settle(self, engine: _Engine, injector: Injector) -> tuple[int, int]:
        queue: Any = self.ports.queue
        crashes = deliveries = 0
        while deliveries < MANY:
            for delivery in (received := await queue.receive("default", 1)):
                deliveries += 1
                crashes += await self._deliver(engine, injector, delivery)
            if not received:
                soon = queue.next_visible()
                if soon is None:
                    return crashes, deliveries
                self.clock.advance_to(max(soon, self.clock.now()))
        raise InvariantError(f"no rest after {MANY} deliveries")

    async def _deliver(self, engine: _Engine, injector: Injector, delivery: Delivery) -> bool:
        injector.armed = True
        try:
            await engine.deliver(delivery)
        except Crash:
            engine.script.forget()
            return True
        finally:
            injector.armed = False
        return False


def _seen(ran: Sequence[_Body], appended: Sequence[tuple[str, str, Record]], meta: Meta) -> Seen:
    logs = [
        f"{level} {text}"
        for _, _, record in appended
        for level, _, text in record.data.get("logs", ())
    ]
    effects = [shown(body.effect) for body in _once(ran) if not body.undoes]
    return Seen(_outcome(meta), effects, logs)


def _once(ran: Sequence[_Body]) -> list[_Body]:
    """Each idempotency key's first run."""
    first: dict[tuple[str, str], _Body] = {}
    for body in ran:
        first.setdefault((body.effect.step, body.effect.key), body)
    return list(first.values())


def _by_branch(ran: Sequence[_Body]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for body in _once(ran):
        if not body.undoes:
            found[body.execution, body.branch].append(shown(body.effect))
    return found


def _outcome(meta: Meta) -> tuple[str, ...]:
    if meta.error is not None:
        return error_outcome(values.decode(meta.error))
    if not meta.status.is_end:
        return ("unfinished", str(meta.status))
    return value_outcome(values.decode(meta.output))


def _unequal(ran: Sequence[_Body]) -> list[str]:
    """Keys under which something else was done the second time."""
    shown_by_key: dict[str, set[str]] = defaultdict(set)
    for body in ran:
        shown_by_key[body.effect.key].add(shown(body.effect))
    return [f"{key}: {sorted(found)}" for key, found in shown_by_key.items() if len(found) > 1]
