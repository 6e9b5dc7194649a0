"""Calls that lead through other functions: nested ones, branches of forks, and the author's own."""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import linecache
import types as python_types
from collections.abc import Mapping, Sequence
from typing import Any

from vivido.compiler import signatures, types
from vivido.compiler.infer import types_of
from vivido.compiler.ownership.calls import Calls
from vivido.compiler.ownership.frame import DEFAULT, Frame, joined
from vivido.compiler.ownership.heap import Heap
from vivido.compiler.ownership.things import NONE, Things, Variable
from vivido.compiler.ownership.values import SCALAR, Value, either
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import FunctionNode, Scope, analyse, arguments_of
from vivido.compiler.types import UNKNOWN, Instance, Type

_DEEPEST = 6
_BRANCHES = frozenset(
    {"parallel", "asyncio.gather", "first", "asyncio.create_task", "asyncio.wait_for"}
)
_NEW = frozenset({"receive", "approve", "callback", "poll"})


class Functions(Calls):
    """Calls that walk through functions; `Interpreter` knows how to walk through a body."""

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Walk through statements."""
        raise NotImplementedError

    def parameter_type(self, name: str) -> Type:
        """The declared type of a parameter of the workflow."""
        hints = self.frame.unit.workflow.interface.hints
        argument = next(
            (each for each in arguments_of(self.frame.scope.node.args) if each.arg == name), None
        )
        if argument in (self.frame.scope.node.args.vararg, self.frame.scope.node.args.kwarg):
            return UNKNOWN
        return types.from_annotation(hints[name].type) if name in hints else UNKNOWN

    def result_variable(self) -> Variable:
        """Where the current function keeps what it returns."""
        return ((self.frame.scope.node, len(self.frames)), "returned")

    def found_cycle(self, node: ast.AST, what: ast.expr) -> None:
        """Report a value that would hold itself."""
        if any(each.kind == "function" for each in self.barriers):
            return  # what it builds is its own; what it returns is checked where it is stored
        name = ast.unparse(what)
        self.add(
            "V501",
            node,
            f"{name!r} would hold itself, and could not be stored.",
            f"put a copy of {name} into it",
        )

    # -------------------------------------------------------------- nested functions
    def define(self, node: FunctionNode) -> None:
        """A nested function is defined: its defaults are evaluated now, once."""
        scope = self.frame.scope.nested.get(node.name)
        if scope is None or scope.node is not node:
            return
        for name, default in _defaults(node):
            value = self.settle(self.value(default), (default, "default"), node.lineno)
            self.bind((scope.block, DEFAULT + name), value, default.lineno)

    def nested(self, node: ast.Call, found: Found) -> Value:
        """A call of a nested function: its body, with its parameters bound to the arguments."""
        values = self.arguments(node)
        if found.scope is None:
            return SCALAR
        return self.through(found.scope, self._given(found.scope, node, values), node)

    def _given(self, scope: Scope, node: ast.Call, values: Sequence[Value]) -> dict[str, Value]:
        callee = signatures.of_nested(scope, types_of(self.frame.unit))
        bound = signatures.bind(callee, node)
        nodes = [*node.args, *(keyword.value for keyword in node.keywords)]
        by_node = {id(each): value for each, value in zip(nodes, values, strict=True)}
        given = {name: by_node[id(argument)] for name, argument in bound.filled.items()}
        rest = [
            by_node[id(each)]
            for each in nodes
            if id(each) not in {id(arg) for arg in bound.filled.values()}
        ]
        if rest:  # *rows, **row, or more than fits: any part of them may be any parameter
            loose = either(rest)
            for name in scope.params:
                given.setdefault(name, self.anything(loose, (node, name)))
        return given

    def through(self, scope: Scope, given: Mapping[str, Value], node: ast.AST) -> Value:
        """Walk through a nested function of this workflow."""
        if len(self.frames) > _DEEPEST or any(frame.scope is scope for frame in self.frames):
            return self.new((node, "recursion"))
        around = self.frame.soon | self.frame.around
        frame = Frame(self.frame.unit, scope, self.liveness_of(scope), self.readers() | around)
        return self._walk(frame, given, node)

    def _walk(self, frame: Frame, given: Mapping[str, Value], node: ast.AST) -> Value:
        line = getattr(node, "lineno", 0)
        scope, before = frame.scope, self.here.copy()
        kept = {name: self.keep(value) for name, value in given.items()}
        arguments = {
            name: self.keep(self.settle(self.take(each), (node, name), line))
            for name, each in kept.items()
        }
        for name in scope.params:
            variable: Variable = (scope.block, name)
            if name in arguments:
                self.bind(variable, Value(self.take(arguments[name]).things), line)
            else:
                default = self.here.variables.get((scope.block, DEFAULT + name), {})
                self.bind(variable, Value(frozenset(default)), line)
        loops = self.loops_aside()
        with self.within(frame):
            result = self.result_variable()
            self.here.variables.pop(result, None)
            self.block(scope.node.body)
            self.heap = joined([*frame.returned, self.heap])
        self.loops_back(*loops)
        if self.ended:  # go on with what was there: the statement around ends, not this expression
            self.heap, self.lost = before, True
            return SCALAR
        things = frozenset(self.here.variables.pop(result, {}))
        self.here.variables = {
            variable: held
            for variable, held in self.here.variables.items()
            if variable[0] != scope.block or variable[1].startswith(DEFAULT)
        }
        return Value(things)

    def loops_aside(self) -> tuple[list[list[Heap]], list[list[Heap]]]:
        """Put the loops around a call aside."""
        raise NotImplementedError

    def loops_back(self, broken: list[list[Heap]], continued: list[list[Heap]]) -> None:
        """Be in the loops around the call again."""
        raise NotImplementedError

    # -------------------------------------------------------------- operations
    def operation(self, node: ast.Call, name: str) -> Value:
        """A call of an operation of Vivido or asyncio."""
        if name in _BRANCHES:
            return self._fork(node, name)
        if name in ("map_each", "spawn"):
            return self._handed(node, name)
        self.arguments(node)
        return self.new(node) if name in _NEW else SCALAR

    def _fork(self, node: ast.Call, name: str) -> Value:
        options = [each for each in node.keywords if name != "first"]
        self.operands(
            [keyword.value for keyword in options if not isinstance(keyword.value, ast.Constant)]
        )
        branches = [*node.args, *(keyword.value for keyword in node.keywords if name == "first")]
        for branch in branches:
            self._branch(branch.value if isinstance(branch, ast.Starred) else branch, node, name)
        if name == "parallel" and not any(isinstance(branch, ast.Starred) for branch in branches):
            return Value(
                parts=tuple(
                    self.new((node, index), self._kind_of(branch))
                    for index, branch in enumerate(branches)
                )
            )
        if name == "first":
            return Value(parts=(SCALAR, self.new(node)))
        if name in ("asyncio.create_task", "asyncio.wait_for"):
            return self.new(node)
        return self.new(node, Instance(tuple if name == "parallel" else list))

    def _kind_of(self, branch: ast.expr) -> Type:
        """The type of a branch's value, where it is declared by what is called."""
        found = self.resolve(branch.func) if isinstance(branch, ast.Call) else None
        if found is None or found.kind not in ("step", "workflow"):
            return UNKNOWN
        return types.from_annotation(found.value.interface.result.type)

    def _branch(self, branch: ast.expr, fork: ast.Call, name: str) -> None:
        """Evaluate what runs side by side: it sees everything, and what it makes is its own."""
        for part in ast.walk(branch):
            if isinstance(part, ast.NamedExpr):
                message = (
                    f"{part.target.id!r} is assigned in a branch, which has variables of its own."
                )
                self.add("V503", part, message, f"{ast.unparse(part)} before {name}(…)")
        self._aside(lambda: self.value(branch), fork, name)

    def _aside(self, walk: Any, fork: ast.Call, name: str) -> None:
        before = self.here.copy()
        mark = self.kept_so_far
        with self.behind("branch", fork, f"{name}(…)"):
            self.attempt(walk)
        self.heap = before
        self.forget(self.heap, mark)

    def _handed(self, node: ast.Call, name: str) -> Value:
        """`map_each(function, items)` and `spawn(function, …)`: the function gets copies."""
        values = self.operands([*node.args[1:], *(keyword.value for keyword in node.keywords)])
        if not node.args:
            return SCALAR
        count = 1 if name == "map_each" else len(values)
        self._aside(lambda: self._run_copies(node.args[0], count, node), node, name)
        if name != "map_each":
            return SCALAR
        kind = self.types_here(node)
        return self.new(node, kind if isinstance(kind, Instance) else UNKNOWN)

    def _run_copies(self, function: ast.expr, count: int, node: ast.Call) -> None:
        if isinstance(function, ast.Lambda):
            outer = dict(self.frame.hidden)
            for argument in arguments_of(function.args):
                self.frame.hidden[argument.arg] = (node, argument.arg)
                self.bind((node, argument.arg), self.new((node, argument.arg, "copy")), node.lineno)
            self.value(function.body)
            self.frame.hidden = outer
            return
        found = self.resolve(function)
        if found is None:
            return
        copies = [self.keep(self.new((node, index, "copy"))) for index in range(count)]
        values = [self.take(each) for each in copies]
        if found.kind == "nested" and found.scope is not None:
            self.through(found.scope, dict(zip(found.scope.params, values, strict=False)), node)
        elif found.kind == "function":
            self.own(found.value, values, node)

    # -------------------------------------------------------------- functions by name
    def applied(self, function: ast.expr | None, items: Things, node: ast.Call) -> Value:
        """What `key=…` or the function of `map` gives for the items."""
        if isinstance(function, ast.Lambda):
            return self._apply_lambda(function, items, node)
        found = self.resolve(function) if function is not None else None
        if found is not None and found.kind == "function":
            result = self.own(found.value, [Value(items)], node)
            return result if result is not None else self.anything(Value(items), (node, "applied"))
        return (
            self.anything(Value(items), (node, "applied"))
            if found is None or found.kind != "class"
            else SCALAR
        )

    def _apply_lambda(self, function: ast.Lambda, items: Things, node: ast.Call) -> Value:
        outer = dict(self.frame.hidden)
        for argument in arguments_of(function.args):
            self.frame.hidden[argument.arg] = (function, argument.arg)
            picked = self.pick((function, argument.arg), self._present(items)) if items else NONE
            self.bind((function, argument.arg), Value(picked), function.lineno)
        result = self.value(function.body)
        self.frame.hidden = outer
        for argument in arguments_of(function.args):
            self.here.variables.pop((function, argument.arg), None)
        return self.settle(result, (function, "result"), node.lineno)

    def _present(self, items: Things) -> Things:
        return frozenset(thing for thing in items if thing in self.here.things)

    # -------------------------------------------------------------- the author's own functions
    def own(self, function: Any, values: Sequence[Value], node: ast.Call) -> Value | None:
        """Walk through a function of a module.

        Which may not change what the workflow's variables hold.
        """
        if isinstance(function, functools._lru_cache_wrapper):  # noqa: SLF001 - it has no other name
            return self.of_module(Found("constant", function.__name__, function))
        unit = unit_of(function, self.frame.unit)
        if unit is None or len(self.frames) > _DEEPEST:
            return None
        if sum(frame.scope is unit.scope for frame in self.frames) > 1:
            return self.anything(either(values), (node, "recursion"))
        given = self._given_to(unit.scope, node, values)
        frame = Frame(unit, unit.scope, self.liveness_of(unit.scope), frozenset())
        mark, name = self.kept_so_far, getattr(function, "__name__", "function")
        self.raising.append([])
        with self.behind("function", node, name):
            result = self._walk(frame, given, node)
        failed = self.raising.pop()
        if self.raising:
            self.raising[-1] += failed
        self.forget(self.heap, mark)
        return result

    def _given_to(self, scope: Scope, node: ast.Call, values: Sequence[Value]) -> dict[str, Value]:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        method = len(values) == len(arguments) + 1  # the receiver comes first
        names = list(scope.params)
        loose = any(isinstance(arg, ast.Starred) for arg in node.args) or any(
            k.arg is None for k in node.keywords
        )
        plain = scope.node.args.vararg is None and scope.node.args.kwarg is None
        if loose or not plain or len(values) != len(arguments) + method:
            return {name: self.anything(either(values), (node, name)) for name in names}
        positional = len(node.args) + method
        given = dict(zip(names, values[:positional], strict=False))
        for keyword, value in zip(node.keywords, values[positional:], strict=True):
            if keyword.arg in names:
                given[keyword.arg] = value
        return given


