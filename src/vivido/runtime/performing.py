"""How a turn performs steps, and records what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vivido import engine as pure
from vivido import values
from vivido.engine.needs import Perform, names
from vivido.errors import PoisonMessage, StepInterrupted
from vivido.model.journal import Json, Kind
from vivido.ports import Back
from vivido.runtime import limiting
from vivido.runtime.steps import Outcome, Raised, Returned

if TYPE_CHECKING:
    from vivido.runtime.turn import Turn


async def perform(turn: Turn, need: Perform) -> bool:
    """Run a step and record what came of it."""
    state = turn.state
    outcome: Outcome
    if state.claimed and not turn.claims:
        return await interrupted(turn, need)
    if need.deadline is not None and turn.engine.now() >= need.deadline:
        begun = turn.doubt or state.unsure
        return await given_up(turn, need, pure.too_late(need.node), begun=begun)
    if (limits := need.step.limits) is not None:
        waits = await limiting.admit(turn, need, limits)
        if waits is not None:
            return waits
    if _counts(turn, need) and state.resumed >= turn.engine.settings.poison_bound:
        return await given_up(turn, need, poison(turn), begun=True)
    await announce(turn, need)
    if state.unrecorded:
        await turn.append(Kind.SET, pure.follows(state))
    began = turn.engine.now()
    outcome = await turn.engine.attempt(need, turn.execution, turn.branch, state.tried + 1)
    if isinstance(outcome, Raised):
        return await raised(turn, need, outcome, began)
    return await returned(turn, need, outcome, began)


async def announce(turn: Turn, need: Perform) -> None:
    """Record that it begins, where another delivery has to know: CLAIM, or RESUMED."""
    state = turn.state
    if need.step.spec.at_most_once:
        if not state.claimed:
            state.claimed = True
            until = turn.engine.claim_ends(need)
            await turn.append(Kind.CLAIM, {**names(need), "until": until, **pure.follows(state)})
    elif _counts(turn, need):
        state.resumed += 1
        await turn.append(Kind.RESUMED, {**names(need), **pure.follows(state)})


def _counts(turn: Turn, need: Perform) -> bool:
    """Whether it may have begun, and no record says so yet: a claim would."""
    return turn.doubt and not turn.counted and not need.step.spec.at_most_once


async def returned(turn: Turn, need: Perform, outcome: Returned, began: float) -> bool:
    """The step gave a result."""
    data = {
        **names(need),
        "attempt": turn.state.tried + 1,
        "began": began,
        "result": outcome.result,
    }
    node: Any = turn.program.nodes[need.node]
    after = pure.succeeded(
        turn.program, turn.state, turn.engine.now(), outcome.result, outcome.arguments
    )
    return await turn.settle(Kind.OK, data, after, node.plain, outcome.result)


async def raised(turn: Turn, need: Perform, outcome: Raised, began: float) -> bool:
    """The attempt failed: try again, or let the workflow handle it."""
    state, number = turn.state, turn.state.tried + 1
    data = {
        **names(need),
        "attempt": number,
        "began": began,
        "raised": values.encode(outcome.error),
    }
    delay = turn.engine.retry_delay(need.step, number, outcome.error)
    if delay is None:
        after = pure.failed(
            turn.program, state, turn.engine.now(), outcome.error, outcome.arguments
        )
        if state.error is outcome.error:  # the state says it
            del data["raised"]
        return await turn.settle(Kind.ERROR, data, after)
    pure.retried(state, unsure=outcome.arguments is not None)
    if (
        delay <= turn.engine.settings.short_backoff_seconds
        and number % turn.engine.settings.attempts_per_message
    ):
        return await come_back(turn, data, delay)
    state.phase, state.wait = "wait", {"timer": turn.engine.now() + delay}
    await turn.append(
        Kind.ATTEMPT, {**data, "again_at": turn.engine.now() + delay, **pure.whole(state)}
    )
    return True


async def come_back(turn: Turn, data: dict[str, Json], delay: float) -> bool:
    """Give the message back: its next delivery is asked for."""
    data = {
        **data,
        "receives": turn.delivery.receives,
        "again_at": turn.engine.now() + delay,
        **pure.follows(turn.state),
    }
    await turn.append(Kind.ATTEMPT, data, [Back(turn.delivery, delay)])
    return False


async def interrupted(turn: Turn, need: Perform) -> bool:
    """Another delivery has claimed the step and left no outcome.

    Wait for the claim's end, then fail.
    """
    claim = (await turn.engine.ports.journal.read(turn.execution, turn.branch, turn.head - 1, 1))[0]
    left = claim.data["until"] - turn.engine.now()
    if left > 0:
        await turn.perform_effects([Back(turn.delivery, left)])
        return False
    error = StepInterrupted(
        f"step {need.step.name!r} began at most once and its outcome is lost: look at its "
        "effect before you run it again"
    )
    return await given_up(turn, need, error, begun=True, began=claim.time)


async def given_up(
    turn: Turn, need: Perform, error: Exception, *, begun: bool, began: float | None = None
) -> bool:
    """The step fails without another attempt; `begun`: an earlier one may have had its effect."""
    arguments = turn.engine.named(need) if begun else None
    now = turn.engine.now()
    return await raised(turn, need, Raised(error, arguments), now if began is None else began)


def poison(turn: Turn) -> PoisonMessage:
    """The error of a node that never comes to an outcome."""
    times = turn.state.resumed + 1
    return PoisonMessage(
        f"the node was begun {times} times and never came to an outcome: does it end its "
        "process, as when memory runs out?"
    )
