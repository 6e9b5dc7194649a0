"""Which id does a node get? Its name, then its place among equals.

So ids stay put when code is inserted elsewhere.

A step, child or nested function lends its name; an assignment the variable; everything else its
kind. Nodes of a nested function have its block's name in front.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vivido.errors import InvariantError
from vivido.model.definition import Block
from vivido.model.nodes import (
    Branch,
    Call,
    Case,
    Child,
    Handler,
    NodeBase,
    Part,
    Poll,
    Set,
    Step,
)


def number(blocks: Mapping[str, Block]) -> dict[str, Block]:
    """The blocks with an id for every node, in the order of the source."""
    taken: set[str] = set()
    return {
        name: _Numbering("" if name == "main" else f"{name}.", taken).part(block)
        for name, block in blocks.items()
    }


class _Numbering:
    def __init__(self, prefix: str, taken: set[str]) -> None:
        self._prefix = prefix
        self._taken = taken

    def part(self, part: Any) -> Any:
        """A copy of a part in which all nodes have ids."""
        update: dict[str, Any] = {}
        if isinstance(part, NodeBase):
            update["id"] = self._free(self._prefix + word(part))
        for name in type(part).model_fields:
            value = getattr(part, name)
            if (
                isinstance(value, list)
                and value
                and isinstance(value[0], NodeBase | Branch | Case | Handler)
            ):
                update[name] = [self.part(item) for item in value]
            elif isinstance(value, Branch):
                update[name] = self.part(value)
        return part.model_copy(update=update) if update else part

    def _free(self, wanted: str) -> str:
        name, place = wanted, 1
        while name in self._taken:
            place += 1
            name = f"{wanted}_{place}"
        self._taken.add(name)
        return name


def word(node: Part) -> str:
    """What a node is called before it is numbered."""
    match node:
        case Step(step=name) | Poll(step=name) | Child(workflow=name) | Call(block=name):
            return name
        case Set(to=target) if target.isidentifier():
            return f"set_{target.strip('_') or 'value'}"
        case NodeBase():
            return str(getattr(node, "kind", "node"))
    raise InvariantError(f"{node!r} is no node")
