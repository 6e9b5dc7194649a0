"""How a comprehension with effects becomes a loop: one round after another, as Python runs it.

A generator is lowered only where it is consumed at once: by `any` and `all`, which stop early, and by what builds a
collection or a total of all its items.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vivido.compiler.lower.writer import constant, name_of
from vivido.compiler.symbols import names_in
from vivido.model import nodes

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

_CONSUMERS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "sum", "min", "max", "dict"})
Emit = Callable[[], None]


def lower(low: Lowerer, node: ast.expr, *, wanted: bool = True) -> ast.expr:
    """Emit the loop of a comprehension; the variable that holds what it collected."""
    match node:
        case ast.ListComp(elt=element, generators=generators):
            return _collect(low, node, ast.List([], ast.Load()), generators, element, "append", wanted)
        case ast.SetComp(elt=element, generators=generators):
            empty = ast.Call(ast.Name("set", ast.Load()), [], [])
            return _collect(low, node, empty, generators, element, "add", wanted)
        case ast.DictComp():
            return _collect_pairs(low, node, wanted)
    low.report.add(
        "V211",
        node,
        "a generator with steps in it must be consumed where it stands",
        "a list: [... for ... in ...], or map_each(...)",
    )
    return constant(None, node)


def _collect(
    low: Lowerer,
    node: ast.expr,
    empty: ast.expr,
    generators: Sequence[ast.comprehension],
    element: ast.expr,
    method: str,
    wanted: bool,
) -> ast.expr:
    if not wanted:
        _loops(low, generators, lambda: low.discard(element))
        return constant(None, node)
    result = _start(low, node, empty)

    def add() -> None:
        item = low.value(element)
        adder = ast.Attribute(name_of(result, element), method, ast.Load())
        call = ast.copy_location(ast.Call(adder, [item], []), element)
        low.emit(nodes.Do(id="", line=element.lineno, value=low.text(call)))

    _loops(low, generators, add)
    return name_of(result, node)


def _collect_pairs(low: Lowerer, node: ast.DictComp, wanted: bool) -> ast.expr:
    result = _start(low, node, ast.Dict([], []))

    def add() -> None:
        key, item = low.in_order([node.key, node.value])
        if low.once(key):  # an assignment would evaluate the value first
            key = low.keep(key)
        place = ast.Subscript(name_of(result, node), key, ast.Store())
        low.assign(ast.copy_location(place, node.key), item, node.value)

    _loops(low, node.generators, add)
    return name_of(result, node) if wanted else constant(None, node)


def _start(low: Lowerer, node: ast.expr, empty: ast.expr) -> str:
    word = {"ListComp": "list", "SetComp": "set", "DictComp": "dict"}[type(node).__name__]
    result = low.fresh(word)
    low.assign(ast.copy_location(ast.Name(result, ast.Store()), node), ast.copy_location(empty, node), node)
    return result


def _loops(
    low: Lowerer, generators: Sequence[ast.comprehension], innermost: Emit, behind: Emit | None = None
) -> None:
    """Emit nested loops with `innermost` inside; `behind` follows each inner loop."""
    first, *others = generators
    if first.is_async:
        low.report.add("V206", first.target, "`async for` is not compiled", "a list of items from a step")
    items = low.value(first.iter)
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
        case ast.Call(args=[ast.GeneratorExp() as generator, *_]) if low.lifts(generator):
            pass
        case _:
            return None
    match call.func:
        case ast.Name(id="any" | "all" as kind) if low.is_builtin(call.func):
            return _quantify(low, generator, wanted=kind == "any")
        case ast.Name(id=name) if name in _CONSUMERS and low.is_builtin(call.func):
            return low.value(_with_list(call, generator))
        case ast.Attribute(value=ast.Constant(value=str()), attr="join"):
            return low.value(_with_list(call, generator))
    return None


def _with_list(call: ast.Call, generator: ast.GeneratorExp) -> ast.Call:
    items = ast.copy_location(ast.ListComp(generator.elt, generator.generators), generator)
    return ast.copy_location(ast.Call(call.func, [items, *call.args[1:]], call.keywords), call)


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
            low.assign(target, constant(wanted, generator), generator)
            stop()
        low.emit(nodes.If(id="", line=generator.elt.lineno, test=low.text(decide(test)), then=found))

    def leave() -> None:
        with low.collecting() as left:
            stop()
        test = decide(name_of(result, generator))
        low.emit(nodes.If(id="", line=generator.lineno, test=low.text(test), then=left))

    low.assign(target, constant(not wanted, generator), generator)
    _loops(low, generator.generators, look, leave)
    return name_of(result, generator)
