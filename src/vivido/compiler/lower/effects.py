"""Which calls are effects? They are nodes, never part of an expression's text.

A step, another workflow, a nested function, an operation of Vivido or asyncio, a log line.
"""

from __future__ import annotations

import ast
import builtins
import functools
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from vivido.authoring import Step, Workflow
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import COMPREHENSIONS, Scope, names_in

Level = Literal["debug", "info", "warning", "error", "critical"]

LOG_LEVELS: dict[str, Level] = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "warn": "warning",
    "error": "error",
    "exception": "error",
    "critical": "critical",
    "fatal": "critical",
}


@dataclass(frozen=True, slots=True)
class RunStep:
    """A call of a step."""

    step: Step[Any, Any]


@dataclass(frozen=True, slots=True)
class RunChild:
    """A call of a workflow."""

    workflow: Workflow[Any, Any]


@dataclass(frozen=True, slots=True)
class RunBlock:
    """A call of a nested function."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Operate:
    """A call of one of the operations, by the name that `Found` gives it."""

    name: str


@dataclass(frozen=True, slots=True)
class Await:
    """`.result()` of a job or callback."""

    job: ast.expr


@dataclass(frozen=True, slots=True)
class WriteLog:
    """A log line; `logger` is None for `print`, and "" for the root logger."""

    level: Level
    logger: str | None


Effect = RunStep | RunChild | RunBlock | Operate | Await | WriteLog

_MAKES_JOBS = frozenset({"spawn", "callback", "asyncio.create_task"})
_NO_EFFECT = frozenset({"step_context", "saga", "deadline"})  # known, but no nodes by themselves


def effect_of(
    call: ast.Call, unit: Unit, scope: Scope, hidden: frozenset[str] = frozenset()
) -> Effect | None:
    """The effect of a call, if it has one; `hidden` names belong to comprehensions around it."""
    found = unit.resolve(call.func, scope, hidden)
    if found is not None:
        effect = _named(found)
        if effect is not None:
            return effect
    if isinstance(call.func, ast.Attribute):
        return _method(call, call.func, unit, scope, hidden)
    return None


def _named(found: Found) -> Effect | None:  # noqa: PLR0911  one case an effect
    match found:
        case Found(kind="step", value=step):
            return RunStep(step)
        case Found(kind="workflow", value=workflow):
            return RunChild(workflow)
        case Found(kind="nested", scope=Scope() as scope):
            return RunBlock(scope)
        case Found(kind="operation", name=name) if name not in _NO_EFFECT:
            return Operate(name)
        case Found(value=builtins.print):
            return WriteLog("info", None)
        case Found(kind="function", value=function):
            levels = (level for name, level in LOG_LEVELS.items() if function is _logging(name))
            return next((WriteLog(level, "") for level in levels), None)
        case _:
            return None


def _logging(name: str) -> object:
    """A function of the module `logging`."""
    return vars(logging).get(name)


def _method(
    call: ast.Call, method: ast.Attribute, unit: Unit, scope: Scope, hidden: frozenset[str]
) -> Effect | None:
    if method.attr == "result" and not call.args and not call.keywords and has_jobs(unit):
        return Await(method.value)
    level = LOG_LEVELS.get(method.attr)
    logger = None if level is None else _logger(method.value, unit, scope, hidden)
    if level is None or logger is None:
        return None
    return WriteLog(level, "" if logger == "root" else logger)


def _logger(owner: ast.expr, unit: Unit, scope: Scope, hidden: frozenset[str]) -> str | None:
    """The name of the logger that an expression means: one of the module, or `getLogger(...)`."""
    found = unit.resolve(owner.func if isinstance(owner, ast.Call) else owner, scope, hidden)
    match None if found is None else found.value:
        case logging.LoggerAdapter(logger=inner):
            return str(inner.name)
        case logging.Logger(name=name):
            return name
        case function if not isinstance(owner, ast.Call) or function is not logging.getLogger:
            return None
    return _named_logger(owner.args, unit)


def _named_logger(arguments: list[ast.expr], unit: Unit) -> str | None:
    match arguments:
        case []:
            return "root"
        case [ast.Constant(value=str(name))]:
            return name
        case [ast.Name(id="__name__")]:
            return str(unit.globals.get("__name__"))
        case _:
            return None


@functools.lru_cache(maxsize=8)
def has_jobs(unit: Unit) -> bool:
    """Whether the workflow has handles at all: only then can `.result()` mean to wait for one."""
    for node in ast.walk(unit.node):
        if isinstance(node, ast.Name | ast.Attribute):
            found = unit.resolve(node)
            if found is not None and found.kind == "operation" and found.name in _MAKES_JOBS:
                return True
    return False


def lifted(
    node: ast.AST, unit: Unit, scope: Scope, hidden: frozenset[str] = frozenset()
) -> Iterator[ast.AST]:
    """What in an expression must become nodes: effects, walruses, awaits; not inside lambdas."""
    match node:
        case ast.Lambda():
            for default in [*node.args.defaults, *node.args.kw_defaults]:
                if default is not None:
                    yield from lifted(default, unit, scope, hidden)
            return
        case ast.Call() if effect_of(node, unit, scope, hidden) is not None:
            yield node
        case ast.NamedExpr() | ast.Await():
            yield node
        case _ if isinstance(node, COMPREHENSIONS):
            hidden |= {name for part in node.generators for name in names_in(part.target)}
    for child in ast.iter_child_nodes(node):
        yield from lifted(child, unit, scope, hidden)
