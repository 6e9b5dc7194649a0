"""The types of expressions, by their syntax and the annotations of what they name."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from vivido.compiler import types
from vivido.compiler.infer import results
from vivido.compiler.infer.results import BOOL, FLOAT, INT, STR, has_star, union
from vivido.compiler.infer.sources import assignments, unpack
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Comprehension, Scope
from vivido.compiler.types import (
    NONE,
    UNKNOWN,
    ClassItself,
    Instance,
    Type,
    from_annotation,
    one_of,
    sequence_of,
)

Hidden = Mapping[str, Type]
NOTHING: Hidden = {}
_ROUNDS = 6
_ANNOTATING = ("class", "builtin", "constant", "function")  # a NewType is a function to Python 3.11


class Inference:
    """The types of one workflow's variables and expressions."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._variables: dict[tuple[Scope, str], Type | None] = {}
        sources = [(scope, *source) for scope in unit.scope.walk() for source in assignments(scope)]
        for _ in range(_ROUNDS):
            before = dict(self._variables)
            for scope, names, kind_of in sources:
                for name in names:
                    self._widen(scope, name, kind_of(self, scope, name))
            if before == self._variables:
                return
        self._variables = dict.fromkeys(self._variables, UNKNOWN)

    def _widen(self, scope: Scope, name: str, kind: Type | None) -> None:
        if kind is not None:
            before = self._variables.get((scope, name))
            self._variables[scope, name] = kind if before is None else one_of((before, kind))

    def variable(self, name: str, scope: Scope) -> Type:
        """The type of a variable as `scope` sees it."""
        return self._variable(name, scope) or UNKNOWN

    def _variable(self, name: str, scope: Scope) -> Type | None:
        owner = scope.owner(name)
        return UNKNOWN if owner is None else self._variables.get((owner, name))

    def of(self, expression: ast.expr, scope: Scope, hidden: Hidden = NOTHING) -> Type:
        """The type of an expression.

        `hidden` are the variables of comprehensions and lambdas around it.
        """
        return self.kind_of(expression, scope, hidden) or UNKNOWN

    def declared_parameter(self, name: str) -> Type:
        """The declared type of a parameter of the workflow."""
        hints = self._unit.workflow.interface.hints
        return from_annotation(hints[name].type) if name in hints else UNKNOWN

    # -------------------------------------------------------------- expressions
    def kind_of(  # noqa: C901, PLR0911, PLR0912  one case a kind
        self, node: ast.expr, scope: Scope, hidden: Hidden = NOTHING
    ) -> Type | None:
        """As `of`, but None where it depends on a variable of which nothing is known yet."""
        match node:
            case ast.Constant(value=value):
                return Instance(type(value))
            case ast.JoinedStr():
                return STR
            case ast.Name(id=name):
                return hidden[name] if name in hidden else self._name(name, scope)
            case ast.Await(value=inner) | ast.NamedExpr(value=inner) | ast.Starred(value=inner):
                return self.kind_of(inner, scope, hidden)
            case ast.Attribute():
                return self._attribute(node, scope, hidden)
            case ast.Subscript(value=value, slice=index):
                return self._subscript(self.kind_of(value, scope, hidden), index)
            case ast.UnaryOp(op=ast.Not()):
                return BOOL
            case ast.Compare():
                return BOOL if self._plain_comparison(node, scope, hidden) else UNKNOWN
            case ast.UnaryOp(operand=operand):
                kind = self.kind_of(operand, scope, hidden)
                return INT if kind == BOOL else kind
            case ast.BinOp(left=left, op=operator, right=right):
                return results.arithmetic(
                    self.kind_of(left, scope, hidden), operator, self.kind_of(right, scope, hidden)
                )
            case ast.BoolOp(values=values):
                return union(self.kind_of(value, scope, hidden) for value in values)
            case ast.IfExp(body=body, orelse=orelse):
                return union(self.kind_of(part, scope, hidden) for part in (body, orelse))
            case ast.Call():
                return self._call(node, scope, hidden)
            case _:
                return self._display(node, scope, hidden)

    def _name(self, name: str, scope: Scope) -> Type | None:
        found = self._unit.lookup(name, scope)
        return self._variable(name, scope) if found.kind == "variable" else results.of_found(found)

    def _attribute(self, node: ast.Attribute, scope: Scope, hidden: Hidden) -> Type | None:
        found = self._unit.resolve(node, scope, frozenset(hidden))
        if found is not None and found.kind != "missing":
            return results.of_found(found)
        owner = self.kind_of(node.value, scope, hidden)
        return None if owner is None else types.attribute(owner, node.attr) or UNKNOWN

    def _subscript(self, owner: Type | None, index: ast.expr) -> Type | None:
        if owner is None:
            return None
        if isinstance(index, ast.Slice):
            return (
                owner
                if all(results.slices_to_itself(each) for each in types.members(owner))
                else UNKNOWN
            )
        constant = ast.literal_eval(index) if results.is_constant(index) else None
        return types.item(owner, constant)

    def _plain_comparison(self, node: ast.Compare, scope: Scope, hidden: Hidden) -> bool:
        """Whether the result is surely a bool: arrays and the like compare to something else."""
        if all(isinstance(each, ast.Is | ast.IsNot | ast.In | ast.NotIn) for each in node.ops):
            return True
        return all(
            not isinstance(self.kind_of(each, scope, hidden) or UNKNOWN, types.Unknown)
            for each in [node.left, *node.comparators]
        )

    def _display(  # noqa: PLR0911  one case a kind
        self, node: ast.expr, scope: Scope, hidden: Hidden
    ) -> Type | None:
        match node:
            case ast.Tuple(elts=parts):
                if any(isinstance(part, ast.Starred) for part in parts):
                    return Instance(tuple)
                kinds = [self.kind_of(part, scope, hidden) or UNKNOWN for part in parts]
                return Instance(tuple, tuple(kinds))
            case ast.List(elts=parts) | ast.Set(elts=parts):
                cls = list if isinstance(node, ast.List) else set
                if any(isinstance(part, ast.Starred) for part in parts):
                    return Instance(cls)
                return results.collection(
                    cls, (self.kind_of(part, scope, hidden) for part in parts)
                )
            case ast.Dict(keys=keys, values=values):
                return self._dictionary(
                    [key for key in keys if key], values, scope, hidden, whole=None not in keys
                )
            case ast.ListComp(elt=element) | ast.SetComp(elt=element):
                inner = self.comprehended(node, scope, hidden)
                cls = list if isinstance(node, ast.ListComp) else set
                return sequence_of(cls, self.kind_of(element, scope, inner) or UNKNOWN)
            case ast.DictComp(key=key, value=value):
                inner = self.comprehended(node, scope, hidden)
                return self._dictionary([key], [value], scope, inner, whole=True)
            case _:
                return UNKNOWN

    def _dictionary(
        self,
        keys: list[ast.expr],
        values: list[ast.expr],
        scope: Scope,
        hidden: Hidden,
        *,
        whole: bool,
    ) -> Type:
        if not whole or not keys:
            return Instance(dict)
        key, value = (
            union(self.kind_of(each, scope, hidden) for each in side) or UNKNOWN
            for side in (keys, values)
        )
        return Instance(dict, (key, value)) if UNKNOWN not in (key, value) else Instance(dict)

    def comprehended(self, node: Comprehension, scope: Scope, hidden: Hidden) -> Hidden:
        """The hidden variables inside a comprehension: those around it and its own."""
        inner = dict(hidden)
        for part in node.generators:
            kind = self.kind_of(part.iter, scope, inner) or UNKNOWN
            inner |= dict(unpack(part.target, types.element(kind) or UNKNOWN))
        return inner

    # -------------------------------------------------------------- calls
    def _call(  # noqa: PLR0911  one case a kind
        self, node: ast.Call, scope: Scope, hidden: Hidden
    ) -> Type | None:
        found = self._unit.resolve(node.func, scope, frozenset(hidden))
        if found is None:
            return self._method(node, scope, hidden)
        match found.kind:
            case "step" | "workflow":
                return from_annotation(found.value.interface.result.type)
            case "nested" if found.scope is not None:
                returns = found.scope.node.returns
                return UNKNOWN if returns is None else self.annotation(returns, found.scope)
            case "function":
                return results.declared(found.value)
            case "class" | "builtin":
                return self._construct(found.value, node, scope, hidden)
            case "operation":
                return self._operation(found.name, node, scope, hidden)
            case _:
                return UNKNOWN

    def _method(self, node: ast.Call, scope: Scope, hidden: Hidden) -> Type | None:
        if not isinstance(node.func, ast.Attribute):
            return UNKNOWN
        owner = self.kind_of(node.func.value, scope, hidden)
        if not isinstance(owner, Instance):
            return None if owner is None else UNKNOWN
        return results.method(owner, node.func.attr, node)

    def _construct(  # noqa: PLR0911  one case a kind
        self, cls: Any, node: ast.Call, scope: Scope, hidden: Hidden
    ) -> Type | None:
        kinds = [self.kind_of(arg, scope, hidden) for arg in node.args]
        whole = kinds[0] if len(kinds) == 1 else UNKNOWN
        element = UNKNOWN if whole is None else types.element(whole) or UNKNOWN
        if cls in (list, set, frozenset, sorted, reversed, tuple):
            return _collected(cls, element)
        if cls in (enumerate, zip):
            return UNKNOWN if has_star(node) else _paired(cls, kinds)
        if cls in (min, max):
            return element if len(kinds) == 1 else union(kinds)
        if cls is sum and element in (INT, FLOAT):
            return INT if element == INT else one_of((INT, FLOAT))
        if cls is abs and whole in (INT, FLOAT):
            return whole
        if isinstance(cls, type) and cls not in (object, type, super):
            return Instance(cls)
        return results.BUILTINS.get(cls, UNKNOWN)

    def _operation(self, name: str, node: ast.Call, scope: Scope, hidden: Hidden) -> Type:
        options = {keyword.arg for keyword in node.keywords}
        if name in ("parallel", "asyncio.gather") and not options and not has_star(node):
            parts = tuple(self.kind_of(arg, scope, hidden) or UNKNOWN for arg in node.args)
            return Instance(tuple, parts) if name == "parallel" else Instance(list)
        if (
            name == "map_each"
            and node.args
            and not options & {"on_error", "need", "tolerate", None}
        ):
            return sequence_of(list, self._result_of(node.args[0], scope, hidden))
        return UNKNOWN

    def _result_of(self, function: ast.expr, scope: Scope, hidden: Hidden) -> Type:
        if isinstance(function, ast.Lambda):
            return UNKNOWN
        return self.of(ast.Call(func=function, args=[], keywords=[]), scope, hidden)

    def caught(self, kind: ast.expr, scope: Scope) -> Type:
        """The type of an error that a handler for `kind` catches."""
        parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
        classes = [self.of(part, scope) for part in parts]
        return one_of(
            Instance(each.cls) if isinstance(each, ClassItself) else UNKNOWN for each in classes
        )

    # -------------------------------------------------------------- annotations inside the workflow
    def annotation(self, node: ast.expr, scope: Scope) -> Type:
        """The type that an annotation inside the workflow describes, read from its syntax."""
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str() as text):
                return self._annotation_text(text, scope)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return one_of((self.annotation(left, scope), self.annotation(right, scope)))
            case ast.Subscript(value=origin, slice=inside):
                return self._generic(origin, inside, scope)
            case ast.Name() | ast.Attribute():
                found = self._unit.resolve(node, scope)
                known = found is not None and found.kind in _ANNOTATING
                return from_annotation(found.value) if found is not None and known else UNKNOWN
            case _:
                return UNKNOWN

    def _annotation_text(self, text: str, scope: Scope) -> Type:
        try:
            return self.annotation(ast.parse(text, mode="eval").body, scope)
        except SyntaxError:
            return UNKNOWN

    def _generic(self, origin: ast.expr, inside: ast.expr, scope: Scope) -> Type:
        found = self._unit.resolve(origin, scope)
        if found is None or not isinstance(found.value, type):
            return UNKNOWN  # Optional, Union, Literal, …: written with `|` today
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        uniform = isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis
        args = tuple(self.annotation(part, scope) for part in (parts[:1] if uniform else parts))
        return Instance(found.value, args, uniform=uniform)


def _collected(cls: Any, element: Type) -> Type:
    """What `list(…)` and its like make of items of one type."""
    if cls is tuple and element != UNKNOWN:
        return Instance(tuple, (element,), uniform=True)
    return sequence_of(list if cls in (sorted, reversed) else cls, element)


def _paired(cls: Any, kinds: list[Type | None]) -> Type:
    """What `enumerate(…)` and `zip(…)` give: tuples with an item of each."""
    items = [types.element(kind or UNKNOWN) or UNKNOWN for kind in kinds]
    places = (INT, *items[:1]) if cls is enumerate else tuple(items)
    return sequence_of(list, Instance(tuple, places))
