"""The definition: a workflow as a value, shared by compiler, engine, tools and people.

It is complete: with the steps, classes and functions that its `ref`s name, it runs without the
Python source of
the workflow. Its canonical JSON is compact UTF-8 with the fields in the order of the model, tables
sorted by name,
argument tables in evaluation order and everything that equals its default left out; the digest is
the SHA-256 of
that text, with lines, comments and the source's place left out: a definition that only moved is the
same definition.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from vivido.errors import DefinitionError
from vivido.model.limits import Concurrency, Debounce, Rate, Singleton
from vivido.model.nodes import ID, IDENTITY, Expression, JsonSchema, Node, NodeBase, Part

FORMAT: Literal[1] = 1
DEEPEST = 120  # nodes, branches, cases within one another: what JSON readers follow
Ref = str  # "module:Qualname"


class Param(Part):
    """A parameter of a workflow, a step or a block."""

    name: str
    kind: Literal["positional", "any", "keyword", "args", "kwargs"] = "any"
    type: str | None = Field(default=None, description="the annotation, as written")
    json_schema: JsonSchema | None = Field(default=None, alias="schema")
    default: Expression | None = None


class Returns(Part):
    """What a workflow or step gives back."""

    type: str | None = None
    json_schema: JsonSchema | None = Field(default=None, alias="schema")


class Retry(Part):
    """When and how often a failed attempt is tried again. Durations are texts such as "1s"."""

    max_attempts: int = Field(default=3, ge=1)
    backoff: str = "1s"
    factor: float = Field(default=2.0, ge=1)
    max_backoff: str = "1h"
    jitter: float = Field(
        default=0.0, ge=0, le=1, description="share of the backoff that is random"
    )
    on: list[str] = Field(default=[], description="type tags; none: every Exception")
    give_up_on: list[str] = []


class StepSpec(Part):
    """A step as the definition needs it: where it is and how it is run."""

    ref: Ref
    doc: str | None = None
    params: list[Param] = []
    returns: Returns = Returns()
    retry: Retry | None = None
    timeout: str | None = None
    compensate: str | None = Field(default=None, description="name in `steps`")
    at_most_once: bool = False
    no_return: bool = False
    inline: bool = False
    pool: str | None = None
    concurrency: Concurrency | None = None
    rate: Rate | None = None
    priority: Expression | None = Field(default=None, description="a number; the highest first")


class WorkflowSpec(Part):
    """A workflow that this one runs as a child execution."""

    ref: Ref
    params: list[Param] = []
    returns: Returns = Returns()


class Binding(Part):
    """What a free name in the expressions means.

    A constant by value, or something of the author's by `ref`.
    """

    kind: Literal["constant", "class", "function", "module"]
    ref: Ref | None = None
    value: Any = Field(default=None, description="a constant, encoded as `vivido.values` does")
    pure: bool = Field(
        default=True, description="a function that is not pure is recorded before the next effect"
    )


class Block(Part):
    """A body of nodes with its own variables: `main`, or a nested function.

    A name that is neither local here nor in the blocks around is a binding or a builtin.
    """

    doc: str | None = None
    line: int | None = None
    within: str | None = Field(default=None, description="the block around it")
    params: list[Param] = []
    locals: list[str] = Field(
        default=[], description="parameters and every other name assigned in it"
    )
    body: list[Node] = []


class Source(Part):
    """Where the workflow was written: a place relative to the project, never an absolute path."""

    file: str
    line: int


class Definition(Part):
    """One workflow."""

    format: Literal[1] = FORMAT
    name: str
    version: str = "1"
    doc: str | None = None
    ref: Ref | None = Field(default=None, description="the function it was compiled from")
    source: Source | None = None
    timeout: str | None = None
    concurrency: Concurrency | None = None
    rate: Rate | None = None
    priority: Expression | None = Field(default=None, description="a number; the highest first")
    singleton: Singleton | None = None
    debounce: Debounce | None = None
    tags: dict[str, str] = {}
    params: list[Param] = []
    returns: Returns = Returns()
    steps: dict[str, StepSpec] = {}
    workflows: dict[str, WorkflowSpec] = {}
    names: dict[str, Binding] = {}
    blocks: dict[str, Block]

    @field_validator("tags", "steps", "workflows", "names", "blocks")
    @classmethod
    def _sorted(cls, table: dict[str, Any]) -> dict[str, Any]:
        return {name: table[name] for name in sorted(table)}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        """Refuse ids that are not unique, and nesting that no reader could follow."""
        level: list[Part] = [self]
        ids: set[str] = set()
        for _ in range(DEEPEST):
            for part in level:
                if isinstance(part, NodeBase):
                    self._add_id(part, ids)
            level = [inner for part in level for inner in part.parts()]
        if level:
            raise DefinitionError(
                f"{self.name}: it is nested deeper than {DEEPEST} levels: call nested functions, "
                "or choose by `match` or a dict in place of a long `elif`"
            )
        return self

    def _add_id(self, node: NodeBase, ids: set[str]) -> None:
        where = f"{self.name}: the id {node.id!r}" + (f" (line {node.line})" if node.line else "")
        if re.fullmatch(ID, node.id) is None or not node.id.isprintable():
            raise DefinitionError(
                f"{where} has a space or one of / [ ] # $ ~ in it, or nothing: use letters, "
                "digits, '_', '-' and '.'"
            )
        if node.id in ids:
            raise DefinitionError(f"{where} is that of two nodes: ids are unique in a definition")
        ids.add(node.id)

    @property
    def main(self) -> Block:
        """The block in which an execution begins."""
        return self.blocks["main"]

    def as_json(self) -> dict[str, Any]:
        """JSON-able form without what equals its default."""
        return {"format": self.format, **self.model_dump(mode="json", exclude_defaults=True)}

    def canonical_json(self) -> str:
        """The definition as it is stored and compared: one line of text."""
        return _compact(self.as_json())

    @property
    def digest(self) -> str:
        """Identity of what the definition does: 64 hexadecimal digits."""
        content = self.model_dump(mode="json", exclude_defaults=True, context=IDENTITY)
        return hashlib.sha256(_compact(content).encode()).hexdigest()


_HALF = re.compile("[\ud800-\udfff]")  # of a pair: text may hold one, UTF-8 cannot


def _compact(data: dict[str, Any]) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
