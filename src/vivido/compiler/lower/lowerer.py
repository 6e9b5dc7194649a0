"""The lowering of one function, put together from the modules beside it."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Sequence
from decimal import Decimal
from types import ModuleType
from typing import Any

from vivido.compiler.lower import assignments, comprehensions, expressions, operations, statements
from vivido.compiler.lower.effects import Effect, RunBlock, effect_of, lifted
from vivido.compiler.lower.expressions import Sink
from vivido.compiler.lower.split import Part
from vivido.compiler.lower.writer import Bound, Writer, name_of
from vivido.compiler.read import Found
from vivido.compiler.symbols import Scope, names_in
from vivido.compiler import types
from vivido.compiler.infer import types_of
from vivido.compiler.types import Instance
from vivido.errors import ValueNotStorable
from vivido.expressions import ExpressionRefused, compile_target
from vivido.expressions import Scope as Meanings
from vivido import values
from vivido.model import nodes
from vivido.model.nodes import Node

_CHANGING_METHODS = frozenset(
    "append extend insert pop remove clear sort reverse update setdefault popitem add discard appendleft popleft "
    "rotate difference_update intersection_update symmetric_difference_update subtract move_to_end extendleft".split()
)


class Lowerer(Writer):
    """A `Writer` that knows how to lower."""

    def nested(self, scope: Scope) -> Lowerer:
        """The lowerer of a function defined in this one."""
        return Lowerer(self.shared, scope, parent=self)

    # ------------------------------------------------------------- questions
    def _hidden(self) -> frozenset[str]:
        return frozenset(self.renamed)

    def effect(self, call: ast.Call) -> Effect | None:
        """The effect of a call, if it has one."""
        return effect_of(call, self.unit, self.scope, self._hidden())

    def lifts(self, node: ast.AST) -> bool:
        """Whether something in an expression must become nodes."""
        return any(True for _ in lifted(node, self.unit, self.scope, self._hidden()))

    def once(self, rest: ast.expr) -> bool:
        """Whether a rewritten expression must not be evaluated twice: it may differ, or it changes something."""
        if isinstance(rest, ast.Constant | ast.Name):
            return False
        if isinstance(rest, ast.Starred):
            return self.once(rest.value)
        compiled = self.compiled(rest)
        return compiled is not None and (compiled.impure or bool(compiled.mutates))

    def may_change(self, node: ast.expr) -> bool:
        """Whether evaluating an expression of the author's may change a value in place."""
        for part in ast.walk(node):
            if not isinstance(part, ast.Call):
                continue
            if isinstance(part.func, ast.Attribute) and part.func.attr in _CHANGING_METHODS:
                return True
            found = self.resolve(part.func)
            if isinstance(self.effect(part), RunBlock) or (found is not None and found.kind == "function"):
                return True
        return False

    def is_static(self, rest: ast.expr) -> bool:
        """Whether a rewritten dotted name is a member of a class or module: always there, always the same."""
        return self._static(rest) is not _UNKNOWN

    def _static(self, rest: ast.expr) -> Any:
        match rest:
            case ast.Name(id=name):
                return _UNKNOWN if self.is_variable(name) else self.references.bound().get(name, _UNKNOWN)
            case ast.Attribute(value=inner, attr=attribute):
                owner = self._static(inner)
                if isinstance(owner, type | ModuleType):
                    return getattr(owner, attribute, _UNKNOWN)
        return _UNKNOWN

    def note_type(self, name: str, node: ast.expr) -> None:
        """Remember what a temporary holds."""
        self.types[name] = types_of(self.unit).of(node, self.scope, self.types)

    def is_field(self, rest: ast.Attribute) -> bool:
        """Whether a rewritten attribute is surely there: a declared field of a model or dataclass."""
        owner = types_of(self.unit).of(rest.value, self.scope, self.types)
        return types.without_none(owner) is owner and all(
            isinstance(member, Instance) and rest.attr in (types.fields(member.cls) or {})
            for member in types.members(owner)
        )

    def has_method(self, rest: ast.expr, method: str) -> bool:
        """Whether a rewritten expression surely gives something with this method."""
        if self.is_static(rest):
            return True
        owner = types_of(self.unit).of(rest, self.scope, self.types)
        return all(isinstance(member, Instance) and hasattr(member.cls, method) for member in types.members(owner))

    def is_known_module(self, module: ModuleType) -> bool:
        """Whether the evaluator reads names from a module by itself: never from one of the author's."""
        return module.__name__.partition(".")[0] in sys.stdlib_module_names

    def both(self, first: Bound, second: Bound) -> Bound:
        """What is bound where two ways meet."""
        if first is None or second is None:
            return second if first is None else first
        return first & second

    # ------------------------------------------------------------- expressions
    def value(self, node: ast.expr) -> ast.expr:
        """Emit the effects of an expression; the remainder gives its value."""
        return expressions.value(self, node)

    def rewrite(self, node: ast.expr) -> ast.expr:
        """An expression without effects, with the definition's names."""
        return expressions.rewrite(self, node)

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

    def may_build(self, name: str, node: ast.expr) -> bool:
        """Whether nobody could see a collection growing in the variable itself."""
        if self.guarded or self.parent is not None or name in self.renamed:
            return False
        functions = [scope.node for scope in self.scope.nested.values()]
        return not any(
            isinstance(part, ast.Name) and part.id == name for root in [node, *functions] for part in ast.walk(root)
        )

    def consumed_generator(self, call: ast.Call) -> ast.expr | None:
        """Lower a call that consumes a generator with effects, as `any(step(x) for x in xs)`."""
        return comprehensions.consumed(self, call)

    def bound_name(self, found: Found, node: ast.expr) -> str:
        """The name by which expressions call something of the author's; a finding where they cannot."""
        if found.kind == "constant":
            try:
                values.encode(found.value)
            except ValueNotStorable:
                kind = type(found.value).__name__
                self.report.add(
                    "V211",
                    node,
                    f"{found.name!r} is a {kind} of the module, which no workflow can hold",
                    "use it inside a step",
                )
                return "None"
        return self.references.bind(found.name.rpartition(".")[2], found.value)

    def into(self, target: ast.expr, node: ast.expr) -> None:
        """Assign the value of an expression to a simple target."""
        expressions.into(self, target, node)

    def discard(self, node: ast.expr) -> None:
        """Evaluate an expression for its effects alone."""
        expressions.discard(self, node)

    def word_for(self, node: ast.expr) -> str:
        """A name for what an expression gives."""
        return expressions.word_for(node)

    def keep(self, rest: ast.expr) -> ast.expr:
        """Evaluate a remainder now, into a temporary variable."""
        return expressions.keep(self, rest)

    def touch(self, rest: ast.expr) -> None:
        """Raise now what evaluating a remainder would raise."""
        expressions.touch(self, rest)

    def parts_in_order(self, parts: Sequence[Part]) -> list[ast.expr]:
        """Remainders of expressions that Python evaluates one after another."""
        return expressions.sequence(self, parts)

    def kept_in_order(self, nodes_: Sequence[ast.expr]) -> list[ast.expr]:
        """The same, for what is evaluated before effects that come later."""
        return [rest if expressions.stable(self, rest, ()) else self.keep(rest) for rest in self.in_order(nodes_)]

    def is_scalar(self, element: ast.expr, generator: ast.GeneratorExp) -> bool:
        """Whether all items of a generator surely have one type of number, or are all text."""
        known = types_of(self.unit)
        kind = known.of(element, self.scope, {**self.types, **known.comprehended(generator, self.scope, self.types)})
        return isinstance(kind, Instance) and kind.cls in (int, float, bool, Decimal, str)

    def in_order(self, nodes_: Sequence[ast.expr]) -> list[ast.expr]:
        """The same for plain expressions."""
        return expressions.sequence(self, [Part(node) for node in nodes_])

    def rebinds(self, node: ast.expr, target: ast.expr) -> bool:
        """Whether an expression of the author's assigns a variable that the target reads."""
        read = {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
        return any(
            isinstance(part, ast.NamedExpr) and self.renamed.get(part.target.id, part.target.id) in read
            for part in ast.walk(node)
        )

    def is_builtin(self, node: ast.expr) -> bool:
        """Whether a name means the builtin of that name."""
        found = self.resolve(node)
        return found is not None and found.kind == "builtin"

    def is_class(self, rest: ast.expr) -> bool:
        """Whether a rewritten name surely means a class."""
        if isinstance(rest, ast.Name) and not self.is_variable(rest.id):
            return isinstance(self.references.bound().get(rest.id, getattr(builtins, rest.id, None)), type)
        return isinstance(self._static(rest), type)

    def class_name(self, value: type, like: ast.expr) -> ast.expr:
        """A rewritten name for a class."""
        return name_of(self.references.bind(value.__name__, value), like)

    # ------------------------------------------------------------- targets
    def is_simple(self, target: ast.expr) -> bool:
        """Whether a target can be evaluated when it is assigned."""
        return assignments.is_simple(self, target)

    def store(self, target: ast.expr, rest: ast.expr, like: ast.expr) -> None:
        """Assign a remainder to a target of any kind."""
        assignments.store(self, target, rest, like)

    def assign_lowered(self, target: ast.expr, rest: ast.expr, like: ast.AST) -> None:
        """Emit an assignment to a target that is rewritten already."""
        text = self.text(rest)
        self.emit(nodes.Set(id="", line=getattr(like, "lineno", None), to=self.target_text(target), value=text))
        self.bind(names_in(target))

    def assign(self, target: ast.expr, rest: ast.expr, like: ast.AST) -> None:
        """Emit an assignment of a remainder to a target without effects."""
        self.assign_lowered(self.rewrite(target), rest, like)

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


_UNKNOWN = object()
