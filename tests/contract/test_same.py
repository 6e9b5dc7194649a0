"""Do all backends answer alike, whatever is asked in whatever order?

Hypothesis asks SQLite and memory the same, several things at once too, moves the clock, and closes
and opens the file.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vivido.backends.memory import SeededIds, VirtualClock, memory_ports
from vivido.backends.sqlite import SqliteStore
from vivido.model.journal import Cause, Delivery, Kind, Message, Meta, Record, Status
from vivido.ports import (
    Ack,
    Arm,
    Back,
    Effect,
    MetaFilter,
    Ports,
    PutMeta,
    PutStatus,
    Send,
    Stop,
    Wait,
)

EXECUTIONS = st.sampled_from(["x", "y"])
BRANCHES = st.sampled_from(["r", "r.2:0", "r.2:1", "r.2:1.3:0"])
NUMBERS = st.integers(1, 6)
SCOPES = st.sampled_from(["r", "r.2"])
HOWS = st.sampled_from(["failed", "cancelled"])
DELAYS = st.sampled_from([0.0, 0.0, 10.0, 100.0])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)  # fmt: skip
MESSAGES = st.builds(
    Message,
    id=st.sampled_from([f"m{number}" for number in range(9)]),
    execution=st.just("x"),
    branch=BRANCHES,
    n=NUMBERS,
    cause=st.sampled_from(Cause),
    state=JSON,
    line=st.lists(st.text(max_size=3), max_size=2).map(tuple),
    doubt=st.booleans(),
    pool=st.sampled_from(["default", "gpu"]),
    data=JSON,
)
METAS = st.builds(
    Meta,
    execution=EXECUTIONS,
    workflow=st.sampled_from(["orders", "refunds"]),
    version=st.text(max_size=3),
    digest=st.just("d"),
    input=st.dictionaries(st.text(max_size=3), JSON, max_size=2),
    created=st.sampled_from([1.0, 2.0]),
)
WAITS = st.builds(
    Wait, EXECUTIONS, BRANCHES, NUMBERS, st.none() | st.floats(0, 1e10), st.none() | st.text(), JSON
)
Ask = Callable[[Ports], Awaitable[Any]]


class Alike(RuleBasedStateMachine):
    """Asks both; `pairs` are deliveries of the same message by memory and by SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = VirtualClock(1_000.0)
        self.memory = memory_ports(clock=self.clock, ids=SeededIds(1), atomic=True)
        self.store = self.opened()
        self.pairs: list[tuple[Delivery, Delivery]] = []

    def opened(self) -> SqliteStore:
        """Open the file."""
        path = Path(self.folder.name) / "state.db"
        return SqliteStore(path, clock=self.clock, ids=SeededIds(2))

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.store.close()
        self.runner.close()
        self.folder.cleanup()

    def ask(self, *asks: Ask) -> None:
        """Ask memory one after another and SQLite all at once: the answers are the same."""

        async def both() -> None:
            one_by_one = [await ask(self.memory) for ask in asks]
            at_once = await asyncio.gather(*(ask(self.store.ports) for ask in asks))
            assert at_once == one_by_one

        self.runner.run(both())

    def next_number(self, execution: str, branch: str) -> int:
        """Say which number a branch has free."""
        return len(self.runner.run(self.memory.journal.read(execution, branch))) + 1

    @rule(
        execution=EXECUTIONS, branch=BRANCHES, kind=st.sampled_from(Kind), data=JSON,
        back=st.integers(0, 2), times=st.integers(1, 3),
    )  # fmt: skip
    def append(
        self, execution: str, branch: str, kind: Kind, data: Any, back: int, times: int
    ) -> None:
        """Append the next record, or one that is there, several times at once."""
        n = max(1, self.next_number(execution, branch) - back)
        records = [Record(n, kind, "m", f"d{time}", 1.5, {"is": data}) for time in range(times)]
        self.ask(
            *(
                lambda ports, one=one: ports.journal.append(execution, branch, one)
                for one in records
            )
        )

    @rule(branch=BRANCHES, back=st.integers(0, 1), draw=st.data(), effects=st.lists(
        st.builds(PutMeta, METAS)
        | st.builds(PutStatus, EXECUTIONS, st.sampled_from(Status), NUMBERS, JSON, JSON)
        | st.builds(Stop, EXECUTIONS, SCOPES, HOWS)
        | st.builds(Arm, WAITS)
        | st.builds(Send, st.lists(MESSAGES, max_size=3), DELAYS),
        max_size=4,
    ))  # fmt: skip
    def commit(
        self, branch: str, back: int, draw: st.DataObject, effects: Sequence[Effect]
    ) -> None:
        """Commit the next record, or one that is there, with effects and ends of deliveries."""
        n = max(1, self.next_number("x", branch) - back)
        record = Record(n, Kind.OK, "m", "d", 1.5)
        ends: list[tuple[Effect, Effect]] = [
            *((Ack(one), Ack(other)) for one, other in self.pairs),
            *((Back(one, 5.0), Back(other, 5.0)) for one, other in self.pairs),
        ]
        chosen = draw.draw(st.lists(st.sampled_from(ends), max_size=2)) if ends else []

        def ask(ports: Ports) -> Awaitable[Any]:
            assert ports.atomic is not None
            mine = [pair[ports is not self.memory] for pair in chosen]
            return ports.atomic.commit("x", branch, record, [*effects, *mine])

        self.ask(ask)

    @rule(
        meta=METAS,
        status=st.sampled_from(Status),
        as_of=NUMBERS,
        output=JSON,
        scope=SCOPES,
        how=HOWS,
    )
    def meta(
        self, meta: Meta, status: Status, as_of: int, output: Any, scope: str, how: Any
    ) -> None:
        """Create, stop and end at once."""
        name = meta.execution
        self.ask(
            lambda ports: ports.metas.create(meta),
            lambda ports: ports.metas.stop(name, scope, how),
            lambda ports: ports.metas.set_status(name, status, as_of, output=output),
        )

    @rule(execution=EXECUTIONS, paused=st.booleans(), as_of=NUMBERS)
    def control(self, execution: str, *, paused: bool, as_of: int) -> None:
        """Redrive and pause at once."""
        self.ask(
            lambda ports: ports.metas.redrive(execution, as_of),
            lambda ports: ports.metas.pause(execution, paused=paused),
        )

    @rule(batches=st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=4))
    def arrive(self, batches: list[list[int]]) -> None:
        """Arrive several times at once."""
        self.ask(*(
            lambda ports, some=some: ports.joins.arrive("x", "r.2", "0/0", some) for some in batches
        ))  # fmt: skip

    @rule(wait=WAITS, message=MESSAGES, puts=st.booleans())
    def sets(self, wait: Wait, message: Message, *, puts: bool) -> None:
        """Put or remove a wait and a parked message."""
        if puts:
            self.ask(lambda ports: ports.waits.put(wait), lambda ports: ports.parked.put(message))
        else:
            key = (wait.execution, wait.branch, wait.n)
            self.ask(
                lambda ports: ports.waits.remove(*key), lambda ports: ports.parked.remove(message)
            )

    @rule(messages=st.lists(MESSAGES, max_size=4), delay=DELAYS)
    def send(self, messages: list[Message], delay: float) -> None:
        """Send some messages, the first of them twice at once."""
        self.ask(
            lambda ports: ports.queue.send(messages, delay),
            lambda ports: ports.queue.send(messages[:1], delay),
        )

    @rule(pool=st.sampled_from(["default", "gpu"]))
    def receive(self, pool: str) -> None:
        """Receive all that is visible, which is the same: a queue has no order."""

        async def both() -> tuple[Sequence[Delivery], Sequence[Delivery]]:
            return (
                await self.memory.queue.receive(pool, 99),
                await self.store.ports.queue.receive(pool, 99),
            )

        ours, theirs = (
            sorted(some, key=lambda one: one.message.id) for some in self.runner.run(both())
        )
        assert [(one.message, one.receives) for one in theirs] == [
            (one.message, one.receives) for one in ours
        ]
        self.pairs += zip(ours, theirs, strict=True)

    @precondition(lambda self: self.pairs)
    @rule(draw=st.data(), how=st.sampled_from(["ack", "back", "renew"]), delay=DELAYS)
    def answer(self, draw: st.DataObject, how: str, delay: float) -> None:
        """Acknowledge, give back or renew a delivery, perhaps an outdated one."""
        pair = draw.draw(st.sampled_from(self.pairs))

        def ask(ports: Ports) -> Awaitable[Any]:
            delivery = pair[ports is not self.memory]
            match how:
                case "ack":
                    return ports.queue.ack(delivery)
                case "back":
                    return ports.queue.back(delivery, delay)
                case _:
                    return ports.queue.renew([delivery])

        self.ask(ask)

    @rule(seconds=st.sampled_from([1.0, 10.0, 90.0]))
    def time_passes(self, seconds: float) -> None:
        """Move the clock."""
        self.clock.advance_to(self.clock.now() + seconds)

    @rule()
    def forget(self) -> None:
        """Forget an execution's messages."""
        self.ask(lambda ports: ports.queue.forget("x"))

    @rule()
    def open_again(self) -> None:
        """Close and open the file: all is there; what was leased is visible, as if given back."""
        self.store.close()
        self.store = self.opened()
        for ours, _ in self.pairs:
            self.runner.run(self.memory.queue.back(ours, 0.0))
        self.pairs.clear()

    @invariant()
    def all_is_alike(self) -> None:
        """Whatever can be read reads the same."""
        self.ask(
            *(
                lambda ports, at=(execution, branch): ports.journal.read(*at)
                for execution in ("x", "y") for branch in ("r", "r.2:0", "r.2:1", "r.2:1.3:0")
            ),
            lambda ports: ports.journal.ends("x", "r", 2, 3),
            lambda ports: ports.journal.branches("x"),
            lambda ports: ports.metas.list(MetaFilter()),
            lambda ports: ports.metas.list(MetaFilter(workflow="orders", status=Status.RUNNING)),
            lambda ports: ports.waits.scan("x"),
            lambda ports: ports.parked.scan("x"),
        )  # fmt: skip


TestAlike = Alike.TestCase
TestAlike.__doc__ = "Memory and SQLite give the same answers to the same questions."
TestAlike.settings = settings(max_examples=30, stateful_step_count=30)
