"""Whether asynchronous calls are awaited, and only those: as plain Python would have it."""

from __future__ import annotations

import ast

from vivido.compiler.diagnostics import Report
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import Comprehension
from vivido.compiler.visit import Walk

_HAND_ON = frozenset(
    {"parallel", "map_each", "first", "poll"}
)  # awaitable if what they are given is
_ALL_FORKS = _HAND_ON | {"spawn", "asyncio.gather", "asyncio.create_task", "asyncio.wait_for"}
_STARTED = "asyncio.create_task"  # runs by itself: it may be awaited later, or never


def check(unit: Unit, report: Report) -> None:
    """Reports V213."""
    _Awaiting(unit, report).run()


class _Awaiting(Walk):
    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._awaited: set[ast.expr] = set()
        self._lambda: ast.Lambda | None = None  # in whose body the walk stands: it cannot await

    def visit_Await(self, node: ast.Await) -> None:
        self._awaited.add(node.value)
        if not self._can_be_awaited(node.value):
            inner = ast.unparse(node.value)
            self.report.add(
                "V213", node, f"{inner!r} is awaited, but it is not asynchronous.", inner
            )
        self.generic_visit(node)

    def _can_be_awaited(self, node: ast.expr) -> bool:
        """A call that gives an awaitable; a variable may hold a job."""
        if isinstance(node, ast.Call):
            started = self.resolve(node.func)
            if started is not None and started.name == _STARTED:
                return True
            return self._asynchronous(node) is not False
        return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self._awaited.add(node.iter)
        self.generic_visit(node)

    def _comprehension(self, node: Comprehension) -> None:
        self._awaited.update(part.iter for part in node.generators if part.is_async)
        super()._comprehension(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        around, self._lambda = self._lambda, node
        super().visit_Lambda(node)
        self._lambda = around

    def visit_Call(self, node: ast.Call) -> None:
        found = self.resolve(node.func)
        if found is not None and found.kind == "operation" and found.name in _ALL_FORKS:
            self._awaited.update(handed_over(node))
            if found.name == _STARTED:
                self._awaited.add(node)
        if self._asynchronous(node) and node not in self._awaited:
            name, call = ast.unparse(node.func), ast.unparse(node)
            if self._lambda is not None and self.unit.is_async:
                message = f"{name}(…) is asynchronous, and a lambda cannot await it."
                given = ast.unparse(self._lambda.args)
                hint = f"async def each({given}): return await {call}, and each for the lambda"
            elif self.unit.is_async:
                message, hint = f"{name}(…) is asynchronous and is not awaited.", f"await {call}"
            else:
                message = f"{name}(…) is asynchronous, and the workflow is not."
                hint = f"async def {self.unit.node.name}(…), with 'await {call}' in it"
            self.report.add("V213", node, message, hint)
        self.generic_visit(node)

    def _asynchronous(self, call: ast.Call) -> bool | None:
        """Whether the call gives an awaitable; None if that cannot be told."""
        found = self.resolve(call.func)
        if found is None or found.kind == "variable":
            return None
        if found.kind == "operation" and found.name in _HAND_ON:
            parts = [self._handed_asynchronous(part) for part in handed_over(call)]
            return True if True in parts else None if None in parts else False
        return _is_async(found)

    def _handed_asynchronous(self, part: ast.expr) -> bool | None:
        if isinstance(part, ast.Call):
            return self._asynchronous(part)
        found = self.resolve(part)
        return _is_async(found) if found is not None and found.kind != "variable" else None


def handed_over(fork: ast.Call) -> list[ast.expr]:
    """What a fork runs: calls, functions, and the element of `*[quote(s) for s in suppliers]`."""
    parts: list[ast.expr] = []
    for argument in [*fork.args, *(keyword.value for keyword in fork.keywords)]:
        inner = argument.value if isinstance(argument, ast.Starred) else argument
        parts.append(inner.elt if isinstance(inner, ast.ListComp | ast.GeneratorExp) else inner)
    return [part for part in parts if isinstance(part, ast.Call | ast.Name | ast.Attribute)]


def _is_async(found: Found) -> bool:
    match found.kind:
        case "step" | "workflow":
            return bool(found.value.is_async)
        case "nested" if found.scope is not None:
            return isinstance(found.scope.node, ast.AsyncFunctionDef)
        case "operation":
            return found.name.startswith("asyncio.") and found.name != "asyncio.create_task"
        case _:
            return False
