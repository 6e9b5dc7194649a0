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
from vivido.model.journal import Delivery, Kind, Meta, Record
from vivido.ports import Ports
from vivido.runtime.engine import branch_of
from vivido.runtime.library import Library
from vivido.runtime.steps import Outcome, Raised
from vivido.testing.faults import Crash, Fault, Injector, faulty
from vivido.testing.simulation import SimulatedEngine

EXECUTION = "x"
MANY = 5_000


@dataclass
class Result:
    """What is left when nothing moves any more."""

    meta: Meta | None
    records: dict[str, dict[str, list[Record]]]  # execution, branch
    bodies: Counter[tuple[str, str]]  # (step, idempotency key): how often its body ran
    calls: int
    call_names: list[str]
    deliveries: int
    history: list[Meta] = field(default_factory=list)  # META each time it was seen

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

    async def attempt(
        self, need: Perform | Compensate, execution: str, branch: str, number: int
    ) -> Outcome:
        """Count, then run."""
        self.ran[
            need.step.name, ids.idempotency_key(execution, branch_of(need, branch), need.path)
        ] += 1
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
    ) -> None:
        self.faults = faults
        self.clock = VirtualClock(1_000_000.0)
        self.ports = ports or memory_ports(
            clock=self.clock, ids=SeededIds(1), stale_acks=stale_acks
        )
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

        `at_rest(engine)` is awaited once when nothing moves any more; then it runs on.
        """
        return asyncio.run(self._run(workflow, input, mocks or {}, goes_on_inline, during, at_rest))

    async def _run(
        self, workflow: Any, given: Any, mocks: Any, goes_on_inline: Any, during: Any, at_rest: Any
    ) -> Result:
        library = Library()
        library.put(workflow.ref, workflow)
        more = {} if goes_on_inline is None else {"goes_on_inline": goes_on_inline}
        self.engine = self.engine_class(faulty(self.ports, self.injector), mocks, library, **more)
        await self.engine.start(
            workflow.definition, workflow.bind_input(given), execution=EXECUTION
        )
        await self.settle(during)
        while self.injector.late:
            await self.wake_late()
            await self.settle(during)
        if at_rest is not None:
            await at_rest(self.engine)
            await self.settle(None)
        return await self.result()

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
        raise InvariantError(
            f"no rest after {MANY} rounds under {[str(fault) for fault in self.faults]}"
        )

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
        executions = [
            EXECUTION,
            *sorted({meta.execution for meta in await self.ports.metas.list(_all())} - {EXECUTION}),
        ]
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
        )


def _all() -> Any:
    from vivido.ports import MetaFilter  # noqa: PLC0415

    return MetaFilter(limit=10_000)


# ---------------------------------------------------------------- the laws
def check(result: Result) -> list[str]:
    """All laws of the protocol that a result breaks, as sentences."""
    broken: list[str] = []
    for execution, branches in result.records.items():
        for branch, records in branches.items():
            broken += [f"{execution}/{branch}: {what}" for what in _journal(records)]
        broken += [f"{execution}: {what}" for what in _forks(branches)]
        broken += [f"{execution}: {what}" for what in _compensation(branches.get(ids.ROOT, []))]
    if result.meta is not None and result.meta.status.is_end:
        root = result.records[EXECUTION].get(ids.ROOT, [])
        if (
            not root
            or root[-1].kind is not Kind.END
            or root[-1].data["end"]["status"] != result.meta.status
        ):
            broken.append(f"META says {result.meta.status}, the root's journal does not end so")
    elif result.meta is not None and result.meta.status != "needs_attention":
        broken.append(f"nothing moves and META says {result.meta.status}")
    broken += [
        f"step {step} with key {key} was committed {n} times"
        for (step, key), n in committed(result).items()
        if n > 1
    ]
    return broken


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
                    key = ids.idempotency_key(execution, data.get("branch", branch), path)
                    found[data["step"], key] += 1
    return found


def _journal(records: list[Record]) -> list[str]:
    broken = []
    if [record.n for record in records] != list(range(1, len(records) + 1)):
        broken.append(f"records are numbered {[record.n for record in records]}")
    ends = [record.n for record in records if record.kind is Kind.END]
    if ends and ends[0] != len(records):
        broken.append(f"{len(records) - ends[0]} records after END")
    claims = [
        record.data.get("path", record.data["node"])
        for record in records
        if record.kind is Kind.CLAIM
    ]
    broken += [f"{path} was claimed {n} times" for path, n in Counter(claims).items() if n > 1]
    return broken


def _forks(branches: dict[str, list[Record]]) -> list[str]:
    broken = []
    for branch, records in branches.items():
        for record in records:
            if record.kind is not Kind.FORK:
                continue
            following = [r for r in records if r.n == record.n + 1]
            begun = [
                name
                for name in branches
                if (place := ids.parent_of(name))
                and (place.branch, place.fork) == (branch, record.n)
            ]
            open_ = [name for name in begun if branches[name][-1].kind is not Kind.END]
            if open_ and following:
                broken.append(
                    f"the fork {branch}.{record.n} was joined while {open_} had not ended"
                )
            if not following:
                broken.append(f"the fork {branch}.{record.n} was never joined")
    return broken


def _compensation(root: list[Record]) -> list[str]:
    """Compensations of the root are the exact reverse of what was pushed."""
    stack: list[Any] = []
    broken = []
    for record in root:
        step = record.data.get("step")
        if record.kind is Kind.UNDONE and (not stack or stack[-1].get("step") != step):
            on_stack = [entry.get("step") for entry in stack]
            broken.append(f"{step} was undone, on the stack lay {on_stack}")
        pop = record.data.get("pop", 1 if record.kind is Kind.UNDONE else 0)
        if pop:
            stack = stack[:-pop]
        stack += record.data.get("push", [])
        if "state" in record.data:
            stack = list(record.data["state"].get("stack", []))
    if (
        root
        and root[-1].kind is Kind.END
        and root[-1].data["end"]["status"] == "compensated"
        and stack
        and "step" in stack[-1]  # a point of no return is not passed
    ):
        broken.append(f"{[entry.get('step') for entry in stack]} were never undone")
    return broken