def _defaults(node: FunctionNode) -> list[tuple[str, ast.expr]]:
    plain = [*node.args.posonlyargs, *node.args.args]
    with_default = plain[len(plain) - len(node.args.defaults) :]
    pairs = list(zip(with_default, node.args.defaults, strict=True))
    pairs += [
        (arg, each)
        for arg, each in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if each
    ]
    return [(argument.arg, default) for argument, default in pairs]


def unit_of(function: Any, like: Unit) -> Unit | None:
    """A function of a module in the form of a workflow's source.

    None if it has none that can be had.
    """
    if not isinstance(function, python_types.FunctionType) or _gives_later(function):
        return None
    found = _source_of(function)
    if found is None:
        return None
    module, node, scope = found
    return dataclasses.replace(
        like, module=module, node=node, scope=scope, globals=_globals_of(function)
    )


def _gives_later(function: python_types.FunctionType) -> bool:
    """Whether calling it gives something that runs it later: a generator, a coroutine."""
    return inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function)


def _globals_of(function: python_types.FunctionType) -> Mapping[str, Any]:
    names = dict(function.__globals__)
    names.update(inspect.getclosurevars(function).nonlocals)
    return names


@functools.lru_cache(maxsize=256)
def _source_of(
    function: python_types.FunctionType,
) -> tuple[ast.Module, FunctionNode, Scope] | None:
    lines = linecache.getlines(function.__code__.co_filename, function.__globals__)
    module = _parsed("".join(lines)) if lines else None
    if module is None:
        return None
    first = function.__code__.co_firstlineno
    block = f"{function.__module__}.{function.__qualname__}"
    for node in ast.walk(module):
        if not isinstance(node, FunctionNode) or node.name != function.__name__:
            continue
        if first in (node.lineno, *(each.lineno for each in node.decorator_list)):
            return module, node, dataclasses.replace(analyse(node), block=block)
    return None


@functools.lru_cache(maxsize=64)
def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None
