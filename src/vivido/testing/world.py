"""A small world for fault tests.

A queue that delivers, workers that crash or come late, and the laws that must hold.

`World.run` starts a workflow, delivers until nothing moves, and lets the injector's faults happen;
`check` holds the
result to the invariants of the protocol (`protocol_model.py` names the same).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vivido import ids, values
from vivido.authoring import Step, Workflow
from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.engine.needs import Compensate, Perform
from vivido.errors import InvariantError
from vivido.model.definition import Definition
from vivido.model.journal import Delivery, Meta, Record
from vivido.ports import Ports
from vivido.runtime.engine import branch_of
from vivido.runtime.library import Library
from vivido.runtime.steps import Outcome, Raised
from vivido.testing.faults import Crash, Fault, Injector, faulty
from vivido.testing.laws import Laws, name_of
from vivido.testing.simulation import SimulatedEngine
from vivido.testing.trace import Body, Op

EXECUTION = "x"
MANY = 5_000
SIDE_BY_SIDE = ("late", "twice", "undead")  # faults with which two deliveries overlap


class NoRest(InvariantError):
    """Messages come and go, and there is no end of it."""


@dataclass
class Result:
    """What is left when nothing moves any more."""

    meta: Meta | None
    records: dict[str, dict[str, list[Record]]]  # execution, branch
    bodies: Counter[tuple[str, str]]  # (step, idempotency key): how often its body ran
    calls: int
    call_names: list[str]
    deliveries: int
    trace: list[Op] = field(default_factory=list)  # what took effect at the store, in order
    metas: dict[str, Meta] = field(default_factory=dict)  # of all executions
    definitions: dict[str, Definition] = field(default_factory=dict)  # by digest
    one_at_a_time: bool = True  # no two deliveries of a message were under way at once

    @property
    def outcome(self) -> tuple[str, Any, Any]:
        """Status, output, and type and message of the error."""
        if self.meta is None:
            return ("unborn", None, None)
        error = None if self.meta.error is None else values.decode(self.meta.error)
        shown = None if error is None else (type(error).__name__, str(error))
        return (
            str(self.meta.status),
            values.decode(self.meta.output) if self.meta.output is not None else None,
            shown,
        )


class FaultyEngine(SimulatedEngine):
    """Counts bodies by idempotency key."""

    def __init__(
        self, ports: Ports, mocks: Mapping[Step[..., Any], Any], library: Library, **more: Any
    ) -> None:
        super().__init__(ports, mocks, library, **more)
        self.ran: Counter[tuple[str, str]] = Counter()
        self.injector = Injector()

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        """Count, note, then run."""
        key = ids.idempotency_key(execution, branch_of(need, branch), need.path)
        self.ran[need.step.name, key] += 1
        body = Body(need.step.name, key, need.path, isinstance(need, Compensate))
        self.injector.trace.append(Op("body", execution, branch, body))
        outcome = await super().attempt(need, execution, branch, number)
        if isinstance(outcome, Raised) and isinstance(outcome.error.__cause__, Crash):
            raise outcome.error.__cause__  # the body ends the process
        return outcome


class World:
    """One execution on memory under some faults.

    `engine_class` may be a broken engine, to see it caught.
    """

    def __init__(
        self,
        *faults: Fault,
        engine_class: type[FaultyEngine] = FaultyEngine,
        ports: Ports | None = None,
        stale_acks: bool = False,
        now: float = 1_000_000.0,
        seed: int = 1,
    ) -> None:
        self.faults = faults
        self.ports = ports or memory_ports(
            clock=VirtualClock(now), ids=SeededIds(seed), stale_acks=stale_acks
        )
        self.clock: Any = self.ports.clock  # a VirtualClock
        self.injector = Injector(*faults)
        self.twice = {fault.at for fault in faults if fault.kind == "twice"}
        self.undead = {fault.at for fault in faults if fault.kind == "undead"}
        self.engine_class = engine_class
        self.deliveries = 0
        self.late: list[asyncio.Task[None]] = []
        self.crashed = False

    def run(
        self,
        workflow: Workflow[..., Any],
        input: Any,  # noqa: A002
        *,
        mocks: Mapping[Step[..., Any], Any] | None = None,
        goes_on_inline: Any = None,
        during: Any = None,
        at_rest: Any = None,
    ) -> Result:
        """Run to rest. `during(world, engine, number)` is awaited before each delivery.

        Controls from outside.

        `at_rest(engine)` is awaited when nothing moves any more; then it runs on, and if that gave
        True, once more.
        """
        return asyncio.run(self._run(workflow, input, mocks or {}, goes_on_inline, during, at_rest))

    async def _run(
        self, workflow: Any, given: Any, mocks: Any, goes_on_inline: Any, during: Any, at_rest: Any
    ) -> Result:
        library = Library()
        library.put(workflow.ref, workflow)
        more = {} if goes_on_inline is None else {"goes_on_inline": goes_on_inline}
        self.engine = self.engine_class(faulty(self.ports, self.injector), mocks, library, **more)
        self.engine.injector = self.injector
        await self.engine.start(
            workflow.definition, workflow.bind_input(given), execution=EXECUTION
        )
        await self.rest(during)
        while at_rest is not None:
            again = await at_rest(self.engine)
            await self.rest(None)
            at_rest = at_rest if again else None
        return await self.result()

    async def rest(self, during: Any) -> None:
        """Deliver until nothing moves, not even late workers."""
        await self.settle(during)
        while self.injector.late:
            await self.wake_late()
            await self.settle(during)

    async def settle(self, during: Any) -> None:
        """Deliver until nothing is queued."""
        queue: Any = self.ports.queue
        for _ in range(MANY):
            if during is not None:
                await during(self, self.engine, self.deliveries)
            deliveries = await queue.receive("default", 1)
            if deliveries:
                await self.one(deliveries[0])
            elif (soon := queue.next_visible()) is not None:
                self.clock.advance_to(max(soon, self.clock.now()))
            else:
                return
        raise NoRest(f"no rest after {MANY} rounds under {[str(fault) for fault in self.faults]}")

    async def one(self, delivery: Delivery) -> None:
        """One delivery.

        A copy of it before, or once more after it was deleted, where the faults say so.
        """
        self.deliveries += 1
        number = self.deliveries
        if number in self.twice:
            await self.deliver(Delivery(delivery.message, f"{delivery.id}-copy", 1))
        await self.deliver(delivery)
        if number in self.undead:
            await self.deliver(
                Delivery(delivery.message, f"{delivery.id}-undead", delivery.receives + 1)
            )

    async def deliver(self, delivery: Delivery) -> None:
        """Deliver; a crash ends it, a late worker stays behind as a task."""
        waiting = len(self.injector.late)
        task = asyncio.ensure_future(self.attacked(delivery))
        while not task.done() and len(self.injector.late) == waiting:
            await asyncio.sleep(0)
        if task.done():
            task.result()
        else:
            self.late.append(task)
        self.injector.armed = False
        if self.crashed:  # the moment at which a late worker may find the branch without a driver
            self.crashed = False
            await self.wake_late()

    async def wake_late(self) -> None:
        """The late workers go on where they stood."""
        for gate in self.injector.late:
            gate.set_result(None)
        self.injector.late.clear()
        await asyncio.gather(*self.late, return_exceptions=True)
        self.late.clear()

    async def attacked(self, delivery: Delivery) -> None:
        """A delivery in whose calls faults happen."""
        self.injector.armed = True
        try:
            await self.engine.deliver(delivery)
        except Crash:
            self.crashed = True
        finally:
            self.injector.armed = False

    async def result(self) -> Result:
        """Read everything."""
        metas = {meta.execution: meta for meta in await self.ports.metas.list(_all())}
        executions = [EXECUTION, *sorted(metas.keys() - {EXECUTION})]
        records = {
            execution: {
                branch: list(await self.ports.journal.read(execution, branch))
                for branch in await self.ports.journal.branches(execution)
            }
            for execution in executions
        }
        meta = await self.ports.metas.get(EXECUTION)
        if meta is not None:
            inline = self.engine.payloads.inline
            meta = replace(meta, output=inline(meta.output), error=inline(meta.error))
        return Result(
            meta,
            records,
            self.engine.ran,
            self.injector.calls,
            self.injector.names,
            self.deliveries,
            self.injector.trace,
            metas,
            await self.definitions(metas),
            all(fault.kind not in SIDE_BY_SIDE for fault in self.faults),
        )

    async def definitions(self, metas: Mapping[str, Meta]) -> dict[str, Definition]:
        """The definitions that the executions are pinned to."""
        found = {m.digest: await self.ports.registry.get(m.digest) for m in metas.values()}
        return {digest: definition for digest, definition in found.items() if definition}


def _all() -> Any:
    from vivido.ports import MetaFilter  # noqa: PLC0415

    return MetaFilter(limit=10_000)


# ---------------------------------------------------------------- the laws
def check(result: Result) -> list[str]:
    """All laws of the protocol that a result breaks, as sentences."""
    laws = Laws(result.definitions).hold(result.trace)
    laws.at_rest(result.metas).unchanged(result.records)
    return (laws.nothing_forgotten() if result.one_at_a_time else laws).broken


def committed(result: Result) -> Counter[tuple[str, str]]:
    """How often each idempotency key came to a recorded result."""
    return _by_key(result, "result")


def wasted(result: Result) -> int:
    """How many bodies ran whose outcome no record holds."""
    recorded = _by_key(result, "attempt")
    return sum(max(0, ran - recorded[key]) for key, ran in result.bodies.items())


def _by_key(result: Result, part: str) -> Counter[tuple[str, str]]:
    """Records that hold `part`, by step and idempotency key."""
    found: Counter[tuple[str, str]] = Counter()
    for execution, branches in result.records.items():
        for branch, records in branches.items():
            for record in records:
                data: Any = record.data
                if part in data:
                    path = data.get("path", data["node"])
                    name = data.get("branch") or name_of(branch, branches.__getitem__)
                    key = ids.idempotency_key(execution, name, path)
                    found[data["step"], key] += 1
    return found
