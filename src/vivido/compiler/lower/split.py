"""Which parts has an expression, in Python's order, and how is it put together again?

Only expressions all of whose parts are always evaluated, each once, are split; `and`, `or`,
conditional expressions, longer chains of comparisons, comprehensions and lambdas have rules of
their own.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Role = Literal["value", "receiver", "changed", "formatted"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part; `receiver` is what a method is called on, `changed` what is changed in place.

    `formatted` is a piece of an f-string.
    """

    expression: ast.expr
    role: Role = "value"


@dataclass(frozen=True, slots=True)
class Split:
    """Parts in evaluation order; `build` takes their replacements in the same order."""

    parts: tuple[Part, ...]
    build: Callable[[list[ast.expr]], ast.expr]


def split(node: ast.expr) -> Split | None:  # noqa: C901, PLR0911, PLR0912  one case a kind
    """Take an expression apart; None if its parts are not simply evaluated one after another."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _split([left, right], lambda new: ast.BinOp(new[0], op, new[1]))
        case ast.UnaryOp(op=unary, operand=operand):
            return _split([operand], lambda new: ast.UnaryOp(unary, new[0]))
        case ast.Compare(left=left, ops=[compare], comparators=[right]):
            return _split([left, right], lambda new: ast.Compare(new[0], [compare], [new[1]]))
        case ast.Attribute(value=inner, attr=name, ctx=ctx):
            return _split([inner], lambda new: ast.Attribute(new[0], name, ctx))
        case ast.Subscript(value=inner, slice=index, ctx=ctx):
            return _split([inner, index], lambda new: ast.Subscript(new[0], new[1], ctx))
        case ast.Slice():
            return _split_slice(node)
        case ast.Starred(value=inner, ctx=ctx):
            return _split([inner], lambda new: ast.Starred(new[0], ctx))
        case ast.Tuple(elts=items, ctx=ctx):
            return _split(items, lambda new: ast.Tuple(new, ctx))
        case ast.List(elts=items, ctx=ctx):
            return _split(items, lambda new: ast.List(new, ctx))
        case ast.Set(elts=items):
            return _split(items, ast.Set)
        case ast.Dict():
            return _split_dict(node)
        case ast.Call():
            return _split_call(node)
        case ast.JoinedStr(values=pieces):
            return Split(tuple(Part(piece, "formatted") for piece in pieces), ast.JoinedStr)
        case ast.FormattedValue():
            return _split_formatted(node)
        case _:
            return None


def _split(parts: list[ast.expr], build: Callable[[list[ast.expr]], ast.expr]) -> Split:
    return Split(tuple(map(Part, parts)), build)


def _split_slice(node: ast.Slice) -> Split:
    present = [part for part in (node.lower, node.upper, node.step) if part is not None]

    def build(new: list[ast.expr]) -> ast.expr:
        left = list(new)
        ends = [
            None if part is None else left.pop(0) for part in (node.lower, node.upper, node.step)
        ]
        return ast.Slice(*ends)

    return _split(present, build)


def _split_dict(node: ast.Dict) -> Split:
    flat = [
        part
        for pair in zip(node.keys, node.values, strict=True)
        for part in pair
        if part is not None
    ]

    def build(new: list[ast.expr]) -> ast.expr:
        left = list(new)
        keys: list[ast.expr | None] = []
        values: list[ast.expr] = []
        for key in node.keys:
            keys.append(None if key is None else left.pop(0))
            values.append(left.pop(0))
        return ast.Dict(keys, values)

    return _split(flat, build)


def _split_call(node: ast.Call) -> Split:
    head = (
        Part(node.func.value, "receiver")
        if isinstance(node.func, ast.Attribute)
        else Part(node.func)
    )
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]

    def build(new: list[ast.expr]) -> ast.expr:
        called = new[0]
        if isinstance(node.func, ast.Attribute):
            called = ast.copy_location(ast.Attribute(called, node.func.attr, ast.Load()), node.func)
        positional, named = new[1 : 1 + len(node.args)], new[1 + len(node.args) :]
        keywords = [
            ast.copy_location(ast.keyword(keyword.arg, value), keyword)
            for keyword, value in zip(node.keywords, named, strict=True)
        ]
        return ast.Call(called, positional, keywords)

    return Split((head, *map(Part, arguments)), build)


def _split_formatted(node: ast.FormattedValue) -> Split:
    parts = [node.value] if node.format_spec is None else [node.value, node.format_spec]

    def build(new: list[ast.expr]) -> ast.expr:
        return ast.FormattedValue(new[0], node.conversion, new[1] if len(new) > 1 else None)

    return _split(parts, build)
