"""Which mutable objects there may be at a point of the workflow, and what may hold them."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace

from vivido.compiler import types
from vivido.compiler.ownership.things import (
    ANY,
    DEEPEST,
    EMPTY,
    ITEMS,
    MANY,
    NATIVE,
    NONE,
    Edge,
    Info,
    Root,
    Thing,
    Things,
    Variable,
    both,
    is_record,
    labels_of,
    merged,
    part_type,
    renamed_edges,
    renamed_lines,
    stored_in,
    together,
)
from vivido.compiler.types import UNKNOWN, Type


class Heap:
    """Variables and things at one point.

    Changed in place; `copy` is cheap, since what it holds is not.
    """

    def __init__(self) -> None:
        self.variables: dict[Variable, Mapping[Thing, int]] = {}
        self.things: dict[Thing, Info] = {}

    def copy(self) -> Heap:
        """An independent copy."""
        other = Heap()
        other.variables = dict(self.variables)
        other.things = dict(self.things)
        return other

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Heap)
            and self.variables == other.variables
            and self.things == other.things
        )

    __hash__ = None  # type: ignore[assignment]  # it changes

    # -------------------------------------------------------------- making things
    def make(self, site: Hashable, kind: Type = UNKNOWN, *, lazy: bool) -> Things:
        """A new object of a place.

        What the place made before becomes older. Nothing, if it cannot change.
        """
        if types.immutable(kind):
            return NONE
        self.age(site)
        thing = Thing(Root(site))
        self.things[thing] = Info(kind, lazy, 0, 0, {})
        return frozenset({thing})

    def make_vague(self, site: Hashable) -> Thing:
        """New objects of a place, of which nothing is known: they may hold one another."""
        self.age(site)
        thing = Thing(Root(site), (ANY,))
        own: dict[str, Mapping[Thing, Edge]] = {ANY: {thing: NATIVE}}
        self.things[thing] = Info(UNKNOWN, lazy=False, stored=0, places=1, parts=own)
        return thing

    def age(self, site: Hashable) -> None:
        """Count what a place has made so far among the older."""
        newest = [thing for thing in self.things if thing.root == (site, False)]
        if not newest:
            return
        renamed = {thing: Thing(Root(site, older=True), thing.path) for thing in newest}
        for new, old in renamed.items():
            if old in self.things:
                self.reconcile(self, new, old)
        newest = [thing for thing in self.things if thing.root == (site, False)]
        self._rename({thing: Thing(Root(site, older=True), thing.path) for thing in newest})

    def _rename(self, names: Mapping[Thing, Thing]) -> None:
        for variable, held in self.variables.items():
            if not names.keys().isdisjoint(held):
                self.variables[variable] = renamed_lines(held, names)
        before, self.things = self.things, {}
        for thing, info in before.items():
            parts = {label: renamed_edges(held, names) for label, held in info.parts.items()}
            same = replace(info, parts=parts) if parts != info.parts else info
            name = names.get(thing, thing)
            self.things[name] = merged(self.things[name], same) if name in self.things else same

    # -------------------------------------------------------------- parts
    def parts(self, thing: Thing, label: str) -> Mapping[Thing, Edge]:
        """What a thing may hold under a label.

        A part of a lazy thing comes to be by being looked at.
        """
        self._unfold(thing, label)
        held = self.things[thing].parts
        if label == ANY:
            return together(held.values())
        found = [held[name] for name in (label, ANY) if name in held]
        if label.startswith("[") and is_record(self.things[thing].kind):
            return together(held.values())  # its places are its fields
        if label == ITEMS:
            found += [
                edges for name, edges in held.items() if name.startswith("[") and name != ITEMS
            ]
        elif label.startswith("[") and ITEMS in held:
            found.append(held[ITEMS])
        return together(found)

    def _unfold(self, thing: Thing, label: str) -> None:
        info = self.things[thing]
        if label.startswith("[") and is_record(info.kind):
            self.expand(thing)
            return
        if not info.lazy or label in info.parts or label == ANY:
            return
        if label.startswith("[") and ITEMS in info.parts:
            return  # it is among the items already
        self._grow(thing, label, part_type(info.kind, label))

    def _grow(self, thing: Thing, label: str, kind: Type) -> None:
        info = self.things[thing]
        held: dict[Thing, Edge] = {}
        if not types.immutable(kind):
            vague = label == ANY or len(thing.path) >= DEEPEST
            part = Thing(thing.root, (*thing.path[:DEEPEST], ANY if vague else label))
            if part not in self.things:  # a vague part stands for all that is in it, too
                own: dict[str, Mapping[Thing, Edge]] = {ANY: {part: NATIVE}} if vague else {}
                self.things[part] = Info(UNKNOWN if vague else kind, not vague, 0, 1, own)
            held[part] = NATIVE
        self.things[thing] = replace(self.things[thing], parts={**info.parts, label: held})

    def expand(self, thing: Thing) -> None:
        """Give a lazy thing all its parts, so that another thing can hold the same ones."""
        info = self.things[thing]
        if info.lazy:
            for label in labels_of(info.kind):
                if label not in info.parts:
                    self._grow(thing, label, part_type(info.kind, label))
            self.things[thing] = replace(self.things[thing], lazy=False)

    def store(
        self,
        holders: Things,
        label: str,
        values: Iterable[Thing],
        line: int,
        *,
        instead: bool = False,
    ) -> None:
        """One of the holders holds values from now on.

        `instead` of what it held there, if that is surely the same place.
        """
        values = list(values)
        for holder in holders:
            self._hold(holder, label, values, line, instead=instead)
        for value in values if holders else []:
            known = self.things[value]
            self.things[value] = replace(
                known,
                stored=min(known.stored + 1, MANY),
                places=min(known.places + 1, MANY),
            )

    def _hold(
        self, thing: Thing, label: str, values: list[Thing], line: int, *, instead: bool
    ) -> None:
        if not instead and self.things[thing].lazy:
            self._unfold(thing, label)
        info = self.things[thing]
        held = {} if instead and thing.single else dict(info.parts.get(label, {}))
        for value in values:
            before = held.get(value, EMPTY)
            held[value] = Edge(min(before.stored + 1, MANY), before.line or line, before.native)
        self.things[thing] = replace(self.things[thing], parts={**info.parts, label: held})

    def unfold_all(self, things: Iterable[Thing]) -> set[Thing]:
        """All that is in some things at any depth, themselves included.

        With nothing lazy left among it.
        """
        while True:
            inside = self.within(things)
            lazy = [thing for thing in inside if self.things[thing].lazy]
            if not lazy:
                return inside
            for thing in lazy:
                self.expand(thing)

    # -------------------------------------------------------------- taking one of many
    def pick(
        self,
        site: Hashable,
        choices: Mapping[Thing, Edge] | Things,
        *,
        held_by: Things = NONE,
        taken_out: bool = False,
        besides: Things = NONE,
    ) -> Things:
        """One of what a container holds, as a thing of its own: so it is told from the others.

        `held_by`: one of these containers surely holds it, or did so until it was `taken_out`.
        `besides`: it is surely none of these.
        """
        many = [thing for thing in choices if not thing.single]
        single = frozenset(choices) - frozenset(many) - besides
        if not many:
            return single
        before = set(self.things)
        self.age(site)
        many = [thing if thing in self.things else _older(thing) for thing in many]
        single = frozenset(
            thing if thing in self.things else _older(thing) for thing in single & before
        )
        many += [thing for thing in single if not thing.single]
        single = frozenset(thing for thing in single if thing.single)
        one = Thing(Root(site))
        info = self._all_in_one(many)
        holders = frozenset(self.things)
        if held_by and info.places < MANY:  # where it was found it is, and nowhere else
            named = (each if each in self.things else _older(each) for each in held_by)
            holders = NONE if taken_out else frozenset(named)
            info = replace(info, stored=0, places=0) if taken_out else info
        elif taken_out:
            holders -= frozenset(each for each in held_by if self._leaves(each, many))
        self.things[one] = info
        self._hold_as(frozenset(many), one, holders)
        return single | {one}

    def _all_in_one(self, things: Iterable[Thing]) -> Info:
        """What is known of something that may be any of these."""
        alike = list(dict.fromkeys(things))
        for thing in alike:
            self.reconcile(self, thing, alike[0])
        return functools.reduce(merged, (self.things[thing] for thing in alike))

    def blend(self, things: Things, site: tuple[Hashable, ...]) -> None:
        """Take single things for any number of a kind, from which one can be picked.

        What is in them and nowhere else is then one of many, too: each has its own.
        """
        self._all_in_one(things)
        blended = Thing(Root(site, older=True))
        self._rename(dict.fromkeys(things, blended))
        for label, held in self.things[blended].parts.items():
            single = frozenset(part for part in held if part.single and part in self.things)
            inside = self.held_only_by(single, frozenset({blended}))
            own = frozenset(part for part in inside if self.things[part].places < MANY)
            if own and len(site) < DEEPEST:
                self.blend(own, (*site, label))

    def held_only_by(self, things: Iterable[Thing], holders: Things) -> Things:
        """Those of the things that no variable and no other container holds."""
        named = {thing for held in self.variables.values() for thing in held}
        return frozenset(
            thing
            for thing in things
            if thing not in named
            and {holder for holder, _ in self.holders(thing, self.things)} <= holders
        )

    def _leaves(self, holder: Thing, parts: Iterable[Thing]) -> bool:
        """Whether a part that is taken out of the holder is surely not in it any more."""
        return holder.single and not self.holds_twice([holder], parts)

    def holds_twice(self, holders: Iterable[Thing], parts: Iterable[Thing]) -> bool:
        """Whether one of the holders may hold the same part at two places."""
        wanted = set(parts)
        return any(
            edge.times >= MANY
            for holder in holders
            if holder in self.things
            for held in self.things[holder].parts.values()
            for part, edge in held.items()
            if part in wanted
        )

    def _hold_as(self, many: Things, one: Thing, holders: Things) -> None:
        """Variables and those of the holders that hold the many may hold the one of them."""
        for variable, named in self.variables.items():
            found = [named[each] for each in many if each in named]
            if found:
                self.variables[variable] = {**named, one: found[0]}
        for thing, info in list(self.things.items()):
            if thing not in holders:
                continue
            parts = dict(info.parts)
            for label, held in info.parts.items():
                ways = [held[each] for each in many if each in held]
                if ways:
                    parts[label] = {**held, one: functools.reduce(both, ways)}
            if parts != info.parts:
                self.things[thing] = replace(info, parts=parts)

    def sweep(self) -> None:
        """Drop the things that no variable leads to."""
        reached = self.within(thing for held in self.variables.values() for thing in held)
        if len(reached) == len(self.things):
            return
        left = {part for thing in self.things.keys() - reached for part in self._held_in(thing)}
        self.things = {thing: info for thing, info in self.things.items() if thing in reached}
        for thing in left & reached:
            info = self.things[thing]
            edges = list(self.holders(thing, self.things))
            stored = min(info.stored, stored_in(edges))
            places = min(info.places, stored + any(edge.native for _, edge in edges))
            self.things[thing] = replace(info, stored=stored, places=places)

    def _held_in(self, thing: Thing) -> Iterator[Thing]:
        for held in self.things[thing].parts.values():
            yield from held

    def blur(self) -> None:
        """Take everything for one and the same.

        For functions too large to be told apart in good time.
        """
        all_of_it = Thing(Root("everything", older=True), (ANY,))
        held = {ANY: {all_of_it: Edge(MANY, 0, native=True)}}
        self.things = {all_of_it: Info(UNKNOWN, lazy=False, stored=MANY, places=MANY, parts=held)}
        for variable, things in self.variables.items():
            self.variables[variable] = {all_of_it: max(things.values())} if things else {}

    # -------------------------------------------------------------- questions
    def within(self, things: Iterable[Thing], without: Thing | None = None) -> set[Thing]:
        """All things that can be reached from these, themselves included.

        On ways that avoid one thing.
        """
        seen: set[Thing] = set()
        waiting = [thing for thing in things if thing != without]
        while waiting:
            thing = waiting.pop()
            if thing in seen or thing not in self.things:
                continue
            seen.add(thing)
            for held in self.things[thing].parts.values():
                waiting += [part for part in held if part != without]
        return seen

    def holders(self, part: Thing, among: Iterable[Thing]) -> Iterator[tuple[Thing, Edge]]:
        """Which of the things hold a part, and how."""
        for thing in among:
            for held in self.things[thing].parts.values():
                if part in held:
                    yield thing, held[part]

    # -------------------------------------------------------------- where ways meet
    def join(self, other: Heap) -> Heap:
        """What holds if either of two heaps may be the one."""
        one, two = self.copy(), other.copy()
        for thing in list(one.things.keys() & two.things.keys()):
            one.reconcile(two, thing, thing)
        joined = Heap()
        joined.things = {**one.things, **two.things}
        for thing in one.things.keys() & two.things.keys():
            joined.things[thing] = merged(one.things[thing], two.things[thing])
        for variable in {**one.variables, **two.variables}:
            held, more = one.variables.get(variable, {}), two.variables.get(variable, {})
            joined.variables[variable] = {**more, **held}
        return joined

    def reconcile(self, other: Heap, mine: Thing, its: Thing) -> None:
        """Give both things the parts that only one has been asked for, before they are merged."""
        if mine not in self.things or its not in other.things:
            return
        if self.things[mine].lazy != other.things[its].lazy:
            self.expand(mine)
            other.expand(its)
        for label in [*other.things[its].parts]:
            self._unfold(mine, label)
        for label in [*self.things[mine].parts]:
            other._unfold(its, label)


def _older(thing: Thing) -> Thing:
    return Thing(Root(thing.root.site, older=True), thing.path)
