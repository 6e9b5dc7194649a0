"""`spawn(…)` and `job.result()`: a fork of one child whose parent goes on, joined when asked for.

The SPAWN record holds the state in which the job begins (`begins`); its number names the job, and
the handle in a variable of the author names that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vivido import ids, values
from vivido.authoring.batch import STOPPED
from vivido.authoring.jobs import Handle
from vivido.engine import handles
from vivido.engine.effects import SagaNode
from vivido.engine.fork import BranchEntry
from vivido.engine.needs import JoinJob, Need, Spawn
from vivido.engine.outcomes import assign_result, out_of_saga
from vivido.engine.program import Assigns, Body, Program
from vivido.engine.state import State
from vivido.engine.undoing import left_to_undo, of_fork, undoing
from vivido.engine.walk import BRANCH, Walk
from vivido.errors import ExecutionStopped, StepError
from vivido.model import nodes as spec
from vivido.model.journal import Json


class SpawnNode(Assigns):
    """`spawn(…)`: starts a branch, and goes on."""

    def __init__(self, node: spec.Spawn, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.entry = BranchEntry(self, 0, node.branch, load)
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        walk.in_time()
        path = walk.path(self.id)
        return Spawn(self, path, f"{walk.name() or ids.ROOT}.{path}")

    def begins(self, variables: Mapping[str, Json], name: str) -> dict[str, Json]:
        """The state in which the job begins; `variables` are those that it captures, encoded."""
        told = {"i": 0, "width": 1, "lanes": 1, "name": f"{name}:0", "job": True}
        return {"at": [self.entry.id], "vars": {**variables, BRANCH: told}}


class JoinNode(Assigns):
    """`job.result()`."""

    def __init__(self, node: spec.Join, load: Any, body: Body, index: int) -> None:
        super().__init__(node, load, body, index)
        self.job = load.expression(node.job)
        self.aim(node, load)

    def enter(self, walk: Walk) -> Need | None:
        deadline = walk.in_time()
        job = walk.value(self.job)
        if not isinstance(job, Handle):
            raise TypeError(f"result() is for jobs that spawn() started, not for {job!r:.200}")
        path = walk.path(self.id)
        return JoinJob(self.id, path, job.scope, job.execution, deadline=deadline)

    def woke(self, walk: Walk) -> None:
        """The time around it is over: entered again, it says so."""


KINDS: dict[Any, Any] = {spec.Spawn: SpawnNode, spec.Join: JoinNode}


# ---------------------------------------------------------------- outcomes
def spawned(program: Program, state: State, now: float, handle: Handle, path: str) -> Need:
    """A job was started: its handle is assigned, and the branch goes on."""
    walk, node = Walk(program, state, now), program.nodes[state.at[-1]]
    assert isinstance(node, SpawnNode)  # noqa: S101
    walk.vars[handles.JOB + handle.scope] = {"node": node.id, "path": path}
    try:
        node.assign(walk, handle)
    except Exception as error:
        walk.throw(node, error)
    else:
        walk.after(node)
    return walk.run()


def job_joined(program: Program, state: State, now: float, scope: str, end: Json) -> Need:
    """A job has ended so: its result is asked for, or control leaves where it was spawned."""
    if state.phase == "wait":
        state.phase, state.wait = state.wait["then"], None
    walk = Walk(program, state, now)
    said = walk.vars.get(handles.JOB + scope)
    _close(walk, scope, said, end)
    node: Any = program.nodes[state.at[-1]]
    if state.phase == "unwind":
        if state.saga is None or left_to_undo(program, state) or handles.to_stop(state):
            return undoing(program, state)
        return out_of_saga(program, state, now)
    if state.phase == "run" and isinstance(node, JoinNode):
        if said is None:
            handles.ask(walk.vars, scope)
        if (error := _error_of(walk, end)) is None:
            return assign_result(walk, node, end["value"])
        walk.throw(node, error)
        return walk.run()
    return _left(walk, node, end, asked=said is None or said.get("asked", False))


def _left(walk: Walk, node: Any, end: Json, *, asked: bool) -> Need:
    """A job is joined where control leaves: its error is raised there, unless somebody has had it.

    Of a job that was stopped there is nothing to say.
    """
    state = walk.state
    if end["status"] != "failed" or asked:
        return handles.leaving(state) if state.phase == "leave" else walk.run()
    error = walk.vars.decode(end["error"])
    if state.phase == "leave":
        walk.vars.discard(handles.KEPT)
        walk.unwind(error, None)
    else:
        assert isinstance(node, SagaNode)  # noqa: S101
        node.failed(walk, error)
    return walk.run()


def _close(walk: Walk, scope: str, said: Json, end: Json) -> None:
    """Forget that the job is open, and push what of it may have to be undone."""
    for other in end.get("asked", ()):
        handles.ask(walk.vars, other)
    if said is None:
        return
    walk.vars.discard(handles.JOB + scope)
    error = walk.state.error
    plain = isinstance(error, ExecutionStopped) and error.how == "cancelled_plain"
    if "stack" in end and not plain:
        walk.state.stack += of_fork(said["node"], said["path"], 1, [(scope, 0, end["stack"])])


def _error_of(walk: Walk, end: Json) -> BaseException | None:
    if end["status"] == "failed":
        error: BaseException = walk.vars.decode(end["error"])
        return error
    return None if end["status"] == "ok" else StepError(STOPPED)


def failed_end(error: BaseException) -> Json:
    """The end of a job that is none of this execution's."""
    return {"status": "failed", "error": values.encode(error)}
