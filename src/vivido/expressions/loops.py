"""How do comprehensions run? Each round is paid for, before it is done."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from vivido.expressions.context import UNBOUND, Context, Local, Run
from vivido.expressions.meter import Meter, exhausted
from vivido.expressions.refused import refused
from vivido.expressions.roots import roots
from vivido.expressions.unpacking import Store, unpacker
from vivido.expressions.weighing import charge_hash

# Goes through the clauses, the locals in the frame set for each round; the outermost iterable is
# evaluated already.
Rounds = Callable[[list[Any], Any, Meter], Iterator[None]]
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def lower_list_comprehension(node: ast.ListComp, context: Context) -> Run:
    """`[value for …]`."""
    begin, rounds, inner = _prepare(node, context)
    value = inner.lower(node.elt)

    def collect(e: Any, m: Meter) -> list[Any]:
        frame, source = begin(e, m)
        return [value(frame, m) for _ in rounds(frame, source, m)]

    return collect


def lower_set_comprehension(node: ast.SetComp, context: Context) -> Run:
    """`{value for …}`."""
    begin, rounds, inner = _prepare(node, context)
    value = inner.lower(node.elt)

    def collect(e: Any, m: Meter) -> set[Any]:
        frame, source = begin(e, m)
        made: set[Any] = set()
        for _ in rounds(frame, source, m):
            item = value(frame, m)
            m.charge(4)
            charge_hash(item, m)
            made.add(item)
        return made

    return collect


def lower_dict_comprehension(node: ast.DictComp, context: Context) -> Run:
    """`{key: value for …}`."""
    begin, rounds, inner = _prepare(node, context)
    key, value = inner.lower(node.key), inner.lower(node.value)

    def collect(e: Any, m: Meter) -> dict[Any, Any]:
        frame, source = begin(e, m)
        made: dict[Any, Any] = {}
        for _ in rounds(frame, source, m):
            name = key(frame, m)
            m.charge(5)
            charge_hash(name, m)
            made[name] = value(frame, m)
        return made

    return collect


def lower_generator(node: ast.GeneratorExp, context: Context) -> Run:
    """`(value for …)`: as in Python, only the first iterable is evaluated at once."""
    begin, rounds, inner = _prepare(node, context)
    value = inner.lower(node.elt)

    def generate(frame: list[Any], source: Any, m: Meter) -> Iterator[Any]:
        for _ in rounds(frame, source, m):
            yield value(frame, m)

    def start(e: Any, m: Meter) -> Iterator[Any]:
        frame, source = begin(e, m)
        return generate(frame, iter(source), m)

    return start


def _prepare(
    node: Comprehension, context: Context
) -> tuple[Callable[[Any, Meter], tuple[list[Any], Any]], Rounds, Context]:
    """How to begin, how to go through the rounds, and the context of what is evaluated in each."""
    context.facts.multiplies = True
    locals_ = _locals(node, context)
    inner = context.within(locals_)
    first, *others = node.generators
    source = context.lower(first.iter)
    empty = [UNBOUND] * len(locals_)

    def begin(e: Any, m: Meter) -> tuple[list[Any], Any]:
        m.charge(2)
        return [e, *empty], source(e, m)

    # What one round does is not known before, so its price is its share of the text.
    price = 3 + sum(1 for _ in ast.walk(node)) // 2
    rounds = _clause(first, inner, price)
    for clause in others:
        rounds = _nested(rounds, inner.lower(clause.iter), _clause(clause, inner, price))
    return begin, rounds, inner


def _locals(node: Comprehension, context: Context) -> dict[str, Local]:
    found: dict[str, Local] = {}
    for clause in node.generators:
        if clause.is_async:
            raise refused(
                node,
                "an asynchronous comprehension is not available",
                reason="async",
                hint="write a loop",
            )
        origin = roots(clause.iter, context.within(found) if found else context)
        for name in _names(clause.target):
            found.setdefault(name, Local(len(found) + 1, origin))
    return found


def _names(node: ast.expr) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _nested(outer: Rounds, source: Run, inner: Rounds) -> Rounds:
    def rounds(frame: list[Any], first: Any, m: Meter) -> Iterator[None]:
        for _ in outer(frame, first, m):
            yield from inner(frame, source(frame, m), m)

    return rounds


def _clause(clause: ast.comprehension, inner: Context, price: int) -> Rounds:
    store = _store(clause.target, inner)
    conditions = [inner.lower(condition) for condition in clause.ifs]

    def rounds(frame: list[Any], source: Any, m: Meter) -> Iterator[None]:
        for item in source:
            m.fuel -= price
            if m.fuel < 0:
                exhausted()
            store(frame, item, m)
            for condition in conditions:
                if not condition(frame, m):
                    break
            else:
                yield

    return rounds


def _store(target: ast.expr, inner: Context) -> Store:
    """Put an item into the frame."""
    match target:
        case ast.Name(id=name):
            return _slot(inner.locals[-1][name].slot)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            stars = [place for place, part in enumerate(parts) if isinstance(part, ast.Starred)]
            if len(stars) > 1:
                raise refused(target, "multiple starred expressions in assignment", reason="syntax")
            plain = [part.value if isinstance(part, ast.Starred) else part for part in parts]
            return unpacker([_store(part, inner) for part in plain], stars[0] if stars else None)
        case _:
            raise refused(
                target,
                "a comprehension binds names only",
                reason="target",
                hint="write a loop",
            )


def _slot(slot: int) -> Store:
    def store(frame: list[Any], item: Any, _: Meter) -> None:
        frame[slot] = item

    return store
