"""Whether changing a thing could be seen by another way than the one it is changed by.

A way leads from a variable that may still be read to the thing: directly, or through what holds it.
One way is how plain Python and stored variables agree; with two, plain Python shows the change on
both and stored variables on one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vivido.compiler.ownership.heap import Heap
from vivido.compiler.ownership.things import Thing, Variable, stored_in

_TWO = 2


@dataclass(frozen=True, slots=True)
class Shared:
    """A second way to a thing: the variable it begins at, and the line since when there are two."""

    variable: Variable | None
    line: int


def second_way(
    heap: Heap, thing: Thing, base: Variable | None, readers: Iterable[Variable]
) -> Shared | None:
    """Another way to a thing than the one from `base`; None if there is none.

    `readers` are the variables that may still be read; without a base, each of them is another way.
    """
    ways: dict[Variable, Mapping[Thing, int]] = {
        variable: heap.variables[variable] for variable in readers if variable in heap.variables
    }
    if base is not None and base in heap.variables:
        ways[base] = heap.variables[base]
    return _second(heap, thing, base, ways, frozenset())


def _second(
    heap: Heap,
    thing: Thing,
    base: Variable | None,
    ways: Mapping[Variable, Mapping[Thing, int]],
    seen: frozenset[Thing],
) -> Shared | None:
    direct = [(variable, held[thing]) for variable, held in ways.items() if thing in held]
    starts = [start for held in ways.values() for start in held]
    around = heap.within(starts, without=thing if thing.single else None)
    holding = list(heap.holders(thing, around))
    info = heap.things[thing]
    native = any(edge.native for _, edge in holding)
    held = min(min(info.stored, stored_in(holding)) + native, info.places)
    count = len(direct) + held + (base is None and not seen)
    if count >= _TWO:
        lines = [line for _, line in direct] + [edge.line for _, edge in holding]
        other = _other(
            heap,
            base,
            ways,
            [variable for variable, _ in direct],
            [holder for holder, _ in holding],
        )
        return Shared(other, max(lines, default=0))
    for holder in {holder for holder, _ in holding} - seen - {thing}:
        found = _second(heap, holder, base, ways, seen | {thing})
        if found is not None:
            return found
    return None


def _other(
    heap: Heap,
    base: Variable | None,
    ways: Mapping[Variable, Mapping[Thing, int]],
    direct: list[Variable],
    holders: list[Thing],
) -> Variable | None:
    """The variable that the other way begins at: the author's rather than a hidden one."""
    through = [
        variable for variable, held in ways.items() if not heap.within(held).isdisjoint(holders)
    ]
    found = [variable for variable in [*direct, *through] if variable != base]
    found.sort(key=lambda variable: not isinstance(variable[0], str))
    return found[0] if found else base
