"""What does a workflow do on the simulated clock: what begins and ends, when, and how it ends?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vivido import Workflow, ids
from vivido.model.journal import Kind, Record
from vivido.testing.faults import Crash
from vivido.testing.world import FaultyEngine, World

STATUS = {"succeeded": "SUCCEEDED"}  # anything else that has ended is FAILED


@dataclass(frozen=True)
class Event:
    """Something began or ended.

    `what` is as "step start", `name` its node, `where` its execution and branch, `at` in seconds.
    """

    what: str
    name: str
    where: str
    at: float


@dataclass
class Seen:
    """What a run was seen to do."""

    status: str
    result: Any
    error: str
    events: list[Event]
    bodies: dict[str, int] = field(default_factory=dict)  # how often each step's body ran
    history: str = ""  # all records, as text

    def words(self) -> list[str]:
        """The events without names and times."""
        return [event.what for event in self.events]


class Watched(FaultyEngine):
    """An engine that notes what begins and what is recorded, in the order in which it happens."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.events: list[Event] = []
        self.branches: set[tuple[str, str]] = set()

    def note(self, what: str, name: str, where: tuple[str, str]) -> None:
        """Something happens now. A branch begins with the first thing that happens in it."""
        if where[1] != ids.ROOT and where not in self.branches:
            self.branches.add(where)
            self.events.append(Event("branch start", where[1], "/".join(where), self.now()))
        self.events.append(Event(what, name, "/".join(where), self.now()))

    async def attempt(self, need: Any, execution: str, branch: str, number: int) -> Any:
        """A step begins; its end is seen in its record."""
        self.note("step start", need.step.name, (execution, branch))
        try:
            return await super().attempt(need, execution, branch, number)
        except Crash:
            self.note("worker died", need.step.name, (execution, branch))
            raise

    def recorded(self, meta: Any, branch: str, record: Record) -> None:
        """Something ended, or a wait or fork began."""
        super().recorded(meta, branch, record)
        data: Any = record.data
        where = (meta.execution, branch)
        if "step" in data and "attempt" in data and record.kind is not Kind.CLAIM:
            self.note("step ok" if "result" in data else "step fail", data["step"], where)
        for what in _said(meta, branch, record):
            self.note(what, data.get("node", branch), where)


def _said(meta: Any, branch: str, record: Record) -> list[str]:  # noqa: PLR0911  one for each kind
    data: Any = record.data
    match record.kind:
        case Kind.FORK:
            return ["fork start"]
        case Kind.JOIN:
            return ["fork ok"]
        case Kind.WAIT:
            return ["call start" if "child" in data["state"]["wait"] else "timer start"]
        case Kind.WOKE if data["by"] == "timer":
            return ["timer ok"]
        case Kind.END if data.get("by") == "timer":
            return ["timer ok", *_ended(meta, branch, data)]
        case Kind.END:
            joined = ["fork ok"] if "node" in data and not {"step", "by"} & data.keys() else []
            return [*joined, *_ended(meta, branch, data)]
    return []


def _ended(meta: Any, branch: str, data: Any) -> list[str]:
    status = data["end"]["status"]
    if branch != ids.ROOT:
        return [] if status == "stopped" else ["branch ok" if status == "ok" else "branch fail"]
    if meta.parent is not None:
        return ["call ok" if status == "succeeded" else "call fail"]
    return []


def perform(workflow: Workflow[..., Any], given: Any) -> Seen:
    """Run it from its start until nothing moves any more."""
    world = World(engine_class=Watched)
    result = world.run(workflow, given)
    engine: Any = world.engine
    status, value, error = result.outcome
    return Seen(
        STATUS.get(status, "FAILED"),
        value,
        "" if error is None else f"{error[0]}: {error[1]}",
        engine.events,
        _counted(result.bodies),
        str(result.records),
    )


def _counted(bodies: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for (step, _), count in bodies.items():
        found[step] = found.get(step, 0) + count
    return found
