"""What lowers a function? The modules beside this one, put together."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from vivido.compiler.lower import (
    assignments,
    comprehensions,
    expressions,
    keeping,
    operations,
    rewriting,
    statements,
)
from vivido.compiler.lower.effects import Effect
from vivido.compiler.lower.expressions import Sink
from vivido.compiler.lower.questions import Questions
from vivido.compiler.lower.split import Part
from vivido.compiler.lower.writer import Bound
from vivido.compiler.read import Found
from vivido.compiler.symbols import Comprehension, Scope, names_in
from vivido.expressions import ExpressionRefused, compile_target
from vivido.expressions import Scope as Meanings
from vivido.model import nodes
from vivido.model.nodes import Node


class Lowerer(Questions):
    """A `Writer` that knows how to lower."""

    def nested(self, scope: Scope) -> Lowerer:
        """The lowerer of a function defined in this one."""
        return Lowerer(self.shared, scope, parent=self)

    # ------------------------------------------------------------- expressions
    def value(self, node: ast.expr) -> ast.expr:
        """Emit the effects of an expression; the remainder gives its value."""
        return expressions.value(self, node)

    def settled(self, node: ast.expr) -> ast.expr:
        """The same for what decides where control goes: it changes no variable by itself."""
        rest = self.value(node)
        return self.keep(rest) if self.mutates(rest) else rest

    def into(self, target: ast.expr, node: ast.expr) -> None:
        """Assign the value of an expression to a simple target."""
        expressions.into(self, target, node)

    def discard(self, node: ast.expr) -> None:
        """Evaluate an expression for its effects alone."""
        expressions.discard(self, node)

    def in_order(self, parts: Sequence[ast.expr]) -> list[ast.expr]:
        """Remainders of expressions that Python evaluates one after another."""
        return self.parts_in_order([Part(part) for part in parts])

    def parts_in_order(self, parts: Sequence[Part]) -> list[ast.expr]:
        """The same for parts of any role."""
        return expressions.sequence(self, parts)

    def kept_in_order(self, parts: Sequence[ast.expr]) -> list[ast.expr]:
        """The same for what is evaluated before effects that come later."""
        rests = self.in_order(parts)
        return [rest if keeping.stable(self, rest, ()) else self.keep(rest) for rest in rests]

    def rewrite(self, node: ast.expr) -> ast.expr:
        """An expression without effects, with the definition's names."""
        return rewriting.rewrite(self, node)

    def keep(self, rest: ast.expr) -> ast.expr:
        """Evaluate a remainder now, into a temporary variable."""
        return keeping.keep(self, rest)

    def touch(self, rest: ast.expr) -> None:
        """Raise now what evaluating a remainder would raise."""
        keeping.touch(self, rest)

    def word_for(self, node: ast.expr) -> str:
        """A name for what an expression gives."""
        return expressions.word_for(node)

    # ------------------------------------------------------------- effects
    def perform(self, effect: Effect, call: ast.Call, sink: Sink) -> ast.expr:
        """Emit the node of an effect; its result, as an expression."""
        return operations.perform(self, effect, call, sink)

    def awaited(self, node: ast.expr, sink: Sink) -> ast.expr:
        """Lower what an `await` waits for."""
        return operations.awaited(self, node, sink)

    def comprehension(
        self, node: ast.expr, *, wanted: bool = True, into: ast.Name | None = None
    ) -> ast.expr:
        """Lower a comprehension with effects to a loop."""
        return comprehensions.lower(self, node, wanted=wanted, into=into)

    def over_items(self, node: Comprehension) -> ast.expr | None:
        """Lower the items of a comprehension in which nothing else has an effect."""
        return None if self.loops(node) else comprehensions.over_items(self, node)

    def loops(self, node: ast.expr) -> bool:
        """Whether a comprehension must become a loop: more than its first items has effects."""
        return comprehensions.loops(self, node)

    def may_build(self, name: str, node: ast.expr) -> bool:
        """Whether nobody could see a collection growing in the variable itself."""
        if self.guarded or name in self.renamed:
            return False
        places = [node, *(scope.node for scope in self.scope.nested.values())]
        names = (part for place in places for part in ast.walk(place))
        return not any(isinstance(part, ast.Name) and part.id == name for part in names)

    def consumed_generator(self, call: ast.Call) -> ast.expr | None:
        """Lower a call that consumes a generator with effects, as `any(step(x) for x in xs)`."""
        return comprehensions.consumed(self, call)

    # ------------------------------------------------------------- names
    def binding(self, found: Found, node: ast.expr) -> ast.expr:
        """What stands for something of the author's in expressions; a finding where nothing can."""
        if found.kind == "constant" and not self.references.is_storable(found.value):
            kind = type(found.value).__name__
            self.report.add(
                "V211",
                node,
                f"{found.name!r} is of type {kind!r}, which no workflow can hold.",
                "use it inside a step",
            )
            return ast.copy_location(ast.Constant(None), node)
        return rewriting.held(self.references.bind(found.name, found.value), node)

    def class_name(self, value: type, like: ast.expr) -> ast.expr:
        """A rewritten name for a class."""
        return rewriting.held(self.references.bind(value.__name__, value), like)

    # ------------------------------------------------------------- targets
    def is_simple(self, target: ast.expr) -> bool:
        """Whether a target can be evaluated when it is assigned."""
        return assignments.is_simple(self, target)

    def store(self, target: ast.expr, rest: ast.expr, like: ast.expr) -> None:
        """Assign a remainder to a target of any kind."""
        assignments.store(self, target, rest, like)

    def assign(self, target: ast.expr, rest: ast.expr, like: ast.AST) -> None:
        """Emit an assignment of a remainder to a simple target."""
        self.assign_lowered(self.rewrite(target), rest, like)

    def assign_lowered(self, target: ast.expr, rest: ast.expr, like: ast.AST) -> None:
        """Emit an assignment to a target that is rewritten already."""
        text = self.text(rest)
        line = getattr(like, "lineno", None)
        self.emit(nodes.Set(id="", line=line, to=self.target_text(target), value=text))
        self.bind(names_in(target))

    def target(self, target: ast.expr) -> str:
        """Source text of a target, checked against the bounded language."""
        return self.target_text(self.rewrite(target))

    def target_text(self, rest: ast.expr) -> str:
        """Source text of a rewritten target."""
        try:
            compile_target(rest, Meanings(self.meanings(), variables=self.variables))
        except ExpressionRefused as refused:
            self.refuse(rest, refused)
        return ast.unparse(rest)

    # ------------------------------------------------------------- statements
    def body(self, body: Sequence[ast.stmt]) -> list[Node]:
        """Lower statements to a list of nodes of their own."""
        with self.collecting() as collected:
            statements.lower(self, body)
        return collected

    def inner(self, body: Sequence[ast.stmt], before: Bound) -> tuple[list[Node], Bound]:
        """Lower a body that begins with these names bound; also what is bound behind it."""
        self.bound = before
        lowered = self.body(body)
        return lowered, self.bound
