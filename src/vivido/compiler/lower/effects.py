"""Which calls are effects: nodes of their own, never part of an expression's text.

A step, another workflow, a nested function, an operation of Vivido or asyncio, a log line.
"""

from __future__ import annotations

import ast
import builtins
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from vivido.authoring import Step, Workflow
from vivido.compiler.read import Found, Unit
from vivido.compiler.symbols import COMPREHENSIONS, Scope, arguments_of, names_in

LOG_LEVELS = {
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

    level: Literal["debug", "info", "warning", "error", "critical"]
    logger: str | None


Effect = RunStep | RunChild | RunBlock | Operate | Await | WriteLog

_NO_EFFECT = frozenset({"step_context", "saga", "deadline"})  # known, but no nodes by themselves


def effect_of(
    call: ast.Call, unit: Unit, scope: Scope, hidden: frozenset[str] = frozenset()
) -> Effect | None:
    """The effect of a call, if it has one. `hidden` are names of comprehensions and lambdas around it."""
    found = unit.resolve(call.func, scope, hidden)
    if found is not None:
        effect = _named(found)
        if effect is not None:
            return effect
    if isinstance(call.func, ast.Attribute):
        return _method(call, call.func, unit, scope, hidden)
    return None


def _named(found: Found) -> Effect | None:
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
            for name, level in LOG_LEVELS.items():
                if function is getattr(logging, name, None):
                    return WriteLog(level, "")  # type: ignore[arg-type]  # the table's values are levels
    return None


def _method(
    call: ast.Call, method: ast.Attribute, unit: Unit, scope: Scope, hidden: frozenset[str]
) -> Effect | None:
    if method.attr == "result" and not call.args and not call.keywords and has_jobs(unit):
        return Await(method.value)
    if method.attr in LOG_LEVELS:
        owner = unit.resolve(method.value, scope, hidden)
        if owner is not None and isinstance(owner.value, logging.Logger | logging.LoggerAdapter):
            logger = owner.value
            name = logger.name if isinstance(logger, logging.Logger) else logger.logger.name
            return WriteLog(LOG_LEVELS[method.attr], "" if name == "root" else name)  # type: ignore[arg-type]
    return None


def has_jobs(unit: Unit) -> bool:
    """Whether the workflow has handles at all: only then can `.result()` mean to wait for one."""
    for node in ast.walk(unit.node):
        if isinstance(node, ast.Name | ast.Attribute):
            found = unit.resolve(node)
            if found is not None and found.name in ("spawn", "callback", "asyncio.create_task"):
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


def effects_in_lambdas(node: ast.AST, unit: Unit, scope: Scope) -> Iterator[ast.Call]:
    """Effects where none can be: in the body of a lambda."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Lambda):
            own = frozenset(argument.arg for argument in arguments_of(inner.args))
            for part in lifted(inner.body, unit, scope, own):
                if isinstance(part, ast.Call):
                    yield part
