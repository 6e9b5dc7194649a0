"""How does a comprehension with effects become a loop? One round after another, as in Python.

A generator is lowered only where it is consumed at once: by `any` and `all`, which stop early,
and by what builds a collection or a total of all its items.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower.rewriting import held
from vivido.compiler.symbols import COMPREHENSIONS, Comprehension, names_in
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

_CONSUMERS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "sum", "min", "max", "dict"})
_PROGRESSIVE = frozenset({"sum", "min", "max"})
Collecting = ast.ListComp | ast.SetComp | ast.DictComp
Emit = Callable[[], None]


def loops(low: Lowerer, node: ast.expr) -> bool:
    """Whether a comprehension must become a loop: more than its first items has effects."""
    if not isinstance(node, COMPREHENSIONS) or not low.lifts(node):
        return False
    return bool(node.generators[0].is_async) or low.lifts(_with_items(node, ast.Constant(None)))


def over_items(low: Lowerer, node: Comprehension) -> ast.expr:
    """`[x for x in step()]`: the items first, then the comprehension as it stands."""
    return low.rewrite(_with_items(node, low.value(node.generators[0].iter)))


def is_asynchronous(low: Lowerer, node: ast.expr) -> bool:
    """Whether a generator awaits, and only `async for` can go through it; that is refused."""
    if not isinstance(node, ast.GeneratorExp):
        return False
    rest = _with_items(node, ast.Constant(None))
    awaits = [part for part in ast.walk(rest) if isinstance(part, ast.Await)]
    if awaits:
        low.report.add(
            "V211",
            awaits[0],
            "A generator that awaits is asynchronous: nothing but `async for` goes through it.",
            "a list: [... for ... in ...]",
        )
    return bool(awaits)


def _with_items(node: Comprehension, items: ast.expr) -> Comprehension:
    first, *others = node.generators
    generators = [ast.comprehension(first.target, items, first.ifs, first.is_async), *others]
    if isinstance(node, ast.DictComp):
        return ast.copy_location(ast.DictComp(node.key, node.value, generators), node)
    return ast.copy_location(type(node)(node.elt, generators), node)


def lower(
    low: Lowerer, node: ast.expr, *, wanted: bool = True, into: ast.Name | None = None
) -> ast.expr:
    """Emit the loop of a comprehension; the variable that holds what it collected.

    It is built in the variable `into`, if one is given.
    """
    if not isinstance(node, Collecting):
        low.report.add(
            "V211",
            node,
            "A generator with steps in it must be consumed where it stands.",
            "a list: [... for ... in ...], or map_each(...)",
        )
        return ast.copy_location(ast.Constant(None), node)
    if not wanted:
        _loops(low, node.generators, lambda: _evaluate(low, node))
        return ast.copy_location(ast.Constant(None), node)
    target = into or held(low.fresh(low.word_for(node)), node, ast.Store())
    low.assign(target, ast.copy_location(_empty(node), node), node)
    _loops(low, node.generators, lambda: _add(low, target.id, node))
    return low.rewrite(ast.copy_location(ast.Name(target.id, ast.Load()), node))


def _empty(node: Collecting) -> ast.expr:
    match node:
        case ast.ListComp():
            return ast.List([], ast.Load())
        case ast.DictComp():
            return ast.Dict([], [])
        case ast.SetComp():
            return ast.Call(ast.Name("set", ast.Load()), [], [])


def _evaluate(low: Lowerer, node: Collecting) -> None:
    """One round of a comprehension whose result nobody needs."""
    for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
        low.discard(part)


def _add(low: Lowerer, collection: str, node: Collecting) -> None:
    """One round of a comprehension."""
    match node:
        case ast.ListComp(elt=element):
            _append(low, collection, "append", element)
        case ast.SetComp(elt=element):
            _append(low, collection, "add", element)
        case ast.DictComp(key=key, value=value):
            rests = low.in_order([key, value])
            item = ast.copy_location(ast.Dict([rests[0]], [rests[1]]), key)
            _change(low, collection, "update", item)


def _append(low: Lowerer, collection: str, method: str, element: ast.expr) -> None:
    _change(low, collection, method, low.value(element))


def _change(low: Lowerer, collection: str, method: str, item: ast.expr) -> None:
    changer = ast.copy_location(ast.Attribute(held(collection, item), method, ast.Load()), item)
    call = ast.copy_location(ast.Call(changer, [item], []), item)
    low.emit(nodes.Do(id="", line=item.lineno, value=low.text(call)))


def _loops(
    low: Lowerer,
    generators: Sequence[ast.comprehension],
    innermost: Emit,
    behind: Emit | None = None,
) -> None:
    """Emit nested loops with `innermost` inside; `behind` follows each inner loop."""
    first, *others = generators
    awaited = ast.copy_location(ast.Await(first.iter), first.iter) if first.is_async else first.iter
    items = low.value(awaited)
    before = low.bound

    def inside() -> None:
        if others:
            _loops(low, others, innermost, behind)
            if behind is not None:
                behind()
        else:
            innermost()

    with low.own_variables(names_in(first.target)):
        with low.collecting() as body:
            _where(low, first.ifs, inside)
        target = low.target(first.target)
    low.bound = before
    low.emit(
        nodes.For(id="", line=first.target.lineno, to=target, items=low.text(items), body=body)
    )


def _where(low: Lowerer, tests: Sequence[ast.expr], inside: Emit) -> None:
    if not tests:
        inside()
        return
    test = low.value(tests[0])
    before = low.bound
    with low.collecting() as body:
        _where(low, tests[1:], inside)
    low.bound = before
    low.emit(nodes.If(id="", line=tests[0].lineno, test=low.text(test), then=body))


# ---------------------------------------------------------------- generators
def consumed(low: Lowerer, call: ast.Call) -> ast.expr | None:
    """Lower a call whose first argument is a generator with effects; None if it is no such call."""
    match call:
        case ast.Call(args=[ast.GeneratorExp() as generator, *_]) if loops(low, generator):
            pass
        case _:
            return None
    if is_asynchronous(low, generator):
        return ast.copy_location(ast.Constant(None), generator)
    match call.func:
        case ast.Name(id="any" | "all" as kind) if low.is_builtin(call.func):
            return _quantify(low, generator, wanted=kind == "any")
        case ast.Name(id=name) if name in _CONSUMERS and low.is_builtin(call.func):
            return _consume(low, call, generator, progressive=name in _PROGRESSIVE)
        case ast.Attribute(value=ast.Constant(value=str()), attr="join"):
            return _consume(low, call, generator, progressive=False)
    return None


def _consume(
    low: Lowerer, call: ast.Call, generator: ast.GeneratorExp, *, progressive: bool
) -> ast.expr:
    """`sum(f(x) for x in xs)`: the other arguments come before the first item."""
    first, *others = generator.generators
    options = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    items, *given = low.kept_in_order([first.iter, *options]) if options else [first.iter]
    begin = ast.comprehension(first.target, items, first.ifs, first.is_async)
    whole = ast.copy_location(ast.ListComp(generator.elt, [begin, *others]), generator)

    def result(collected: ast.expr) -> ast.expr:
        positional = len(call.args) - 1
        keywords = [
            ast.copy_location(ast.keyword(keyword.arg, value), keyword)
            for keyword, value in zip(call.keywords, given[positional:], strict=True)
        ]
        return ast.copy_location(
            ast.Call(low.rewrite(call.func), [collected, *given[:positional]], keywords), call
        )

    if not progressive or low.is_scalar(generator.elt, generator):
        return result(lower(low, whole))
    # Items of unknown types may not add up: Python finds out before it makes the next item.
    into = ast.copy_location(ast.Name(low.fresh("list"), ast.Store()), whole)
    low.assign(into, ast.copy_location(ast.List([], ast.Load()), whole), whole)

    def add() -> None:
        _append(low, into.id, "append", generator.elt)
        low.touch(result(held(into.id, whole)))

    _loops(low, whole.generators, add)
    return result(held(into.id, whole))


def _quantify(low: Lowerer, generator: ast.GeneratorExp, *, wanted: bool) -> ast.expr:
    """`any(...)`: a loop that stops at the first item that decides."""
    result = low.fresh("any" if wanted else "all")
    target = ast.copy_location(ast.Name(result, ast.Store()), generator)

    def decide(test: ast.expr) -> ast.expr:
        return test if wanted else ast.copy_location(ast.UnaryOp(ast.Not(), test), test)

    def stop() -> None:
        low.emit(nodes.Break(id="", line=generator.lineno))

    def look() -> None:
        test = low.value(generator.elt)
        with low.collecting() as found:
            low.assign(target, ast.copy_location(ast.Constant(wanted), generator), generator)
            stop()
        low.emit(
            nodes.If(id="", line=generator.elt.lineno, test=low.text(decide(test)), then=found)
        )

    def leave() -> None:
        with low.collecting() as left:
            stop()
        test = decide(held(result, generator))
        low.emit(nodes.If(id="", line=generator.lineno, test=low.text(test), then=left))

    low.assign(target, ast.copy_location(ast.Constant(not wanted), generator), generator)
    _loops(low, generator.generators, look, leave)
    return held(result, generator)
