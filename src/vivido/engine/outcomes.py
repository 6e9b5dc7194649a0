"""How outcomes enter a state: each function applies one and walks on to the next need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from vivido import values
from vivido.engine.effects import SagaNode
from vivido.engine.fork import ForkNode
from vivido.engine.handles import ask, leaving
from vivido.engine.needs import Need
from vivido.engine.program import Assigns, Program
from vivido.engine.state import Fetch, State, nowhere
from vivido.engine.undoing import left_to_undo, leftovers, of_child, of_fork, undoing
from vivido.engine.walk import Walk
from vivido.errors import (
    DeadlineExceeded,
    ExecutionStopped,
    StepError,
    StepTimeout,
    ValueNotStorable,
)
from vivido.model.journal import Decision, Json, StopHow

START = "$start"  # the position of an execution that has not begun
RESULT = "result"  # what a compensation calls the result of its step
UNPACKED = {"args": "*", "kwargs": "**"}  # how an argument table names them


def begin(arguments: Mapping[str, Json], fetch: Fetch = nowhere) -> State:
    """An execution before its first node; `arguments` are encoded, by parameter.

    `fetch` reads what lies in blobs.
    """
    state = State(fetch)
    state.vars.stored = dict(arguments)
    state.at = [START]
    return state


def advance(program: Program, state: State, now: float) -> Need:
    """What the state needs next; walks pure nodes."""
    if state.phase != "run":
        return undoing(program, state) if state.phase == "unwind" else leaving(state)
    walk = Walk(program, state, now)
    if state.at == [START]:
        walk.into(program.blocks["main"].root)
    return walk.run()


def succeeded(
    program: Program, state: State, now: float, result: Json, arguments: Mapping[str, Any]
) -> Need:
    """The step at the position gave `result` (encoded).

    `arguments` are all its arguments by name.
    """
    return supplied(program, state, now, result, arguments)


def supplied(
    program: Program, state: State, now: float, result: Json, arguments: Mapping[str, Any] | None
) -> Need:
    """What the node at the position gives is known: `result`, encoded.

    `arguments` as of `succeeded`; None where there is nothing to be undone.
    """
    found = program.nodes[state.at[-1]]
    if not isinstance(found, Assigns):  # a wait for a time gives nothing
        walk = Walk(program, state, now)
        walk.after(found)
        return walk.run()
    walk, node = _finished(program, state, now)
    if arguments is not None:
        push(program, walk, node, arguments, result)
    if node.plain is not None:
        walk.vars.set_stored(node.plain, result)
        walk.after(node)
        return walk.run()
    return assign_result(walk, node, result)


def failed(
    program: Program,
    state: State,
    now: float,
    error: BaseException,
    arguments: Mapping[str, Any] | None,
) -> Need:
    """The step at the position failed for good.

    Where it may have had its effect, it is to be compensated too: then `arguments` are all its
    arguments by name, else None.
    """
    walk, node = _finished(program, state, now)
    if arguments is not None:
        push(program, walk, node, arguments, None)
    node.quit(walk)
    walk.throw(node, error)
    return walk.run()


def push(
    program: Program, walk: Walk, node: Any, arguments: Mapping[str, Any], result: Json
) -> None:
    """Remember how to undo a step: its compensation, with the arguments that it takes by name.

    `result` is encoded; None where it is not known.
    """
    step, stack = getattr(node, "step", None), walk.state.stack
    if step is not None and step.spec.no_return:
        stack.append({"no_return": node.id})
    if step is None or step.spec.compensate is None:
        return
    args: dict[str, Json] = {}
    for param in program.steps[step.spec.compensate].spec.params:
        key = UNPACKED.get(param.kind, param.name)
        if param.name in arguments:
            args[key] = values.encode(arguments[param.name])
        elif param.name == RESULT:
            args[key] = result
    path, name = walk.path(node.id), walk.name()
    entry = {"step": step.spec.compensate, "node": node.id, "path": path, "args": args}
    stack.append(entry if name is None else {**entry, "branch": name})


def retried(state: State, *, unsure: bool) -> None:
    """The attempt at the position failed and will be tried again.

    `unsure`: it may have had its effect all the same.
    """
    state.tried += 1
    state.resumed = 0
    state.claimed = False  # the next attempt needs a claim of its own
    state.unsure = unsure


def woke_by_timer(program: Program, state: State, now: float) -> Need:
    """The timer that the position waits for is over."""
    walk = Walk(program, state, now)
    node: Any = program.nodes[state.at[-1]]
    try:
        node.woke(walk)
    except Exception as error:
        walk.throw(node, error)
    return _resumed(walk)


def woke_by_child(program: Program, state: State, now: float, child: str, end: Json) -> Need:
    """The child execution `child`, for which the position waits, has ended as `end` tells."""
    push_child(program, state, child, end)
    walk, node = _finished(program, state, now)
    if (error := end.get("error")) is not None:
        walk.throw(node, _of_child(node.id, state.wait, walk.vars.decode(error), now))
        return _resumed(walk)
    state.phase, state.wait = "run", None
    return assign_result(walk, node, end.get("value"))


def push_child(program: Program, state: State, child: str, end: Json) -> None:
    """Remember how to undo a child execution that has succeeded."""
    node = state.at[-1]
    state.stack += of_child(child, node, Walk(program, state, 0.0).path(node), end)


def _of_child(node: str, wait: Json, error: BaseException, now: float) -> BaseException:
    """What a parent raises where its child execution ended so: only the child was stopped."""
    if not isinstance(error, ExecutionStopped):
        return error
    if error.how != "timed_out":
        return StepError(f"the child execution of {node!r} was cancelled")
    if now >= wait.get("deadline", math.inf):
        return DeadlineExceeded(f"the deadline around {node!r} ended while it ran")
    return StepTimeout(f"the child execution of {node!r} took longer than its time limit")


def joined(
    program: Program,
    state: State,
    now: float,
    scope: str,
    ends: Sequence[Json],
    found: Json = None,
) -> Need:
    """All children of the fork at the position, `scope`, have ended.

    `ends` are the `end` parts of their last records; of a wide fork without the values, which are
    in the encoded list `found`.
    """
    walk = Walk(program, state, now)
    node = program.nodes[state.at[-1]]
    assert isinstance(node, ForkNode)  # noqa: S101
    plan = state.wait
    _push_fork(walk, scope, ends)
    for job in (job for end in ends for job in end.get("asked", ())):
        ask(walk.vars, job)
    node.joined(walk, plan, ends, found)
    return _resumed(walk)


def joined_when_stopped(program: Program, state: State, scope: str, ends: Sequence[Json]) -> None:
    """All children have ended because a scope around was stopped: keep what is to be undone.

    The stop is obeyed next.
    """
    _push_fork(Walk(program, state, 0.0), scope, ends)
    state.phase, state.wait = "run", None


def _push_fork(walk: Walk, scope: str, ends: Sequence[Json]) -> None:
    node, lanes = walk.state.at[-1], walk.state.wait["lanes"]
    left = [
        (*end.get("at", (scope, i)), end["stack"]) for i, end in enumerate(ends) if "stack" in end
    ]
    if left:
        walk.state.stack += of_fork(node, walk.path(node), lanes, left)


def unstorable(program: Program, state: State, error: BaseException) -> Need:
    """A variable or result cannot be kept.

    The branch fails with that error, without the variables concerned.
    """
    for name in [name for name in state.vars.names() if not _storable(state, name)]:
        state.vars.discard(name)
    state.wait = None
    state.tried = state.resumed = 0
    state.claimed = state.unsure = False
    walk = Walk(program, state, 0.0)
    walk.unwind(error, None)
    return undoing(program, state)


def _storable(state: State, name: str) -> bool:
    try:
        state.vars.encoded(name)
    except ValueNotStorable:
        return False
    return True


def undone(program: Program, state: State, now: float) -> Need:
    """The last compensation is done: on to the next, or out of the saga with the error."""
    state.pop()
    return _undone(program, state, now)


def undone_fork(program: Program, state: State, now: float, ends: Sequence[Json]) -> Need | None:
    """The branches that undo the unit on top of the stack have ended.

    None where one of them failed for good: what they left is on the stack now, one by one.
    """
    state.phase, state.wait = "unwind", None
    state.pop()
    if left := leftovers(ends):
        state.stack += left
        state.undone += any(end["status"] == "ok" for end in ends)
        return None
    return _undone(program, state, now)


def undone_child(program: Program, state: State, now: float) -> Need:
    """The child execution on top of the stack has undone itself."""
    state.phase, state.wait = "unwind", None
    state.pop()
    return _undone(program, state, now)


def decided(program: Program, state: State, now: float, decision: Decision) -> Need:
    """An operator has decided what becomes of the compensation that failed for good.

    It is tried again, left undone (and the next is undone), or taken for done.
    """
    state.phase = "unwind"
    if decision == "retry":
        state.tried = state.resumed = 0
        return undoing(program, state)
    state.pop()
    return _undone(program, state, now, counts=decision == "resolve")


def _undone(program: Program, state: State, now: float, *, counts: bool = True) -> Need:
    state.undone += counts
    state.tried = state.resumed = 0
    if state.saga is None or left_to_undo(program, state):
        return undoing(program, state)
    return out_of_saga(program, state, now)


def out_of_saga(program: Program, state: State, now: float) -> Need:
    """All of a saga is undone: its error goes on."""
    walk = Walk(program, state, now)
    node = program.nodes[state.saga or ""]
    assert isinstance(node, SagaNode)  # noqa: S101
    error, state.error = state.error, None
    count, state.phase, state.saga, state.undone = state.undone, "run", None, 0
    assert error is not None  # noqa: S101
    node.undone(walk, error)
    if walk.state.error is error:  # it unwinds what is around the saga as well
        state.undone += count
    return walk.run()


def stopped(program: Program, state: State, how: StopHow) -> Need:
    """A stop reaches the root: it unwinds, without compensation where that was asked for."""
    state.phase, state.saga, state.undone, state.wait = "unwind", None, 0, None
    state.tried = state.resumed = 0
    state.error = ExecutionStopped(how)
    if how == "cancelled_plain":
        state.pop(len(state.stack))
    return undoing(program, state)


def _finished(program: Program, state: State, now: float) -> tuple[Walk, Assigns]:
    node = program.nodes[state.at[-1]]
    assert isinstance(node, Assigns)  # noqa: S101
    walk = Walk(program, state, now)
    state.tried = state.resumed = 0
    state.claimed = state.unsure = False
    node.leave(walk)
    return walk, node


def assign_result(walk: Walk, node: Assigns, result: Json) -> Need:
    """Put what a node gave, encoded, where it belongs, and walk on."""
    try:
        done = node.got(walk, walk.vars.decode(result))
    except Exception as error:
        walk.throw(node, error)
    else:
        if done:
            walk.after(node)
    return walk.run()


def _resumed(walk: Walk) -> Need:
    """Walk on after a wait; an error may have turned the branch to unwinding meanwhile."""
    if walk.state.phase in ("wait", "fork"):
        walk.state.phase = "run"
    walk.state.wait = None
    return walk.run()
