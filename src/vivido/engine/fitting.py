"""Can an execution that began on one definition go on from a position on another one?

What is recorded stays as it is, so the newer definition must have a place for all of it: for the
position and what is around it, for the hidden variables of those, for what may have to be undone,
for the children of a fork that is forked again. What the newer one reads is not proven: a variable
that has no value is an error at the node that reads it, as it always is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vivido.engine.control import CallNode
from vivido.engine.fork import ForkNode
from vivido.engine.handles import open_jobs
from vivido.engine.load import load
from vivido.engine.program import Owner, Program, RunnableNode
from vivido.engine.state import State
from vivido.model.definition import Definition, Param

Place = tuple[tuple[str, str, str], ...]  # owners from inside to outside: id, kind, slot


def structure(definition: Definition) -> Program:
    """A program to compare: the author's own code is not looked for."""
    return load(definition, _nowhere)


def _nowhere(ref: str) -> Any:
    raise LookupError(ref)


def misfits(old: Program, new: Program, state: State, *, forked: bool = False) -> list[str]:
    """Why a branch in `state`, which was run on `old`, cannot go on on `new`: none if it can.

    `forked`: the node at the position is a fork, and what its children did is kept.
    """
    reasons = [*_identity(old, new), *_parameters(old, new, state)]
    for name in (name for name in state.at if name in old.nodes):  # else it has not begun
        reasons += _position(old, new, name)
    at = old.nodes.get(state.at[-1]) if state.at else None
    parts = forked and isinstance(at, ForkNode)
    if parts:
        assert isinstance(at, ForkNode)  # noqa: S101  said by `parts`
        reasons += _fork(old, new, at)
    reasons += _hidden(old, new, state)
    reasons += _compensations(old, new, state, inside=parts)
    return list(dict.fromkeys(reasons))


# ---------------------------------------------------------------- the workflow
def _identity(old: Program, new: Program) -> Iterator[str]:
    was, now = old.definition.name, new.definition.name
    if was != now:
        yield f"it is an execution of {was!r}, and this is {now!r}: name the workflow {was!r}"


def _parameters(old: Program, new: Program, state: State) -> Iterator[str]:
    """A parameter got its value when the execution began: a new one has none."""
    known = {param.name for param in old.definition.main.params}
    for param in new.definition.main.params:
        if param.name not in known and param.name not in state.vars:
            yield (
                f"the parameter {param.name!r} is new and has no value: give it one with the "
                "redrive (variables=, --set), or assign it in the workflow"
            )


# ---------------------------------------------------------------- the position
def _position(old: Program, new: Program, name: str) -> Iterator[str]:
    """The node is there, of the same kind, at the same place."""
    before, after = old.nodes[name], new.nodes.get(name)
    if after is None:
        yield (
            f"node {name!r} is gone, and there it would go on: keep it, or go on from an earlier "
            "node that is still there"
        )
        return
    if type(after) is not type(before):
        yield f"node {name!r} was {_kind(before)} and is {_kind(after)}: give that another id"
        return
    was, now = _place(before), _place(after)
    if was != now:
        yield (
            f"node {name!r} was in {_said(was)} and is in {_said(now)}: put it back, or go on "
            "from an earlier node"
        )
    if isinstance(before, CallNode) and isinstance(after, CallNode) and before.block != after.block:
        yield f"node {name!r} called {before.block!r} and calls {after.block!r}: call the former"


def _place(node: RunnableNode) -> Place:
    """What is around a node, up to its block."""
    place = []
    owner: Owner = node
    while isinstance(owner, RunnableNode):
        body = owner.body
        owner = body.owner
        place.append((owner.id, type(owner).__name__, body.slot))
    return tuple(place)


def _kind(node: RunnableNode) -> str:
    name = type(node).__name__.removesuffix("Node").lower()
    return f"an {name!r}" if name[0] in "aeiou" else f"a {name!r}"


