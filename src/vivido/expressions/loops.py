"""How do comprehensions run? Each round is paid for, before it is done."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from vivido.expressions.context import UNBOUND, Context, Local, Run
from vivido.expressions.meter import Meter, exhausted
from vivido.expressions.refused import refused
from vivido.expressions.roots import roots
from vivido.expressions.streams import lower_source
from vivido.expressions.unpacking import Store, unpacker
from vivido.expressions.weighing import charge_hash

Frame = list[Any]
# Goes through the rounds, the locals set in the frame for each. Two ways: calling `visit` in each
# round, so that any error passes as it is; or stopping in each, as generators do.
Loop = Callable[[Frame, Any, Meter, Callable[[], None]], None]
Rounds = Callable[[Frame, Any, Meter], Iterator[None]]
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


@dataclass(frozen=True, slots=True)
class Clause:
    """One `for … in … if …`, compiled."""

    source: Run
    store: Store
    passes: Callable[[Frame, Meter], bool]


def lower_list_comprehension(node: ast.ListComp, context: Context) -> Run:
    """`[value for …]`."""
    begin, clauses, inner = _prepare(node, context)
    loop, value = _looping(clauses, _price(node)), inner.lower(node.elt)

    def collect(e: Any, m: Meter) -> list[Any]:
        frame, source = begin(e, m)
        made: list[Any] = []
        loop(frame, source, m, lambda: made.append(value(frame, m)))
        return made

    return collect


def lower_set_comprehension(node: ast.SetComp, context: Context) -> Run:
    """`{value for …}`."""
    begin, clauses, inner = _prepare(node, context)
    loop, value = _looping(clauses, 4 + _price(node)), inner.lower(node.elt)

    def collect(e: Any, m: Meter) -> set[Any]:
        frame, source = begin(e, m)
        made: set[Any] = set()

        def add() -> None:
            item = value(frame, m)
            charge_hash(item, m)
            made.add(item)

        loop(frame, source, m, add)
        return made

    return collect


def lower_dict_comprehension(node: ast.DictComp, context: Context) -> Run:
    """`{key: value for …}`."""
    begin, clauses, inner = _prepare(node, context)
    loop = _looping(clauses, 5 + _price(node))
    key, value = inner.lower(node.key), inner.lower(node.value)

    def collect(e: Any, m: Meter) -> dict[Any, Any]:
        frame, source = begin(e, m)
        made: dict[Any, Any] = {}

        def put() -> None:
            name = key(frame, m)
            charge_hash(name, m)
            made[name] = value(frame, m)

        loop(frame, source, m, put)
        return made

    return collect


def lower_generator(node: ast.GeneratorExp, context: Context) -> Run:
    """`(value for …)`: as in Python, only the first iterable is evaluated at once."""
    begin, clauses, inner = _prepare(node, context)
    rounds, value = _stopping(clauses, _price(node)), inner.lower(node.elt)

    def generate(frame: Frame, source: Any, m: Meter) -> Iterator[Any]:
        for _ in rounds(frame, source, m):
            yield value(frame, m)

    def start(e: Any, m: Meter) -> Iterator[Any]:
        frame, source = begin(e, m)
        return generate(frame, iter(source), m)

    return start


def _price(node: Comprehension) -> int:
    """What one round does is not known before, so it costs its share of the text."""
    return 3 + sum(1 for _ in ast.walk(node)) // 2


def _prepare(
    node: Comprehension, context: Context
) -> tuple[Callable[[Any, Meter], tuple[Frame, Any]], list[Clause], Context]:
    """How to begin: with a frame and the first iterable; the clauses; the context within."""
    context.facts.multiplies = True
    locals_ = _locals(node, context)
    inner = context.within(locals_)
    source = lower_source(node.generators[0].iter, context)
    clauses = [
        Clause(
            source if place == 0 else lower_source(clause.iter, inner),
            _store(clause.target, inner),
            _passing([inner.lower(condition) for condition in clause.ifs]),
        )
        for place, clause in enumerate(node.generators)
    ]
    empty = [UNBOUND] * len(locals_)

    def begin(e: Any, m: Meter) -> tuple[Frame, Any]:
        m.charge(2)
        return [e, *empty], source(e, m)

    return begin, clauses, inner


def _passing(conditions: list[Run]) -> Callable[[Frame, Meter], bool]:
    def passes(frame: Frame, m: Meter) -> bool:
        for condition in conditions:  # noqa: SIM110  # a generator turns StopIteration around
            if not condition(frame, m):
                return False
        return True

    return passes


def _looping(clauses: list[Clause], price: int) -> Loop:
    first, *others = clauses
    if others:
        inner = _looping(others, price)
        source = others[0].source

        def nested(frame: Frame, outer: Any, m: Meter, visit: Callable[[], None]) -> None:
            _run(first, price, frame, outer, m, lambda: inner(frame, source(frame, m), m, visit))

        return nested
    return lambda frame, source, m, visit: _run(first, price, frame, source, m, visit)


def _run(
    clause: Clause, price: int, frame: Frame, source: Any, m: Meter, visit: Callable[[], None]
) -> None:
    store, passes = clause.store, clause.passes
    for item in source:
        m.fuel -= price
        if m.fuel < 0:
            exhausted()
        store(frame, item, m)
        if passes(frame, m):
            visit()


def _stopping(clauses: list[Clause], price: int) -> Rounds:
    first, *others = clauses
    inner = _stopping(others, price) if others else None

    def rounds(frame: Frame, source: Any, m: Meter) -> Iterator[None]:
        for item in source:
            m.fuel -= price
            if m.fuel < 0:
                exhausted()
            first.store(frame, item, m)
            if first.passes(frame, m):
                if inner is None:
                    yield
                else:
                    yield from inner(frame, others[0].source(frame, m), m)

    return rounds


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
    def store(frame: Frame, item: Any, _: Meter) -> None:
        frame[slot] = item

    return store
