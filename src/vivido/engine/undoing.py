"""What is undone next, and what lies on the stack of compensations.

An entry of the stack, the newest last, is one of

    {"step", "args", "node", "path", "branch"?}    a compensation of a step
    {"no_return": node}                            nothing that lies below is undone
    {"of": [[scope, lo, hi], …], "lanes", "node", "path"}    what children of a fork left, as a unit
    {"child": execution, "n", "node", "path"}      a child execution that succeeded, as a unit

A unit is undone as one thing at its place in the reverse order: the children of a fork side by
side, by branches that are forked for it; a child execution by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from vivido.engine.handles import joining, to_stop
from vivido.engine.needs import Compensate, End, Need, UndoChild, UndoFork
from vivido.errors import InvariantError
from vivido.model.journal import Json

if TYPE_CHECKING:
    from vivido.engine.program import Program
    from vivido.engine.state import State

BRANCH = "$branch"
NO_RETURN = "no_return"


def undoing(program: Program, state: State) -> Need:
    """What phase unwind needs: the next compensation, or the end.

    What a child leaves undone is its parent's to undo.
    """
    if state.phase != "unwind":
        raise InvariantError(f"nothing is being undone in phase {state.phase!r}")
    if jobs := to_stop(state):
        return joining(state, jobs[0], stop=True)
    if left_to_undo(program, state) and (state.saga is not None or undoes_itself(program, state)):
        return _next(program, state.stack[-1])
    return End(error=state.error)


def left_to_undo(program: Program, state: State) -> bool:
    """Whether the top of the stack is part of the present unwinding.

    It ends at the floor of its saga, and at a point of no return.
    """
    return len(state.stack) > program.floor(state) and NO_RETURN not in state.stack[-1]


def undoes_itself(program: Program, state: State) -> bool:
    """The root does, and a branch that was forked to undo another."""
    return program.is_root(state) or source_of(state) is not None


def source_of(state: State) -> str | None:
    """The branch that this one was forked to undo; None for any other branch."""
    told_ = state.vars.inline(state.vars.encoded(BRANCH)) if BRANCH in state.vars else {}
    source_: str | None = told_.get("undo")
    return source_


def _next(program: Program, entry: Json) -> Need:
    node, path = entry["node"], f"{entry['path']}/undo"
    if "of" in entry:
        width = sum(hi - lo for _, lo, hi in entry["of"])
        plan = {"width": width, "lanes": min(entry["lanes"], width), "undo": entry["of"]}
        return UndoFork(node, path, plan)
    if "child" in entry:
        return UndoChild(node, path, entry["child"], entry["n"])
    step = program.steps[entry["step"]]
    return Compensate(node, path, step, entry["args"], entry.get("branch"))


def title(entry: Json) -> dict[str, Json]:
    """What a record says of an entry that is not performed: as `needs.names` does."""
    data = {name: entry[name] for name in ("node", "step", "branch") if name in entry}
    return {**data, "path": f"{entry['path']}/undo"}


# ---------------------------------------------------------------- units
def above(stack: Sequence[Json]) -> list[Json]:
    """What of a stack is undone: all above the last point of no return."""
    marks = [place for place, entry in enumerate(stack) if NO_RETURN in entry]
    return list(stack[marks[-1] + 1 if marks else 0 :])


def _is_marked(stack: Iterable[Json]) -> bool:
    return any(NO_RETURN in entry for entry in stack)


def of_fork(
    node: str, path: str, lanes: int, left: Sequence[tuple[str, int, Sequence[Json]]]
) -> list[Json]:
    """What a fork pushes: one unit for all children that left something to be undone.

    `left` are their scopes, numbers and stacks, in their order; a point of no return in one of them
    is one for the parent.
    """
    marked = any(_is_marked(stack) for _, _, stack in left)
    pushed: list[Json] = [{NO_RETURN: node}] if marked else []
    ranges: list[list[Any]] = []
    for scope, i, stack in left:
        if not above(stack):
            continue
        if ranges and (ranges[-1][0], ranges[-1][2]) == (scope, i):
            ranges[-1][2] += 1
        else:
            ranges.append([scope, i, i + 1])
    if ranges:
        pushed.append({"of": ranges, "lanes": lanes, "node": node, "path": path})
    return pushed


def of_child(execution: str, node: str, path: str, end: Json) -> list[Json]:
    """What a child execution pushes that ended as `told` says: a unit, if it can be undone."""
    pushed: list[Json] = [{NO_RETURN: node}] if end.get(NO_RETURN) else []
    if "undo" in end:
        pushed.append({"child": execution, "n": end["undo"], "node": node, "path": path})
    return pushed


def kept(stack: Sequence[Json]) -> dict[str, Json]:
    """What the END of a child execution keeps of its stack, for its parent to have it undone."""
    left = above(stack)
    return ({"stack": left} if left else {}) | ({NO_RETURN: True} if _is_marked(stack) else {})


def told(end: Json, number: int) -> Json:
    """What a parent execution is told of an END, its child's record `number`."""
    data = {name: part for name, part in end.items() if name != "stack"}
    return data | ({"undo": number} if "stack" in end else {})


# ---------------------------------------------------------------- branches that undo
def source(plan: Json, number: int) -> str:
    """The branch that child `number` of a fork for undoing undoes: the last one first."""
    for scope, lo, hi in reversed(plan["undo"]):
        if number < hi - lo:
            return f"{scope}:{hi - 1 - number}"
        number -= hi - lo
    raise IndexError(number)


def beginning(plan: Json, at: Sequence[str], number: int, end: Json) -> dict[str, Json]:
    """The state in which child `number` of a fork for undoing begins; `end`: of its source.

    What it undoes runs under the name of the branch that did it.
    """
    branch = source(plan, number)
    told_ = {"i": number, "width": plan["width"], "lanes": plan["lanes"], "undo": branch}
    stack = [entry if _unit(entry) else {"branch": branch, **entry} for entry in end["stack"]]
    return {"phase": "unwind", "at": list(at), "vars": {BRANCH: told_}, "stack": stack}


def _unit(entry: Json) -> bool:
    return "step" not in entry


def leftovers(ends: Sequence[Json]) -> list[Json]:
    """What branches that undo have left, since a compensation failed for good."""
    failed = (end for end in reversed(ends) if end["status"] == "failed")
    return [entry for end in failed for entry in end["stack"]]
