"""How a turn starts jobs, and joins them: what spawn, result and the end of a scope come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido.authoring.jobs import Handle
from vivido.engine import handles, spawning
from vivido.engine.needs import JoinJob, Spawn, names
from vivido.engine.racing import FIRST
from vivido.engine.walk import BRANCH
from vivido.errors import StepError, ValueNotStorable
from vivido.model.journal import Cause, Json, Kind, Message, Record, StopHow
from vivido.ports import Ack, Arm, Back, Effect, Send, Stop, Unstop
from vivido.ports.sets import Wait as WaitItem
from vivido.runtime import ending, forking, waiting

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


def branch_of(scope: str) -> str:
    """The branch of a job."""
    return f"{scope}:0"


def first_message(turn: Turn, scope: str, begins: Json = None, *, doubt: bool = False) -> Message:
    """The message with which a job begins."""
    return turn.engine.message(turn.execution, branch=branch_of(scope), state=begins, doubt=doubt)


async def spawn(turn: Turn, need: Spawn) -> bool:
    """Append SPAWN, send the job's first message, and go on."""
    state, scope = turn.state, f"{turn.branch}.{turn.head + 1}"
    try:
        captured = state.vars.all_encoded(need.node.entry.captured)
        begins = need.node.begins(captured, need.name)
        handle = Handle(turn.execution, scope)
        after = spawning.spawned(turn.program, state, turn.engine.now(), handle, need.path)
        data = {**names(need), "begins": begins, **pure.follows(state)}
        turn.need = after
        first = Send([first_message(turn, scope, begins)])
        return await turn.move(Kind.SPAWN, data, [first])
    except ValueNotStorable as error:
        state.vars.discard(handles.JOB + scope)
        return await turn.refuse(error, names(need))


async def owed(turn: Turn) -> None:
    """What the head obliges to where it is a SPAWN; and in doubt, that every job has begun."""
    if (begins := turn.state.sends) is not None:
        scope = f"{turn.branch}.{turn.head}"
        await turn.perform_effects([Send([first_message(turn, scope, begins)])])
    if not turn.message.doubt or turn.state.phase == "ended":
        return
    for scope in handles.open_jobs(turn.state.vars):
        if await last(turn, scope) is None:
            await turn.perform_effects([Send([first_message(turn, scope, doubt=True)])])


# ---------------------------------------------------------------- joining
async def join(turn: Turn, need: JoinJob) -> bool:
    """Join a job that has ended; else stop it, if nobody wants it any more, and wait for it."""
    state, scope = turn.state, need.scope
    if need.execution not in (None, turn.execution):
        error = StepError("the job was started by another execution: only that can join it")
        return await joined(turn, scope, spawning.failed_end(error))
    if (end := await ended(turn, scope)) is not None:
        return await joined(turn, scope, end)
    if need.stop and turn.meta.stopped(turn.branch) is None:
        await stop(turn, scope, "failed")
        await take_back(turn, scope)
    state.wait = {"job": scope, "then": state.phase}
    if need.deadline is not None:
        state.wait |= {"timer": need.deadline, "deadline": need.deadline}
    state.phase, turn.need = "wait", None
    try:
        await turn.append(Kind.WAIT, {**names(need), **pure.whole(state)})
    except ValueNotStorable as error:
        return await turn.refuse(error, names(need))
    return True


async def joined(turn: Turn, scope: str, end: Json) -> bool:
    """Append JOIN with what follows from how a job has ended."""
    state, number = turn.state, turn.head
    waited = state.phase == "wait"
    then = state.wait["then"] if waited else state.phase
    if end["status"] == "stopped" and then != "unwind":
        meta = await turn.engine.ports.metas.get(turn.execution)
        turn.meta = meta or turn.meta
        if (how := turn.meta.stopped(turn.branch)) is not None:  # a stop around both
            return await leave(turn, scope, how)
    data: dict[str, Json] = {"node": state.at[-1], "job": scope}
    stops = scope in turn.meta.stops or then == "unwind" or end["status"] == "stopped"
    if stops and handles.JOB + scope in state.vars:  # META as it was read need not name it yet
        data["unstop"] = scope
    after = spawning.job_joined(turn.program, state, turn.engine.now(), scope, end)
    more = await turn.settle(Kind.JOIN, data, after)
    if waited:
        await turn.engine.ports.waits.remove(turn.execution, turn.branch, number)
    return more


