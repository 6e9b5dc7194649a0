"""Whether every statement and handler can be reached."""

from __future__ import annotations

import ast

from vivido.compiler import flow
from vivido.compiler.diagnostics import Place, Report
from vivido.compiler.read import Unit
from vivido.compiler.symbols import Scope, blocks_of

_LEAVERS = {ast.Return: "return", ast.Raise: "raise", ast.Break: "break", ast.Continue: "continue"}


def check(unit: Unit, report: Report) -> None:
    """Reports V401: once for each stretch of statements that nothing leads to."""
    for scope in unit.scope.walk():
        _Reachability(unit, scope, report).block(scope.node.body)


class _Reachability:
    def __init__(self, unit: Unit, scope: Scope, report: Report) -> None:
        self._unit, self._scope, self._report = unit, scope, report

    def block(self, body: list[ast.stmt]) -> None:
        """Looks at statements, and at those inside them as far as they are reached."""
        for index, statement in enumerate(body):
            for inner in blocks_of(statement):
                self.block(inner)
            if isinstance(statement, ast.Try):
                self._handlers(statement)
            if index + 1 < len(body) and not flow.goes_on(statement):
                self._unreached(statement, body[index + 1])
                return

    def _unreached(self, last: ast.stmt, first: ast.stmt) -> None:
        word = _LEAVERS.get(type(last))
        why = f"the {word!r} above leaves" if word else "no path leads past the statement above"
        message = f"This statement is never reached: {why}."
        hint = "delete it, or indent it where it belongs"
        place = self._report.place(first)
        line_end = len(self._unit.lines[place.line - 1].rstrip()) + 1
        end = place.end_column if place.end_line == place.line else line_end
        where = Place(place.line, place.column, place.line, end)
        self._report.add("V401", where, message, hint, [(last.lineno, "control leaves here")])

    def _handlers(self, node: ast.Try) -> None:
        """An `except` below one that catches the same class already."""
        seen: list[tuple[type, int]] = []
        for handler in node.handlers:
            classes = [self._class(kind) for kind in _kinds(handler.type)]
            covered = [_covering(cls, seen) for cls in classes]
            if classes and all(line is not None for line in covered) and handler.type is not None:
                message = (
                    f"This handler is never reached: {ast.unparse(handler.type)!r} is caught above."
                )
                hint = "put the narrower class first"
                self._report.add(
                    "V401", handler.type, message, hint, [(covered[0] or 0, "it is caught here")]
                )
            seen += [(cls, handler.lineno) for cls in classes if cls is not None]

    def _class(self, kind: ast.expr) -> type | None:
        found = self._unit.resolve(kind, self._scope)
        return found.value if found is not None and isinstance(found.value, type) else None


def _kinds(kind: ast.expr | None) -> list[ast.expr]:
    if kind is None:
        return []
    return kind.elts if isinstance(kind, ast.Tuple) else [kind]


def _covering(cls: type | None, seen: list[tuple[type, int]]) -> int | None:
    return (
        None
        if cls is None
        else next((line for above, line in seen if issubclass(cls, above)), None)
    )
