"""Whether what variables are to hold, and calls to take, can be stored.

Functions, classes and iterators cannot.

A variable must survive the process that assigned it. Where such a value is used up on the spot, as
in `sorted(xs, key=len)` or `for a, b in zip(xs, ys)`, nothing has to store it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.typed import TypedWalk
from vivido.compiler.types import Instance

_ITERATORS = (iter, map, filter, zip, enumerate, reversed)
_VIEWS = frozenset({"keys", "values", "items"})
_ADDING = frozenset({"append", "appendleft", "insert", "add", "setdefault"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of value that no variable can hold, and what to write instead."""

    name: str
    instead: str


_LIST = "list(…): a list can be stored"
_GENERATOR = _Kind("a generator", "a list: [… for … in …]")
_ITERATOR = _Kind("an iterator", _LIST)
_VIEW = _Kind("a view of a dict", _LIST)
_FUNCTION = _Kind(
    "a function", "call it where it is needed; a nested function has a name: def f(x): …"
)
_CLASS = _Kind("a class", "its name, or an enum; name the class where it is needed")
_MODULE = _Kind("a module", "name what you need of it where it is needed")


def check(unit: Unit, report: Report) -> None:
    """Reports V507."""
    _Storable(unit, report).run()


class _Storable(TypedWalk):
    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._assigned(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assigned(node.target, node.value)
        super().visit_AnnAssign(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._assigned(node.target, node.value)
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self._look(node.value, "The result")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if found is not None and found.kind in ("step", "workflow", "nested"):
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                self._look(argument, f"An argument of {found.name}(…)")
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _ADDING:
            for argument in node.args:
                self._look(argument, ast.unparse(node.func.value))
        self.generic_visit(node)

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case (
                (ast.Tuple(elts=names) | ast.List(elts=names)),
                (ast.Tuple(elts=parts) | ast.List(elts=parts)),
            ) if len(names) == len(parts):
                for name, part in zip(names, parts, strict=True):
                    self._assigned(name, part)
            case ((ast.Tuple() | ast.List() | ast.Starred()), _):
                pass  # unpacking uses an iterator up
            case _:
                self._look(value, repr(ast.unparse(target)))

    def _look(self, value: ast.expr, holder: str) -> None:
        """Report each part of a value that cannot be stored with it."""
        for part, kind in self._parts(value):
            message = f"{holder} would hold {kind.name}, which cannot be stored."
            self.report.add("V507", part, message, kind.instead)

    def _parts(self, value: ast.expr) -> Iterator[tuple[ast.expr, _Kind]]:
        match value:
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                pass
            case ast.BoolOp(values=parts):
                pass
            case ast.Dict(keys=keys, values=items):
                parts = [*(key for key in keys if key is not None), *items]
            case ast.IfExp(body=body, orelse=orelse):
                parts = [body, orelse]
            case ast.NamedExpr():
                parts = []  # has a target of its own
            case _:
                parts = []
                kind = self._kind(value)
                if kind is not None:
                    yield value, kind
        for part in parts:
            yield from self._parts(part)

    def _kind(self, value: ast.expr) -> _Kind | None:
        match value:
            case ast.GeneratorExp():
                return _GENERATOR
            case ast.Lambda():
                return _FUNCTION
            case ast.Call():
                return self._result(value)
            case ast.Name() | ast.Attribute():
                return self._named(value)
            case _:
                return None

    def _result(self, call: ast.Call) -> _Kind | None:
        """The kind of what a call gives."""
        found = self.resolve(call.func)
        if found is not None and found.value in _ITERATORS:
            return _ITERATOR
        if found is not None and getattr(found.value, "__module__", None) == "itertools":
            return _ITERATOR
        if found is not None and found.value is builtins.type and len(call.args) == 1:
            return _CLASS
        if isinstance(call.func, ast.Attribute) and call.func.attr in _VIEWS and not call.args:
            owner = self.type_of(call.func.value)
            if isinstance(owner, Instance) and issubclass(owner.cls, dict):
                return _VIEW
        return None

    def _named(self, name: ast.expr) -> _Kind | None:
        """The kind of what a name of the module or of Python means."""
        found = self.resolve(name)
        match None if found is None else found.kind:
            case "class":
                return _CLASS
            case "function":
                return _FUNCTION
            case "module":
                return _MODULE
            case "builtin" if found is not None and callable(found.value):
                return _CLASS if isinstance(found.value, type) else _FUNCTION
            case _:
                return None
