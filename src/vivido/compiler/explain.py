"""A definition printed as pseudo-code: what the compiler made of a workflow, for people and for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from vivido.model import nodes
from vivido.model.definition import Block, Definition
from vivido.model.nodes import Branch, Node


def explain(definition: Definition) -> str:
    """The blocks of a definition, `main` first, one node a line."""
    main = definition.blocks["main"]
    others = [(name, block) for name, block in definition.blocks.items() if name != "main"]
    lines = [f"workflow {definition.name}({_params(main)})", *_indented(_body(main.body))]
    for name, block in others:
        lines += [f"block {name}({_params(block)})", *_indented(_body(block.body))]
    return "\n".join(lines)


def _params(block: Block) -> str:
    return ", ".join(p.name if p.default is None else f"{p.name}={p.default}" for p in block.params)


def _indented(lines: Iterator[str] | Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _body(body: Sequence[Node]) -> Iterator[str]:
    if not body:
        yield "pass"
    for node in body:
        yield from _node(node)


def _args(args: Mapping[str, str]) -> str:
    def shown(name: str, text: str) -> str:
        return f"{name}{text}" if name in ("*", "**") else f"{name}={text}"

    return ", ".join(shown(name, text) for name, text in args.items())


def _to(target: str | None) -> str:
    return "" if target is None else f"{target} <- "


def _node(node: Node) -> Iterator[str]:
    match node:
        case nodes.Set(to=to, op="del"):
            yield f"del {to}"
        case nodes.Set(to=to, op=op, value=value):
            yield f"{to} {op} {value}"
        case nodes.Do(value=value):
            yield f"do {value}"
        case nodes.Raise(value=value, cause=cause):
            yield " ".join(
                ["raise", *([value] if value else []), *(["from", cause] if cause else [])]
            )
        case nodes.Return(value=value):
            yield "return" if value is None else f"return {value}"
        case nodes.Break():
            yield "break"
        case nodes.Continue():
            yield "continue"
        case nodes.Log(level=level, message=message, args=args):
            yield f"log {level} {', '.join([message, *args])}"
        case nodes.If() | nodes.Match() | nodes.While() | nodes.For() | nodes.Try():
            yield from _control(node)
        case nodes.Saga() | nodes.Deadline():
            head = "saga" if isinstance(node, nodes.Saga) else f"deadline({_args(node.args)})"
            yield from (f"{head}:", *_indented(_body(node.body)))
        case nodes.Parallel() | nodes.Map() | nodes.Spawn() | nodes.First():
            yield from _fork(node)
        case _:
            yield _effect(node)


def _effect(
    node: nodes.Step | nodes.Child | nodes.Call | nodes.Join | nodes.Sleep | nodes.Receive | nodes.Callback
    | nodes.Approve | nodes.Emit | nodes.Poll | nodes.Publish,
) -> str:  # fmt: skip
    match node:
        case nodes.Step(step=name, args=args, to=to):
            return f"{_to(to)}step {name}({_args(args)})"
        case nodes.Child(workflow=name, args=args, to=to):
            return f"{_to(to)}child {name}({_args(args)})"
        case nodes.Call(block=name, args=args, to=to):
            return f"{_to(to)}call {name}({_args(args)})"
        case nodes.Join(job=job, to=to):
            return f"{_to(to)}join {job}"
        case nodes.Poll(step=name, args=args, until=until, every=every, timeout=timeout, to=to):
            limit = "" if timeout is None else f" for {timeout}"
            return f"{_to(to)}poll {name}({_args(args)}) until {until} every {every}{limit}"
        case nodes.Receive() | nodes.Callback() | nodes.Approve():
            return f"{_to(node.to)}{node.kind}({_args(node.args)})"
        case nodes.Sleep() | nodes.Emit() | nodes.Publish():
            return f"{node.kind}({_args(node.args)})"
        case _:
            assert_never(node)


def _control(node: nodes.If | nodes.Match | nodes.While | nodes.For | nodes.Try) -> Iterator[str]:
    match node:
        case nodes.If(test=test, then=then, orelse=orelse):
            yield from (f"if {test}:", *_indented(_body(then)))
            yield from _slot("else:", orelse)
        case nodes.While(pre=pre, test=test, body=body, orelse=orelse):
            yield from _slot("before each round:", pre)
            yield from (f"while {test}:", *_indented(_body(body)))
            yield from _slot("else:", orelse)
        case nodes.For(to=to, items=items, body=body, orelse=orelse):
            yield from (f"for {to} in {items}:", *_indented(_body(body)))
            yield from _slot("else:", orelse)
        case nodes.Try():
            yield from ("try:", *_indented(_body(node.body)))
            for handler in node.handlers:
                name = "" if handler.to is None else f" as {handler.to}"
                types = f" {', '.join(handler.types)}" if handler.types else ""
                yield from (f"except{types}{name}:", *_indented(_body(handler.body)))
            yield from _slot("else:", node.orelse)
            yield from _slot("finally:", node.final)
        case nodes.Match(subject=subject, cases=cases):
            yield f"match {subject}:"
            for case in cases:
                guard = "" if case.guard is None else f" if {case.guard}"
                yield from _indented([f"case {case.pattern}{guard}:", *_indented(_body(case.body))])


def _slot(head: str, body: Sequence[Node]) -> Iterator[str]:
    if body:
        yield from (head, *_indented(_body(body)))


def _fork(node: nodes.Parallel | nodes.Map | nodes.Spawn | nodes.First) -> Iterator[str]:
    match node:
        case nodes.Map(item=item, items=items):
            yield f"{_to(node.to)}map {item} in {items}{_policy(node.policy)}:"
            yield from _indented(_branch(Branch(body=node.body, value=node.value)))
        case nodes.Parallel(branches=branches):
            yield f"{_to(node.to)}parallel{_policy(node.policy)}:"
            for branch in branches:
                yield from _indented(_headed(branch))
        case nodes.First(branches=branches):
            yield f"{_to(node.to)}first:"
            for branch in branches:
                yield from _indented(_headed(branch))
        case nodes.Spawn(branch=branch):
            yield f"{_to(node.to)}spawn:"
            yield from _indented(_branch(branch))


def _headed(branch: Branch) -> Iterator[str]:
    name = f" {branch.name}" if branch.name else ""
    each = ""
    if branch.each is not None:
        each = f" for {branch.each.to} in {branch.each.items}"
        each += "".join(f" if {test}" for test in branch.each.where)
    yield from (f"branch{name}{each}:", *_indented(_branch(branch)))


def _branch(branch: Branch) -> Iterator[str]:
    if branch.body or branch.value is None:
        yield from _body(branch.body)
    if branch.value is not None:
        yield f"value {branch.value}"


def _policy(policy: nodes.Policy) -> str:
    given = policy.model_dump(exclude_defaults=True)
    return f" ({', '.join(f'{name}={value}' for name, value in given.items())})" if given else ""
