"""How a turn arms a wait, and what it does when something wakes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido import ids
from vivido.engine.needs import Need, Wait, names
from vivido.errors import ValueNotStorable
from vivido.model.journal import Cause, Json, Kind, Message
from vivido.ports import Ack, Arm, Back, Effect, Send
from vivido.ports.sets import Wait as WaitItem
from vivido.runtime import compensating, ending, jobs, limiting, starting

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


async def wait(turn: Turn, need: Wait) -> bool:
    """Append WAIT and arm it."""
    state = turn.state
    state.phase, turn.need = "wait", None
    state.wait = {
        name: value
        for name in ("timer", "child", "deadline")
        if (value := getattr(need, name)) is not None
    }
    try:
        await turn.append(Kind.WAIT, {**names(need), **pure.whole(state)})
    except ValueNotStorable as error:
        return await turn.refuse(error, names(need))
    return True


async def arm(turn: Turn) -> bool:
    """Make sure that something wakes the branch. Each side writes before it reads."""
    wait = turn.state.wait
    timer, child = wait.get("timer"), wait.get("child")
    effects: list[Effect] = [
        Arm(
            WaitItem(
                turn.execution,
                turn.branch,
                turn.head,
                timer=timer,
                child=child and child["workflow"],
            )
        )
    ]
    if timer is not None:
        message = turn.engine.message(
            turn.execution,
            Cause.TIMER,
            branch=turn.branch,
            n=turn.head,
            state=turn.state.snapshot(),
        )
        effects.append(Send([message], max(0.0, timer - turn.engine.now())))
    if child is not None:
        place = (turn.branch, turn.head, child, wait.get("deadline"))
        doubt = turn.message.doubt
        effects += await starting.child_start(turn.engine, turn.meta, *place, doubt=doubt)
    await turn.perform_effects(effects)
    there = await came(turn)
    await turn.perform_effects([*([Send(there)] if there else []), Ack(turn.delivery)])
    return False


async def came(turn: Turn) -> list[Message]:
    """What is there already: the end of a child execution, if what it told was lost; a stop."""
    here = {"branch": turn.branch, "n": turn.head}
    found: list[Message] = []
    if "child" in turn.state.wait and (end := await compensating.child_end(turn)) is not None:
        found.append(turn.engine.message(turn.execution, Cause.CHILD, **here, data=end))
    meta = await turn.engine.ports.metas.get(turn.execution)
    if meta is not None and meta.stopped(turn.branch):
        found.append(turn.engine.message(turn.execution, Cause.STOP, **here))
    return found


async def wake(turn: Turn) -> bool:  # noqa: C901, PLR0911  one for each cause
    """The head is a WAIT: arm it, or go on with what came."""
    if limiting.is_turn(turn.state.wait):
        return await limiting.wake(turn)
    if "job" in turn.state.wait:
        return await jobs.wake(turn)
    wait, how = turn.state.wait, turn.meta.stopped(turn.branch)
    if "undo" in wait:
        return await compensating.woke(turn)
    if how is not None and turn.woken is not None:
        if "child" in wait and turn.woken is not Cause.CHILD:
            await turn.engine.stop_child(turn.execution, turn.branch, turn.head, how)
            await turn.perform_effects([Ack(turn.delivery)])
            return False
        if turn.woken is Cause.CHILD:
            pure.push_child(turn.program, turn.state, _child(turn), turn.message.data)
        turn.state.phase, turn.state.wait = "run", None
        return True if turn.state.unsure else await ending.obey(turn, how)
    now = turn.engine.now()
    match turn.woken:
        case None:
            return await arm(turn)
        case Cause.TIMER if (left := wait.get("timer", 0.0) - now) > 0:
            await turn.perform_effects([Back(turn.delivery, left)])
            return False
        case Cause.TIMER:
            return await woke(
                turn,
                {"node": turn.state.at[-1], "by": "timer"},
                pure.woke_by_timer(turn.program, turn.state, now),
            )
        case Cause.CHILD:
            return await woke(
                turn,
                {"node": turn.state.at[-1], "by": "child"},
                pure.woke_by_child(turn.program, turn.state, now, _child(turn), turn.message.data),
            )
    await turn.perform_effects([Ack(turn.delivery)])
    return False


async def woke(turn: Turn, data: dict[str, Json], need: Need) -> bool:
    """What was waited for came; the wait item is not needed any more."""
    number = turn.head
    more = await turn.settle(Kind.WOKE, data, need)
    await turn.engine.ports.waits.remove(turn.execution, turn.branch, number)
    return more


def _child(turn: Turn) -> str:
    """The child execution that the head waits for."""
    return ids.child_execution_id(turn.execution, turn.branch, turn.head)
