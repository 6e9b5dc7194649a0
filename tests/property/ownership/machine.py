"""A machine that may write down every variable after each statement, as an engine does at a hop.

The program is rewritten: `x, y = hop(x, y)` stands after each statement, and a step inside an
expression hops before it runs. Which hops replace the variables by copies of their own is the
machine's to choose; with none, the program means what it means in plain Python.
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.property.ownership.programs import bound

from vivido import values

HEAD = "from tests.property.ownership.library import *\n"
_MOST_HOPS, _LARGEST = 2_000, 500  # of a program that is compared; others teach nothing more
_NOTHING = ast.arguments([], [], None, [], [], None, [])
_names = itertools.count()


class TooLong(BaseException):
    """The program runs for too long, or its values grow too large."""


@dataclass
class Machine:
    """Runs a rewritten program once; `copies` chooses the hops that make copies."""

    copies: Callable[[], bool]
    shown: list[str] = field(default_factory=list)
    hops: int = 0

    def run(self, module: ModuleType) -> tuple[list[str], str]:
        """What the program showed, and its result or the name of its error."""
        numbers = itertools.count()
        vars(module).update(
            hop=self._hop, eff=self._effect, see=self._see, items=self._items,
            late=lambda find, *args: find()(*args), n=lambda: next(numbers),
        )  # fmt: skip
        try:
            result = repr(module.run())
        except Exception as error:  # noqa: BLE001 - whatever it is, both machines raise it
            result = type(error).__name__
        return self.shown, result

    def _hop(self, *held: Any) -> tuple[Any, ...]:
        self.hops += 1
        if self.hops > _MOST_HOPS or any(len(repr(value)) > 10 * _LARGEST for value in held):
            raise TooLong
        return tuple(map(values.copy, held)) if self.copies() else held

    def _effect(self, number: int, hop_here: Callable[[], None]) -> int:
        hop_here()
        self.shown.append(f"eff {number}")
        return number

    def _see(self, *held: Any) -> None:
        self.shown.append(repr(held))

    def _items(self, items: Any) -> Any:
        """What a loop goes over is stored at its beginning."""
        plain = type(items) in (list, tuple, dict)
        return values.copy(items) if plain and self.copies() else items


def never() -> bool:
    """No hop makes copies: plain Python."""
    return False


def always() -> bool:
    """Each hop makes copies."""
    return True


def sometimes(seed: int) -> Callable[[], bool]:
    """Every other hop makes copies, by chance."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return lambda: chance.random() < 0.5


def load(source: str, folder: Path) -> ModuleType:
    """Import a source."""
    name = f"program_{next(_names)}"
    path = folder / f"{name}.py"
    path.write_text(HEAD + source, "utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rewritten(source: str) -> str:
    """The program with its hops."""
    tree = _Hops().visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


class _Hops(ast.NodeTransformer):
    """Puts a hop after each statement, for all variables that it can see."""

    def __init__(self) -> None:
        self._visible: list[list[str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        params = [argument.arg for argument in node.args.args]
        statements = [each for each in node.body if not isinstance(each, ast.FunctionDef)]
        own = sorted(bound(statements) - set(params))
        outer = [name for name in self._seen() if name not in {*own, *params}]
        self._visible.append([*outer, *params, *own])
        unset = [ast.Assign([_store(name)], ast.Constant(None)) for name in own]
        around = [ast.Nonlocal(outer)] if outer else []
        node.body = [*around, self._at_effects(), *unset, *self._block(node.body)]
        self._visible.pop()
        return node

    def _seen(self) -> list[str]:
        return self._visible[-1] if self._visible else []

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for statement in body:
            found += self._index_first(statement)
            found.append(self.visit(statement))
            if not isinstance(statement, ast.Return | ast.Break | ast.Continue | ast.FunctionDef):
                found.append(self._hop())
        return found

    def _hop(self) -> ast.stmt:
        names = self._seen()
        target = ast.Tuple([_store(name) for name in names], ast.Store())
        return ast.Assign([target], _call("hop", *map(_load, names)))

    def _at_effects(self) -> ast.stmt:
        body: list[ast.stmt] = [ast.Nonlocal(self._seen()), self._hop()]
        return ast.FunctionDef("hop_here", _NOTHING, body, [])

    def visit_Call(self, node: ast.Call) -> ast.Call:
        waits = any(_is_effect(part) for argument in node.args for part in ast.walk(argument))
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "eff":
            return _call("eff", *node.args, _load("hop_here"))
        if waits and isinstance(node.func, ast.Attribute):
            # The compiler looks up what a method is called on after the steps in its arguments.
            return _call("late", ast.Lambda(_NOTHING, node.func), *node.args)
        return node

    def _index_first(self, statement: ast.stmt) -> Iterable[ast.stmt]:
        """`m[eff(0)] = x`: the value, then the index, then `m` as it is then."""
        match statement:
            case ast.Assign(targets=[ast.Subscript(slice=index) as target], value=value):
                if any(map(_is_effect, ast.walk(index))):
                    yield ast.Assign([_store("the_value")], self.visit(value))
                    yield ast.Assign([_store("the_index")], self.visit(index))
                    statement.value, target.slice = _load("the_value"), _load("the_index")

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, ast.stmt):
            return super().generic_visit(node)
        for part in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
            part.body = [self._hop(), *self._block(part.body)]
        for name, value in ast.iter_fields(node):
            match value:
                case ast.expr():
                    setattr(node, name, self.visit(value))
                case [ast.expr(), *_]:
                    setattr(node, name, [self.visit(each) for each in value])
                case [ast.stmt(), *_]:
                    setattr(node, name, self._block(value))
        if isinstance(node, ast.For):
            node.iter = _call("items", node.iter)
        if isinstance(node, ast.For | ast.While):
            node.body.insert(0, self._hop())
        return node


def _is_effect(node: ast.AST) -> bool:
    """Whether it may hop: a step, or a nested function."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in ("eff", "f", "g", "h")


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.expr:
    return ast.Name(name, ast.Store())


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(_load(name), list(args), [])
