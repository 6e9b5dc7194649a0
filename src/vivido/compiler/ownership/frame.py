"""Where the analysis stands.

The function it is in, what can still be read, and inside which call it came there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from vivido.compiler.diagnostics import Report
from vivido.compiler.ownership.heap import Heap
from vivido.compiler.ownership.liveness import Live, Liveness, reads
from vivido.compiler.ownership.things import NONE, Root, Thing, Things, Variable
from vivido.compiler.ownership.values import SCALAR, Value
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Scope
from vivido.compiler.types import UNKNOWN, Instance, Type

ITEMS_TO_COME = "items to come"
LOOPED_OVER = "looped over"
PENDING = "put aside, for a hop"
KEPT = "put aside"
DEFAULT = "default "  # and the parameter's name
_EVERYWHERE = (PENDING, DEFAULT)  # hidden variables that count wherever control is
# The names of hidden variables hold a space: no author's variable is called so.


@dataclass(eq=False)
class Barrier:
    """A call inside which nothing that was there before may be changed.

    A branch, or the author's own function.
    """

    kind: Literal["branch", "function"]
    node: ast.AST
    name: str
    before: set[Root]


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that is put aside in hidden variables."""

    variable: Variable
    base: Variable | None
    parts: tuple[Kept, ...] | None


@dataclass(eq=False)
class Frame:
    """A function that is being walked through."""

    unit: Unit
    scope: Scope
    liveness: Liveness
    around: Live  # what may be read after it has returned
    returned: list[Heap] = field(default_factory=list)
    hidden: dict[str, Variable] = field(
        default_factory=dict
    )  # variables of comprehensions and lambdas
    unread: set[ast.Name] = field(
        default_factory=set
    )  # reads of the statement that are still to come
    soon: Live = frozenset()  # what may be read once the statement is over


