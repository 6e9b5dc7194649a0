"""From where can a branch that has ended go on, in which state, and what of it still holds?

The state before an outcome stands at the node that came to it. So to go on from a node is to fold
the records before its outcome, and to forget the attempts that were made there. What lies before
is kept as it was recorded, and is never computed again.

What was undone is not there any more, though that state says so: a node may be chosen only if all
that was undone since lies behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from vivido import values
from vivido.engine.effects import DeadlineNode
from vivido.engine.program import Program
from vivido.engine.records import fold
from vivido.engine.state import State
from vivido.engine.walk import AGAIN, Walk
from vivido.errors import UsageError
from vivido.model.journal import Json, Kind, Record

GIVEN: Final = "$given"  # the variable of a redriven branch that holds the outcome of its node
BEFORE_OUTCOME: Final = (Kind.FORK, Kind.WAIT, Kind.CLAIM, Kind.RESUMED, Kind.ATTEMPT)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """Record `n` was written while control stood at `node`, in `phase`."""

    n: int
    node: str
    path: str
    kind: Kind
    phase: str
    done: bool  # it says that a step gave its result
    cut: bool = False  # a fork was joined only because it was stopped

    @property
    def is_before_outcome(self) -> bool:
        """Whether the node's outcome is a record after it."""
        return self.kind in BEFORE_OUTCOME


@dataclass(frozen=True, slots=True)
class Undone:
    """Record `n` says that an entry of the stack was undone, which record `origin` had pushed."""

    n: int
    origin: int
    entry: Json


@dataclass(slots=True)
class Past:
    """What a journal tells, beside the state at its end."""

    visits: list[Visit] = field(default_factory=list)
    undone: list[Undone] = field(default_factory=list)

    @classmethod
    def of(cls, begin: State, records: Iterable[Record]) -> Past:
        """Read a journal from its beginning; `begin` is used up."""
        past, state, path = cls(), begin, ""
        origins: dict[Key, int] = {}
        for record in records:
            before, stack = _place(state), list(state.stack)
            state = fold(state, record)
            same = next(
                (i for i, (a, b) in enumerate(zip(stack, state.stack, strict=False)) if a != b),
                min(len(stack), len(state.stack)),
            )
            if before is not None:
                node = str(record.data.get("node", before[0]))
                if before[1] == "run":
                    path = str(record.data.get("path", node))
                past.visits.append(_visit(record, node, path, before[1]))
            if _undoes(record):
                past.undone += [
                    Undone(record.n, origins.get(_key(entry), 0), entry)
                    for entry in reversed(stack[same:])
                ]
            origins.update((_key(entry), record.n) for entry in state.stack[same:])
        return past

    # ------------------------------------------------------------- where
    def last(self) -> Visit | None:
        """Where it did not go on: the node that failed, or before which it was stopped."""
        if not self.visits:
            return None
        last = self.visits[-1]
        if len(self.visits) > 1 and self.visits[-2].cut:
            return self.visits[-2]
        return last

    def find(self, chosen: str | int) -> Visit:
        """The visit that a caller means: a record's number, a step path, or a node's last visit.

        Raises UsageError.
        """
        fits = [v for v in self.visits if chosen in (v.n, v.path)]
        fits = fits or [v for v in self.visits if v.node == chosen]
        fits = [v for v in fits if not v.is_before_outcome] or fits
        if not fits:
            known = ", ".join(dict.fromkeys(v.path for v in self.visits)) or "nothing"
            what = "record" if isinstance(chosen, int) else "node"
            raise UsageError(
                f"it cannot go on from {what} {chosen!r}: it came to {known}; name one of these, "
                "or the number of a record at which it stood there"
            )
        return fits[-1]

    # ------------------------------------------------------------- what still holds
    def missing(self, visit: Visit) -> list[Undone]:
        """What lies before that visit and was undone after it."""
        return [one for one in self.undone if one.n >= visit.n > one.origin]

    def undone_children(self, visit: Visit) -> set[tuple[str, int]]:
        """Of a join: the children of its fork that were undone since, as (scope, number)."""
        return {
            (scope, child)
            for one in self.undone
            if one.origin == visit.n
            for scope, lo, hi in one.entry.get("of", ())
            for child in range(lo, hi)
        }

    def generations(self) -> dict[str, int]:
        """By step path: how often what runs there next has run before and was undone, and one.

        A service that knows an idempotency key would answer with what was undone: so that has
        another key.
        """
        paths = (one.entry["path"] for one in self.undone if "branch" not in one.entry)
        counted = Counter(path.partition("@")[0] for path in paths)
        return {path: times + 1 for path, times in sorted(counted.items())}

    def refuse_missing(self, visit: Visit) -> None:
        """Raise UsageError where something is missing, with the first visit that would do."""
        missing = self.missing(visit)
        if not missing:
            return
        first = min(one.origin for one in missing)
        where = next((v.path for v in self.visits if v.n == first), "its beginning")
        what = ", ".join(dict.fromkeys(one.entry["path"] for one in missing))
        raise UsageError(
            f"it cannot go on from {visit.path!r}: what was done before was undone since ({what}); "
            f"go on from {where!r}, so that it is done again"
        )


