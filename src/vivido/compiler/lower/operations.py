"""How does an effect become its node: a step, a child execution, a block, an operation?"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from vivido.authoring import Step, Workflow
from vivido.compiler.lower import branches, functions, logs
from vivido.compiler.lower.arguments import Argument, arrange, positional_names, table, texts
from vivido.compiler.lower.effects import (
    Await,
    Effect,
    Operate,
    RunBlock,
    RunChild,
    RunStep,
    WriteLog,
    has_jobs,
)
from vivido.compiler.lower.expressions import Into, Nowhere, Sink
from vivido.compiler.lower.rewriting import held
from vivido.compiler.symbols import Scope, names_in
from vivido.model import nodes
from vivido.model.nodes import Node

if TYPE_CHECKING:
    from vivido.compiler.lower.lowerer import Lowerer

Table = dict[str, str]
Make = Callable[[str | None], Node]  # a node, given the target of its result


def perform(low: Lowerer, effect: Effect, call: ast.Call, sink: Sink) -> ast.expr:
    """Emit the node of an effect; what remains is its result."""
    match effect:
        case Await(job):
            return join(low, job, call, sink)
        case WriteLog():
            logs.write(low, effect, call)
            return nothing(low, call, sink)
        case Operate(name):
            special = _SPECIAL.get(name)
            return _simple(low, name, call, sink) if special is None else special(low, call, sink)
        case RunBlock(scope):
            _refuse_undefined(low, call, scope)
            args = table(low, arrange(call, positional_names(scope.node.args)))
        case RunStep() | RunChild():
            args = table(low, arrange(call, positional(_interface(effect).signature)))
    return _run(low, effect, call, sink, args)


def _interface(effect: RunStep | RunChild) -> Step[Any, Any] | Workflow[Any, Any]:
    return effect.step if isinstance(effect, RunStep) else effect.workflow


def _run(
    low: Lowerer, effect: RunStep | RunChild | RunBlock, call: ast.Call, sink: Sink, args: Table
) -> ast.expr:
    """Emit the node that runs a step, a child execution or a block."""
    line = call.lineno
    make: Callable[..., Node]
    match effect:
        case RunStep(step):
            name = low.references.step(step)
            make = partial(nodes.Step, id="", line=line, step=name, args=args)
        case RunChild(workflow):
            name = low.references.workflow(workflow)
            make = partial(nodes.Child, id="", line=line, workflow=name, args=args)
        case RunBlock(scope):
            name = scope.block
            make = partial(nodes.Call, id="", line=line, block=name, args=args)
    return finish(low, call, sink, name, lambda to: make(to=to))


def _refuse_undefined(low: Lowerer, call: ast.Call, scope: Scope) -> None:
    missing = functions.not_defined_yet(low, scope)
    if missing is not None:
        low.report.add(
            "V302",
            call.func,
            f"The nested function {missing.node.name!r} may not be defined yet when it is called.",
            "define it before, at the level of the workflow",
            related=[(missing.node.lineno, "defined here")],
        )


def finish(low: Lowerer, call: ast.expr, sink: Sink, word: str, make: Make) -> ast.expr:
    """Emit a node whose result goes where the sink says."""
    match sink:
        case Nowhere():
            low.emit(make(None))
            return ast.copy_location(ast.Constant(None), call)
        case Into(target):
            low.emit(make(low.target(target)))
            low.bind(names_in(target))
            return ast.copy_location(ast.Constant(None), call)
        case _:
            name = low.fresh(word)
            low.emit(make(name))
            low.note_type(name, call)
            return held(name, call)


def nothing(low: Lowerer, call: ast.expr, sink: Sink) -> ast.expr:
    """The result of an effect that has none."""
    none = ast.copy_location(ast.Constant(None), call)
    if isinstance(sink, Into):
        low.assign(sink.target, none, call)
    return none


def join(low: Lowerer, job: ast.expr, call: ast.expr, sink: Sink) -> ast.expr:
    """Wait for a job or a callback."""
    handle = low.text(low.value(job))
    return finish(
        low, call, sink, "result", lambda to: nodes.Join(id="", line=call.lineno, job=handle, to=to)
    )


def awaited(low: Lowerer, node: ast.expr, sink: Sink) -> ast.expr:
    """Lower what an `await` waits for: a call with an effect, or a job."""
    match node:
        case ast.Call() if (effect := low.effect(node)) is not None:
            if effect == Operate("asyncio.create_task"):
                return join(low, node, node, sink)
            return perform(low, effect, node, sink)
        case ast.Name() | ast.Subscript() | ast.Attribute() if has_jobs(low.unit):
            return join(low, node, node, sink)
    low.report.add(
        "V211",
        node,
        "A workflow can await steps, workflows, nested functions and jobs only.",
        "put it into an `async def` step and await that",
    )
    return ast.copy_location(ast.Constant(None), node)


def positional(signature: inspect.Signature) -> list[str]:
    """Parameters that can be given by position."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, parameter in signature.parameters.items() if parameter.kind in kinds]


