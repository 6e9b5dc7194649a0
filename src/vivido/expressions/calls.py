"""How are calls compiled: of functions known beforehand, of methods, of any other value?"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, is_typeddict

from vivido.expressions.access import KNOWN_METHODS, is_standard, kind_of
from vivido.expressions.calling import (
    apply,
    built_by,
    call_method,
    construct,
    invoke,
    invoke_method,
    method_of,
)
from vivido.expressions.containers import collector
from vivido.expressions.context import Context, Run
from vivido.expressions.library import rule_for
from vivido.expressions.meter import Meter
from vivido.expressions.methods import KNOWN, MUTATING
from vivido.expressions.names import note_callable
from vivido.expressions.refused import refused
from vivido.expressions.roots import changed_by_method, roots
from vivido.expressions.rules import Rule
from vivido.expressions.statics import Static, find, refuse_format, refuse_underscore
from vivido.expressions.streams import stream_of
from vivido.expressions.weighing import extent

Arguments = Callable[[Any, Meter], tuple[list[Any], dict[str, Any]]]

# These go through one list and keep nothing of it but what they give.
_THROUGH = frozenset({len, sum, any, all, min, max, sorted, enumerate, set, frozenset})
_PUBLIC = "give it a public name"
_STANDARD_HINT = "do it in a step or in a function marked @pure"


def lower_call(node: ast.Call, context: Context) -> Run:
    """`function(…)` or `value.method(…)`."""
    static = find(node.func, context)
    if static is not None:
        return _static_call(node, static, context)
    if isinstance(node.func, ast.Attribute):
        return _method_call(node, node.func, context)
    function, arguments = context.lower(node.func), _arguments(node, context)
    context.facts.multiplies = True

    def call(e: Any, m: Meter) -> Any:
        callee = function(e, m)
        args, named = arguments(e, m)
        return apply(callee, m, args, named)

    return call


# Functions known beforehand


def _static_call(node: ast.Call, static: Static, context: Context) -> Run:
    function = static.value
    note_callable(node.func, static, context)
    rule = rule_for(function)
    if rule is not None:
        return _ruled_call(node, function, rule, context)
    if not callable(function):
        arguments = _arguments(node, context, function)
        return lambda e, m: apply(function, m, *arguments(e, m))
    cls = built_by(function)
    if cls is not None:
        arguments = _arguments(node, context, function)
        return lambda e, m: construct(function, cls, m, *arguments(e, m))
    if isinstance(function, type) and not is_typeddict(function):
        hint = _STANDARD_HINT if is_standard(function) else "make it a model or a dataclass"
        message = f"the class {function.__qualname__} is not built in an expression"
        raise refused(node, message, reason="class", hint=hint)
    return _own_call(node, function, context)


def _ruled_call(node: ast.Call, function: Callable[..., Any], rule: Rule, context: Context) -> Run:
    if rule.changes and node.args:
        _note_change(node.args[0], context)
    if function in (getattr, hasattr):
        _refuse_private_name(node)
    plain = _plain_call(node, function, rule, context)
    stream = stream_of(node.args[0], context) if len(node.args) == 1 else None
    if stream is None or function not in _THROUGH:
        return plain
    named = _arguments(ast.Call(node.func, [], node.keywords), context, function)

    def call(e: Any, m: Meter) -> Any:
        found = stream(e, m)
        if found is None:
            return plain(e, m)
        if function is len:
            return len(found)
        return invoke(rule, function, m, [iter(found)], named(e, m)[1])

    return call


def _plain_call(node: ast.Call, function: Callable[..., Any], rule: Rule, context: Context) -> Run:
    if rule.free and not node.keywords and not _has_star(node.args):
        return _free_call(function, [context.lower(arg) for arg in node.args])
    arguments = _arguments(node, context, function)
    return lambda e, m: invoke(rule, function, m, *arguments(e, m))


def _refuse_private_name(node: ast.Call) -> None:
    """Refuse `getattr(value, "_name")` where the name is written out."""
    for arg in node.args[1:2]:
        if isinstance(arg, ast.Constant) and str(arg.value).startswith("_"):
            raise refused(
                arg, f"the attribute {arg.value!r} is private", reason="underscore", hint=_PUBLIC
            )


def _free_call(function: Callable[..., Any], runs: list[Run]) -> Run:
    if len(runs) == 1:
        run = runs[0]
        return lambda e, m: function(run(e, m))
    return lambda e, m: function(*[run(e, m) for run in runs])


def _own_call(node: ast.Call, function: Callable[..., Any], context: Context) -> Run:
    """A function of the author's: it runs natively, and what it is given it may change."""
    for arg in (*node.args, *(keyword.value for keyword in node.keywords)):
        context.facts.lends |= roots(arg, context)
    arguments = _arguments(node, context, function)

    def call(e: Any, m: Meter) -> Any:
        args, named = arguments(e, m)
        result = function(*args, **named)
        m.charge(extent(result))
        return result

    return call


