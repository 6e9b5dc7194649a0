"""How a turn gets what the limits of a step ask for, waits for it, and gives it back.

A slot is taken before the body and given up after the record of its outcome, which names it: so
whoever finds that record at the head gives it up again. Who finds no slot free records WAIT and
lines up. Nobody waits for the dead: each who waits keeps a guard in the queue, a delayed message
that looks at the key when the first of its leases ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from vivido import engine as pure
from vivido import ids
from vivido.engine.needs import Perform, names
from vivido.errors import ValueNotStorable
from vivido.model.journal import Cause, Json, Kind, Message
from vivido.ports import Ack, Arm, Back, Effect, Send
from vivido.ports.limits import Claim, Slot, Standing
from vivido.ports.sets import Wait as WaitItem
from vivido.runtime import ending, performing

if TYPE_CHECKING:
    from vivido.engine.limits import Bound, Limited
    from vivido.runtime.engine import Engine
    from vivido.runtime.turn import Turn

BEFORE = frozenset({Kind.CLAIM, Kind.RESUMED, Kind.SET, Kind.WAIT})  # records of a step to come
_GUARDS_A_LEASE = 4  # guards come at multiples of this part of a lease, so that many are one


# ------------------------------------------------------------------ before a step
async def admit(turn: Turn, need: Perform, limits: Limited) -> bool | None:
    """Take what the limits ask for. None: the step may run; else the delivery's answer."""
    if turn.slot is not None and turn.slot.fence is not None:
        return None
    try:
        named = turn.engine.named(need)
        priority = limits.priority_of(named)
        keys = [
            None if bound is None else (bound, bound.key_of(named))
            for bound in (limits.concurrency, limits.rate)
        ]
    except Exception as error:  # noqa: BLE001  what the author's expression raises is the step's
        return await performing.given_up(turn, need, error, begun=False)
    concurrency, rate = keys
    if concurrency is not None:
        claim = claim_of(turn, need, *concurrency, priority)
        entered = await turn.engine.ports.limits.enter(claim)
        await send(turn, entered.wakes)
        if entered.slot is None:
            return await wait(turn, need, claim)
        hold(turn, entered.slot)
    if rate is not None and not turn.paid:
        return await pay(turn, need, *rate)
    return None


def claim_of(turn: Turn, need: Perform, bound: Bound, key: str, priority: float) -> Claim:
    """The step asks; the same each time, but for since when it waits."""
    waited: Any = turn.waited or {}
    return Claim(
        bound.name,
        key,
        turn.execution,
        f"{turn.branch}/{need.path}",
        bound.bound,
        turn.meta.created,
        waited.get("since", turn.engine.now()),
        priority,
        turn.engine.settings.lease_seconds,
        under=tuple(turn.own),
    )


async def pay(turn: Turn, need: Perform, rate: Bound, key: str) -> bool | None:
    """Reserve a token, and wait for its time; a slot that is held is held until then."""
    at = await turn.engine.ports.limits.take(
        rate.name, key, bound=rate.bound, period=rate.period, stated=turn.meta.created
    )
    turn.paid = True
    left = at - turn.engine.now()
    if left <= 0:
        return None
    what: dict[str, Json] = {"timer": at, "token": [rate.name, key]}
    if (slot := turn.slot) is not None:
        lease = left + turn.engine.settings.lease_seconds
        await turn.engine.ports.limits.renew([slot], lease)
        turn.engine.held.pop(slot, None)
        turn.slot, what["slot"] = None, slot.as_json()
    return await record(turn, need, what)


async def wait(turn: Turn, need: Perform, claim: Claim) -> bool:
    """Record that it waits for a slot, and line up; at its WAIT already, line up again."""
    state = turn.state
    if (
        turn.waited is not None
        and turn.waited["at"] == turn.head
        and "limit" in turn.waited["wait"]
    ):
        state.phase, state.wait, turn.need = "wait", turn.waited["wait"], None
        return await line_up(turn)
    what = {"limit": _claim_json(claim), "timer": need.deadline, "paid": turn.paid or None}
    return await record(turn, need, what)


async def record(turn: Turn, need: Perform, what: dict[str, Json]) -> bool:
    """Append WAIT; a step that may have begun says so."""
    state = turn.state
    state.unsure = state.unsure or turn.doubt
    state.phase, turn.need = "wait", None
    state.wait = {name: value for name, value in what.items() if value is not None}
    try:
        await turn.append(Kind.WAIT, {**names(need), **pure.whole(state)})
    except ValueNotStorable as error:
        return await turn.refuse(error, names(need))
    return True


# ------------------------------------------------------------------ in the line
def is_turn(wait: Json) -> bool:
    """Whether a WAIT is one of a step for its turn."""
    return "limit" in wait or "token" in wait


async def wake(turn: Turn) -> bool:
    """The head is a WAIT for a turn: line up, or perform the step."""
    wait, how, state = turn.state.wait, turn.meta.stopped(turn.branch), turn.state
    if turn.woken is None:
        return await line_up(turn)
    if how is not None and not state.unsure:
        turn.slot = _slot_of(turn, wait)
        state.phase, state.wait = "run", None
        return await ending.obey(turn, how)
    now = turn.engine.now()
    match turn.woken:
        case Cause.TIMER if (left := wait.get("timer", now) - now) > 0:
            await turn.perform_effects([Back(turn.delivery, left)])
            return False
        case Cause.TIMER | Cause.SLOT:
            since = wait["limit"]["since"] if "limit" in wait else now
            turn.waited = {"at": turn.head, "wait": wait, "since": since}
            turn.paid = "token" in wait or "paid" in wait
            if turn.woken is Cause.TIMER and "limit" in wait:  # the deadline around it is over
                turn.slot = _slot_of(turn, wait)
            state.phase, state.wait = "run", None
            return True
    await turn.perform_effects([Ack(turn.delivery)])
    return False