# ---------------------------------------------------------------- operations
_POSITIONAL = {
    "sleep": ("duration",),
    "asyncio.sleep": ("delay", "result"),
    "receive": ("name",),
    "approve": ("title",),
    "callback": (),
    "emit": ("name", "payload"),
    "publish": (),
}
_WITH_RESULT: Mapping[str, type[Any]] = {
    "receive": nodes.Receive,
    "approve": nodes.Approve,
    "callback": nodes.Callback,
}
_WITHOUT_RESULT: Mapping[str, type[Any]] = {
    "sleep": nodes.Sleep,
    "asyncio.sleep": nodes.Sleep,
    "emit": nodes.Emit,
    "publish": nodes.Publish,
}


def _simple(low: Lowerer, name: str, call: ast.Call, sink: Sink) -> ast.expr:
    """Operations whose node holds nothing but their arguments."""
    args = table(low, arrange(call, _POSITIONAL[name]))
    if "delay" in args and args["delay"].replace(".", "").isdigit():
        args["seconds"] = args.pop("delay")  # what is not written out may be negative: no time
    if name in _WITH_RESULT:
        kind = _WITH_RESULT[name]
        return finish(
            low, call, sink, name, lambda to: kind(id="", line=call.lineno, args=args, to=to)
        )
    result = args.pop("result", None) if name == "asyncio.sleep" else None
    low.emit(_WITHOUT_RESULT[name](id="", line=call.lineno, args=args))
    if result is not None:
        low.report.add(
            "V304",
            call,
            "asyncio.sleep() in a workflow has no result.",
            "use the value itself behind it",
        )
    return nothing(low, call, sink)


def _wait_for(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    """`asyncio.wait_for(step(x), timeout=5)`: a deadline around one effect."""
    given = {argument.name: argument.expression for argument in arrange(call, ("fut", "timeout"))}
    if set(given) != {"fut", "timeout"}:
        low.report.add("V304", call, "asyncio.wait_for() takes what to wait for, and a timeout.")
        return ast.copy_location(ast.Constant(None), call)
    args = table(low, [Argument("seconds", given["timeout"])])
    with low.collecting() as body:
        rest = awaited(low, given["fut"], sink)
    low.emit(nodes.Deadline(id="", line=call.lineno, args=args, body=body))
    return rest


_POLL_OPTIONS = ("until", "every", "timeout")


def _poll(low: Lowerer, call: ast.Call, sink: Sink) -> ast.expr:
    options = {
        keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in _POLL_OPTIONS
    }
    effect = None
    if call.args:
        others = [keyword for keyword in call.keywords if keyword.arg not in _POLL_OPTIONS]
        inner = ast.copy_location(ast.Call(call.args[0], call.args[1:], others), call)
        effect = low.effect(inner)
    if not isinstance(effect, RunStep) or "until" not in options:
        low.report.add(
            "V304",
            call,
            "poll() takes a step, its arguments, and the option until=.",
            'poll(check, job_id, until="result.done", every="30s", timeout="2h")',
        )
        return ast.copy_location(ast.Constant(None), call)
    step = effect.step
    given = arrange(inner, positional(step.signature))
    when = [key for key in ("every", "timeout") if key in options]
    lowered = texts(low, [*(part.expression for part in given), *(options[key] for key in when)])
    args = dict(zip((part.name for part in given), lowered, strict=False))
    times = dict(zip(when, lowered[len(given) :], strict=True))
    times.setdefault("every", "'30s'")
    until = _condition(low, options["until"])
    name = low.references.step(step)
    return finish(
        low,
        call,
        sink,
        name,
        lambda to: nodes.Poll(
            id="", line=call.lineno, step=name, args=args, until=until, to=to, **times
        ),
    )


def _condition(low: Lowerer, until: ast.expr) -> str:
    """The condition of a poll over `result`: a text, or a lambda of one parameter."""
    match until:
        case ast.Constant(value=str(source)):
            try:
                body: ast.expr = ast.parse(source.strip(), mode="eval").body
            except SyntaxError as error:
                low.report.add(
                    "V211", until, f"The condition {source!r} is no expression: {error.msg}."
                )
                return "True"
            for part in ast.walk(body):
                ast.copy_location(part, until)
            parameter = "result"
        case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=parameter)], defaults=[]), body=body):
            pass
        case _:
            low.report.add(
                "V304", until, "until= is a condition over the result.", 'until="result.done"'
            )
            return "True"
    low.temporaries.setdefault("result")
    outer = low.renamed
    low.renamed = {**outer, parameter: "result"}
    text = low.text(low.rewrite(body))
    low.renamed = outer
    return text


_SPECIAL: Mapping[str, Callable[[Lowerer, ast.Call, Sink], ast.expr]] = {
    "parallel": branches.parallel,
    "asyncio.gather": branches.gather,
    "map_each": branches.map_each,
    "first": branches.first,
    "spawn": branches.spawn,
    "asyncio.create_task": branches.create_task,
    "asyncio.wait_for": _wait_for,
    "poll": _poll,
}
