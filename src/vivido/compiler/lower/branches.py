"""How does what runs side by side become branches: `parallel`, `map_each`, `spawn`, `first`?

An argument becomes a branch that computes it: effects inside an argument belong to its branch. A
branch that is one effect needs nothing but that node.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from vivido.compiler.lower import comprehensions, operations
from vivido.compiler.lower.arguments import texts
from vivido.compiler.lower.effects import RunBlock, RunChild, RunStep
from vivido.compiler.lower.expressions import Fresh, Into, Nowhere, Sink
from vivido.compiler.lower.rewriting import held
from vivido.compiler.symbols import names_in
from vivido.model import nodes
from vivido.model.nodes import Branch, Each, Policy

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer


class _Options(NamedTuple):
    policy: Policy
    before: list[str]


def branch(
    low: Lowerer, node: ast.expr, name: str | None = None, each: Each | None = None
) -> Branch:
    """The branch that computes an expression."""
    _refuse_walrus(low, node)
    while isinstance(node, ast.Await):
        node = node.value
    before = low.bound
    with low.statement(), low.collecting() as body:
        effect = low.effect(node) if isinstance(node, ast.Call) else None
        if effect is not None and isinstance(node, ast.Call):
            rest = low.perform(effect, node, Fresh())
        else:
            rest = low.value(node)
    low.bound = before
    if len(body) == 1 and effect is not None:
        if isinstance(rest, ast.Constant):  # an effect without a result, as sleep
            return Branch(name=name, each=each, body=body)
        if isinstance(rest, ast.Name) and getattr(body[0], "to", None) == rest.id:
            return Branch(name=name, each=each, body=[body[0].model_copy(update={"to": None})])
    return Branch(name=name, each=each, body=body, value=low.text(rest))


def _refuse_walrus(low: Lowerer, node: ast.expr) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.NamedExpr):
            low.report.add(
                "V503",
                part,
                f"A branch cannot assign {part.target.id!r}: it has a copy of the variables.",
                "assign it before",
            )


def _joined(low: Lowerer, node: ast.expr, name: str | None, each: Each | None = None) -> Branch:
    """The branch that waits for a job."""
    job = low.text(low.rewrite(node))
    return Branch(name=name, each=each, body=[nodes.Join(id="", line=node.lineno, job=job)])


# ---------------------------------------------------------------- parallel
def parallel(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`parallel(...)`: a tuple of what the branches gave."""
    return _parallel(low, call, sink, in_gather=False)