async def last(turn: Turn, scope: str) -> Record | None:
    """The last record of a job."""
    return await turn.engine.ports.journal.last(turn.execution, branch_of(scope))


async def ended(turn: Turn, scope: str) -> Json:
    """How a job has ended; None where it has not."""
    record = await last(turn, scope)
    if record is None or record.kind is not Kind.END:
        return None
    return forking.end_of(turn, record)


async def stop(turn: Turn, scope: str, how: StopHow) -> None:
    """Stop a job, and wake what waits in it."""
    sweep = turn.engine.message(turn.execution, Cause.SWEEP, data=scope)
    await turn.perform_effects([Stop(turn.execution, scope, how), Send([sweep])])
    turn.meta = turn.meta.with_stop(scope, how, turn.engine.now())


async def take_back(turn: Turn, scope: str) -> None:
    """A late twin removes the stop of a job that is joined meanwhile: nobody else would."""
    for record in await turn.engine.ports.journal.read(turn.execution, turn.branch, turn.head):
        if record.data.get("job") == scope:
            await turn.perform_effects([Unstop(turn.execution, scope)])


# ---------------------------------------------------------------- waiting
async def wake(turn: Turn) -> bool:
    """The head is a WAIT for a job. While a branch unwinds, no stop ends that."""
    wait = turn.state.wait
    if turn.woken is None:
        return await arm(turn)
    how = turn.meta.stopped(turn.branch)
    if how is not None and wait["then"] != "unwind":
        return await leave(turn, wait["job"], how)
    if turn.woken is Cause.TIMER and "timer" in wait:
        if (left := wait["timer"] - turn.engine.now()) > 0:
            await turn.perform_effects([Back(turn.delivery, left)])
            return False
        data = {"node": turn.state.at[-1], "by": "timer"}
        after = pure.woke_by_timer(turn.program, turn.state, turn.engine.now())
        return await waiting.woke(turn, data, after)
    if turn.woken is Cause.JOIN and (end := await ended(turn, wait["job"])) is not None:
        return await joined(turn, wait["job"], end)
    await turn.perform_effects([Ack(turn.delivery)])
    return False


async def arm(turn: Turn) -> bool:
    """Put the wait item, then look whether the job has ended. Each side writes before it reads."""
    wait, here = turn.state.wait, {"branch": turn.branch, "n": turn.head}
    timer = wait.get("timer")
    item = WaitItem(turn.execution, turn.branch, turn.head, timer=timer, job=wait["job"])
    effects: list[Effect] = [Arm(item)]
    if timer is not None:
        alarm = turn.engine.message(turn.execution, Cause.TIMER, **here)
        effects.append(Send([alarm], max(0.0, timer - turn.engine.now())))
    await turn.perform_effects(effects)
    causes = []
    if await ended(turn, wait["job"]) is not None:
        causes.append(Cause.JOIN)
    meta = await turn.engine.ports.metas.get(turn.execution)
    if meta is not None and meta.stopped(turn.branch) and wait["then"] != "unwind":
        causes.append(Cause.STOP)
    told = [turn.engine.message(turn.execution, cause, **here) for cause in causes]
    after: list[Effect] = [Send(told)] if told else []
    await turn.perform_effects([*after, Ack(turn.delivery)])
    return False


async def leave(turn: Turn, scope: str, how: StopHow) -> bool:
    """A stop reaches a branch that asks for a job."""
    if turn.state.phase == "wait":
        turn.state.phase, turn.state.wait = turn.state.wait["then"], None
    await lose(turn, scope)
    return await ending.obey(turn, how)


async def lose(turn: Turn, scope: str) -> None:
    """A branch of a race that waits for a job of another branch has lost: so has the job."""
    variables = turn.state.vars
    told = variables.get(BRANCH, {})
    if told.get(FIRST) and handles.JOB + scope not in variables:
        await stop(turn, scope, "decided")