async def line_up(turn: Turn) -> bool:
    """Make sure that something wakes the branch. Each side writes before it reads."""
    wait, engine = turn.state.wait, turn.engine
    timer, limit, effects = wait.get("timer"), wait.get("limit"), list[Effect]()
    item = WaitItem(turn.execution, turn.branch, turn.head, timer=timer, limit=_shown(wait))
    place = {"branch": turn.branch, "n": turn.head}
    if timer is not None:
        message = engine.message(turn.execution, Cause.TIMER, **place)
        delay = max(0.0, timer - engine.now())
        effects = [Send([message], delay)]
    await turn.perform_effects([Arm(item), *effects])
    if limit is not None:
        claim = _claim(turn, limit)
        asked = [claim.limit, claim.key, claim.place]
        # A twin of this wake may have performed the step: the next one stands for it.
        line = tuple(sorted(turn.own))
        message = engine.message(turn.execution, Cause.SLOT, **place, line=line, data=asked)
        standing = await engine.ports.limits.line_up(claim, message)
        await turn.perform_effects(woken(standing) + guard(engine, claim, standing))
    after: list[Effect] = [Ack(turn.delivery)]
    meta = await engine.ports.metas.get(turn.execution)
    if meta is not None and meta.stopped(turn.branch) and not turn.state.unsure:
        after.insert(0, Send([engine.message(turn.execution, Cause.STOP, **place)]))
    await turn.perform_effects(after)
    return False


async def forget(engine: Engine, message: Message) -> None:
    """A wake finds its WAIT over: give up what was granted for it, and wake who gets that."""
    limit, key, place = message.data
    slot = Slot(limit, key, message.execution, place, None)
    if wakes := await engine.ports.limits.forget(slot, message.n):
        await engine.put([Send(wakes)])


def woken(standing: Standing) -> list[Effect]:
    """Send the wakes."""
    return [Send(standing.wakes)] if standing.wakes else []


async def send(turn: Turn, wakes: Sequence[Message]) -> None:
    """Wake others."""
    if wakes:
        await turn.perform_effects([Send(wakes)])


# ------------------------------------------------------------------ guards
def guard(engine: Engine, key: Claim | Slot, standing: Standing) -> list[Effect]:
    """See to it that somebody looks when the first lease ends; its id says for whom and when.

    Who lines up later finds the same guard, or one that comes sooner.
    """
    if not standing.waits:
        return []
    now, part = engine.now(), engine.settings.lease_seconds / _GUARDS_A_LEASE
    end = now if standing.first_end is None else max(now, standing.first_end)
    due = (math.floor(end / part) + 1) * part
    name = "\0".join((key.limit, key.key, key.execution, repr(due)))
    message = Message(
        f"lapse-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}",
        key.execution,
        ids.ROOT,
        0,
        Cause.LAPSE,
        data=[key.limit, key.key],
    )
    return [Send([message], due - now)]


async def lapse(engine: Engine, message: Message) -> None:
    """A guard has come: free what is over, wake who is next, and send the next guard."""
    limit, key = message.data
    standing = await engine.ports.limits.lapse(limit, key, message.execution)
    at = Slot(limit, key, message.execution, "", None)
    await engine.put([*woken(standing), *guard(engine, at, standing)])


# ------------------------------------------------------------------ giving back
def hold(turn: Turn, slot: Slot) -> None:
    """Hold a slot until the outcome is recorded; its lease is renewed as long as that takes."""
    turn.slot = slot
    turn.engine.held[slot] = None


async def left(turn: Turn, kind: Kind) -> None:
    """A record was appended: with an outcome, the slot and the wait for it are over."""
    if kind in BEFORE:
        return
    if turn.slot is not None:
        turn.engine.held.pop(turn.slot, None)
    if turn.waited is not None:
        await turn.engine.ports.waits.remove(turn.execution, turn.branch, turn.waited["at"])
    turn.slot, turn.waited, turn.paid = None, None, False


def _slot_of(turn: Turn, wait: Json) -> Slot | None:
    """What a branch that waits may have: a place in the line, or a slot."""
    if "limit" in wait:
        claim = _claim(turn, wait["limit"])
        return Slot(claim.limit, claim.key, claim.execution, claim.place, None)
    return replace(Slot(*wait["slot"]), fence=None) if "slot" in wait else None


def _claim_json(claim: Claim) -> Json:
    return {
        "limit": claim.limit,
        "key": claim.key,
        "place": claim.place,
        "bound": claim.bound,
        "since": claim.since,
        "priority": claim.priority,
    }


def _claim(turn: Turn, data: Json) -> Claim:
    return Claim(
        execution=turn.execution,
        stated=turn.meta.created,
        lease_seconds=turn.engine.settings.lease_seconds,
        under=tuple(turn.own),
        **data,
    )


def _shown(wait: Json) -> Json:
    """What the wait item says for people: limit and key."""
    return [wait["limit"]["limit"], wait["limit"]["key"]] if "limit" in wait else wait["token"]
