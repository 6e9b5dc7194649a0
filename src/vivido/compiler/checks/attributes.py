"""Whether an attribute exists, where the type of the value is known: `order.totl`."""

from __future__ import annotations

import ast

from vivido.compiler import types
from vivido.compiler.checks.names import suggestion
from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Unit
from vivido.compiler.typed import TypedWalk
from vivido.compiler.types import ClassItself, Instance, Unknown


def check(unit: Unit, report: Report) -> None:
    """Reports V303."""
    _Attributes(unit, report).run()


def _tested(unit: Unit) -> list[str]:
    """Variables whose type a test may narrow.

    In `isinstance(x, …)`, `hasattr(x, …)` or a `match`.
    """
    found: list[ast.expr] = []
    for node in ast.walk(unit.node):
        match node:
            case ast.Call(
                func=ast.Name(id="isinstance" | "hasattr" | "callable"), args=[first, *_]
            ):
                found.append(first)
            case ast.Match(subject=subject):
                found.append(subject)
            case ast.Compare(left=ast.Call(func=ast.Name(id="type"), args=[first])):
                found.append(first)
    return [ast.unparse(each) for each in found]


class _Attributes(TypedWalk):
    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self.tested = frozenset(_tested(unit))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        if self.resolve(node) is not None or ast.unparse(node.value) in self.tested:
            return
        owner = self.type_of(node.value)
        if isinstance(owner, Unknown) or types.attribute(owner, node.attr) is not None:
            return
        if isinstance(node.ctx, ast.Store) and not _rejects(owner):
            return
        message = f"{types.describe(types.without_none(owner))} has no attribute {node.attr!r}."
        self.report.add(
            "V303", _name_of(node), message, suggestion(node.attr, types.attribute_names(owner))
        )


def _rejects(owner: types.Type) -> bool:
    """Whether the class refuses attributes that it does not declare.

    Models do, plain dataclasses do not.
    """
    return any(
        isinstance(member, ClassItself)
        or (isinstance(member, Instance) and types.refuses_new_attributes(member.cls))
        for member in types.members(owner)
    )


def _name_of(node: ast.Attribute) -> ast.AST:
    """The place of the attribute's name alone."""
    end = node.end_col_offset or 0
    place = ast.copy_location(ast.Pass(), node)
    place.lineno, place.col_offset = node.end_lineno or node.lineno, end - len(node.attr.encode())
    return place
