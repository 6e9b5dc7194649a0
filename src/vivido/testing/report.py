"""What came of running a workflow under every fault, for people and for machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from vivido.model.journal import Json

Outcome = tuple[str, Any, tuple[str, str] | None]  # status, output, type and message of the error

REMEDY = (
    "hand step_context().idempotency_key to what the step calls, so that it acts once; or make the"
    " step at_most_once=True with a compensation that looks at what has happened"
)
TELL = "say step_context().effect(name, value) where they act, and their runs are compared"


@dataclass(frozen=True, slots=True)
class NotIdempotent:
    """A step that ran twice with one idempotency key, and did different things."""

    step: str
    node: str
    line: int | None
    key: str
    one: list[tuple[str, Json]]
    other: list[tuple[str, Json]]
    fault: str

    def __str__(self) -> str:
        place = f"node {self.node!r}" + (f", line {self.line}" if self.line else "")
        return (
            f"step {self.step!r} ({place}) is not idempotent: after {self.fault} it ran twice with "
            f"the key {self.key!r} and told of {_listed(self.one)}, then of "
            f"{_listed(self.other)}: {REMEDY}"
        )


@dataclass(frozen=True, slots=True)
class Differs:
    """A run that ended otherwise than the calm one.

    `interrupted`: an at-most-once step lost its outcome, as such steps may.
    """

    fault: str
    ended: str
    interrupted: bool


@dataclass(slots=True)
class Report:
    """What was tried, and what it found. `ok` says that nothing has to be done."""

    workflow: str
    calm: str
    runs: Counter[str] = field(default_factory=Counter)  # by kind of fault
    planned: int = 0
    complete: bool = False
    varies: bool = False  # the output depends on time or chance: only status and error are compared
    violations: dict[str, list[str]] = field(default_factory=dict)  # laws of the engine, by fault
    differs: list[Differs] = field(default_factory=list)
    not_idempotent: list[NotIdempotent] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)  # ran twice and told of no effects

    @property
    def ok(self) -> bool:
        """Whether no law was broken, all ended as the calm run, and each step may run twice."""
        ends = [run for run in self.differs if not run.interrupted]
        return not (self.violations or ends or self.not_idempotent)

    def check(self) -> None:
        """Raise AssertionError with everything that was found, if there is anything."""
        if not self.ok:
            raise AssertionError(str(self))

    def sentences(self) -> list[str]:
        """What was found, the gravest first."""
        found = [
            f"a bug of Vivido, not yours: under {fault}: {'; '.join(broken)}"
            for fault, broken in self.violations.items()
        ]
        found += [str(one) for one in self.not_idempotent]
        found += [
            f"under {faults} it {ended}; calmly it {self.calm}"
            for ended, faults in self.ends(interrupted=False)
        ]
        return found

    def ends(self, *, interrupted: bool) -> list[tuple[str, str]]:
        """How runs ended otherwise than the calm one, each with the faults that did it."""
        by_end: dict[str, list[str]] = {}
        for run in self.differs:
            if run.interrupted is interrupted:
                by_end.setdefault(run.ended, []).append(run.fault)
        return [
            (ended, faults[0] + (f" (and {len(faults) - 1} more)" if faults[1:] else ""))
            for ended, faults in by_end.items()
        ]

    def notes(self) -> list[str]:
        """What the reader should know of the trial."""
        notes = []
        if not self.complete:
            notes.append(f"stopped after {self.runs.total()} of {self.planned} runs")
        notes += [
            f"under {faults} it {ended} (a step that runs at most once lost its outcome, as it may)"
            for ended, faults in self.ends(interrupted=True)
        ]
        if self.varies:
            notes.append("the output depends on time or chance: only status and error are compared")
        if self.silent:
            steps = ", ".join(sorted(self.silent))
            notes.append(f"these ran twice and said nothing of what they did: {steps}; {TELL}")
        return notes

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in self.runs.most_common())
        head = f"{self.workflow}: {self.runs.total()} runs under faults ({kinds})"
        verdict = f"each {self.calm}" if not self.differs else f"calmly it {self.calm}"
        return "\n".join([f"{head}; {verdict}", *self.sentences(), *self.notes()])

    def as_json(self) -> dict[str, Json]:
        """All of it as JSON."""
        return {
            "ok": self.ok,
            "complete": self.complete,
            "runs": dict(self.runs),
            "planned": self.planned,
            "calm": self.calm,
            "varies": self.varies,
            "violations": self.violations,
            "differs": [
                {"fault": one.fault, "ended": one.ended, "interrupted": one.interrupted}
                for one in self.differs
            ],
            "not_idempotent": [_as_json(one) for one in self.not_idempotent],
            "silent": sorted(self.silent),
        }


def _as_json(found: NotIdempotent) -> dict[str, Json]:
    return {
        "step": found.step,
        "node": found.node,
        "line": found.line,
        "idempotency_key": found.key,
        "fault": found.fault,
        "one": [list(effect) for effect in found.one],
        "other": [list(effect) for effect in found.other],
        "remedy": REMEDY,
    }


def _listed(effects: list[tuple[str, Json]]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in effects) or "nothing"
