"""What a turn does where a person must decide, and what that person decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vivido import engine as pure
from vivido import ids
from vivido.engine import undoing
from vivido.engine.needs import End
from vivido.model.journal import Cause, Json, Kind, Status
from vivido.ports import Effect, PutStatus
from vivido.runtime import compensating

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn

SAID = ("who", "asked", "note")  # of each request: who, when (seconds since 1970), and why


async def attention(turn: Turn) -> bool:
    """The head says that an operator must decide, or this message says what one has decided."""
    if turn.woken is Cause.OPERATOR:
        return await decided(turn, turn.message.data)
    await turn.perform_effects(compensating.needs_attention(turn, turn.head))
    return False


async def decided(turn: Turn, said: Json) -> bool:
    """Record the decision, with who made it, and go on."""
    data = {**undoing.title(turn.state.stack[-1]), **said_by(said), "decision": said["decision"]}
    if said.get("value") is not None:
        data["result"] = said["value"]
    turn.need = need = pure.decided(turn.program, turn.state, turn.engine.now(), said["decision"])
    if isinstance(need, End) and turn.state.phase == "run":
        return await turn.settle(Kind.OPERATOR, data, need)
    effects: list[Effect] = []
    if turn.is_root:
        status = Status.COMPENSATING if turn.state.phase == "unwind" else Status.RUNNING
        effects.append(PutStatus(turn.execution, status, turn.head + 1))
        turn.meta = replace(turn.meta, status=status)
    await turn.append(Kind.OPERATOR, data | pure.follows(turn.state), effects)
    await moves(turn)
    return True


async def moves(turn: Turn) -> None:
    """Of a branch of a fork: say that the execution runs, unless another stands before a decision.

    Each side writes before it reads.
    """
    if turn.is_root:
        return
    metas, fork = turn.engine.ports.metas, ids.fork_of_root(turn.branch)
    await metas.set_status(turn.execution, Status.RUNNING, fork)
    after = ""
    while page := await turn.engine.ports.journal.heads(turn.execution, after):
        if any(record.kind is Kind.ATTENTION for _, record in page):
            await metas.set_status(turn.execution, Status.NEEDS_ATTENTION, fork)
            return
        after = page[-1][0]


def said_by(said: Json) -> dict[str, Json]:
    """Who asked, when and why: a part of the record that came of it."""
    return {name: said[name] for name in SAID if said.get(name) is not None}
