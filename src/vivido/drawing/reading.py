"""Which shapes do people see of each node of a definition?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import assert_never

from vivido.drawing import phrases
from vivido.drawing.outline import (
    Arm,
    Attempt,
    Card,
    Choice,
    Fork,
    Frame,
    Look,
    Outline,
    Quiet,
    Row,
    Shape,
)
from vivido.model import nodes
from vivido.model.definition import Block, Definition
from vivido.model.nodes import Node

_Computes = nodes.Set | nodes.Do | nodes.Log | nodes.Publish
_Works = nodes.Step | nodes.Child | nodes.Call | nodes.Poll
_Waits = nodes.Sleep | nodes.Receive | nodes.Callback | nodes.Approve | nodes.Emit | nodes.Join
_Leaves = nodes.Return | nodes.Raise | nodes.Break | nodes.Continue
_Controls = nodes.If | nodes.Match | nodes.While | nodes.For | nodes.Try
_Forks = nodes.Parallel | nodes.First | nodes.Map | nodes.Spawn


def outline(definition: Definition) -> Outline:
    """Return the shapes of a definition. Lines for the log are left out: they change nothing."""
    reader = _Reader(definition)
    main = definition.main
    parameters = ", ".join(
        parameter.name if parameter.type is None else f"{parameter.name}: {parameter.type}"
        for parameter in definition.params
    )
    summary = phrases.first_sentence(definition.doc)
    source = definition.source
    start = Card(
        "$start",
        Look.START,
        definition.name,
        parameters,
        None if source is None else source.line,
        about=summary,
    )
    others = [(name, block) for name, block in definition.blocks.items() if block is not main]
    return Outline(
        definition.name,
        summary,
        start,
        reader.row(main.body),
        tuple(reader.block(name, block) for name, block in others),
    )


class _Reader:
    def __init__(self, definition: Definition) -> None:
        self._steps = definition.steps

    def block(self, name: str, block: Block) -> Frame:
        parameters = ", ".join(parameter.name for parameter in block.params)
        title = f"{name}({parameters})"
        return Frame(f"$block:{name}", Look.BLOCK, title, self.row(block.body), block.line)

    def row(self, body: Sequence[Node]) -> Row:
        """Return the shapes of a body; what only computes is drawn together."""
        return tuple(self._shapes(body))

    def _shapes(self, body: Sequence[Node]) -> Iterator[Shape]:
        seen = [node for node in body if not isinstance(node, nodes.Log)]
        for computes, group in groupby(seen, lambda node: isinstance(node, _Computes)):
            together = list(group)
            if computes:
                texts = [_computed(node) for node in together if isinstance(node, _Computes)]
                yield Quiet(tuple(node.id for node in together), tuple(texts))
            else:
                for node in together:
                    yield from self._shape(node)

    def _shape(self, node: Node) -> Iterator[Shape]:
        match node:
            case nodes.Step() | nodes.Child() | nodes.Call() | nodes.Poll():
                yield self._work(node)
            case nodes.If() | nodes.Match() | nodes.While() | nodes.For() | nodes.Try():
                yield from self._control(node)
            case nodes.Saga():
                title = "saga: undone in reverse order if it fails"
                yield Frame(node.id, Look.SAGA, title, self.row(node.body), node.line)
            case nodes.Deadline():
                title = f"within {phrases.duration(node.args)}"
                yield Frame(node.id, Look.DEADLINE, title, self.row(node.body), node.line)
            case nodes.Parallel() | nodes.First() | nodes.Map() | nodes.Spawn():
                yield self._fork(node)
            case nodes.Return() | nodes.Raise() | nodes.Break() | nodes.Continue():
                yield _leaving(node)
            case (
                nodes.Sleep()
                | nodes.Receive()
                | nodes.Callback()
                | nodes.Approve()
                | nodes.Emit()
                | nodes.Join()
            ):
                yield _waiting(node)
            case nodes.Set() | nodes.Do() | nodes.Log() | nodes.Publish():
                yield Quiet((node.id,), (_computed(node),))
            case _:
                assert_never(node)

    def _control(self, node: _Controls) -> Iterator[Shape]:
        match node:
            case nodes.If():
                yield Choice(node.id, *self._choice(node), node.line)
            case nodes.Match():
                yield self._match(node)
            case nodes.While() | nodes.For():
                yield from self._loop(node)
            case nodes.Try():
                yield self._attempt(node)

    def _work(self, node: _Works) -> Card:
        target = "" if node.to is None else f"{node.to} = "
        args = phrases.arguments(node.args)
        notes: tuple[str, ...] = ()
        undo, doc = None, ""
        match node:
            case nodes.Child(workflow=name):
                look, notes = Look.CHILD, ("child execution",)
            case nodes.Call(block=name):
                look = Look.CALL
            case nodes.Step(step=name) | nodes.Poll(step=name):
                look, spec = Look.STEP, self._steps.get(name)
                notes = phrases.step_notes(spec)
                if spec is not None:
                    undo, doc = spec.compensate, phrases.first_sentence(spec.doc)
        if isinstance(node, nodes.Poll):
            notes = (f"every {phrases.spoken(node.every)} until {node.until}", *notes)
        call = f"{target}{name}({args})"
        detail = phrases.first_sentence(node.doc) or doc
        about = call if not detail else f"{call}\n{detail}"
        title = node.label or name
        return Card(node.id, look, title, detail or _result(node.to), node.line, notes, undo, about)

    def _choice(self, node: nodes.If) -> tuple[str, tuple[Arm, ...]]:
        """An if with elifs is one choice of several arms, as people read it."""
        arms = [(node.test, node.then)]
        orelse = node.orelse
        while len(orelse) == 1 and isinstance(orelse[0], nodes.If):
            arms.append((orelse[0].test, orelse[0].then))
            orelse = orelse[0].orelse
        if len(arms) == 1:
            yes, no = Arm("yes", self.row(node.then)), Arm("no", self.row(orelse))
            return f"{node.test}?", (yes, no)
        rows = tuple(Arm(test, self.row(body)) for test, body in arms)
        return "which holds?", (*rows, Arm("else", self.row(orelse)))

    def _match(self, node: nodes.Match) -> Choice:
        arms = [
            Arm(case.pattern + (f" if {case.guard}" if case.guard else ""), self.row(case.body))
            for case in node.cases
        ]
        if not any(case.pattern == "_" and case.guard is None for case in node.cases):
            arms.append(Arm("else", ()))
        return Choice(node.id, f"{node.subject}?", tuple(arms), node.line)

    def _loop(self, node: nodes.While | nodes.For) -> Iterator[Shape]:
        if isinstance(node, nodes.For):
            title, body = f"for {node.to} in {node.items}", self.row(node.body)
        else:
            title = "over and over" if node.test == "True" else f"while {node.test}"
            body = self.row([*node.pre, *node.body])
        yield Frame(node.id, Look.LOOP, title, body, node.line)
        if node.orelse:
            rest = self.row(node.orelse)
            yield Frame(f"{node.id}.else", Look.BLOCK, "else, unless it was left by break", rest)

    def _attempt(self, node: nodes.Try) -> Attempt:
        handlers = tuple(Arm(_caught(handler), self.row(handler.body)) for handler in node.handlers)
        orelse, final = self.row(node.orelse), self.row(node.final)
        return Attempt(node.id, self.row(node.body), handlers, orelse, final, node.line)

    def _fork(self, node: _Forks) -> Fork | Frame:
        match node:
            case nodes.Map(item=item, items=items):
                title = f"for each {item.strip('_') or 'one'} in {items}, side by side"
                notes = (*phrases.policy(node.policy), *_result_note(node.to))
                return Frame(node.id, Look.MAP, title, self.row(node.body), node.line, notes)
            case nodes.Spawn(branch=branch):
                title = "begin, and go on beside it" + (f": {node.to}" if node.to else "")
                return Frame(node.id, Look.SPAWN, title, self._branch(branch).body, node.line)
            case nodes.First(branches=branches):
                arms = tuple(map(self._branch, branches))
                notes = _result_note(node.to)
                return Fork(node.id, "the first wins", arms, node.line, notes, "one has ended")
            case nodes.Parallel(branches=branches):
                arms = tuple(map(self._branch, branches))
                notes = (*phrases.policy(node.policy), *_result_note(node.to))
                return Fork(node.id, "side by side", arms, node.line, notes)

    def _branch(self, branch: nodes.Branch) -> Arm:
        body = self.row(branch.body)
        if branch.value is not None:
            body = (*body, Quiet((), (branch.value,)))
        if branch.each is None:
            return Arm(branch.name or "", body)
        tests = "".join(f" if {test}" for test in branch.each.where)
        title = f"for each {branch.each.to} in {branch.each.items}{tests}"
        return Arm(branch.name or "", (Frame("", Look.MAP, title, body),))


def _result(target: str | None) -> str:
    """Where a result goes; not worth a word where the compiler has named the place."""
    return "" if target is None or target.startswith("_") else f"→ {target}"


def _result_note(target: str | None) -> tuple[str, ...]:
    return (shown,) if (shown := _result(target)) else ()


def _caught(handler: nodes.Handler) -> str:
    types = " or ".join(handler.types) or "any error"
    return types if handler.to is None else f"{types} as {handler.to}"


def _computed(node: _Computes) -> str:
    match node:
        case nodes.Set(op="del"):
            return f"del {node.to}"
        case nodes.Set():
            return f"{node.to} {node.op} {node.value}"
        case nodes.Do():
            return node.value
        case nodes.Log():
            return f"log {', '.join([node.message, *node.args])}"
        case nodes.Publish():
            return f"publish {phrases.arguments(node.args)}"


def _leaving(node: _Leaves) -> Card:
    match node:
        case nodes.Return(value=value):
            whole = "return" if value in (None, "None") else f"return {value}"
            what = (
                whole if value is None else f"return {phrases.brief(value)}".removesuffix(" None")
            )
            return Card(node.id, Look.RETURN, what, line=node.line, about=whole, ends=True)
        case nodes.Raise(value=value, cause=cause):
            if value is None:
                what = whole = "raise again"
            else:
                reason = f" from {cause}" if cause else ""
                what, whole = (f"raise {text}{reason}" for text in (phrases.brief(value), value))
            return Card(node.id, Look.RAISE, what, line=node.line, about=whole, ends=True)
        case nodes.Break():
            return Card(node.id, Look.BREAK, "leave the loop", line=node.line, ends=True)
        case nodes.Continue():
            return Card(node.id, Look.CONTINUE, "next round", line=node.line, ends=True)


def _waiting(node: _Waits) -> Card:
    detail = phrases.first_sentence(node.doc)
    match node:
        case nodes.Sleep(args=args):
            look, title = Look.WAIT, f"sleep {phrases.duration(args)}"
        case nodes.Join(job=job):
            look, title = Look.WAIT, f"wait for {job}"
        case nodes.Receive(args=args):
            look, title = Look.EVENT, f"receive {phrases.spoken(args.get('name', 'an event'))}"
        case nodes.Callback():
            look, title = Look.EVENT, "open a callback"
        case nodes.Approve(args=args):
            look, title = Look.PERSON, f"ask: {phrases.spoken(args.get('title', 'a person'))}"
        case nodes.Emit(args=args):
            look, title = Look.EVENT, f"emit {phrases.spoken(args.get('name', 'an event'))}"
    about = (
        title if isinstance(node, nodes.Join) else f"{node.kind}({phrases.arguments(node.args)})"
    )
    notes = _limits(node)
    to = None if isinstance(node, nodes.Sleep | nodes.Emit) else node.to
    shown = detail or _result(to)
    return Card(node.id, look, node.label or title, shown, node.line, notes, about=about)


def _limits(node: _Waits) -> tuple[str, ...]:
    if isinstance(node, nodes.Join | nodes.Sleep):
        return ()
    words = {"key": "key", "to": "to", "timeout": "within", "heartbeat": "heartbeat"}
    return tuple(
        f"{word} {phrases.spoken(node.args[name])}"
        for name, word in words.items()
        if name in node.args
    )
