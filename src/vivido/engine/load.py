"""Loading: a definition and the author's objects become a Program.

Expressions are compiled here, once.

The author's objects come from a `resolve` function, so that nothing here imports modules. What is
gone stays
nameable: a class whose code is gone still matches recorded errors by name; a function that is gone
fails when it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from vivido import values
from vivido.authoring.interface import signature_of
from vivido.engine import control, effects, fork, handling, plain, polling, racing, spawning
from vivido.engine.integrity import hold_together
from vivido.engine.limits import refuse_of_workflow
from vivido.engine.program import (
    Block,
    Body,
    Program,
    Resolve,
    RunnableNode,
    RunnableStep,
)
from vivido.errors import DefinitionError, ExpressionError, RecordedError
from vivido.expressions import (
    Binding,
    Expression,
    ExpressionRefused,
    Pattern,
    Scope,
    Target,
    compile_expression,
    compile_pattern,
    compile_target,
)
from vivido.expressions.binding import Signature
from vivido.model import nodes as spec
from vivido.model.definition import Binding as BindingSpec
from vivido.model.definition import Definition

KINDS: dict[Any, Any] = {
    **control.KINDS,
    **effects.KINDS,
    **fork.KINDS,
    **handling.KINDS,
    **plain.KINDS,
    **polling.KINDS,
    **racing.KINDS,
    **spawning.KINDS,
}


class GoneClass:
    """A class of the definition whose code is not there.

    It matches recorded errors by name, and constructs nothing.
    """

    def __init__(self, ref: str) -> None:
        self.ref = ref

    def matches(self, error: BaseException | None) -> bool:
        """Whether a recorded error had this class or was derived from it."""
        return isinstance(error, RecordedError) and self.ref in (error.type_name, *error.bases)

    def __call__(self, *_args: object, **_named: object) -> Any:
        """Refuse."""
        raise ExpressionError(
            f"{self.ref!r} is not there: install the module that defines it, or deploy the "
            "code that the execution began with"
        )


def load(definition: Definition, resolve: Resolve) -> Program:
    """Make a definition ready to run.

    Raises DefinitionError where a node is of a kind that this engine does not run, or where the
    workflow has limits that it does not keep.
    """
    return Loader(definition, resolve).program


class Loader:
    """Keeps what is around the node that is being loaded."""

    def __init__(self, definition: Definition, resolve: Resolve) -> None:
        self.definition = definition
        hold_together(definition)
        refuse_of_workflow(definition)
        self.program = Program(definition, definition.digest)
        self.program.steps = {
            name: RunnableStep.of(name, step) for name, step in definition.steps.items()
        }
        self.bindings = {
            name: _binding(name, binding, resolve) for name, binding in definition.names.items()
        }
        self.loops: tuple[RunnableNode, ...] = ()
        self.deadlines: tuple[str, ...] = ()
        self.block = Block("main")
        self.branch: spec.Branch | None = None
        self.loading: spec.NodeBase | None = None  # the node that was begun last
        self.blocks_read: dict[str, Reads] = {}
        self.entries: list[tuple[fork.BranchEntry, Reads]] = []
        self.reading: list[Reads] = []
        self.scopes = {name: self.scope_of(name) for name in definition.blocks}
        for name in definition.blocks:
            self.load_block(name)
        self.capture()

    # ------------------------------------------------------------- blocks and bodies
    def load_block(self, name: str) -> None:
        """Load one block; its hidden variables are its own."""
        block = self.program.blocks.setdefault(name, Block(name))
        self.block, self.loops, self.deadlines, self.branch = block, (), (), None
        block.locals = (
            frozenset(self.key(name, local) for local in self.locals(name))
            if name != "main"
            else frozenset()
        )
        self.reading = [self.blocks_read.setdefault(name, Reads())]
        block.root = self.body(self.definition.blocks[name].body, block, "block")

    def body(self, nodes: list[Any], owner: Any, slot: str) -> Body:
        """Load the nodes of a slot."""
        body = Body(owner, slot)
        for index, node in enumerate(nodes):
            kind = KINDS.get(type(node))
            if kind is None:
                raise DefinitionError(
                    f"{self.definition.name}, line {node.line}: a node of kind {node.kind!r} "
                    "cannot be run by this version of the engine"
                )
            self.loading = node
            loaded = kind(node, self, body, index)
            self.add(loaded)
            body.nodes.append(loaded)
        return body

    def add(self, node: RunnableNode) -> None:
        """Index a node by its id, which no other node of the definition has."""
        self.program.nodes[node.id] = node

    def hide(self, *names: str) -> None:
        """Register hidden variables: they go when their block is left."""
        self.block.hidden.update(names)

    @contextmanager
    def inside_loop(self, loop: RunnableNode) -> Iterator[None]:
        """What is loaded meanwhile lies in a loop."""
        before, self.loops = self.loops, (*self.loops, loop)
        yield
        self.loops = before

    @contextmanager
    def inside_deadline(self, name: str) -> Iterator[None]:
        """What is loaded meanwhile lies in a deadline."""
        before, self.deadlines = self.deadlines, (*self.deadlines, name)
        yield
        self.deadlines = before

    @contextmanager
    def inside_branch(self, entry: fork.BranchEntry, branch: spec.Branch) -> Iterator[None]:
        """What is loaded meanwhile runs in a child.

        Loops around it do not count its rounds, and it begins with the deadlines around it.
        """
        before = self.loops, self.deadlines, self.branch
        self.loops, self.deadlines, self.branch = (), (), branch
        self.reading.append(Reads())
        yield
        reads = self.reading.pop()
        self.entries.append((entry, reads))
        self.reading[-1].include(reads)
        self.loops, self.deadlines, self.branch = before

    def gives_value(self, node: RunnableNode) -> bool:
        """Whether a node without a target gives the branch around it its value.

        It is the only one.
        """
        return (
            self.branch is not None
            and self.branch.value is None
            and len(self.branch.body) == 1
            and self.branch.body[0].id == node.id
        )

    # ------------------------------------------------------------- names
    def locals(self, block: str) -> tuple[str, ...]:
        """The names that are variables of a block."""
        found = self.definition.blocks[block]
        return (*(param.name for param in found.params), *found.locals)

    def key(self, block: str, name: str) -> str:
        """Under which key the variable `name`, as seen from `block`, is stored."""
        if not name.isidentifier():  # never one of the hidden variables
            raise DefinitionError(
                f"{self.definition.name}: {name!r} in block {block!r} is no name of a variable"
            )
        at: str | None = block
        while at is not None:
            if name in self.locals(at):
                return name if at == "main" else f"{at}.{name}"
            at = self.definition.blocks[at].within
        return name if block == "main" else f"{block}.{name}"

    def scope_of(self, block: str) -> Scope:
        """What names mean in a block."""
        names: set[str] = set()
        at: str | None = block
        while at is not None:
            names.update(self.locals(at))
            at = self.definition.blocks[at].within
        table = {name: self.key(block, name) for name in names}
        return Scope(
            self.bindings, resolve=lambda name: table.get(name, name), variables=frozenset(names)
        )

    @property
    def scope(self) -> Scope:
        """What names mean here."""
        return self.scopes[self.block.id]

    def variable(self, name: str | None) -> str | None:
        """The key of a variable of this block."""
        return None if name is None else self.key(self.block.id, name)

    # ------------------------------------------------------------- text
    def expression(self, text: str) -> Expression:
        """Compile an expression."""
        with self.at_fault(text):
            compiled = compile_expression(text, self.scope)
        self.note(compiled.names)
        return compiled

    def arguments(self, table: dict[str, str]) -> dict[str, Expression]:
        """Compile an argument table."""
        return {name: self.expression(text) for name, text in table.items()}

    def target(self, text: str) -> Target:
        """Compile an assignment target."""
        with self.at_fault(text):
            compiled = compile_target(text, self.scope)
        self.note(compiled.names)
        return compiled

    def plain_target(self, text: str) -> str | None:
        """The key of the variable, if the target is just a name."""
        return self.variable(text) if text.isidentifier() else None

    def pattern(self, text: str) -> Pattern:
        """Compile a pattern."""
        with self.at_fault(text):
            return compile_pattern(text, self.scope)

    @contextmanager
    def at_fault(self, text: str) -> Iterator[None]:
        """What is not in the language is the author's to change: say where it stands."""
        try:
            yield
        except ExpressionRefused as error:
            where = self.loading.id if self.loading is not None else self.block.id
            raise DefinitionError(
                f"{self.definition.name}, {where!r}: {text!r:.200} cannot be run: {error}"
            ) from None

    def grows(self, text: str) -> str | None:
        """The variable of `name.append(…)`, else None."""
        tree = ast.parse(text, mode="eval").body
        match tree:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[item], keywords=[]
            ) if not isinstance(item, ast.Starred):
                variable, added = self.variable(name), self.expression(ast.unparse(item))
                others = added.mutates | added.lends  # as in `rows.append(rows.pop())`
                return variable if variable not in others else None
        return None

    # ------------------------------------------------------------- parts
    def step(self, name: str) -> RunnableStep:
        """A step of the definition."""
        self.known("step", name, self.program.steps)
        return self.program.steps[name]

    def workflow(self, name: str) -> str:
        """A workflow that the definition runs as a child execution."""
        self.known("workflow", name, self.definition.workflows)
        return name

    def known(self, word: str, name: str, table: Mapping[str, object]) -> None:
        """Refuse a name that the definition does not have."""
        if name not in table:
            raise DefinitionError(f"{self.definition.name}: there is no {word} {name!r}")

    def block_params(self, name: str) -> tuple[Signature, list[str], dict[str, Expression]]:
        """Of a block that is called: parameters, their variables in that order, defaults."""
        self.known("block", name, self.definition.blocks)
        found = self.definition.blocks[name]
        self.reading[-1].blocks.add(name)
        signature = signature_of(self.title(name), {p.name: p.kind for p in found.params})
        defaults = {
            p.name: compile_expression(p.default, self.scopes[name])
            for p in found.params
            if p.default is not None
        }
        return signature, [self.key(name, param) for param in signature.names], defaults

    def title(self, block: str) -> str:
        """What Python calls a block's function in its errors."""
        outer = self.definition.blocks[block].within
        if outer is None:
            return (self.definition.ref or self.definition.name).rpartition(":")[2]
        return f"{self.title(outer)}.<locals>.{block}"

    # ------------------------------------------------------------- what branches capture
    def note(self, names: frozenset[str]) -> None:
        """Remember which variables are read here."""
        self.reading[-1].names.update(names)

    def capture(self) -> None:
        """Say for each branch which variables its children may read, also in blocks they call."""
        for entry, reads in self.entries:
            seen, todo = set(reads.names), list(reads.blocks)
            done: set[str] = set()
            while todo:
                if (name := todo.pop()) not in done:
                    done.add(name)
                    seen |= self.blocks_read[name].names
                    todo += self.blocks_read[name].blocks
            entry.captured = frozenset(seen)


@dataclass(slots=True)
class Reads:
    """What some nodes read: variables, and the blocks that they call."""

    names: set[str] = field(default_factory=set)
    blocks: set[str] = field(default_factory=set)

    def include(self, other: Reads) -> None:
        """Read what another part reads."""
        self.names |= other.names
        self.blocks |= other.blocks


def _binding(name: str, binding: BindingSpec, resolve: Resolve) -> Binding:
    if binding.kind == "constant" and binding.ref is None:
        return Binding(values.decode(binding.value), pure=True)
    try:
        found = resolve(binding.ref or name)
    except LookupError:
        found = GoneClass(binding.ref or name)
    return Binding(found, pure=binding.pure)