class Walker:
    """The state of the analysis, and the question it is for: may this thing be changed here?"""

    def __init__(self, unit: Unit, report: Report) -> None:
        self.report = report
        self.heap: Heap | None = Heap()
        self.lost = False  # whether an expression never gave a value: its statement ends here
        self.frame = Frame(unit, unit.scope, Liveness(unit.scope), frozenset())
        self.frames: list[Frame] = [self.frame]
        self.barriers: list[Barrier] = []
        self.raising: list[list[Heap]] = []
        self._liveness: dict[Scope, Liveness] = {unit.scope: self.frame.liveness}
        self._kept = 0

    @property
    def ended(self) -> bool:
        """Whether control never comes here: it has left, or an expression never gives a value."""
        return self.heap is None

    def arrive(self) -> bool:
        """Whether control comes past what was evaluated last."""
        if self.lost:
            if self.raising:
                self.raising[-1].append(self.here.copy())
            self.heap, self.lost = None, False
        return not self.ended

    def attempt(self, walk: Callable[[], object]) -> Heap | None:
        """Evaluate what may be left out: the heap after it, None if it never gives a value."""
        before, self.lost = self.lost, False
        walk()
        after = None if self.lost else self.heap
        self.lost = before
        return after

    @property
    def here(self) -> Heap:
        """The heap where control is."""
        assert self.heap is not None  # noqa: S101  nothing is evaluated where control never comes
        return self.heap

    def liveness_of(self, scope: Scope) -> Liveness:
        """The live variables of a function, found once."""
        if scope not in self._liveness:
            self._liveness[scope] = Liveness(scope)
        return self._liveness[scope]

    # -------------------------------------------------------------- making things
    def make(self, site: Hashable, kind: Type = UNKNOWN, *, lazy: bool = False) -> Things:
        """A new object; barriers know the earlier ones of the same place by their older root."""
        self._aging(site)
        return self.here.make(site, kind, lazy=lazy)

    def make_vague(self, site: Hashable) -> Thing:
        """New objects of a place, of which nothing is known: they may hold one another."""
        self._aging(site)
        return self.here.make_vague(site)

    def pick(
        self,
        site: Hashable,
        choices: Iterable[Thing],
        *,
        held_by: Things = NONE,
        taken_out: bool = False,
        besides: Things = NONE,
    ) -> Things:
        """One of several things, as a thing of its own; it is as old as what it was picked from."""
        choices = frozenset(choices)
        self._aging(site)
        old = [
            barrier
            for barrier in self.barriers
            if any(each.root in barrier.before for each in choices)
        ]
        picked = self.here.pick(
            site, choices, held_by=held_by, taken_out=taken_out, besides=besides
        )
        for barrier in old:
            barrier.before.add(Root(site))
        return picked

    def _aging(self, site: Hashable) -> None:
        for barrier in self.barriers:
            if Root(site) in barrier.before:
                barrier.before -= {Root(site)}
                barrier.before.add(Root(site, older=True))

    def settle(self, value: Value, site: Hashable, line: int) -> Value:
        """Make a tuple that was written out an object, so that it can be stored."""
        if value.parts is None:
            return value
        kept = [self.keep(part) for part in value.parts]
        settled = [
            self.keep(self.settle(self.take(part), (site, index), line))
            for index, part in enumerate(kept)
        ]
        things = self.make(site, Instance(tuple))
        parts = [self.take(part).things for part in settled]
        if not any(parts):
            return SCALAR
        for index, part in enumerate(parts):
            self.here.store(things, f"[{index}]", part, line)
        return Value(things)

    # -------------------------------------------------------------- what may still be read
    def expect(
        self, node: ast.AST, expressions: Sequence[ast.AST], lost: Live = frozenset()
    ) -> None:
        """Begin a statement or header: note what it reads, and what may be read after it.

        `lost` are the variables whose value so far cannot be read any more.
        """
        live = self.frame.liveness
        self.frame.soon = (live.after.get(node, frozenset()) - lost) | live.raised.get(
            node, frozenset()
        )
        self.frame.unread = {
            name
            for expression in expressions
            for name in ast.walk(expression)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
        }

    def keep(self, value: Value, *, waiting: bool = False) -> Kept:
        """Put a value aside while more is evaluated.

        Since things get other names when a place makes new ones.

        One that is `waiting` for a hop counts as a way to its things: it is stored meanwhile.
        """
        self._kept += 1
        variable = (self._kept, PENDING if waiting else KEPT)
        self.here.variables[variable] = dict.fromkeys(value.things, 0)
        parts = (
            None
            if value.parts is None
            else tuple(self.keep(part, waiting=waiting) for part in value.parts)
        )
        return Kept(variable, value.base, parts)

    def take(self, kept: Kept) -> Value:
        """A value that was put aside, by the names that its things have now."""
        things = frozenset(self.here.variables.pop(kept.variable, {}))
        parts = None if kept.parts is None else tuple(map(self.take, kept.parts))
        return Value(things, kept.base, parts)

    def forget(self, heap: Heap | None, since: int) -> None:
        """Drop what was put aside since then by expressions that an error has ended."""
        for variable in [] if heap is None else list(heap.variables):
            if (
                variable[1] in (PENDING, KEPT)
                and isinstance(variable[0], int)
                and variable[0] > since
            ):
                del heap.variables[variable]  # type: ignore[union-attr]  # not empty, so there is a heap

    @property
    def kept_so_far(self) -> int:
        """A mark for `forget`."""
        return self._kept

    def readers(self) -> Live:
        """All variables that may still be read, hidden ones too."""
        frame = self.frame
        live = frame.soon | frame.around
        for read in frame.unread:
            live |= reads(read.id, frame.scope)
        found = set(live)
        for variable in self.here.variables:
            place, name = variable
            if name.startswith(_EVERYWHERE) or (
                name == ITEMS_TO_COME and self._loop_goes_on(place, live)
            ):
                found.add(variable)
        return frozenset(found)

    def _loop_goes_on(self, place: Hashable, live: Live) -> bool:
        loop = place[0] if isinstance(place, tuple) else place
        return not isinstance(loop, ast.For | ast.AsyncFor) or (loop, ITEMS_TO_COME) in live

    # -------------------------------------------------------------- frames and barriers
    @contextmanager
    def within(self, frame: Frame) -> Iterator[None]:
        """Walk through another function."""
        outer = self.frame
        self.frame = frame
        self.frames.append(frame)
        yield
        self.frames.pop()
        self.frame = outer

    @contextmanager
    def behind(
        self, kind: Literal["branch", "function"], node: ast.AST, name: str
    ) -> Iterator[None]:
        """Walk through what must not change anything that is there."""
        barrier = Barrier(kind, node, name, {thing.root for thing in self.here.things})
        self.barriers.append(barrier)
        yield
        self.barriers.remove(barrier)


def joined(heaps: Iterable[Heap | None]) -> Heap | None:
    """What holds where several ways meet; None if control comes by none of them."""
    found: Heap | None = None
    for heap in heaps:
        if heap is not None:
            found = heap if found is None or found is heap else found.join(heap)
    return found