def gather(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`asyncio.gather(...)`: the same as a list."""
    unpacked = isinstance(sink, Into) and isinstance(sink.target, ast.Tuple | ast.List)
    if unpacked or isinstance(sink, Nowhere):
        return _parallel(low, call, sink, in_gather=True)
    rest = _parallel(low, call, Fresh(), in_gather=True)
    as_list = ast.copy_location(ast.Call(held("list", call), [rest], []), call)
    if isinstance(sink, Into):
        low.assign(sink.target, as_list, call)
    return as_list


def _parallel(low: Lowerer, call: ast.Call, sink: Sink, *, in_gather: bool) -> ast.expr:
    policy = _policy(low, call).policy
    made = [_argument(low, argument, in_gather=in_gather) for argument in call.args]
    return operations.finish(
        low,
        call,
        sink,
        "gather" if in_gather else "parallel",
        lambda to: nodes.Parallel(id="", line=call.lineno, branches=made, policy=policy, to=to),
    )


def _argument(low: Lowerer, argument: ast.expr, *, in_gather: bool) -> Branch:
    match argument:
        case ast.Starred(value=ast.ListComp() | ast.GeneratorExp() as items):
            if comprehensions.is_asynchronous(low, items):
                return Branch(value="None")
            return _of_comprehension(low, items)
        case ast.Starred(value=items):
            with low.own_variables(["_item"]):
                item = ast.copy_location(ast.Name("_item", ast.Store()), items)
                plain = ast.copy_location(ast.Name("_item", ast.Load()), items)
                each = Each(to=low.target(item), items=_items(low, items))
                if in_gather:
                    return _joined(low, plain, None, each)
                return branch(low, plain, each=each)
        case ast.Name() if in_gather:
            return _joined(low, argument, None)
    return branch(low, argument)


def _of_comprehension(low: Lowerer, node: ast.ListComp | ast.GeneratorExp) -> Branch:
    """`*[quote(s) for s in suppliers if s.open]`: a branch for each item."""
    first = node.generators[0]
    if len(node.generators) > 1 or any(map(low.lifts, first.ifs)) or first.is_async:
        return _of_tuples(low, node)
    items = _items(low, first.iter)
    with low.own_variables(names_in(first.target)):
        tests = [low.rewrite(test) for test in first.ifs]
        if not any(map(low.once, tests)):
            where = [low.text(test) for test in tests]
            each = Each(to=low.target(first.target), items=items, where=where)
            return branch(low, node.elt, each=each)
    return _of_tuples(low, node)


def _of_tuples(low: Lowerer, node: ast.ListComp | ast.GeneratorExp) -> Branch:
    """Several `for`s, or conditions with effects: first a list of what branches begin with."""
    names = [name for part in node.generators for name in names_in(part.target)]
    names = list(dict.fromkeys(names))
    load = ast.Tuple([ast.copy_location(ast.Name(n, ast.Load()), node) for n in names], ast.Load())
    whole = ast.copy_location(ast.ListComp(ast.copy_location(load, node), node.generators), node)
    items = _items(low, whole)
    with low.own_variables(names):
        store = ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())
        each = Each(to=low.target(ast.copy_location(store, node)), items=items)
        return branch(low, node.elt, each=each)


def _items(low: Lowerer, node: ast.expr) -> str:
    """The items of a fork: evaluated once."""
    return texts(low, [_as_list(low, node)])[0]


def _as_list(low: Lowerer, node: ast.expr) -> ast.expr:
    if isinstance(node, ast.GeneratorExp) and not comprehensions.is_asynchronous(low, node):
        return ast.copy_location(ast.ListComp(node.elt, node.generators), node)
    return node


def _policy(low: Lowerer, call: ast.Call, before: Sequence[ast.expr] = ()) -> _Options:
    """The policy of a fork, and the texts of what is evaluated before it."""
    on_error: Literal["fail", "collect"] = "fail"
    rest: Literal["stop", "finish"] = "stop"
    options: dict[str, ast.expr] = {}
    for keyword in call.keywords:
        match keyword.arg, keyword.value:
            case "return_exceptions", ast.Constant(value=bool(flag)):
                on_error = "collect" if flag else "fail"
            case "on_error", ast.Constant(value="fail" | "collect" as on_error):
                pass
            case "rest", ast.Constant(value="stop" | "finish" as rest):
                pass
            case "max_concurrency" | "tolerate" | "need" as option, value:
                options[option] = value
            case option, value:
                _refuse_option(low, option, value)
    lowered = texts(low, [*before, *options.values()])
    chosen = dict(zip(options, lowered[len(before) :], strict=True))
    return _Options(Policy(on_error=on_error, rest=rest, **chosen), lowered[: len(before)])


def _refuse_option(low: Lowerer, option: str | None, value: ast.expr) -> None:
    if option is None:
        low.report.add("V307", value, "The options of a fork must be written out.", "on_error=...")
    elif option in ("on_error", "rest", "return_exceptions"):
        low.report.add(
            "V307", value, f"{option}= must be one of its constants, as it decides the shape."
        )
    else:
        low.report.add("V304", value, f"A fork has no option {option!r}.")


# ---------------------------------------------------------------- map_each
_FUNCTION_AND_ITEMS = 2


def map_each(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`map_each(ocr, pages)`: the body once for each item."""
    if len(call.args) != _FUNCTION_AND_ITEMS or any(
        isinstance(argument, ast.Starred) for argument in call.args
    ):
        low.report.add(
            "V304", call, "map_each() takes a function and the items.", "map_each(step, items)"
        )
        return ast.copy_location(ast.Constant(None), call)
    function, items = call.args
    policy, [item_text] = _policy(low, call, [_as_list(low, items)])
    parameter, body = _mapped(low, function)
    with low.own_variables([parameter]):
        made = branch(low, body)
        item = low.target(ast.copy_location(ast.Name(parameter, ast.Store()), function))
    return operations.finish(
        low,
        call,
        sink,
        "map_each",
        lambda to: nodes.Map(
            id="",
            line=call.lineno,
            item=item,
            items=item_text,
            body=made.body,
            value=made.value,
            policy=policy,
            to=to,
        ),
    )


def _mapped(low: Lowerer, function: ast.expr) -> tuple[str, ast.expr]:
    """The parameter and the body of the function that `map_each` applies."""
    match function:
        case ast.Lambda(
            args=ast.arguments(posonlyargs=[], args=[ast.arg(arg=name)], defaults=[]), body=body
        ):
            return name, body
        case ast.Lambda():
            low.report.add(
                "V304", function, "The function of map_each() takes one item.", "lambda item: ..."
            )
            return "item", ast.copy_location(ast.Constant(None), function)
    call = ast.copy_location(ast.Call(function, [], []), function)
    match low.effect(call):
        case RunStep(step):
            names = operations.positional(step.signature)
        case RunChild(workflow):
            names = operations.positional(workflow.signature)
        case RunBlock(scope):
            names = list(scope.params)
        case _:
            names = []
    name = names[0] if names else "item"
    item = ast.copy_location(ast.Name(name, ast.Load()), function)
    return name, ast.copy_location(ast.Call(function, [item], []), function)


# ---------------------------------------------------------------- spawn, first
def spawn(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`spawn(render, scene)`: a branch that is joined later."""
    match call.args:
        case [ast.Lambda(args=ast.arguments(posonlyargs=[], args=[], kwonlyargs=[]), body=body)]:
            made = branch(low, body)
        case [function, *arguments] if not isinstance(function, ast.Starred):
            made = branch(
                low, ast.copy_location(ast.Call(function, arguments, call.keywords), call)
            )
        case _:
            low.report.add(
                "V304", call, "spawn() takes a step and its arguments.", "spawn(step, argument)"
            )
            return ast.copy_location(ast.Constant(None), call)
    return operations.finish(
        low, call, sink, "job", lambda to: nodes.Spawn(id="", line=call.lineno, branch=made, to=to)
    )


def create_task(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`asyncio.create_task(render(scene))`."""
    if len(call.args) != 1 or isinstance(call.args[0], ast.Starred):
        low.report.add("V304", call, "asyncio.create_task() takes one call of a step.")
        return ast.copy_location(ast.Constant(None), call)
    made = branch(low, call.args[0])
    return operations.finish(
        low, call, sink, "job", lambda to: nodes.Spawn(id="", line=call.lineno, branch=made, to=to)
    )


def first(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`first(paid=receive(...), late=sleep(...))`: the winner's name and value."""
    made = []
    for keyword in call.keywords:
        if keyword.arg is None:
            low.report.add(
                "V304",
                keyword.value,
                "The branches of first() must be written out.",
                "name=step(...)",
            )
        elif low.lifts(keyword.value):
            made.append(branch(low, keyword.value, name=keyword.arg))
        else:
            made.append(_joined(low, keyword.value, keyword.arg))
    return operations.finish(
        low,
        call,
        sink,
        "first",
        lambda to: nodes.First(id="", line=call.lineno, branches=made, to=to),
    )
