"""What does a dotted name mean before anything runs: a constant, a class, a function, a module?"""

from __future__ import annotations

import ast
import inspect
import types
from dataclasses import dataclass
from typing import Any

from vivido.expressions.access import BUILDERS, is_marked_pure, is_own_kind, is_standard, kind_of
from vivido.expressions.context import Context
from vivido.expressions.functions import BUILTINS, REFUSED
from vivido.expressions.library import CONSTANTS, rule_for
from vivido.expressions.refused import refused
from vivido.expressions.weighing import is_flat

_INSTEAD = {
    "print": "write it as a statement of its own; it becomes a line of the log",
    "open": "read and write files in a step",
    "input": "wait for an event with receive(…)",
    "sleep": "use vivido.sleep(…)",
    "re": "match patterns in a step or in a function marked @pure",
    "asyncio": "use parallel(…), sleep(…) and await on steps",
    "os": "do it in a step",
    "globals": "pass what is needed as an argument",
    "locals": "pass what is needed as an argument",
    "setattr": "write an assignment",
    "eval": "call a function",
    "exec": "call a function",
    "hash": "use a uuid5 or a digest made in a step: hash() differs from process to process",
    "id": "compare with `is`",
}
_DEFAULT_HINT = "do it in a step or in a function marked @pure"


@dataclass(frozen=True, slots=True)
class Static:
    """Something known at compile time; `pure` counts if it is a function of the author's."""

    value: Any
    pure: bool = False


def find(node: ast.expr, context: Context) -> Static | None:
    """What a name means, or None if only known at run time; raises `ExpressionRefused`."""
    if isinstance(node, ast.Name):
        return _name(node, context)
    if isinstance(node, ast.Attribute):
        owner = find(node.value, context)
        if owner is not None:
            return _member(node, owner)
    return None


def _name(node: ast.Name, context: Context) -> Static | None:
    name = node.id
    if context.local(name) is not None or context.is_variable(name):
        return None
    binding = context.scope.bindings.get(name)
    if binding is not None:
        return Static(binding.value, binding.pure or is_marked_pure(binding.value))
    if name in BUILTINS:
        return Static(BUILTINS[name])
    if name in REFUSED:
        hint = _INSTEAD.get(name, _DEFAULT_HINT)
        raise refused(
            node, f"{name}() is not available in an expression", reason="builtin", hint=hint
        )
    if name.startswith("_") and name.strip("_"):
        raise refused(
            node,
            f"the name {name!r} is not known",
            reason="underscore",
            hint="names that begin with _ are refused",
        )
    return None


def _member(node: ast.Attribute, owner: Static) -> Static | None:
    value, name = owner.value, node.attr
    if not isinstance(value, (type, types.ModuleType, types.SimpleNamespace, types.FunctionType)):
        return _of_constant(node, value)
    if name in ("__name__", "__qualname__") and not isinstance(value, types.SimpleNamespace):
        return Static(getattr(value, name))
    if name.startswith("_"):
        refuse_underscore(node)
    if isinstance(value, types.FunctionType) or not hasattr(value, name):
        kind = "class" if isinstance(value, type) else type(value).__name__
        owner_name = getattr(value, "__name__", "")
        raise refused(
            node, f"the {kind} {owner_name!r} has no attribute {name!r}", reason="no-attribute"
        )
    member = getattr(value, name)
    if isinstance(value, types.SimpleNamespace):
        return Static(member, is_marked_pure(member))
    if is_standard(value):
        _check_standard(node, value, member)
    elif isinstance(value, type) and not _is_own_member(value, name):
        raise refused(
            node,
            f"{value.__name__}.{name} is not available in an expression",
            reason="unavailable",
            hint=_DEFAULT_HINT,
        )
    return Static(member, is_marked_pure(getattr(member, "__func__", member)))


def _is_method(value: Any, name: str) -> bool:
    found = inspect.getattr_static(value, name, None)
    return isinstance(found, (types.FunctionType, classmethod, staticmethod))


def _of_constant(node: ast.Attribute, value: Any) -> Static | None:
    """An attribute of a constant is read when the expression runs, if it is open at all."""
    kind, name = kind_of(type(value)), node.attr
    if kind.own or name in kind.fields or name in kind.methods or name.startswith("_"):
        return None
    if not is_standard(value) and _is_method(value, name):
        method = getattr(value, name)
        return Static(method, is_marked_pure(method))
    refuse_format(node)
    what = f"{name!r} of the {type(value).__name__} {ast.unparse(node.value)!r}"
    hint = _INSTEAD.get(type(value).__module__) or _DEFAULT_HINT
    raise refused(node, f"{what} is not available in an expression", reason="closed", hint=hint)


def refuse_underscore(node: ast.Attribute) -> None:
    """Refuse an attribute that begins with an underscore."""
    hint = (
        "use type(value).__name__"
        if node.attr in ("__name__", "__class__")
        else "give it a public name"
    )
    raise refused(node, f"the attribute {node.attr!r} is private", reason="underscore", hint=hint)


def refuse_format(node: ast.Attribute) -> None:
    """Refuse the one method of text that makes anything of anything."""
    if node.attr in ("format", "format_map"):
        raise refused(
            node,
            f"the method {node.attr!r} is not available in an expression",
            reason="format",
            hint="write an f-string",
        )


def _check_standard(node: ast.Attribute, owner: Any, member: Any) -> None:
    """Refuse what is neither callable under a rule nor a harmless constant."""
    name = f"{owner.__name__}.{node.attr}"
    if isinstance(member, (type, types.ModuleType)) or rule_for(member) is not None:
        return
    constant = not callable(member) and (is_flat(type(member)) or isinstance(member, str))
    if constant and (isinstance(owner, type) or owner.__name__ in CONSTANTS):
        return
    if isinstance(owner, type) and callable(member) and not is_own_kind(owner):
        hint = f"call it on a value: lambda value: value.{node.attr}(…)"
        raise refused(
            node, f"{name} is not available in an expression", reason="unbound-method", hint=hint
        )
    root = owner.__name__.partition(".")[0]
    hint = _INSTEAD.get(node.attr) or _INSTEAD.get(root) or _DEFAULT_HINT
    raise refused(node, f"{name} is not available in an expression", reason="library", hint=hint)


def _is_own_member(cls: type, name: str) -> bool:
    """Whether the author gave the class this member, or it builds instances."""
    return name not in kind_of(cls).closed or name in BUILDERS
