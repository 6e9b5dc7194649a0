"""How does a definition read as pseudo-code? What the compiler made, for people and for tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
        case nodes.If() | nodes.Match() | nodes.While() | nodes.For() | nodes.Try():
            yield from _control(node)
        case nodes.Saga(body=body):
            yield from ("saga:", *_indented(_body(body)))
        case nodes.Deadline(args=args, body=body):
            yield from (f"deadline({_args(args)}):", *_indented(_body(body)))
        case nodes.Parallel() | nodes.Map() | nodes.Spawn() | nodes.First():
            yield from _fork(node)
        case _:
            yield _line(node)


def _line(node: Node) -> str:
    """A node without a body."""
    match node:
        case nodes.Set(to=to, op=op, value=value):
            return f"{to} {op} {value}" if op != "del" else f"del {to}"
        case nodes.Do(value=value):
            return f"do {value}"
        case nodes.Raise(value=value, cause=cause):
            origin = ["from", cause] if cause is not None else []
            return " ".join(["raise", *([value] if value is not None else []), *origin])
        case nodes.Return(value=value):
            return "return" if value is None else f"return {value}"
        case nodes.Log(level=level, message=message, args=texts):
            return f"log {level} {', '.join([message, *texts])}"
        case _:
            return _effect(node)


def _effect(node: Node) -> str:
    """A node that needs something from outside, or nothing but its name."""
    to = _to(getattr(node, "to", None))
    match node:
        case nodes.Step(step=name) | nodes.Child(workflow=name) | nodes.Call(block=name):
            return f"{to}{node.kind} {name}({_args(node.args)})"
        case nodes.Join(job=job):
            return f"{to}join {job}"
        case nodes.Poll(step=name, args=args, until=until, every=every, timeout=timeout):
            limit = "" if timeout is None else f" for {timeout}"
            return f"{to}poll {name}({_args(args)}) until {until} every {every}{limit}"
        case _:
            given = getattr(node, "args", None)
            return node.kind if given is None else f"{to}{node.kind}({_args(given)})"


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
