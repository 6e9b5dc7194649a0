"""Where does the lowering of a block stand? Its nodes so far, names in use, what is bound.

A `Writer` belongs to one function (the workflow or a nested one). Statements, expressions and
effects are lowered by the functions of the modules beside it; it only keeps their common state
and answers their common questions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from vivido.authoring.pure import is_pure
from vivido.compiler.diagnostics import Report
from vivido.compiler.lower.names import References
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import FunctionNode, Scope, unused
from vivido.compiler.types import Type
from vivido.expressions import Binding, Expression, ExpressionRefused, compile_expression
from vivido.expressions import Scope as Meanings
from vivido.model.definition import Block
from vivido.model.nodes import Node

Bound = frozenset[str] | None  # names that surely have a value; None where control never comes


@dataclass(eq=False)
class Shared:
    """What all blocks of one workflow have in common."""

    unit: Unit
    report: Report
    references: References
    identifiers: frozenset[str]  # every name the author wrote anywhere in the workflow
    plain_names: frozenset[
        str
    ]  # those of them that mean something outside of comprehensions and lambdas
    blocks: dict[str, Block] = field(default_factory=dict)


class Writer:
    """The state of lowering one function."""

    def __init__(self, shared: Shared, scope: Scope, parent: Writer | None = None) -> None:
        self.shared = shared
        self.unit, self.report = shared.unit, shared.report
        self.references = shared.references
        self.scope = scope
        self.parent = parent
        self.nodes: list[Node] = []
        self.bound: Bound = frozenset(scope.params)
        self.temporaries: dict[str, None] = {}  # all that were ever made, in order
        self.live: set[str] = set()  # those that hold something still needed
        self.guarded = False  # inside a `try`: what a statement did before it failed can be seen
        self.types: dict[str, Type] = {}  # of temporaries that hold results
        self.pinned: set[str] = set()
        self.renamed: dict[
            str, str
        ] = {}  # variables of comprehensions and lambdas that became the block's

    # ------------------------------------------------------------- nodes
    def emit(self, node: Node) -> None:
        """Append a node."""
        self.nodes.append(node)

    @contextmanager
    def collecting(self) -> Iterator[list[Node]]:
        """Nodes emitted meanwhile go to a list of their own."""
        outer, self.nodes = self.nodes, []
        try:
            yield self.nodes
        finally:
            self.nodes = outer

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Temporaries made meanwhile are free again afterwards."""
        before = set(self.live)
        yield
        self.live = before | self.pinned

    @contextmanager
    def branching(self) -> Iterator[list[Node]]:
        """The same for nodes that may not be run: what they bind is not sure afterwards."""
        before = self.bound
        with self.collecting() as collected:
            yield collected
        self.bound = before

    def both(self, first: Bound, second: Bound) -> Bound:
        """What is bound where two ways meet."""
        if first is None or second is None:
            return second if first is None else first
        return first & second

    # ------------------------------------------------------------- names
    @contextmanager
    def own_variables(self, names: Iterable[str]) -> Iterator[None]:
        """Variables of comprehensions and lambdas become the block's, renamed if they clash."""
        outer = self.renamed
        new = {}
        for name in names:
            clash = name in self.shared.plain_names or name in self.live
            new[name] = self.fresh(name) if clash else name
            self.temporaries[new[name]] = None
            self.live.add(new[name])
        self.renamed = {**outer, **new}
        yield
        self.renamed = outer

    def pin(self, name: str) -> None:
        """A temporary that is needed beyond its statement."""
        self.pinned.add(name)

    def own_names(self) -> list[str]:
        """The block's variables: parameters first, then the others by name."""
        others = (self.scope.locals - set(self.scope.nested)) | set(self.temporaries)
        return [*self.scope.params, *sorted(others - set(self.scope.params))]

    def fresh(self, wanted: str) -> str:
        """A new variable, named after what it holds."""
        taken = self.live | self.shared.identifiers
        if self.parent is not None:
            taken |= self.parent.live
        name = unused(f"_{wanted.strip('_') or 'value'}", taken)
        self.temporaries[name] = None
        self.live.add(name)
        return name

    def bind(self, names: Iterable[str]) -> None:
        """Note that these names have a value now."""
        if self.bound is not None:
            self.bound |= frozenset(names)

    def unbind(self, names: Iterable[str]) -> None:
        """Note that these names may have no value now."""
        if self.bound is not None:
            self.bound -= frozenset(names)

    def is_bound(self, name: str) -> bool:
        """Whether reading a variable cannot fail here."""
        if self.bound is None or name in self.temporaries:
            return True
        if name in self.scope.locals or self.parent is None:
            return name in self.bound
        return self.parent.is_bound(name)

    def is_variable(self, name: str) -> bool:
        """Whether a rewritten name is one of the workflow's variables, not a binding or builtin."""
        return name in self.variables

    @property
    def variables(self) -> frozenset[str]:
        """All variables that expressions here can see, as the definition names them."""
        inherited = self.parent.variables if self.parent is not None else frozenset()
        return inherited | self.scope.locals | frozenset(self.temporaries)

    def resolve(self, expression: ast.expr, hidden: frozenset[str] = frozenset()) -> Found | None:
        """What a name or dotted name means here."""
        return self.unit.resolve(expression, self.scope, hidden | frozenset(self.renamed))

    # ------------------------------------------------------------- text
    def compiled(self, expression: ast.expr) -> Expression | None:
        """The expression as the engine will evaluate it; None, and a finding, if it is refused."""
        try:
            return compile_expression(
                expression, Meanings(self.meanings(), variables=self.variables)
            )
        except ExpressionRefused as refused:
            self.refuse(expression, refused)
            return None

    def meanings(self) -> dict[str, Binding]:
        """What the names of the author's mean to the evaluator."""
        return {
            name: Binding(value, pure=is_pure(value))
            for name, value in self.references.bound().items()
        }

    def refuse(self, expression: ast.AST, refused: ExpressionRefused) -> None:
        """Report what the bounded language does not have."""
        start = (refused.lineno, refused.col_offset)
        there = [part for part in reversed([*ast.walk(expression)]) if _start(part) == start]
        longer = (p for p in there if isinstance(p, ast.Attribute | ast.Subscript | ast.Call))
        where = next(longer, next(iter(there), expression))
        self.report.add("V211", where, _sentence(refused.message), refused.hint)

    def text(self, expression: ast.expr) -> str:
        """Source text of a rewritten expression, checked against the bounded language."""
        self.compiled(expression)
        return ast.unparse(expression)

    def comment(self, node: ast.AST) -> str | None:
        """The author's comment directly above a statement."""
        return self.unit.comments.get(getattr(node, "lineno", 0))


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _sentence(text: str) -> str:
    """A message of the evaluator as a finding: a whole sentence; names stay as they are."""
    if text.partition(" ")[0] in ("the", "this", "a", "an", "no"):
        text = text[0].upper() + text[1:]
    return f"{text}."


def identifiers(function: FunctionNode) -> frozenset[str]:
    """Every name that stands anywhere in a function, whatever its scope."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
    return frozenset(found)
