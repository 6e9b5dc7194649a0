"""How are lists, tuples, sets and dicts built and indexed?"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from vivido.expressions.context import Context, Run
from vivido.expressions.meter import Meter
from vivido.expressions.refused import refused
from vivido.expressions.streams import lower_source
from vivido.expressions.weighing import SHORT, charge_hash, extent, is_flat, metered

Collect = Callable[[Any, Meter], list[Any]]


def collector(nodes: list[ast.expr], context: Context, callee: str = "") -> Collect:
    """The values of several expressions in a list, stars unpacked; maybe arguments of `callee`."""
    if not any(isinstance(node, ast.Starred) for node in nodes):
        runs = [context.lower(node) for node in nodes]
        return lambda e, m: [run(e, m) for run in runs]
    parts = [_part(node, context) for node in nodes]

    def collect(e: Any, m: Meter) -> list[Any]:
        items: list[Any] = []
        for starred, run in parts:
            if starred:
                items.extend(metered(_iterable(run(e, m), callee), m))
            else:
                items.append(run(e, m))
        return items

    return collect


def _part(node: ast.expr, context: Context) -> tuple[bool, Run]:
    if isinstance(node, ast.Starred):
        return True, context.lower(node.value)
    return False, context.lower(node)


def _iterable(value: Any, callee: str) -> Iterable[Any]:
    if not hasattr(type(value), "__iter__") and not hasattr(type(value), "__getitem__"):
        what = f"{callee} argument after *" if callee else "Value after *"
        raise TypeError(f"{what} must be an iterable, not {type(value).__name__}")
    return value  # type: ignore[no-any-return]


def lower_list(node: ast.List, context: Context) -> Run:
    """`[a, *b]`."""
    return _sized(collector(node.elts, context), len(node.elts))


def _sized(collect: Collect, length: int) -> Run:
    def build(e: Any, m: Meter) -> list[Any]:
        m.charge(4 + length)
        return collect(e, m)

    return build


def lower_tuple(node: ast.Tuple, context: Context) -> Run:
    """`(a, *b)`."""
    collect = _sized(collector(node.elts, context), len(node.elts))
    return lambda e, m: tuple(collect(e, m))


def lower_set(node: ast.Set, context: Context) -> Run:
    """`{a, *b}`."""
    collect = _sized(collector(node.elts, context), 8 + 4 * len(node.elts))

    def build(e: Any, m: Meter) -> set[Any]:
        items = collect(e, m)
        for item in items:
            charge_hash(item, m)
        return set(items)

    return build


def lower_dict(node: ast.Dict, context: Context) -> Run:
    """`{key: value, **more}`."""
    pairs = [
        (None if key is None else context.lower(key), context.lower(value))
        for key, value in zip(node.keys, node.values, strict=True)
    ]

    def build(e: Any, m: Meter) -> dict[Any, Any]:
        m.charge(6 + 4 * len(pairs))
        made: dict[Any, Any] = {}
        for key, value in pairs:
            if key is None:
                made.update(mapping(value(e, m), m))
            else:
                name = key(e, m)
                if type(name) is not str:
                    charge_hash(name, m)
                made[name] = value(e, m)
        return made

    return build


def mapping(value: Any, meter: Meter) -> Any:
    """What may follow `**` in a dict."""
    if not hasattr(value, "keys"):
        raise TypeError(f"{type(value).__name__!r} object is not a mapping")
    meter.charge(extent(value))
    return value


def lower_subscript(node: ast.Subscript, context: Context) -> Run:
    """`value[index]`."""
    value, index = lower_source(node.value, context), lower_index(node.slice, context)
    if isinstance(node.slice, (ast.Slice, ast.Tuple)):
        return lambda e, m: get_item(value(e, m), index(e, m), m)

    def load(e: Any, m: Meter) -> Any:
        holder = value(e, m)
        key = index(e, m)
        kind = type(key)
        if kind is int or (kind is str and len(key) < SHORT):
            return holder[key]
        return get_item(holder, key, m)

    return load


def get_item(holder: Any, key: Any, meter: Meter) -> Any:
    """`holder[key]`: a slice is charged by its length, a key by what hashing it takes."""
    if type(key) is slice:
        found = holder[key]
        meter.charge(extent(found))
        return found
    if not is_flat(type(key)):
        charge_hash(key, meter)
    return holder[key]


def lower_index(node: ast.expr, context: Context) -> Run:
    """What stands in brackets: an expression, or a slice."""
    if not isinstance(node, ast.Slice):
        return context.lower(node)
    start, stop, step = (
        context.lower(part) if part is not None else _nothing
        for part in (node.lower, node.upper, node.step)
    )
    return lambda e, m: slice(start(e, m), stop(e, m), step(e, m))


def _nothing(_e: Any, _m: Meter) -> None:
    return None


def lower_starred(node: ast.Starred, _: Context) -> Run:
    """A star where none can be."""
    raise refused(node, "can't use starred expression here", reason="syntax")