# Methods


def _method_call(node: ast.Call, function: ast.Attribute, context: Context) -> Run:
    name = function.attr
    if name.startswith("_"):
        refuse_underscore(function)
    refuse_format(function)
    _note_method(function, node, context)
    receiver = context.lower(function.value)
    _refuse_unknown_of_literal(function)
    if node.keywords or _has_star(node.args):
        return _general_method(receiver, name, _arguments(node, context))
    runs = [context.lower(arg) for arg in node.args]
    if len(runs) == 1:
        return _method_of_one(receiver, name, runs[0])
    return _general_method(receiver, name, lambda e, m: ([run(e, m) for run in runs], {}))


def _general_method(receiver: Run, name: str, arguments: Arguments) -> Run:
    def call(e: Any, m: Meter) -> Any:
        value = receiver(e, m)
        rule = kind_of(type(value)).methods.get(name)
        if rule is None:
            method_of(value, name)  # Python looks the method up before it evaluates arguments
            args, named = arguments(e, m)
            return call_method(value, name, m, args, named)
        args, named = arguments(e, m)
        return invoke_method(rule, value, name, m, args, named)

    return call


def _method_of_one(receiver: Run, name: str, argument: Run) -> Run:
    def call(e: Any, m: Meter) -> Any:
        value = receiver(e, m)
        rule = kind_of(type(value)).methods.get(name)
        if rule is None:
            method_of(value, name)
            return call_method(value, name, m, [argument(e, m)], {})
        if rule.free:
            return getattr(value, name)(argument(e, m))
        return invoke_method(rule, value, name, m, [argument(e, m)], {})

    return call


def _note_method(function: ast.Attribute, node: ast.Call, context: Context) -> None:
    """Learn what a method may change."""
    name, facts = function.attr, context.facts
    if name in MUTATING:
        _note_change(function.value, context)
    elif name not in KNOWN_METHODS:
        facts.calls_own = facts.impure = True
        for part in (function.value, *node.args, *(keyword.value for keyword in node.keywords)):
            facts.lends |= roots(part, context)


def _note_change(node: ast.expr, context: Context) -> None:
    root = node
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    static = find(root, context)
    if static is not None:
        raise refused(
            node,
            f"{ast.unparse(node)} is a constant and is not changed by a workflow",
            reason="constant",
            hint="copy it into a variable first",
        )
    if isinstance(root, ast.Name) and context.in_lambda and context.local(root.id) is not None:
        raise refused(
            node,
            f"a lambda does not change {root.id!r}",
            reason="lambda-changes",
            hint="write a loop",
        )
    context.facts.mutates |= changed_by_method(node, context)


def _refuse_unknown_of_literal(function: ast.Attribute) -> None:
    """Refuse what a literal's type does not offer, before it runs."""
    literal = function.value.value if isinstance(function.value, ast.Constant) else None
    if literal is None:
        return
    known = KNOWN.get(type(literal))
    if known is not None and function.attr not in known.methods:
        raise refused(
            function,
            f"{function.attr!r} of a {type(literal).__name__} is not available in an expression",
            reason="method",
        )


# Arguments


def _has_star(args: list[ast.expr]) -> bool:
    return any(isinstance(arg, ast.Starred) for arg in args)


def _arguments(node: ast.Call, context: Context, callee: Any = None) -> Arguments:
    """The arguments in lists of their own, which rules may rewrite; `callee` if it is known."""
    name = _described(callee) if callee is not None else f"{ast.unparse(node.func)}()"
    positional = collector(node.args, context, name)
    if not node.keywords:
        return lambda e, m: (positional(e, m), {})
    keywords = [(keyword.arg, context.lower(keyword.value)) for keyword in node.keywords]

    def collect(e: Any, m: Meter) -> tuple[list[Any], dict[str, Any]]:
        args = positional(e, m)
        named: dict[str, Any] = {}
        for key, run in keywords:
            value = run(e, m)
            _merge(named, value if key is None else {key: value}, name, m)
        return args, named

    return collect


def _described(callee: Any) -> str:
    """A function as Python names it in errors about its arguments."""
    name = getattr(callee, "__qualname__", type(callee).__name__)
    module = getattr(callee, "__module__", None)
    return f"{name}()" if module in (None, "builtins") else f"{module}.{name}()"


def _merge(named: dict[str, Any], more: Any, name: str, meter: Meter) -> None:
    if not hasattr(more, "keys"):
        raise TypeError(f"{name} argument after ** must be a mapping, not {type(more).__name__}")
    meter.charge(extent(more))
    for key in more:
        if not isinstance(key, str):
            raise TypeError("keywords must be strings")
        if key in named:
            raise TypeError(f"{name} got multiple values for keyword argument {key!r}")
        named[key] = more[key]
