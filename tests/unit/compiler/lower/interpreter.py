"""What does a definition mean? The plainest interpreter of nodes, to test the lowering alone.

Python evaluates the expressions, so that a difference to the plain workflow is the lowering's. With
`hops` every variable is copied by itself before each node, as if the execution had moved to another
process: what two names shared is shared no more.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from vivido import values
from vivido.authoring import Step
from vivido.model import nodes
from vivido.model.definition import Block, Definition
from vivido.model.nodes import Branch, Node


class _Leave(Exception):
    """Control on its way out of a body."""


class _Break(_Leave):
    pass


class _Continue(_Leave):
    pass


class _Return(_Leave):
    def __init__(self, value: Any) -> None:
        self.value = value


class Frame:
    """The variables of a block that is running."""

    def __init__(self, block: Block, parent: Frame | None) -> None:
        self.block, self.parent = block, parent
        self.variables: dict[str, Any] = {}

    def owner(self, name: str) -> Frame:
        """The frame that a variable belongs to."""
        frame: Frame | None = self
        while frame is not None and name not in frame.block.locals:
            frame = frame.parent
        return frame or self

    def visible(self) -> dict[str, Any]:
        """Every variable that can be seen from here."""
        outer = {} if self.parent is None else self.parent.visible()
        hidden = {name: value for name, value in outer.items() if name not in self.block.locals}
        return {**hidden, **self.variables}


class Interpreter:
    """Runs one definition with the objects of the module it was compiled from."""

    def __init__(self, definition: Definition, module: ModuleType, *, hops: bool) -> None:
        self.definition, self.module, self.hops = definition, module, hops
        self.names = {
            **{name: self._bound(name) for name in definition.names},
            "NameError": NameError,
        }
        self.handled: list[BaseException] = []
        self.lines: list[str] = []

    def _bound(self, name: str) -> Any:
        binding = self.definition.names[name]
        if binding.kind == "constant":
            return values.decode(binding.value)
        module, _, path = (binding.ref or "").partition(":")
        found: Any = __import__(module, fromlist=["_"])
        for part in path.split("."):
            found = getattr(found, part) if part else found
        return found

    def run(self, args: Mapping[str, Any]) -> Any:
        """The result of the definition for these arguments."""
        frame = Frame(self.definition.main, None)
        for param in self.definition.params:
            if param.name not in args and param.default is not None:
                frame.variables[param.name] = self._value(frame, param.default)
        frame.variables.update(values.copy(dict(args)))
        return self._block(frame, self.definition.main)

    def _block(self, frame: Frame, block: Block) -> Any:
        try:
            self._body(frame, block.body)
        except _Return as left:
            return left.value
        return None

    # ------------------------------------------------------------- text
    def _value(self, frame: Frame, text: str, **extra: Any) -> Any:
        scope = {**self.names, **frame.visible(), **extra}
        try:
            return eval(text, scope)  # noqa: S307  the one judge of what Python would do
        except NameError as error:
            raise UnboundLocalError(str(error)) from None

    def _assign(self, frame: Frame, target: str, value: Any) -> None:
        scope = {**self.names, **frame.visible(), "__value": value}
        exec(f"{target} = __value", scope)  # noqa: S102
        self._keep(frame, scope)

    def _keep(self, frame: Frame, scope: dict[str, Any]) -> None:
        del scope["__builtins__"]
        for name in set(frame.block.locals) | set(frame.visible()):
            if name in scope:
                frame.owner(name).variables[name] = scope[name]

    # ------------------------------------------------------------- nodes
    def _body(self, frame: Frame, body: list[Node]) -> None:
        for node in body:
            if self.hops:
                self._hop(frame)
            self._node(frame, node)

    def _hop(self, frame: Frame | None) -> None:
        while frame is not None:
            frame.variables = {name: values.copy(value) for name, value in frame.variables.items()}
            frame = frame.parent

    def _node(self, frame: Frame, node: Node) -> None:
        match node:
            case nodes.Set(to=to, op="del"):
                self._delete(frame, to)
            case nodes.Set(to=to, op="=", value=str(text)):
                self._assign(frame, to, self._value(frame, text))
            case nodes.Set(to=to, op=op, value=str(text)):  # the old value is read first
                scope = {**self.names, **frame.visible()}
                exec(f"{to} {op} ({text})", scope)  # noqa: S102
                self._keep(frame, scope)
            case nodes.Do(value=text):
                self._value(frame, text)
            case nodes.Return() | nodes.Break() | nodes.Continue() | nodes.Raise():
                self._leave(frame, node)
            case nodes.Log(message=message, args=args):
                text = self._value(frame, message)
                rest = [self._value(frame, each) for each in args]
                self.lines.append(text % tuple(rest) if rest else text)
            case nodes.Saga(body=inner) | nodes.Deadline(body=inner):
                self._body(frame, inner)
            case nodes.Sleep() | nodes.Publish() | nodes.Emit():
                self._arguments(frame, node.args)
            case _:
                self._control(frame, node)

    def _leave(
        self, frame: Frame, node: nodes.Return | nodes.Break | nodes.Continue | nodes.Raise
    ) -> None:
        match node:
            case nodes.Return(value=text):
                raise _Return(None if text is None else self._value(frame, text))
            case nodes.Break():
                raise _Break
            case nodes.Continue():
                raise _Continue
            case nodes.Raise():
                self._throw(frame, node)

    def _delete(self, frame: Frame, target: str) -> None:
        if target.isidentifier():
            owner = frame.owner(target)
            if target not in owner.variables:
                raise UnboundLocalError(target)
            del owner.variables[target]
            return
        exec(f"del {target}", {**self.names, **frame.visible()})  # noqa: S102

    def _throw(self, frame: Frame, node: nodes.Raise) -> None:
        if node.value is None:
            if not self.handled:
                raise RuntimeError("No active exception to reraise")
            raise self.handled[-1]
        if node.cause is None:
            raise self._value(frame, node.value)
        raise self._value(frame, node.value) from self._value(frame, node.cause)

    def _control(self, frame: Frame, node: Node) -> None:
        match node:
            case nodes.If():
                self._body(frame, node.then if self._value(frame, node.test) else node.orelse)
            case nodes.While():
                self._while_loop(frame, node)
            case nodes.For():
                self._for_loop(frame, node)
            case nodes.Try():
                self._attempt(frame, node)
            case nodes.Match():
                self._match(frame, node)
            case _:
                self._effect(frame, node)

    def _while_loop(self, frame: Frame, node: nodes.While) -> None:
        while True:
            self._body(frame, node.pre)
            if not self._value(frame, node.test):
                self._body(frame, node.orelse)
                return
            try:
                self._body(frame, node.body)
            except _Continue:
                continue
            except _Break:
                return

    def _for_loop(self, frame: Frame, node: nodes.For) -> None:
        for item in list(self._value(frame, node.items)):
            self._assign(frame, node.to, item)
            try:
                self._body(frame, node.body)
            except _Continue:
                continue
            except _Break:
                return
        self._body(frame, node.orelse)

    def _attempt(self, frame: Frame, node: nodes.Try) -> None:
        try:
            try:
                self._body(frame, node.body)
            except _Leave:
                raise
            except Exception as error:  # noqa: BLE001  whatever the workflow raises
                self._handle(frame, node, error)
            else:
                self._body(frame, node.orelse)
        finally:
            self._body(frame, node.final)

    def _handle(self, frame: Frame, node: nodes.Try, error: Exception) -> None:
        for handler in node.handlers:
            types = tuple(self._value(frame, text) for text in handler.types) or (Exception,)
            if isinstance(error, types):
                break
        else:
            raise error
        if handler.to is not None:
            frame.owner(handler.to).variables[handler.to] = error
        self.handled.append(error)
        try:
            self._body(frame, handler.body)
        finally:
            self.handled.pop()
            if handler.to is not None:
                frame.owner(handler.to).variables.pop(handler.to, None)

    def _match(self, frame: Frame, node: nodes.Match) -> None:
        scope = {
            **self.names,
            **frame.visible(),
            "__subject": self._value(frame, node.subject),
            "__case": None,
        }
        lines = ["match __subject:"]
        for index, case in enumerate(node.cases):
            lines.append(
                f"  case {case.pattern}{'' if case.guard is None else ' if ' + case.guard}:"
            )
            lines.append(f"    __case = {index}")
        exec("\n".join(lines), scope)  # noqa: S102
        self._keep(frame, scope)
        if scope["__case"] is not None:
            self._body(frame, node.cases[scope["__case"]].body)

    # ------------------------------------------------------------- effects
    def _arguments(self, frame: Frame, args: Mapping[str, str]) -> dict[str, Any]:
        return {name: self._value(frame, text) for name, text in args.items()}

    def _effect(self, frame: Frame, node: Node) -> None:
        match node:
            case nodes.Step(step=name, args=args):
                result = self._step(name, self._arguments(frame, args))
            case nodes.Child(workflow=name, args=args):
                given = self._arguments(frame, args)
                module, _, path = self.definition.workflows[name].ref.partition(":")
                definition = getattr(sys.modules[module], path).definition
                child = Interpreter(definition, self.module, hops=self.hops)
                result = child.run(given)
                self.lines += child.lines
            case nodes.Call(block=name, args=args):
                result = self._call(frame, name, self._arguments(frame, args))
            case nodes.Parallel(branches=branches):
                result = tuple(
                    value for branch in branches for value in self._branches(frame, branch)
                )
            case nodes.Map(item=item, items=items):
                each = nodes.Each(to=item, items=items)
                result = self._branches(frame, Branch(each=each, body=node.body, value=node.value))
            case nodes.Spawn(branch=branch):
                result = {"job": self._branches(frame, branch)[0]}
            case nodes.Join(job=job):
                result = self._value(frame, job)["job"]
            case _:
                raise NotImplementedError(node.kind)
        if node.to is not None:
            self._assign(frame, node.to, values.copy(result))
        self.last = result

    def _step(self, name: str, given: dict[str, Any]) -> Any:
        spec = self.definition.steps[name]
        module, _, path = spec.ref.partition(":")
        step: Step[Any, Any] = getattr(sys.modules[module], path)
        arguments = step.prepare(given)
        function: Callable[..., Any] = step.function
        result = function(*values.copy(arguments.args), **values.copy(arguments.kwargs))
        return asyncio.run(result) if step.is_async else result

    def _call(self, frame: Frame, name: str, given: dict[str, Any]) -> Any:
        block = self.definition.blocks[name]
        home = frame
        while home.block is not self.definition.blocks[block.within or "main"]:
            assert home.parent is not None
            home = home.parent
        inner = Frame(block, home)
        taken = _bind(block, given)
        for param in block.params:
            if param.name in taken:
                inner.variables[param.name] = taken[param.name]
            elif param.default is not None:
                inner.variables[param.name] = self._value(home, param.default)
        return self._block(inner, block)

    def _branches(self, frame: Frame, branch: Branch) -> list[Any]:
        if branch.each is None:
            return [self._branch(frame, branch)]
        rounds = []
        for item in list(self._value(frame, branch.each.items)):
            inner = self._split_off(frame)
            self._assign(inner, branch.each.to, item)
            if all(self._value(inner, test) for test in branch.each.where):
                rounds.append(inner)
        return [self._branch(inner, branch) for inner in rounds]

    def _split_off(self, frame: Frame) -> Frame:
        inner = Frame(frame.block, None if frame.parent is None else self._split_off(frame.parent))
        inner.variables = values.copy(frame.variables)
        return inner

    def _branch(self, frame: Frame, branch: Branch) -> Any:
        inner = self._split_off(frame)
        self.last = None
        self._body(inner, branch.body)
        return self.last if branch.value is None else self._value(inner, branch.value)


def _bind(block: Block, given: dict[str, Any]) -> dict[str, Any]:
    """Bind a node's table to the parameters of a block, as Python would."""
    kinds = {
        "positional": inspect.Parameter.POSITIONAL_ONLY,
        "any": inspect.Parameter.POSITIONAL_OR_KEYWORD,
        "keyword": inspect.Parameter.KEYWORD_ONLY,
        "args": inspect.Parameter.VAR_POSITIONAL,
        "kwargs": inspect.Parameter.VAR_KEYWORD,
    }
    parameters = [
        inspect.Parameter(
            p.name, kinds[p.kind], **({} if p.default is None else {"default": p.default})
        )
        for p in block.params
    ]
    named = dict(given)
    star, stars = named.pop("*", []), named.pop("**", {})
    places = ("positional", "any") if star else ("positional",)
    leading = [named.pop(p.name) for p in block.params if p.kind in places and p.name in named]
    bound = inspect.Signature(parameters).bind(*leading, *star, **named, **stars)
    for parameter in block.params:  # what was not given, but is never missing
        if parameter.kind == "args":
            bound.arguments.setdefault(parameter.name, ())
        elif parameter.kind == "kwargs":
            bound.arguments.setdefault(parameter.name, {})
    return dict(bound.arguments)
