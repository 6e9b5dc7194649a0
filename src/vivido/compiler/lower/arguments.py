"""Which parameter gets which argument? Calls become tables of expressions by parameter.

Positional arguments get the names of their parameters, up to the first unpacked one; from there
on they stand under `"*"`, as one list; unpacked mappings stand under `"**"`. The order of the
table is Python's order of evaluation. Whether the arguments fit is for the checks to say: here
what cannot be placed is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vivido.compiler.lower import expressions
from vivido.compiler.lower.split import Part

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call under the name it has in the table."""

    name: str
    expression: ast.expr


def positional_names(args: ast.arguments) -> list[str]:
    """Parameters of a function definition that can be given by position."""
    return [parameter.arg for parameter in [*args.posonlyargs, *args.args]]


def arrange(call: ast.Call, positional: Sequence[str]) -> list[Argument]:
    """The arguments of a call by name; `positional` names those that need none."""
    arguments: list[Argument] = []
    rest: list[ast.expr] = []
    for index, argument in enumerate(call.args):
        if rest or isinstance(argument, ast.Starred) or index >= len(positional):
            rest.append(argument)
        else:
            arguments.append(Argument(positional[index], argument))
    match rest:
        case []:
            pass
        case [ast.Starred(value=only)]:
            arguments.append(Argument("*", only))
        case _:
            arguments.append(Argument("*", ast.copy_location(ast.List(rest, ast.Load()), rest[0])))
    return arguments + _named(call.keywords)


def _named(keywords: list[ast.keyword]) -> list[Argument]:
    """Arguments given by name; from the first of several unpacked mappings on, all in one."""
    starred = [index for index, keyword in enumerate(keywords) if keyword.arg is None]
    if len(starred) <= 1:
        return [Argument(keyword.arg or "**", keyword.value) for keyword in keywords]
    first, merged = keywords[: starred[0]], keywords[starred[0] :]
    keys: list[ast.expr | None] = [
        None if part.arg is None else ast.copy_location(ast.Constant(part.arg), part)
        for part in merged
    ]
    whole = ast.copy_location(ast.Dict(keys, [part.value for part in merged]), merged[0].value)
    return [*_named(first), Argument("**", whole)]


def table(low: Lowerer, arguments: Sequence[Argument]) -> dict[str, str]:
    """Lower arguments to the table of a node; what may differ next time is recorded before."""
    lowered = texts(low, [argument.expression for argument in arguments])
    return {argument.name: text for argument, text in zip(arguments, lowered, strict=True)}


def texts(low: Lowerer, given: Sequence[ast.expr]) -> list[str]:
    """The same for expressions without names, in their order."""
    rests = expressions.sequence(low, [Part(part) for part in given], also_lift=True)
    return [low.text(rest) for rest in rests]
