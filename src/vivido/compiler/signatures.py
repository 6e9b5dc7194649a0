"""Which parameters a call in a workflow fills, and with what: binding without running anything."""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from vivido.compiler import types
from vivido.compiler.infer import Inference
from vivido.compiler.read import Found
from vivido.compiler.symbols import Scope
from vivido.compiler.types import UNKNOWN, Type, from_annotation

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class Callee:
    """What is called.

    The `parameters` that a call must fill, and the type of each where it is known.
    """

    name: str
    parameters: tuple[inspect.Parameter, ...]
    type_of: Callable[[str], Type]
    model: type[BaseModel] | None = None


@dataclass(slots=True)
class Bound:
    """How the arguments of a call fill the parameters; what does not fit is in the last four."""

    filled: dict[str, ast.expr] = field(default_factory=dict)
    excess: list[ast.expr] = field(default_factory=list)
    unknown: list[ast.keyword] = field(default_factory=list)
    twice: list[tuple[ast.keyword, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def bind(callee: Callee, call: ast.Call) -> Bound:
    """Fill the parameters as Python would.

    What `*rows` and `**row` hold is not known and never wrong.
    """
    bound = Bound()
    places = [each.name for each in callee.parameters if each.kind in _POSITIONAL]
    kinds = {each.kind for each in callee.parameters}
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            break
        if index < len(places):
            bound.filled[places[index]] = argument
        elif inspect.Parameter.VAR_POSITIONAL not in kinds:
            bound.excess.append(argument)
    named = {each.name for each in callee.parameters if each.kind in _NAMED}
    for keyword in call.keywords:
        _bind_keyword(bound, keyword, named, open_end=inspect.Parameter.VAR_KEYWORD in kinds)
    if not starred and all(keyword.arg is not None for keyword in call.keywords):
        bound.missing = [
            each.name
            for each in callee.parameters
            if each.name not in bound.filled
            and each.default is each.empty
            and each.kind in (*_POSITIONAL, *_NAMED)
        ]
    return bound


def _bind_keyword(bound: Bound, keyword: ast.keyword, named: set[str], *, open_end: bool) -> None:
    if keyword.arg is None:
        return
    if keyword.arg in named:
        if keyword.arg in bound.filled:
            bound.twice.append((keyword, keyword.arg))
        bound.filled[keyword.arg] = keyword.value
    elif not open_end:
        bound.unknown.append(keyword)


# ------------------------------------------------------------------ what can be called
def callee_of(found: Found, known: Inference) -> Callee | None:
    """The parameters of what a name stands for; None if they cannot be told."""
    match found.kind:
        case "step" | "workflow":
            return of_author(found.name, found.value)
        case "nested" if found.scope is not None:
            return of_nested(found.scope, known)
        case "class":
            return of_class(found.name, found.value)
        case "function" | "operation" | "builtin":
            return of_function(found.name, found.value)
        case _:
            return None


def of_author(name: str, described: Any) -> Callee:
    """A step or workflow."""
    hints = described.interface.hints

    def type_of(parameter: str) -> Type:
        return from_annotation(hints[parameter].type) if parameter in hints else UNKNOWN

    return Callee(name, tuple(described.signature.parameters.values()), type_of)


def of_nested(scope: Scope, known: Inference) -> Callee:
    """A nested function, from its syntax."""
    return Callee(
        scope.node.name,
        tuple(_parameters(scope.node.args)),
        lambda name: known.variable(name, scope),
    )


def _parameters(arguments: ast.arguments) -> Iterator[inspect.Parameter]:
    kind = inspect.Parameter
    plain = [*arguments.posonlyargs, *arguments.args]
    first_default = len(plain) - len(arguments.defaults)
    for index, argument in enumerate(plain):
        positional = (
            kind.POSITIONAL_ONLY
            if index < len(arguments.posonlyargs)
            else kind.POSITIONAL_OR_KEYWORD
        )
        yield kind(argument.arg, positional, default=None if index >= first_default else kind.empty)
    if arguments.vararg:
        yield kind(arguments.vararg.arg, kind.VAR_POSITIONAL)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield kind(argument.arg, kind.KEYWORD_ONLY, default=kind.empty if default is None else None)
    if arguments.kwarg:
        yield kind(arguments.kwarg.arg, kind.VAR_KEYWORD)


def of_class(name: str, cls: type) -> Callee | None:
    """A constructor.

    Of a model, a dataclass, a named tuple, a class with an `__init__` of its own.
    """
    if issubclass(cls, enum.Enum) or cls.__module__ == "builtins":
        return None
    if issubclass(cls, BaseModel):
        return _of_model(name, cls)
    if issubclass(cls, BaseException) and "__init__" not in vars(cls):
        return None
    declared = types.fields(cls) or {}
    hints = declared if dataclasses.is_dataclass(cls) or declared else {}
    parameters = _signature(cls)
    if parameters is None:
        return None
    init = {} if hints else types.hints(cls.__init__)
    return Callee(
        name, parameters, lambda each: hints.get(each) or from_annotation(init.get(each, Any))
    )


def _of_model(name: str, cls: type[BaseModel]) -> Callee | None:
    if cls.__init__ is not BaseModel.__init__ or issubclass(cls, _root_model()):
        parameters = _signature(cls)
        return None if parameters is None else Callee(name, parameters, lambda _: UNKNOWN)
    parameters = tuple(_model_parameters(cls))
    return Callee(name, parameters, lambda _: UNKNOWN, model=cls)


def _root_model() -> type[BaseModel]:
    from pydantic import RootModel  # noqa: PLC0415 - generic: issubclass wants the bare class

    return RootModel


def _model_parameters(cls: type[BaseModel]) -> Iterator[inspect.Parameter]:
    kind = inspect.Parameter
    by_name = bool(
        cls.model_config.get("populate_by_name") or cls.model_config.get("validate_by_name")
    )
    for name, info in cls.model_fields.items():
        alias = info.validation_alias or info.alias
        if alias is not None and not isinstance(alias, str):
            yield kind(
                "options", kind.VAR_KEYWORD
            )  # an AliasPath or AliasChoices: anything may fit
            return
        default = kind.empty if info.is_required() else None
        if alias is None or by_name:
            yield kind(name, kind.KEYWORD_ONLY, default=default if alias is None else None)
        if alias is not None and alias != name and alias.isidentifier():
            yield kind(alias, kind.KEYWORD_ONLY, default=None if by_name else default)
    if cls.model_config.get("extra") == "allow" or cls.__pydantic_decorators__.model_validators:
        yield kind("extra", kind.VAR_KEYWORD)


def of_function(name: str, function: Any) -> Callee | None:
    """A function, by its own signature; many builtins have none."""
    parameters = _signature(function)
    if parameters is None:
        return None
    hints = types.hints(function)
    return Callee(name, parameters, lambda each: from_annotation(hints.get(each, Any)))


def of_method(owner: Type, name: str) -> Callee | None:
    """A method of a value whose class is known, without its `self`."""
    if not isinstance(owner, types.Instance):
        return None
    static = inspect.getattr_static(owner.cls, name, None)
    function = getattr(owner.cls, name, None)
    if not callable(function):
        return None
    callee = of_function(name, function)
    if callee is None or isinstance(static, staticmethod | classmethod) or not callee.parameters:
        return callee
    first = callee.parameters[0]
    rest = (
        callee.parameters
        if first.kind is inspect.Parameter.VAR_POSITIONAL
        else callee.parameters[1:]
    )
    return dataclasses.replace(callee, parameters=rest)


def _signature(function: Any) -> tuple[inspect.Parameter, ...] | None:
    try:
        return tuple(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):  # a builtin that has none
        return None
