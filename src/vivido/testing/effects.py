"""What the steps of a run did to the world, and whether one that ran twice did the same."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from vivido import values
from vivido.errors import ValueNotStorable
from vivido.model.journal import Json

Effect = tuple[str, Json]  # its name, and its value as JSON or text


@dataclass(slots=True)
class Ran:
    """One run of a body: the attempt it was, and the effects that it told of, in order.

    `gave`: what a mock gave or raised in that attempt; it stands for the effect.
    """

    step: str
    node: str
    path: str
    key: str
    execution: str
    attempt: int
    effects: list[Effect] = field(default_factory=list)
    gave: list[Effect] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Twice:
    """Two runs of one body under one idempotency key, and the effects in which they differ."""

    ran: Ran
    one: list[Effect]
    other: list[Effect]


def shown(value: object) -> Json:
    """A value as a report compares and shows it."""
    try:
        return values.encode(value)
    except ValueNotStorable:
        return repr(value)


def differing(ran: Sequence[Ran]) -> Iterator[Twice]:
    """Runs under one key whose effects contradict each other, or that gave something else.

    A run that was cut short did the beginning of what the other did: that is no contradiction. A
    mock may answer each attempt differently, but not one attempt when it is run again.
    """
    yield from _contradictions((run.key, run, run.effects) for run in ran)
    yield from _contradictions(((run.key, run.attempt), run, run.gave) for run in ran)


def _contradictions(ran: Iterable[tuple[Hashable, Ran, list[Effect]]]) -> Iterator[Twice]:
    longest: dict[Hashable, list[Effect]] = {}
    found: set[Hashable] = set()
    for key, run, effects in ran:
        other = longest.setdefault(key, effects)
        both = min(len(effects), len(other))
        if key not in found and effects[:both] != other[:both]:
            found.add(key)
            yield Twice(run, other, effects)
        if len(effects) > len(other):
            longest[key] = effects


def silent(ran: Sequence[Ran]) -> set[str]:
    """Steps that ran twice under one key and told of no effect at all."""
    seen: set[str] = set()
    twice: set[str] = set()
    for run in ran:
        if run.key in seen:
            twice.add(run.step)
        seen.add(run.key)
    return twice - {run.step for run in ran if run.effects or run.gave}