def _place(state: State) -> tuple[str, str] | None:
    """The node at which a branch stands, and its phase; None where it undoes or has ended."""
    undoes = isinstance(state.wait, dict) and "undo" in state.wait
    if state.phase not in ("run", "wait", "fork") or undoes:
        return None
    return state.at[-1], state.phase


def _visit(record: Record, node: str, path: str, phase: str) -> Visit:
    done = "result" in record.data and "step" in record.data
    cut = record.kind is Kind.JOIN and "node" not in record.data
    return Visit(record.n, node, path, record.kind, phase, done, cut)


def _undoes(record: Record) -> bool:
    """Whether what leaves the stack with a record has been undone."""
    if record.kind is Kind.OPERATOR:
        return bool(record.data["decision"] == "resolve")
    ended_with_it = record.kind is Kind.END and record.data.get("path", "").endswith("/undo")
    return record.kind in (Kind.UNDONE, Kind.JOIN) or ended_with_it


def _key(entry: Json) -> Key:
    return entry.get("path", str(entry)), entry.get("branch", "")


# ---------------------------------------------------------------- the state
def before(begin: State, records: Iterable[Record], visit: Visit) -> State:
    """The state in which a branch goes on from a visit; `begin` is used up."""
    state = begin
    for record in records:
        if record.n >= visit.n:
            break
        state = fold(state, record)
    state.phase, state.wait, state.error, state.saga = "run", None, None, None
    state.tried = state.resumed = state.undone = 0
    state.claimed = state.unsure = False
    state.owes = None
    return state


def change(state: State, variables: dict[str, Json]) -> None:
    """Assign encoded values. The arguments of the node at hand are evaluated anew then."""
    for name, value in variables.items():
        state.vars.set_stored(name, value)
    if any(not name.startswith("$") for name in variables):
        state.vars.discard(f"${state.at[-1]}.args")


def begin_deadlines(program: Program, state: State, now: float) -> None:
    """Let the times of the deadlines around the position begin anew, as far as that can be said."""
    walk = Walk(program, state, now)
    around = {
        name for at in state.at if at in program.nodes for name in program.nodes[at].deadlines
    }
    for node in (program.nodes[name.removeprefix("$")] for name in sorted(around)):
        if isinstance(node, DeadlineNode) and node.due in state.vars:
            with suppress(Exception):  # what it was computed from is gone: it stays as it is
                node.begin(walk)


def remember(state: State, past: Past) -> None:
    """Keep which step paths need another idempotency key."""
    if generations := past.generations():
        state.vars.set_stored(AGAIN, values.encode(generations))
