"""How is something called when the evaluator does not know before what it will be?

Whatever a callable's way was (a name, a method read as a value, a lambda in a dict, the key of a
sort), it is called under the rule of the object itself.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from enum import Enum
from typing import Any

from pydantic import BaseModel

from vivido.errors import ExpressionError
from vivido.expressions.access import (
    BUILDERS,
    is_marked_pure,
    is_own_kind,
    is_standard,
    kind_of,
    unavailable,
)
from vivido.expressions.library import rule_for
from vivido.expressions.meter import Meter
from vivido.expressions.rules import Rule, place
from vivido.expressions.weighing import charge_walk, extent, is_flat, metered, weigh

Args = list[Any]
Named = dict[str, Any]

_CALLBACK = 8  # units for one call by native code
_NESTED = 5  # how deep default factories of models within models are followed
_INSTANCE = 30  # units for one instance of a model, dataclass or exception


def invoke(rule: Rule, native: Callable[..., Any], meter: Meter, args: Args, named: Named) -> Any:
    """Call a function of Python's own under its rule."""
    _prepare(rule, meter, args, named)
    if rule.instead is not None:
        result = rule.instead(meter, *args, **named)
    else:
        result = native(*args, **named)
    if rule.grows:
        meter.charge(extent(result))
    return result


def invoke_method(rule: Rule, value: Any, name: str, meter: Meter, args: Args, named: Named) -> Any:
    """Call a method of a built-in type under its rule."""
    native = getattr(value, name)
    if rule.free:
        return native(*args, **named)
    with_object = [value, *args]
    _prepare(rule, meter, with_object, named)
    result = native(*with_object[1:], **named)
    if rule.grows:
        meter.charge(extent(result))
    return result


def _prepare(rule: Rule, meter: Meter, args: Args, named: Named) -> None:
    if rule.cost:
        meter.charge(rule.cost)
    if named:
        place(rule.params, args, named)
    for at in rule.callbacks:
        given: Any = named if isinstance(at, str) else args
        if (at in named if isinstance(at, str) else at < len(args)) and given[at] is not None:
            given[at] = callback(given[at], meter)
    for index in rule.eats:
        if index < len(args):
            args[index] = metered(args[index], meter)
    if rule.check is not None:
        rule.check(meter, args, named)


def callback(function: Any, meter: Meter) -> Any:
    """What native code calls in place of a value: each call is charged, its result weighed."""
    if not callable(function):
        return function  # Python says so when it calls it
    rule = rule_for(function)
    lambda_or_own = type(function) is types.FunctionType and not is_standard(function)
    if lambda_or_own or (rule is not None and rule.free):
        return _charged(function, meter, _CALLBACK)

    def call(*args: Any, **named: Any) -> Any:
        return apply(function, meter, list(args), named)

    return _charged(call, meter, 2 * _CALLBACK)


def _charged(function: Callable[..., Any], meter: Meter, cost: int) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        meter.charge(cost)
        result = function(*args, **named)
        if not is_flat(type(result)):
            charge_walk(result, meter)
        return result

    return call


def apply(function: Any, meter: Meter, args: Args, named: Named) -> Any:
    """Call a value."""
    rule = rule_for(function)
    if rule is not None:
        return invoke(rule, function, meter, args, named)
    kind = type(function)
    if kind is types.FunctionType:  # a lambda of the expression, or a function of the author's
        if is_standard(function):
            raise _not_callable(function)
        return function(*args, **named)
    owner = getattr(function, "__self__", None)
    if kind is types.BuiltinMethodType or kind is types.MethodType:
        if isinstance(owner, (type, types.ModuleType)):
            if is_standard(owner) or is_standard(function):
                raise _not_callable(function)
            return function(*args, **named)  # a class method of the author's
        return call_method(owner, function.__name__, meter, args, named)
    if isinstance(function, type):
        if not is_own_kind(function):
            raise _not_callable(function)
        return construct(function, function, meter, args, named)
    if callable(function) and not kind_of(kind).own:
        raise _not_callable(function)
    return function(*args, **named)


