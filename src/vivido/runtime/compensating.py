"""How a turn undoes: compensations of steps, and units: forks, and child executions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido import ids, values
from vivido.engine import undoing
from vivido.engine.needs import Compensate, End, UndoChild, UndoFork, names
from vivido.errors import UNDONE, ExecutionStopped, InvariantError
from vivido.model.journal import Cause, Json, Kind, Record, Status
from vivido.ports import Ack, Arm, Effect, PutStatus, Send, Wait
from vivido.runtime import ending, forking, performing
from vivido.runtime.steps import Outcome, Raised, Returned

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn

TELL = "$tell"  # the variable of a child execution that undoes itself: which wait is told its end


async def compensate(turn: Turn, need: Compensate) -> bool:
    """Run a compensation; if it fails for good, a person must decide."""
    state = turn.state
    await say_compensating(turn)
    if turn.doubt and not turn.counted:
        state.resumed += 1
        await turn.append(Kind.RESUMED, {**names(need), **pure.follows(state)})
    began = turn.engine.now()
    outcome: Outcome
    if state.resumed > turn.engine.settings.poison_bound:
        outcome = Raised(performing.poison(turn))
    else:
        outcome = await turn.engine.attempt(need, turn.execution, turn.branch, state.tried + 1)
    data = {**names(need), "attempt": state.tried + 1, "began": began}
    if need.branch is not None:
        data["branch"] = need.branch
    if isinstance(outcome, Returned):
        return await turn.settle(
            Kind.UNDONE,
            {**data, "result": outcome.result},
            pure.undone(turn.program, state, turn.engine.now()),
        )
    data["raised"] = values.encode(outcome.error)
    delay = turn.engine.retry_delay(need.step, state.tried + 1, outcome.error)
    if delay is not None:
        pure.retried(state, unsure=False)
        return await performing.come_back(turn, data, delay)
    return await gives_up(turn, data, outcome.error)


async def gives_up(turn: Turn, data: dict[str, Json], error: BaseException) -> bool:
    """A compensation has failed for good: a person must decide.

    A branch that was forked to undo another ends, and leaves it to who forked it: so the others
    come to their end first.
    """
    state = turn.state
    if undoing.source_of(state) is not None:
        return await ending.end(turn, End(error=error), data)
    state.phase = "attention"
    await turn.append(
        Kind.ATTENTION, {**data, **pure.follows(state)}, needs_attention(turn, turn.head + 1)
    )
    return False


async def say_compensating(turn: Turn) -> None:
    """META says so before the first compensation runs, so that a late twin reads the journal."""
    if turn.is_root and turn.meta.status is not Status.COMPENSATING:
        await turn.engine.ports.metas.set_status(turn.execution, Status.COMPENSATING, turn.head)
        turn.meta = replace(turn.meta, status=Status.COMPENSATING)


def needs_attention(turn: Turn, as_of: int) -> list[Effect]:
    """Say that an operator must decide; of a branch, as of the fork at which the root stands."""
    number = as_of if turn.is_root else ids.fork_of_root(turn.branch)
    return [PutStatus(turn.execution, Status.NEEDS_ATTENTION, number), Ack(turn.delivery)]


# ---------------------------------------------------------------- forks, side by side
async def undo_fork(turn: Turn, need: UndoFork) -> bool:
    """Append FORK and send branches that undo what those of another fork did."""
    await say_compensating(turn)
    turn.state.phase, turn.state.wait, turn.need = "fork", need.plan, None
    data = {**names(need), **pure.whole(turn.state)}
    first = Send(forking.children(turn, turn.head + 1))
    await turn.append(Kind.FORK, data, [first, Ack(turn.delivery)])
    return False


async def beginning(turn: Turn, state: Json, number: int) -> Json:
    """The state in which child `number` of such a fork begins; `state` is that of the FORK."""
    plan = state["wait"]
    source = undoing.source(plan, number)
    last = await turn.engine.ports.journal.last(turn.execution, source)
    if last is None or last.kind is not Kind.END:
        raise InvariantError(f"{turn.branch!r} is to undo {source!r}, which has no END")
    return undoing.beginning(plan, state["at"], number, last.data["end"])


async def join(turn: Turn, ends: list[Json]) -> bool:
    """All branches that undo have ended; if one of them has failed, a person must decide."""
    state = turn.state
    data = {"node": state.at[-1]}
    need = pure.undone_fork(turn.program, state, turn.engine.now(), ends)
    if need is not None and state.phase != "unwind":
        return await turn.settle(Kind.JOIN, data, need)
    turn.need = need
    data |= pure.follows(state)
    if need is not None:
        return await turn.move(Kind.JOIN, data)  # by itself: people look for what was undone
    await turn.append(Kind.JOIN, data)
    failed = next(end for end in ends if end["status"] == "failed")  # its stack lies on top
    said = {**undoing.title(state.stack[-1]), "raised": failed["error"]}
    return await gives_up(turn, said, state.vars.decode(failed["error"]))


# ---------------------------------------------------------------- child executions
async def undo_child(turn: Turn, need: UndoChild) -> bool:
    """Append WAIT, and have the child execution undo itself."""
    await say_compensating(turn)
    turn.state.phase, turn.need = "wait", None
    turn.state.wait = {"undo": need.execution, "at": need.n}
    await turn.append(Kind.WAIT, {**names(need), **pure.whole(turn.state)})
    return True


async def woke(turn: Turn) -> bool:
    """The head is a WAIT for a child execution that undoes itself. No stop ends it."""
    match turn.woken:
        case None:
            return await arm(turn)
        case Cause.CHILD:
            number, child = turn.head, turn.state.wait["undo"]
            data = {**undoing.title(turn.state.stack[-1]), "child": child}
            need = pure.undone_child(turn.program, turn.state, turn.engine.now())
            more = await turn.settle(Kind.UNDONE, data, need)
            await turn.engine.ports.waits.remove(turn.execution, turn.branch, number)
            return more
    await turn.perform_effects([Ack(turn.delivery)])
    return False


async def arm(turn: Turn) -> bool:
    """Ask the child execution, then look whether it has ended since: what it told may be lost."""
    wait, message = turn.state.wait, turn.engine.message
    here = {"branch": turn.branch, "n": turn.head}
    ask = message(wait["undo"], Cause.UNDO, n=wait["at"], data=here)
    item = Wait(turn.execution, turn.branch, turn.head, child=wait["undo"])
    await turn.perform_effects([Arm(item), Send([ask])])
    last = await turn.engine.ports.journal.last(wait["undo"], ids.ROOT)
    after: list[Effect] = [Ack(turn.delivery)]
    if last is not None and last.n > wait["at"]:
        if last.kind is Kind.END:
            end = undoing.told(last.data["end"], last.n)
            after.insert(0, Send([message(turn.execution, Cause.CHILD, **here, data=end)]))
        elif last.kind is Kind.UNDO:  # its META may not say so yet
            after.insert(0, Send([message(wait["undo"], Cause.UNDO, n=last.n)]))
    await turn.perform_effects(after)
    return False


async def undo_execution(turn: Turn) -> bool:
    """This child execution has succeeded, and its parent is undone: so it undoes itself."""
    state, end = turn.state, turn.state.wait
    if end["status"] != Status.SUCCEEDED or "stack" not in end:
        await turn.perform_effects([Ack(turn.delivery)])
        return False
    state.phase, state.wait, state.error = "unwind", None, ExecutionStopped(UNDONE)
    state.stack, state.saga, state.undone = list(end["stack"]), None, 0
    for name in state.vars.names():
        state.vars.discard(name)
    state.vars[TELL] = turn.message.data
    turn.need, number = None, turn.head + 1
    status = PutStatus(turn.execution, Status.COMPENSATING, number)
    await turn.append(Kind.UNDO, pure.whole(state), [status])
    meta = await turn.engine.ports.metas.get(turn.execution)
    if meta is None or meta.status.is_end:  # all is undone already: this delivery comes late
        await turn.perform_effects([Ack(turn.delivery)])
        return False
    turn.meta = meta
    return True


def tells(turn: Turn, end: Json, number: int) -> Send | None:
    """Tell the parent execution, if there is one, of the END that is record `number`."""
    parent = turn.meta.parent
    if parent is None:
        return None
    place: Json = turn.state.vars.get(TELL) or {"branch": parent.branch, "n": parent.n}
    data = undoing.told(end, number)
    return Send([turn.engine.message(parent.execution, Cause.CHILD, data=data, **place)])


async def child_end(turn: Turn) -> Json | None:
    """How the child execution has ended that the head waits for: what it told may be lost."""
    child = ids.child_execution_id(turn.execution, turn.branch, turn.head)
    last: Record | None = await turn.engine.ports.journal.last(child, ids.ROOT)
    if last is None or last.kind is not Kind.END:
        return None
    return undoing.told(last.data["end"], last.n)
