"""Which type builtins, operators and methods of builtin types give."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from vivido.compiler import types
from vivido.compiler.read import Found
from vivido.compiler.types import (
    NONE,
    UNKNOWN,
    ClassItself,
    Instance,
    OneOf,
    Type,
    from_annotation,
    one_of,
    sequence_of,
)

INT, FLOAT, STR, BOOL, BYTES = (Instance(cls) for cls in (int, float, str, bool, bytes))
_KEY_AND_VALUE = 2


def _all(names: str, kind: Type) -> dict[str, Type]:
    return dict.fromkeys(names.split(), kind)


BUILTINS: dict[Callable[..., Any], Type] = {
    **dict.fromkeys([len, ord], INT),
    **dict.fromkeys([repr, chr, format, ascii, bin, hex, oct], STR),
    **dict.fromkeys([isinstance, issubclass, any, all, callable], BOOL),
}
METHODS: dict[type, dict[str, Type]] = {
    str: {
        **_all("capitalize casefold center expandtabs join ljust lower lstrip removeprefix", STR),
        **_all("removesuffix replace rjust rstrip strip swapcase title upper zfill", STR),
        **_all("count find index rfind rindex", INT),
        **_all("split rsplit splitlines", Instance(list, (STR,))),
        **_all("partition rpartition", Instance(tuple, (STR, STR, STR))),
        **_all("endswith startswith isalpha isdigit isnumeric isspace isupper islower", BOOL),
        "encode": BYTES,
    },
    bytes: {"decode": STR, "hex": STR},
    list: {
        **_all("append extend insert remove clear sort reverse", NONE),
        **_all("count index", INT),
    },
    dict: _all("update clear", NONE),
    set: _all("add discard remove clear update", NONE),
}


def method(owner: Instance, name: str, node: ast.Call) -> Type:
    """The type of what a method of a known class gives."""
    for cls, results in METHODS.items():
        if owner.cls is cls and name in results:
            return results[name]
    if owner.cls is dict:
        return _of_dict(name, owner, node)
    if owner.cls is list and name in ("copy", "pop"):
        return owner if name == "copy" else types.item(owner)
    function = types.member(owner.cls, name)
    return UNKNOWN if function is None else declared(function)


def of_found(found: Found) -> Type:
    """The type of what a name outside the workflow stands for."""
    if found.kind in ("class", "builtin"):
        return ClassItself(found.value) if isinstance(found.value, type) else UNKNOWN
    return of_value(found.value) if found.kind == "constant" else UNKNOWN


def of_value(value: object) -> Type:
    """The type of a value that is there already: a constant of the module."""
    match value:
        case list() | set() | frozenset() if type(value) in (list, set, frozenset):
            return collection(type(value), (of_value(each) for each in value))
        case dict() if type(value) is dict and value:
            key, item = (one_of(map(of_value, side)) for side in (value.keys(), value.values()))
            return Instance(dict, (key, item)) if UNKNOWN not in (key, item) else Instance(dict)
        case tuple() if type(value) is tuple:
            return Instance(tuple, tuple(map(of_value, value)))
        case _:
            return Instance(type(value))


def union(kinds: Iterable[Type | None]) -> Type | None:
    """The union of what is known; None if nothing is known yet."""
    found = [kind for kind in kinds if kind is not None]
    return one_of(found) if found else None


def collection(cls: type, kinds: Iterable[Type | None]) -> Type:
    """A list or set of items of these types."""
    return sequence_of(cls, union(kinds) or UNKNOWN)


def arithmetic(  # noqa: PLR0911  one rule a line
    left: Type | None, operator: ast.operator, right: Type | None
) -> Type | None:
    """The type of `left operator right`; None if one is not known yet."""
    if left is None or right is None:
        return None
    if not isinstance(left, Instance) or not isinstance(right, Instance):
        return UNKNOWN
    if isinstance(operator, ast.Mod) and left.cls in (str, bytes):
        return left
    left, right = (INT if kind == BOOL else kind for kind in (left, right))
    numbers = {left.cls, right.cls}
    if numbers <= {int, float}:
        return _number(numbers, operator)
    if left.cls is right.cls and left.cls in (str, bytes, list) and isinstance(operator, ast.Add):
        return left if left == right else Instance(left.cls)
    if left.cls in (str, bytes, list) and right == INT and isinstance(operator, ast.Mult):
        return left
    return types.arithmetic_result(left.cls, right.cls)


def _number(numbers: set[type], operator: ast.operator) -> Type:
    if isinstance(operator, ast.Div):
        return FLOAT
    if isinstance(operator, ast.Pow):
        # A negative float to a power may give a complex.
        return OneOf((INT, FLOAT)) if numbers == {int} else UNKNOWN
    return FLOAT if float in numbers else INT


def _of_dict(  # noqa: PLR0911  one method a line
    name: str, owner: Instance, node: ast.Call
) -> Type:
    if len(owner.args) != _KEY_AND_VALUE:
        return UNKNOWN
    key, value = owner.args
    match name:
        case "get":
            return one_of((value, NONE)) if len(node.args) == 1 else UNKNOWN
        case "items":
            return sequence_of(list, Instance(tuple, (key, value)))
        case "keys" | "values":
            return sequence_of(list, key if name == "keys" else value)
        case "copy":
            return owner
        case "pop":
            return value if len(node.args) == 1 else UNKNOWN
        case _:
            return UNKNOWN


def declared(function: Any) -> Type:
    """The type that a function of a module declares to return."""
    return from_annotation(types.hints(function).get("return", Any))


def slices_to_itself(kind: Type) -> bool:
    """Whether a slice of such a value has the same type."""
    return isinstance(kind, Instance) and (
        kind.cls in (list, str, bytes) or (kind.cls is tuple and kind.uniform)
    )


def has_star(node: ast.Call) -> bool:
    """Whether arguments are unpacked: their number is not known."""
    return any(isinstance(arg, ast.Starred) for arg in node.args)


def is_constant(index: ast.expr) -> bool:
    """Whether an index is a literal."""
    try:
        ast.literal_eval(index)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
