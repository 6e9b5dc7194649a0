"""What is known about an expression before it runs: what it changes, what it needs, what it is."""

from __future__ import annotations

import ast
import builtins
import sys
from decimal import Decimal
from types import ModuleType
from typing import Any

from vivido.compiler import types
from vivido.compiler.infer import types_of
from vivido.compiler.lower.changes import CHANGING_METHODS, changes
from vivido.compiler.lower.effects import Effect, RunBlock, effect_of, lifted
from vivido.compiler.lower.writer import Writer
from vivido.compiler.symbols import functions_within
from vivido.compiler.types import Instance, Type

_NUMBERS = (bool, int, float)
_ATOMS = (bool, int, float, str, bytes, type(None))
_UNKNOWN = object()


class Questions(Writer):
    """A `Writer` that can tell what expressions would do."""

    # ------------------------------------------------------------- effects
    def effect(self, call: ast.Call) -> Effect | None:
        """The effect of a call, if it has one."""
        return effect_of(call, self.unit, self.scope, frozenset(self.renamed))

    def lifts(self, node: ast.AST) -> bool:
        """Whether something in an expression must become nodes."""
        found = lifted(node, self.unit, self.scope, frozenset(self.renamed))
        return any(True for _ in found)

    def once(self, rest: ast.expr) -> bool:
        """Whether a rewritten expression must not be evaluated twice: it may differ, or changes."""
        if isinstance(rest, ast.Constant | ast.Name):
            return False
        if isinstance(rest, ast.Starred):
            return self.once(rest.value)
        compiled = self.compiled(rest)
        return compiled is not None and (compiled.impure or bool(compiled.mutates))

    def only_sets_defaults(self, rest: ast.expr) -> bool:
        """Whether all that a rewritten expression changes is done by `setdefault`.

        Its second call gives what the first one did.
        """
        compiled = self.compiled(rest)
        if compiled is None or compiled.impure:
            return False
        calls = [part for part in ast.walk(rest) if isinstance(part, ast.Call)]
        methods = {part.func.attr for part in calls if isinstance(part.func, ast.Attribute)}
        return methods & CHANGING_METHODS <= {"setdefault"}

    def mutates(self, rest: ast.expr) -> bool:
        """Whether a rewritten expression changes a variable in place."""
        if isinstance(rest, ast.Constant | ast.Name):
            return False
        compiled = self.compiled(rest)
        return compiled is not None and bool(compiled.mutates)

    def lives_in_variable(self, rest: ast.expr) -> bool:
        """Whether what a remainder gives is, or is a part of, what a variable holds."""
        match rest:
            case ast.Call(func=ast.Attribute(attr="pop" | "popleft"), args=[] | [_], keywords=[]):
                return False  # no longer
            case _:
                changer = ast.copy_location(ast.Attribute(rest, "clear", ast.Load()), rest)
                return self.mutates(ast.copy_location(ast.Call(changer, [], []), rest))

    def rebinds(self, node: ast.expr, names: frozenset[str]) -> bool:
        """Whether an expression of the author's assigns one of the variables."""
        return any(
            isinstance(part, ast.NamedExpr) and self._name(part.target.id) in names
            for part in ast.walk(node)
        )

    def may_change(self, node: ast.expr, names: frozenset[str], *, deep: bool = False) -> bool:
        """Whether evaluating an expression of the author's may change a variable's value in place.

        With `deep` only changes count that may reach into what was read out of the variable.
        A nested function may change what it knows; one of the author's what it is given.
        """
        code: list[ast.AST] = [node]
        calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
        if any(isinstance(self.effect(call), RunBlock) for call in calls):
            code += functions_within(self.unit.node.body)
        found = (change for part in code for change in changes(part, self._takes, self._is_atom))
        return any(
            self._name(change.name) in names and (change.deep or not deep) for change in found
        )

    def _takes(self, call: ast.Call) -> bool:
        """Whether a call may change its arguments: a function of the author's, or a nested one."""
        if isinstance(self.effect(call), RunBlock):
            return True
        found = self.resolve(call.func)
        return found is not None and found.kind == "function"

    def _is_atom(self, node: ast.expr) -> bool:
        return self._are([node], _ATOMS)

    def _name(self, name: str) -> str:
        return self.renamed.get(name, name)

    # ------------------------------------------------------------- what a name is
    def is_builtin(self, node: ast.expr) -> bool:
        """Whether a name means the builtin of that name."""
        found = self.resolve(node)
        return found is not None and found.kind == "builtin"

    def is_known_module(self, module: ModuleType) -> bool:
        """Whether the evaluator reads names from a module itself: from none of the author's."""
        return module.__name__.partition(".")[0] in sys.stdlib_module_names

    def is_static(self, rest: ast.expr) -> bool:
        """Whether a rewritten dotted name is a member of a class or module: there, and fixed."""
        return self._static(rest) is not _UNKNOWN

    def is_class(self, rest: ast.expr) -> bool:
        """Whether a rewritten name surely means a class."""
        if isinstance(rest, ast.Name) and not self.is_variable(rest.id):
            known = self.references.bound()
            return isinstance(known.get(rest.id, getattr(builtins, rest.id, None)), type)
        return isinstance(self._static(rest), type)

    def _static(self, rest: ast.expr) -> Any:
        match rest:
            case ast.Name(id=name) if not self.is_variable(name):
                return self.references.bound().get(name, _UNKNOWN)
            case ast.Attribute(value=inner, attr=attribute):
                owner = self._static(inner)
                if isinstance(owner, type | ModuleType):
                    return getattr(owner, attribute, _UNKNOWN)
        return _UNKNOWN

    # ------------------------------------------------------------- types
    def note_type(self, name: str, node: ast.expr) -> None:
        """Remember what a temporary holds."""
        self.types[name] = self._type(node)

    def _type(self, node: ast.expr) -> Type:
        return types_of(self.unit).of(node, self.scope, self.types)

    def _classes(self, node: ast.expr) -> list[type | None]:
        """The classes of which a value may be; None among them: nothing is known."""
        return [
            member.cls if isinstance(member, Instance) else None
            for member in types.members(self._type(node))
        ]

    def is_field(self, rest: ast.Attribute) -> bool:
        """Whether a rewritten attribute is surely there: declared by a model or dataclass."""
        owners = self._classes(rest.value)
        return all(cls is not None and rest.attr in (types.fields(cls) or {}) for cls in owners)

    def has_method(self, rest: ast.expr, method: str) -> bool:
        """Whether a rewritten expression surely gives something with this method."""
        if self.is_static(rest) or (isinstance(rest, ast.Name) and not self.is_variable(rest.id)):
            return True
        return all(cls is not None and hasattr(cls, method) for cls in self._classes(rest))

    def is_immutable(self, rest: ast.expr) -> bool:
        """Whether what an expression gives can never change."""
        return types.immutable(self._type(rest))

    def is_scalar(self, element: ast.expr, generator: ast.GeneratorExp) -> bool:
        """Whether all items of a generator surely are of one kind of number, or all text."""
        known = types_of(self.unit)
        inner = known.comprehended(generator, self.scope, self.types)
        kind = known.of(element, self.scope, {**self.types, **inner})
        return isinstance(kind, Instance) and kind.cls in (*_NUMBERS, Decimal, str)

    def cannot_raise(self, rest: ast.Compare | ast.BinOp | ast.UnaryOp) -> bool:
        """Whether an operation surely has a result, by the types of its operands."""
        match rest:
            case ast.Compare():
                return self._can_compare(rest)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
                return self._are([left, right], _NUMBERS)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._are([operand], _ATOMS)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
                return self._are([operand], _NUMBERS)
            case _:
                return False

    def _can_compare(self, rest: ast.Compare) -> bool:
        operands = [rest.left, *rest.comparators]
        if all(isinstance(op, ast.Is | ast.IsNot) for op in rest.ops):
            return True
        if all(isinstance(op, ast.Eq | ast.NotEq) for op in rest.ops):
            return self._are(operands, _ATOMS)
        ordered = all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in rest.ops)
        return ordered and (self._are(operands, _NUMBERS) or self._are(operands, (str,)))

    def _are(self, operands: list[ast.expr], classes: tuple[type, ...]) -> bool:
        return all(cls in classes for operand in operands for cls in self._classes(operand))