def _said(place: Place) -> str:
    return " in ".join(f"{owner!r} ({slot})" for owner, _, slot in place)


# ---------------------------------------------------------------- forks
def _fork(old: Program, new: Program, fork: ForkNode) -> Iterator[str]:
    """Some children go on where they stood, and the results of the others are kept."""
    after = new.nodes.get(fork.id)
    if not isinstance(after, ForkNode):
        return
    remedy = "keep them, or go on from an earlier node, so that all of it runs again"
    was, now = len(fork.branches), len(after.branches)
    if was != now:
        yield f"fork {fork.id!r} had {was} branches and has {now}: {remedy}"
        return
    for a, b in zip(fork.branches, after.branches, strict=True):
        if a.captured != b.captured:
            names = ", ".join(sorted(a.captured ^ b.captured))
            yield f"the branch {b.id!r} differs in the variables that it reads ({names}): {remedy}"
        if (a.items is None) != (b.items is None):
            yield f"the branch {b.id!r} is for one or for many, and was the other: {remedy}"
    if added := set(_within(new, after)) - set(_within(old, fork)):
        yield f"fork {fork.id!r} has new nodes in it ({', '.join(sorted(added))}): leave them out"
    for name in _within(old, fork):
        yield from _position(old, new, name)


def _within(program: Program, fork: ForkNode) -> list[str]:
    """The nodes at which its children may stand, also in the nested functions that they call."""
    roots, seen = {branch.id for branch in fork.branches}, set[str]()
    while True:
        found = [n for n in program.nodes.values() if roots & {owner for owner, _, _ in _place(n)}]
        if len(found) == len(seen):
            return sorted(seen)
        seen = {node.id for node in found}
        roots |= {node.block for node in found if isinstance(node, CallNode)}


# ---------------------------------------------------------------- what the state holds
def _hidden(old: Program, new: Program, state: State) -> Iterator[str]:
    """Loops, sagas and the like keep where they are in variables of their own."""
    was = set[str]().union(*(block.hidden for block in old.blocks.values()))
    now = set[str]().union(*(block.hidden for block in new.blocks.values()))
    for name in sorted((was - now) & state.vars.names()):
        owner = name.removeprefix("$").partition(".")[0]
        yield (
            f"{owner!r} keeps {name!r}, which the newer definition does not know: keep the node "
            f"{owner!r} as it was, or go on from before it"
        )


def _compensations(old: Program, new: Program, state: State, *, inside: bool) -> Iterator[str]:
    """What was done may have to be undone: by steps that are there and take what is recorded."""
    for entry in state.stack:
        if "step" in entry:
            yield from _supplied(new, entry["step"], set(entry["args"]))
    if inside or open_jobs(state.vars) or any("of" in entry for entry in state.stack):
        # Which of them have run in branches, their journals say: any of them may have.
        for name in sorted({s.compensate for s in old.definition.steps.values() if s.compensate}):
            params = old.definition.steps[name].params
            yield from _supplied(new, name, {p.name for p in params if p.default is None})


def _supplied(new: Program, name: str, given: set[str]) -> Iterator[str]:
    step = new.definition.steps.get(name)
    if step is None:
        yield (
            f"the compensation {name!r} is gone, and what was done may have to be undone by it: "
            "keep a step that is compensated by it"
        )
        return
    if missing := [param.name for param in step.params if _is_needed(param, given)]:
        yield (
            f"the compensation {name!r} needs {', '.join(missing)}, which was not recorded: give "
            "it a default"
        )
    rest = any(param.kind == "kwargs" for param in step.params)
    extra = given - {param.name for param in step.params}
    if extra and not rest:
        names = ", ".join(sorted(extra))
        yield f"the compensation {name!r} takes no {names}, which was recorded for it: keep that"


def _is_needed(param: Param, given: set[str]) -> bool:
    optional = param.default is not None or param.kind in ("args", "kwargs")
    return not optional and param.name not in given
