"""What may code change in place? Variables whose values it reaches, and how deep.

`d["n"] = 1` changes the dict in `d`, and nothing that was read out of it before;
`d["rows"].append(1)` changes what `d["rows"]` gave. So a change counts as *deep* when it may
reach into what was read out of a variable.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CHANGING_METHODS = frozenset(
    {
        *("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse"),  # list
        *("update", "setdefault", "popitem", "move_to_end"),  # dict
        *("add", "discard", "difference_update", "intersection_update"),  # set
        *("symmetric_difference_update", "subtract"),
        *("appendleft", "extendleft", "popleft", "rotate"),  # deque
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change in place of the value of a variable, by its name in the source."""

    name: str
    deep: bool


def changes(
    code: ast.AST, takes: Callable[[ast.Call], bool], is_atom: Callable[[ast.expr], bool]
) -> Iterator[Change]:
    """Changes that code may make to values of variables.

    `takes` says whether a call may change what it is given; `is_atom` whether an expression surely
    gives a number or a text: what it is added to is replaced, not changed.
    """
    for part in ast.walk(code):
        match part:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in CHANGING_METHODS:
                yield from _of(owner, 0)
            case ast.Call() if takes(part):
                for given in [*part.args, *(keyword.value for keyword in part.keywords)]:
                    yield from (Change(name, deep=True) for name in _names(given))
            case ast.AugAssign(target=ast.Name(id=name), value=value) if not is_atom(value):
                yield Change(name, deep=False)
            case ast.AugAssign(target=target, value=value):
                yield from _of_target(target, 0 if is_atom(value) else 1)
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                for target in targets:
                    yield from _of_target(target, 0)
            case ast.AnnAssign(target=target) | ast.For(target=target):
                yield from _of_target(target, 0)


def _of_target(target: ast.expr, extra: int) -> Iterator[Change]:
    """What assigning a target changes: the object that holds the attribute or item."""
    match target:
        case ast.Attribute(value=owner) | ast.Subscript(value=owner):
            yield from _of(owner, extra)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _of_target(part, extra)
        case ast.Starred(value=inner):
            yield from _of_target(inner, extra)


def _of(owner: ast.expr, extra: int) -> Iterator[Change]:
    """A change of what an expression gives."""
    if isinstance(owner, ast.Name):
        yield Change(owner.id, deep=extra > 0)
    else:
        yield from (Change(name, deep=True) for name in _names(owner))


def _names(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
