"""What is one workflow function? Its source with true places, its scopes, what its names mean.

The whole module is parsed, not a dedented piece of it, so that every line and column is the one
in the editor.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import functools
import inspect
import io
import linecache
import logging
import tokenize
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import vivido.authoring
from vivido.authoring import Step, Workflow
from vivido.compiler.symbols import FunctionNode, Scope, analyse
from vivido.errors import DefinitionError

Kind = Literal[
    "variable",
    "nested",
    "step",
    "workflow",
    "operation",
    "class",
    "function",
    "module",
    "constant",
    "builtin",
    "missing",
]

OPERATIONS = (
    "parallel", "map_each", "first", "spawn", "sleep", "receive", "approve", "callback", "poll",
    "emit", "publish", "saga", "deadline", "step_context",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What a name or a dotted name means at a place of the workflow.

    `value` is the real object where there is one; a nested function has its `scope`; an operation
    has the `name` by which the lowering knows it (`parallel`, `asyncio.gather`, …), whatever the
    author calls it.
    """

    kind: Kind
    name: str
    value: Any = None
    scope: Scope | None = None


@dataclass(frozen=True, eq=False)
class Unit:
    """One workflow function, read.

    `path` is the real file and `file` its place within the project; `lines` are the lines of the
    whole file; `comments` holds, by line, the comment that stands directly above it.
    """

    workflow: Workflow[Any, Any]
    path: str
    file: str
    lines: Sequence[str]
    module: ast.Module
    node: FunctionNode
    scope: Scope
    globals: Mapping[str, Any]
    comments: Mapping[int, str]

    @property
    def is_async(self) -> bool:
        """Whether the workflow is an `async def`."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    def lookup(self, name: str, scope: Scope | None = None) -> Found:
        """What a bare name means in a scope (by default the workflow's own)."""
        scope = scope or self.scope
        owner = scope.owner(name)
        if owner is not None:
            inner = owner.nested.get(name)
            return Found("variable", name) if inner is None else Found("nested", name, scope=inner)
        if name in self.globals:
            return classify(name, self.globals[name])
        if hasattr(builtins, name):
            return Found("builtin", name, getattr(builtins, name))
        return Found("missing", name)

    def resolve(
        self, expression: ast.expr, scope: Scope | None = None, hidden: frozenset[str] = frozenset()
    ) -> Found | None:
        """What a name or dotted name means; None if the expression is anything else.

        Dots are followed through modules and classes only: what an object's attribute holds is
        known when it runs. `hidden` are the names of comprehensions and lambdas around it.
        """
        match expression:
            case ast.Name(id=name):
                return Found("variable", name) if name in hidden else self.lookup(name, scope)
            case ast.Attribute(value=inner, attr=attribute):
                outer = self.resolve(inner, scope, hidden)
                if outer is None or outer.kind not in ("module", "class"):
                    return None
                if outer.kind == "class" and not _is_namespace_member(outer.value, attribute):
                    return None
                if not hasattr(outer.value, attribute):
                    return Found("missing", f"{outer.name}.{attribute}")
                return classify(f"{outer.name}.{attribute}", getattr(outer.value, attribute))
            case _:
                return None


def _is_namespace_member(owner: type, attribute: str) -> bool:
    """Whether a class merely holds a step or workflow, as a namespace would."""
    return isinstance(
        inspect.getattr_static(owner, attribute, None), Step | Workflow | staticmethod
    )


def classify(name: str, value: object) -> Found:  # noqa: PLR0911  one kind a line
    """What kind of thing an object is to a workflow that names it."""
    operation = _operation_name(value)
    if operation is not None:
        return Found("operation", operation, value)
    if isinstance(value, Step):
        return Found("step", name, value)
    if isinstance(value, Workflow):
        return Found("workflow", name, value)
    if isinstance(value, types.ModuleType):
        return Found("module", name, value)
    if isinstance(value, type):
        return Found("class", name, value)
    if callable(value) and not isinstance(value, logging.Logger):
        return Found("function", name, value)
    return Found("constant", name, value)


@functools.cache
def _operations() -> dict[int, str]:
    known: dict[int, str] = {}
    for name in OPERATIONS:
        operation = getattr(vivido.authoring, name, None)
        if operation is not None:
            known[id(operation)] = name
    for name in ("gather", "sleep", "create_task", "wait_for"):
        known[id(getattr(asyncio, name))] = f"asyncio.{name}"
    return known


def _operation_name(value: object) -> str | None:
    return _operations().get(id(value))


def read(workflow: Workflow[Any, Any]) -> Unit:
    """Find and parse the source of a workflow.

    Raises `DefinitionError` where there is none (a REPL without history, a zip, a generated
    function), and where another decorator wraps it, whose code would be left out.
    """
    function = workflow.function
    if hasattr(function, "__wrapped__"):
        raise DefinitionError(
            f"workflow {workflow.name!r} is wrapped by another decorator, which cannot be compiled "
            "with it: write what that does into the function"
        )
    assert isinstance(function, types.FunctionType)  # noqa: S101  `workflow` takes nothing else
    path = inspect.getsourcefile(function) or function.__code__.co_filename
    source = "".join(linecache.getlines(path, function.__globals__))
    if not source:
        raise DefinitionError(
            f"the source of workflow {workflow.name!r} cannot be read from {path!r}: put it into "
            "a file, or load the definition's JSON made by the build"
        )
    module, comments = _parsed(source, path)
    first_line = function.__code__.co_firstlineno
    node = _function_at(module, function.__name__, first_line)
    if node is None:
        raise DefinitionError(
            f"workflow {workflow.name!r} is not on line {first_line} of {path!r}: the file changed "
            "after it was imported; import it again"
        )
    return Unit(
        workflow=workflow,
        path=path,
        file=place_in_project(path),
        lines=source.splitlines(),
        module=module,
        node=node,
        scope=analyse(node),
        globals=_names_around(function),
        comments=comments,
    )


@functools.lru_cache(maxsize=16)
def _parsed(source: str, path: str) -> tuple[ast.Module, Mapping[int, str]]:
    return ast.parse(source, path), comments_above(source)


def _function_at(module: ast.Module, name: str, first_line: int) -> FunctionNode | None:
    for node in ast.walk(module):
        if not isinstance(node, FunctionNode) or node.name != name:
            continue
        if first_line in (node.lineno, *(part.lineno for part in node.decorator_list)):
            return node
    return None


def _names_around(function: types.FunctionType) -> Mapping[str, Any]:
    """The module's names, and those of functions around the workflow, as they are now."""
    names = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # not assigned yet: the name is missing, whatever the module has
            names.pop(name, None)
    return names


def comments_above(source: str) -> dict[int, str]:
    """Comments that stand alone on the lines directly above a line, by that line's number."""
    alone: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
            alone[token.start[0]] = token.string.lstrip("#").strip()
    above: dict[int, str] = {}
    for line in sorted(alone):
        text = f"{above.pop(line)}\n{alone[line]}" if line in above else alone[line]
        above[line + 1] = text
    return {line: text.strip() for line, text in above.items() if text.strip()}


_ROOT_MARKS = ("pyproject.toml", "cdk.json", ".git")


def place_in_project(path: str) -> str:
    """A file's place below the nearest folder that looks like a project's root."""
    file = Path(path)
    for folder in file.absolute().parents:
        if any((folder / mark).exists() for mark in _ROOT_MARKS):
            return file.absolute().relative_to(folder).as_posix()
    return file.name
