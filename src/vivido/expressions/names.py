"""What does a name stand for when the expression runs, and what does `value.name` read?"""

from __future__ import annotations

import ast
import types
from typing import Any

from vivido.expressions.access import is_standard, open_types, read
from vivido.expressions.calling import builds_purely, built_by
from vivido.expressions.context import UNBOUND, Context, Local, Run
from vivido.expressions.library import rule_for
from vivido.expressions.meter import Meter
from vivido.expressions.places import FREE, LOCAL, unbound
from vivido.expressions.refused import refused
from vivido.expressions.statics import Static, find, refuse_format, refuse_underscore


def lower_name(node: ast.Name, context: Context) -> Run:
    """A local, a variable of the workflow, or something known at compile time."""
    found = context.local(node.id)
    if found is not None:
        return _local(node.id, *found)
    static = find(node, context)
    if static is not None:
        return static_value(node, static, context)
    return variable(node, context)


def _local(name: str, hops: int, local: Local) -> Run:
    slot = local.slot

    def load(e: Any, _: Meter) -> Any:
        value = e[slot]
        if value is UNBOUND:
            raise UnboundLocalError(LOCAL.format(name), name=name)
        return value

    def load_outer(e: Any, _: Meter) -> Any:
        for _hop in range(hops):
            e = e[0]
        value = e[slot]
        if value is UNBOUND:
            raise NameError(FREE.format(name), name=name)
        return value

    return load_outer if hops else load


def variable(node: ast.Name, context: Context) -> Run:
    """A variable of the workflow, read from the environment."""
    name, key, hops = node.id, context.scope.resolve(node.id), len(context.locals)
    known = name in context.scope.variables
    context.facts.reads.add(key)

    def load(e: Any, _: Meter) -> Any:
        try:
            return e[key]
        except KeyError as missing:
            raise unbound(missing, name, key, known=known) from None

    def load_outer(e: Any, _: Meter) -> Any:
        for _hop in range(hops):
            e = e[0]
        try:
            return e[key]
        except KeyError as missing:
            raise unbound(missing, name, key, known=known, inner=True) from None

    return load_outer if hops else load


def static_value(node: ast.expr, static: Static, context: Context) -> Run:
    """Something known at compile time, as a value; what it would do when called counts as done."""
    value = static.value
    if isinstance(value, types.ModuleType):
        message = f"the module {value.__name__!r} is not a value"
        raise refused(node, message, reason="module", hint="name what you need of it")
    note_callable(node, static, context)
    return lambda _e, _m: value


def note_callable(node: ast.expr, static: Static, context: Context) -> None:
    """Learn what calling something does; refuses what has no rule in the standard library."""
    value, facts = static.value, context.facts
    if not callable(value):
        return
    rule, built = rule_for(value), built_by(value)
    if rule is not None:
        facts.impure |= not rule.pure
    elif built is not None:
        facts.impure |= not builds_purely(built)
    elif isinstance(value, type):
        pass  # refused when it is called
    elif is_standard(value):
        name = getattr(value, "__qualname__", type(value).__name__)
        raise refused(
            node,
            f"{name} is not available in an expression",
            reason="library",
            hint="do it in a step or in a function marked @pure",
        )
    else:
        facts.calls_own = True
        facts.impure |= not static.pure


def lower_attribute(node: ast.Attribute, context: Context) -> Run:
    """`value.name`, or a member of something known at compile time."""
    static = find(node, context)
    if static is not None:
        return static_value(node, static, context)
    name = node.attr
    typed = _typed(node.value, context) if name in ("__name__", "__qualname__") else None
    if typed is not None:
        return _type_name(context.lower(typed), name)
    if name.startswith("_"):
        refuse_underscore(node)
    refuse_format(node)
    value, opened = context.lower(node.value), open_types(name)

    def load(e: Any, m: Meter) -> Any:
        found = value(e, m)
        return getattr(found, name) if type(found) in opened else read(found, name)

    return load


def _typed(node: ast.expr, context: Context) -> ast.expr | None:
    """What `type(value)` or `value.__class__` is asked of, if the node does that."""
    match node:
        case ast.Call(func=function, args=[value], keywords=[]):
            static = find(function, context)
            return value if static is not None and static.value is type else None
        case ast.Attribute(attr="__class__", value=value):
            return value
        case _:
            return None


def _type_name(value: Run, name: str) -> Run:
    if name == "__qualname__":
        return lambda e, m: type(value(e, m)).__qualname__
    return lambda e, m: type(value(e, m)).__name__