def call_method(value: Any, name: str, meter: Meter, args: Args, named: Named) -> Any:
    """`value.name(…)`, once the arguments are known."""
    kind = kind_of(type(value))
    rule = kind.methods.get(name)
    if rule is not None:
        return invoke_method(rule, value, name, meter, args, named)
    function = method_of(value, name)
    if getattr(function, "__self__", None) is not value:
        return apply(function, meter, args, named)  # a field that holds something to call
    if isinstance(function, types.MethodType) and not is_marked_pure(function.__func__):
        meter.impure = True
    return function(*args, **named)


def method_of(value: Any, name: str) -> Any:
    """The method or callable field of a value; raises where it is missing or closed."""
    kind = kind_of(type(value))
    if name in kind.fields or (kind.own and name not in kind.closed):
        return getattr(value, name)
    raise unavailable(value, name)


def built_by(function: Any) -> type | None:
    """The class of the author's kinds that a call makes an instance of, if it does."""
    if isinstance(function, type):
        return function if is_own_kind(function) else None
    if isinstance(function, types.MethodType) and function.__name__ in BUILDERS:
        owner = function.__self__
        return owner if isinstance(owner, type) and issubclass(owner, BaseModel) else None
    return None


def construct(
    function: Callable[..., Any], cls: type, meter: Meter, args: Args, named: Named
) -> Any:
    """Build an instance of one of the author's classes, or of an exception, by `function`."""
    meter.charge(_INSTANCE)
    if issubclass(cls, BaseModel):  # validation walks through what it is given
        for value in (*args, *named.values()):
            if not is_flat(type(value)):
                weigh(value, meter, node=1)
    return function(*args, **named)


def _not_callable(function: Any) -> ExpressionError:
    name = getattr(function, "__qualname__", type(function).__name__)
    return ExpressionError(
        f"{name} cannot be called in a workflow; call it in a step or in a function marked @pure"
    )


_PURE_FACTORIES = frozenset({list, dict, set, frozenset, tuple, str, int, float, bool, bytes})


def builds_purely(cls: type, depth: int = 0) -> bool:
    """Whether building an instance again gives an equal one: no code of the author's takes part.

    Looked at are default factories, validators, and special methods that run on building.
    """
    if issubclass(cls, BaseModel):
        return _model_builds_purely(cls, depth)
    if issubclass(cls, Enum):
        return not _has_own(cls, "_missing_")
    if issubclass(cls, BaseException):
        return not _has_own(cls, "__init__", "__new__")
    if dataclasses.is_dataclass(cls):
        factories = (f.default_factory for f in dataclasses.fields(cls))
        made = (f for f in factories if f is not dataclasses.MISSING)
        return not _has_own(cls, "__post_init__") and all(_is_pure_factory(f, depth) for f in made)
    return issubclass(cls, tuple) and hasattr(cls, "_fields")


def _has_own(cls: type, *names: str) -> bool:
    """Whether the author wrote one of these methods; models get some by themselves."""
    found = (vars(base)[name] for base in cls.__mro__ for name in names if name in vars(base))
    return any(
        not is_standard(method) and not method.__module__.startswith("pydantic.")
        for method in found
    )


def _model_builds_purely(cls: type[BaseModel], depth: int) -> bool:
    if _has_own(cls, "__init__", "__new__", "model_post_init"):
        return False
    rules = cls.__pydantic_decorators__
    if (
        rules.field_validators
        or rules.model_validators
        or rules.root_validators
        or rules.validators
    ):
        return False
    fields = [field.default_factory for field in cls.model_fields.values()]
    private = [attribute.default_factory for attribute in cls.__private_attributes__.values()]
    made = (factory for factory in (*fields, *private) if factory is not None)
    return all(_is_pure_factory(factory, depth) for factory in made)


def _is_pure_factory(factory: Any, depth: int) -> bool:
    if factory in _PURE_FACTORIES or is_marked_pure(factory):
        return True
    rule = rule_for(factory)
    if rule is not None:
        return rule.pure
    return (
        isinstance(factory, type)
        and is_own_kind(factory)
        and depth < _NESTED
        and builds_purely(factory, depth + 1)
    )
