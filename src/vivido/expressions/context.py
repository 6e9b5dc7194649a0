"""What is known around a node while it is compiled, and what has been learnt so far?"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vivido.expressions.meter import Meter
from vivido.expressions.refused import refused
from vivido.expressions.scope import Scope

# A compiled node: takes the environment, or within comprehensions and lambdas the frame, and gives
# the value. A frame is a list: the environment or frame around it, then the locals.
Run = Callable[[Any, Meter], Any]
Lower = Callable[[Any, "Context"], Run]


class Unbound:
    """What a local holds before it has a value."""


UNBOUND = Unbound()


@dataclass(slots=True)
class Facts:
    """What the parts of an expression do, collected while they are compiled; variables by key."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    mutates: set[str] = field(default_factory=set)
    lends: set[str] = field(default_factory=set)
    impure: bool = False
    calls_own: bool = False
    multiplies: bool = False


@dataclass(frozen=True, slots=True)
class Local:
    """A local of a comprehension or lambda: its place in the frame.

    `roots`: the variables whose value it may be a part of.
    """

    slot: int
    roots: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Context:
    """The names around a node, innermost locals last, and where to put what is learnt."""

    scope: Scope
    table: Mapping[type[ast.AST], Lower]
    facts: Facts
    locals: tuple[Mapping[str, Local], ...] = ()
    in_lambda: bool = False

    def lower(self, node: ast.expr) -> Run:
        """Compile a part of the expression."""
        lower = self.table.get(type(node))
        if lower is None:
            what = type(node).__name__
            raise refused(node, f"{what} is not available in an expression", reason="unavailable")
        return lower(node, self)

    def within(self, names: Mapping[str, Local], *, in_lambda: bool = False) -> Context:
        """The context inside a comprehension or lambda that has these locals."""
        return Context(
            self.scope, self.table, self.facts, (*self.locals, names), self.in_lambda or in_lambda
        )

    def local(self, name: str) -> tuple[int, Local] | None:
        """How many frames out a local lies, and which it is; None if the name is no local."""
        for hops, names in enumerate(reversed(self.locals)):
            if name in names:
                return hops, names[name]
        return None

    def is_variable(self, name: str) -> bool:
        """Whether the name is one of the workflow's variables, not shadowed by a local."""
        return self.local(name) is None and name in self.scope.variables
