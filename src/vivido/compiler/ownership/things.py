"""What objects there may be: how they are named, and what is known of them.

A `Thing` stands for one object, or for many of a kind. It is named by where it came from: its
`root` is a place of the source that made or took it, its `path` leads from there to a part of it.
Each place has two roots: what it made last, one object, and what it made in earlier rounds, any
number. So a row made anew in each round of a loop is not mistaken for the rows that were stored
before. Immutable values have no thing at all.

A `lazy` thing is a tree of which only the parts that were looked at are there; nothing else holds
its other parts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from vivido.compiler import types
from vivido.compiler.types import UNKNOWN, Instance, Type, one_of

ITEMS = "[]"  # any item
ANY = "?"  # any part at all
DEEPEST = 5
MANY = 2

Variable = tuple[Hashable, str]  # the block (or a hidden thing's place) and the name


class Root(NamedTuple):
    """A place that makes things: `older` are those of earlier rounds."""

    site: Hashable
    older: bool = False


class Thing(NamedTuple):
    """An object, or many, at the end of a path of labels: `.name`, `[key]`, ITEMS or ANY."""

    root: Root
    path: tuple[str, ...] = ()

    @property
    def single(self) -> bool:
        """Whether it stands for one object at most."""
        return not self.root.older and ITEMS not in self.path and ANY not in self.path


class Edge(NamedTuple):
    """How a container may hold a thing.

    `stored`: how often it was put there at most (2: or more), since `line`. `native`: it may have
    been there from the start; a thing is native to one container only.
    """

    stored: int
    line: int
    native: bool

    @property
    def times(self) -> int:
        """How often the container holds the thing at most."""
        return self.stored + self.native


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of a thing.

    Its type, how often it was `stored` at most, at how many `places` it may be at once (2: or
    more), and what it holds. The places are fewer than the sum of those where it may be stored and
    where it may be native, if it is one or the other.
    """

    kind: Type
    lazy: bool
    stored: int
    places: int
    parts: Mapping[str, Mapping[Thing, Edge]]


NATIVE = Edge(0, 0, native=True)
EMPTY = Edge(0, 0, native=False)

Things = frozenset[Thing]
NONE: Things = frozenset()


def part_type(kind: Type, label: str) -> Type:
    """The type of a part of a value."""
    if label == ANY:
        return UNKNOWN
    if label.startswith("."):
        return types.attribute(kind, label[1:]) or UNKNOWN
    return types.item(kind, int(label[1:-1]) if label[1:-1].isdigit() else None)


def is_record(kind: Type) -> bool:
    """Whether it is a named tuple, whose parts have a name and a place each."""
    return any(
        isinstance(member, Instance) and issubclass(member.cls, tuple) and member.cls is not tuple
        for member in types.members(kind)
    )


def labels_of(kind: Type) -> list[str]:
    """All labels that the parts of a value of this type can have."""
    labels: dict[str, None] = {}
    for member in types.members(kind):
        declared = types.fields(member.cls) if isinstance(member, Instance) else None
        if declared is not None and isinstance(member, Instance) and types.closed(member.cls):
            labels.update(dict.fromkeys(f".{name}" for name in declared))
        elif isinstance(member, Instance) and issubclass(
            member.cls, (*types.MUTABLE_BUILTINS, tuple, frozenset)
        ):
            labels[ITEMS] = None
        else:
            labels[ANY] = None
    return list(labels)


def merged(one: Info, other: Info) -> Info:
    """What is known if a thing may be the one or the other."""
    parts = {
        label: together([one.parts.get(label, {}), other.parts.get(label, {})])
        for label in {**one.parts, **other.parts}
    }
    kind = one.kind if one.kind == other.kind else one_of((one.kind, other.kind))
    stored, places = max(one.stored, other.stored), max(one.places, other.places)
    return Info(kind, one.lazy or other.lazy, stored, places, parts)


def together(groups: Iterable[Mapping[Thing, Edge]]) -> Mapping[Thing, Edge]:
    """What may be held in one of these ways."""
    found: dict[Thing, Edge] = {}
    for held in groups:
        for thing, edge in held.items():
            before = found.get(thing)
            found[thing] = edge if before is None else both(before, edge)
    return found


def both(one: Edge, other: Edge) -> Edge:
    """The hold that is either of two."""
    return Edge(
        max(one.stored, other.stored), earlier(one.line, other.line), one.native or other.native
    )


def stored_in(holding: Iterable[tuple[Thing, Edge]]) -> int:
    """How often these containers have a thing stored in them at most.

    One that stands for many may have it in each.
    """
    return sum(edge.stored if thing.single else MANY * (edge.stored > 0) for thing, edge in holding)


def renamed_edges(held: Mapping[Thing, Edge], names: Mapping[Thing, Thing]) -> Mapping[Thing, Edge]:
    """Holds of things, by the names that they have now."""
    if names.keys().isdisjoint(held):
        return held
    return together([{names.get(thing, thing): edge} for thing, edge in held.items()])


def renamed_lines(held: Mapping[Thing, int], names: Mapping[Thing, Thing]) -> Mapping[Thing, int]:
    """Things and lines, by the names that they have now."""
    found: dict[Thing, int] = {}
    for thing, line in held.items():
        name = names.get(thing, thing)
        found[name] = earlier(found.get(name, 0), line)
    return found


def earlier(one: int, other: int) -> int:
    """The earlier of two lines; 0 is none."""
    return min(one, other) if one and other else one or other
