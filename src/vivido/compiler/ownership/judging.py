"""May this thing be changed here? And what is said if not."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from vivido.compiler.diagnostics import Report
from vivido.compiler.ownership import sharing
from vivido.compiler.ownership.frame import (
    DEFAULT,
    ITEMS_TO_COME,
    LOOPED_OVER,
    PENDING,
    Barrier,
    Frame,
    Walker,
)
from vivido.compiler.ownership.heap import Heap
from vivido.compiler.ownership.liveness import Live
from vivido.compiler.ownership.things import Thing, Variable
from vivido.compiler.ownership.values import Value
from vivido.compiler.read import Unit
from vivido.compiler.types import Instance, Type, members


class Judge(Walker):
    """Judges each change in place, and reports each place of the source once."""

    def __init__(self, unit: Unit, report: Report) -> None:
        super().__init__(unit, report)
        self._reported: set[ast.AST] = set()

    def change(self, value: Value, node: ast.AST, what: ast.expr) -> None:
        """The things of a value are changed in place, through its base.

        `what` is how the author writes it.
        """
        for thing in sorted(value.things, key=str):
            if thing in self.here.things and node not in self._reported:
                self._change(thing, value.base, node, what)

    def _change(self, thing: Thing, base: Variable | None, node: ast.AST, what: ast.expr) -> None:
        if _of_module(thing):
            self._change_of_module(thing, node, what)
            return
        barrier = next((each for each in self.barriers if thing.root in each.before), None)
        if barrier is not None:
            self._change_behind(barrier, thing, node, what)
        elif not any(each.kind == "function" for each in self.barriers):
            self._change_here(thing, base, node, what)

    def _change_of_module(self, thing: Thing, node: ast.AST, what: ast.expr) -> None:
        if any(each.kind == "function" for each in self.barriers):
            return  # the author's own function keeps its own books
        name = ast.unparse(what)
        message = f"{name!r} is a value of the module: a change of it would be lost after a hop."
        self.add(
            "V504",
            node,
            message,
            f"put {_copy_of(self.here, thing, name)} into a variable, and change that",
        )

    def _change_behind(self, barrier: Barrier, thing: Thing, node: ast.AST, what: ast.expr) -> None:
        if barrier.kind == "branch":
            message = f"{ast.unparse(what)!r} is changed in a branch, which has its own copy of it."
            hint = "return the new value from the branch, and use what the fork returns"
            line = getattr(barrier.node, "lineno", 0)
            self.add("V503", node, message, hint, [(line, f"{barrier.name} runs it side by side")])
            return
        frame = self.frames[self._frame_below(barrier)]
        if self._seen_from(frame, thing):
            message = f"{barrier.name}() changes what it is given: {ast.unparse(what)!r}."
            hint = "let it return a changed copy, or make it a nested function of the workflow"
            self.add("V505", barrier.node, message, hint)

    def _frame_below(self, barrier: Barrier) -> int:
        functions = [each for each in self.barriers if each.kind == "function"]
        return max(len(self.frames) - 1 - (len(functions) - functions.index(barrier)), 0)

    def _seen_from(self, frame: Frame, thing: Thing) -> bool:
        """Whether a variable that may still be read leads to a thing."""
        inner, self.frame = self.frame, frame
        readers = self.readers()
        self.frame = inner
        starts = [start for reader in readers for start in self.here.variables.get(reader, {})]
        return thing in self.here.within(starts)

    def _change_here(
        self, thing: Thing, base: Variable | None, node: ast.AST, what: ast.expr
    ) -> None:
        name = ast.unparse(what)
        readers = self.readers()
        loop = self._looped_over(thing, readers)
        if loop is not None and not _current_item(loop, node, self.here.things[thing].kind):
            message = f"{name!r} is changed while the loop goes over it."
            hint = (
                f"loop over {_copy_of(self.here, thing, name)}, or make the changes after the loop"
            )
            self.add(
                "V502",
                node,
                message,
                hint,
                [(getattr(loop, "lineno", 0), "the loop goes over it here")],
            )
            return
        ways = [variable for variable in readers if variable[1] != LOOPED_OVER]
        found = sharing.second_way(self.here, thing, base, ways)
        if found is not None:
            other = _named(found.variable, base)
            message = f"{name!r} is changed here, but {other} holds the same value."
            hint = f"share {_copy_of(self.here, thing, name)}, or change it before it is shared"
            related = [(found.line, "the value is shared since here")] if found.line else []
            self.add("V501", node, message, hint, related)

    def _looped_over(self, thing: Thing, readers: Live) -> ast.AST | None:
        for variable, held in self.here.variables.items():
            loop, name = variable
            if (
                name == LOOPED_OVER
                and thing in held
                and (variable in readers or not isinstance(loop, ast.For))
            ):
                return loop if isinstance(loop, ast.AST) else None
        return None

    def add(
        self,
        code: str,
        node: ast.AST,
        message: str,
        hint: str,
        related: Iterable[tuple[int, str]] = (),
    ) -> None:
        """Report a change, unless something was said of the place already."""
        if node not in self._reported:
            self._reported.add(node)
            self.report.add(code, node, message, hint, [each for each in related if each[0]])


def _of_module(thing: Thing) -> bool:
    site = thing.root.site
    return isinstance(site, tuple) and site[0] == "module"


def _named(variable: Variable | None, base: Variable | None) -> str:
    if variable is None or variable == base:
        return "another place of it"
    place, name = variable
    if name == ITEMS_TO_COME:
        return "the loop"
    if name == PENDING:
        return "the rest of the statement"
    if name.startswith(DEFAULT):
        return f"the default of {name.removeprefix(DEFAULT)!r}"
    return repr(name) if isinstance(place, str) else "a variable of the comprehension"


def _copy_of(heap: Heap, thing: Thing, name: str) -> str:
    """How to copy such a value."""
    for kind in members(heap.things[thing].kind):
        if isinstance(kind, Instance):
            if kind.cls in (list, dict, set):
                return f"the copy {kind.cls.__name__}({name})"
            if hasattr(kind.cls, "model_copy"):
                return f"the copy {name}.model_copy(deep=True)"
    return "a copy (list(…), dict(…), model_copy(deep=True))"


def _current_item(loop: ast.AST, node: ast.AST, kind: Type) -> bool:
    """Whether `d[k] = …` only replaces the item that a loop over `d` is at."""
    if (
        not isinstance(loop, ast.For)
        or not isinstance(node, ast.Subscript)
        or not isinstance(node.ctx, ast.Store)
    ):
        return False
    key = _key_of(loop, kind)
    rebound = any(
        isinstance(part, ast.Name) and part.id == key and not isinstance(part.ctx, ast.Load)
        for statement in loop.body
        for part in ast.walk(statement)
    )
    return isinstance(node.slice, ast.Name) and node.slice.id == key and not rebound


def _key_of(loop: ast.For, kind: Type) -> str | None:
    """The variable that holds the key or place of the item that a loop is at."""
    match loop:
        case ast.For(target=ast.Name(id=name), iter=ast.Name() | ast.Attribute() | ast.Subscript()):
            return name if isinstance(kind, Instance) and issubclass(kind.cls, dict) else None
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Attribute(attr="keys"))):
            return name
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(id=name), _]),
            iter=ast.Call(func=ast.Attribute(attr="items")),
        ):
            return name
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(id=name), _]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[_]),
        ):
            return name
        case _:
            return None
