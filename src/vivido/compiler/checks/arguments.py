"""Whether the arguments of every call fit.

Their number, their names, and their types where both are known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from vivido.compiler import signatures, types
from vivido.compiler.checks.names import suggestion
from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Found, Unit
from vivido.compiler.signatures import Bound, Callee
from vivido.compiler.typed import TypedWalk
from vivido.compiler.types import NONE, Instance, Unknown
from vivido.compiler.visit import is_literal, literal

_TAKE_FUNCTIONS = frozenset({"map_each", "spawn", "poll"})


def check(unit: Unit, report: Report) -> None:
    """Reports V304 and the V305 of arguments."""
    _Arguments(unit, report).run()


class _Arguments(TypedWalk):
    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        callee = self._callee(node, found)
        if callee is not None:
            self._fit(callee, node)
        if (
            found is not None
            and found.kind == "operation"
            and found.name in _TAKE_FUNCTIONS
            and node.args
        ):
            self._taken(found.name, node)
        self.generic_visit(node)

    def _callee(self, node: ast.Call, found: Found | None) -> Callee | None:
        if found is not None:
            return signatures.callee_of(found, self.types)
        if isinstance(node.func, ast.Attribute):
            return signatures.of_method(self.type_of(node.func.value), node.func.attr)
        return None

    def _taken(self, operation: str, node: ast.Call) -> None:
        """The function that `map_each`, `spawn` or `poll` calls for the author."""
        function, *rest = node.args
        found = self.resolve(function)
        callee = None if found is None else signatures.callee_of(found, self.types)
        if (
            callee is None
            or found is None
            or found.kind not in ("step", "workflow", "nested", "function")
        ):
            return
        if operation == "map_each":
            item: list[ast.expr] = [ast.copy_location(ast.Name("item", ast.Load()), function)]
            self._fit(
                callee, ast.copy_location(ast.Call(function, item, []), function), item_only=True
            )
        elif operation == "spawn":
            self._fit(callee, ast.copy_location(ast.Call(function, rest, node.keywords), node))
        else:
            own = [
                keyword
                for keyword in node.keywords
                if keyword.arg not in ("until", "every", "timeout")
            ]
            self._fit(callee, ast.copy_location(ast.Call(function, rest, own), node))

    # -------------------------------------------------------------- number and names
    def _fit(self, callee: Callee, call: ast.Call, *, item_only: bool = False) -> None:
        bound = signatures.bind(callee, call)
        names = [each.name for each in callee.parameters]
        if item_only and (bound.excess or bound.missing):
            message = (
                f"map_each gives {callee.name}() one argument, the item; it takes {_listed(names)}."
            )
            hint = "a nested function of one parameter that calls it with the others"
            self.report.add("V304", call, message, hint)
            return
        self._wrong_number(callee, call, bound, names)
        for keyword in bound.unknown:
            hint = suggestion(keyword.arg or "", names) or f"it takes {_listed(names)}"
            self.report.add(
                "V304", keyword, f"{callee.name}() has no parameter {keyword.arg!r}.", hint
            )
        for keyword, name in bound.twice:
            self.report.add(
                "V304",
                keyword,
                f"{callee.name}() is given {name!r} twice.",
                "leave one of them out",
            )
        if not item_only:
            self._types(callee, bound)

    def _wrong_number(self, callee: Callee, call: ast.Call, bound: Bound, names: list[str]) -> None:
        if bound.missing and not bound.unknown:  # a misspelt name is one mistake, not two
            given = [ast.unparse(argument) for argument in [*call.args, *call.keywords]]
            hint = f"{callee.name}({', '.join(given + [f'{name}=…' for name in bound.missing])})"
            message = f"{callee.name}() is not given {_listed(bound.missing)}."
            self.report.add("V304", call, message, hint)
        if bound.excess:
            count = len(call.args)
            message = (
                f"{callee.name}() is given {count} arguments by position "
                f"and takes {count - len(bound.excess)}."
            )
            self.report.add("V304", bound.excess[0], message, f"it takes {_listed(names)}")

    # -------------------------------------------------------------- types
    def _types(self, callee: Callee, bound: Bound) -> None:
        for name, argument in bound.filled.items():
            if callee.model is not None:
                self._field(callee.model, name, argument)
                continue
            wanted, given = callee.type_of(name), self.type_of(argument)
            if not types.assignable(given, wanted):
                message = (
                    f"{callee.name}() wants {types.describe(wanted)} for {name!r}, "
                    f"and {ast.unparse(argument)!r} is {types.describe(given)}."
                )
                self.report.add("V305", argument, message, _conversion(given, wanted))

    def _field(self, model: type[BaseModel], name: str, argument: ast.expr) -> None:
        """Models convert what they can; wrong is only what pydantic refuses for sure."""
        info = model.model_fields.get(name)
        if info is None or model.__pydantic_decorators__.field_validators:
            return
        wanted, given = types.from_annotation(info.annotation), self.type_of(argument)
        if is_literal(argument) and not info.metadata:
            refused = _refuses(info.annotation, literal(argument))
        else:
            refused = _never_converts(given, wanted)
        if refused:
            message = (
                f"{model.__name__} wants {types.describe(wanted)} for {name!r}, "
                f"and {ast.unparse(argument)!r} is {types.describe(given)}."
            )
            self.report.add("V305", argument, message, _conversion(given, wanted))


def _refuses(annotation: Any, value: object) -> bool:
    """Whether pydantic refuses a literal."""
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return True
    except (PydanticUserError, TypeError, NameError):
        return False
    return False


def _never_converts(given: types.Type, wanted: types.Type) -> bool:
    """Whether a composite value or None is given where only plain scalars are asked for."""
    parts = types.members(wanted)
    if any(not isinstance(part, Instance) or not types.is_scalar(part.cls) for part in parts):
        return False
    if given == NONE:
        return NONE not in parts
    return isinstance(given, Instance) and types.fields(given.cls) is not None


def _conversion(given: types.Type, wanted: types.Type) -> str:
    if (
        isinstance(wanted, Instance)
        and isinstance(given, Instance)
        and wanted.cls in (str, int, float)
    ):
        return (
            f"{wanted.cls.__name__}(…)"
            if types.is_scalar(given.cls) and given != NONE
            else "pass the part that it wants"
        )
    return "" if isinstance(wanted, Unknown) else f"pass a value of type {types.describe(wanted)}"


def _listed(names: Iterable[str]) -> str:
    listed = [repr(name) for name in names]
    if not listed:
        return "no arguments"
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
