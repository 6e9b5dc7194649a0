"""The shapes of a drawing: what people see of a definition, before anything has a place.

Texts are complete and plain; whoever prints them shortens and escapes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

State = Literal["done", "failed", "running", "waiting", "undone"]  # of a node in an execution


class Look(StrEnum):
    """What a card or frame is about; each has its colours."""

    START = "start"
    STEP = "step"
    CHILD = "child"
    CALL = "call"
    WAIT = "wait"
    PERSON = "person"
    EVENT = "event"
    QUIET = "quiet"  # assignments, logs: without an effect outside
    RETURN = "return"
    RAISE = "raise"
    BREAK = "break"
    CONTINUE = "continue"
    LOOP = "loop"
    MAP = "map"
    TRY = "try"
    HANDLER = "handler"
    FINALLY = "finally"
    SAGA = "saga"
    DEADLINE = "deadline"
    SPAWN = "spawn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that happens. `ends`: what is below is not reached from here."""

    id: str
    look: Look
    title: str
    detail: str = ""
    line: int | None = None
    notes: tuple[str, ...] = ()
    undo: str | None = None
    about: str = ""  # all there is to say, for a tooltip
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """A run of nodes that only compute; one line each."""

    ids: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """One way out of a choice, one branch of a fork, one handler of a try."""

    label: str
    body: Row


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the arms is taken; an arm without shapes goes straight on."""

    id: str
    question: str
    arms: tuple[Arm, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A body inside a labelled box: a loop, a saga, a deadline, many branches of one kind."""

    id: str
    look: Look
    title: str
    body: Row
    line: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """try/except/else/finally."""

    id: str
    body: Row
    handlers: tuple[Arm, ...] = ()
    orelse: Row = ()
    final: Row = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Fork:
    """Arms side by side, then a join."""

    id: str
    title: str
    arms: tuple[Arm, ...]
    line: int | None = None
    notes: tuple[str, ...] = ()
    ending: str = "all have ended"


Shape = Card | Quiet | Choice | Frame | Attempt | Fork
Row = tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole definition: its main body, and below or beside it each nested function."""

    name: str
    summary: str
    start: Card
    body: Row
    blocks: tuple[Frame, ...] = ()
