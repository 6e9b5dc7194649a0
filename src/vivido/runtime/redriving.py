"""How a turn redrives an execution that has ended: from a node on, with what came before kept.

The message says from where; who sent it has checked that against a journal that nothing but a
redrive can change (`vivido.runtime.asking`). All that is needed beside it is read from journals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vivido import durations, ids
from vivido import engine as pure
from vivido.engine import redrive as again
from vivido.engine import reforking, undoing
from vivido.engine.needs import Fork, Perform, Wait, names
from vivido.engine.redrive import GIVEN, Past, Visit
from vivido.engine.state import State
from vivido.model.journal import Cause, Json, Kind, Pins, Record
from vivido.ports import Ack, Effect, Reopen, Send
from vivido.runtime import deciding, forking

if TYPE_CHECKING:
    from vivido.runtime.spreading import Forked
    from vivido.runtime.turn import Turn


async def redrive(turn: Turn) -> bool:
    """The head is the root's END, and this message asks to go on: append REDRIVE, reopen META."""
    said = turn.message.data
    if "digest" in said:
        turn.program = await turn.engine.program(said["digest"])
    records = await turn.engine.ports.journal.read(turn.execution, ids.ROOT)
    past = Past.of(await turn.beginning(), records)
    visit = past.find(said["from"])
    turn.state = state = again.before(await turn.beginning(), records, visit)
    again.change(state, said.get("vars", {}))
    again.remember(state, past)
    again.begin_deadlines(turn.program, state, turn.engine.now())
    await _outcome(turn, ids.ROOT, records, visit, said)
    data = {
        "from": visit.n,
        "node": visit.node,
        **({} if visit.path == visit.node else {"path": visit.path}),
        "mode": said["mode"],
        **({"set": sorted(said["vars"])} if said.get("vars") else {}),
        **deciding.said_by(said),
        **_pins(turn, said),
        **pure.whole(state),
    }
    turn.need = None
    await turn.append(Kind.REDRIVE, data, _reopening(turn, data, turn.head + 1))
    return await _runs_again(turn)


def _pins(turn: Turn, said: Json) -> dict[str, Json]:
    """What of META changes: the time limit begins anew, and the definition may be another."""
    data: dict[str, Json] = {}
    if "digest" in said:
        data = {"digest": said["digest"], "version": said["version"], "was": turn.meta.digest}
    if (timeout := turn.program.definition.timeout) is not None:
        data["deadline"] = turn.engine.now() + durations.parse(timeout).total_seconds()
    return data


def _reopening(turn: Turn, data: Json, number: int) -> list[Effect]:
    """What REDRIVE, which is record `number`, obliges to."""
    pins = Pins(data.get("deadline"), data.get("digest"), data.get("version"))
    effects: list[Effect] = [Reopen(turn.execution, number, pins)]
    if pins.deadline is not None:
        alarm = turn.engine.message(turn.execution, Cause.TIMEOUT)
        effects.append(Send([alarm], max(0.0, pins.deadline - turn.engine.now())))
    return effects


async def _runs_again(turn: Turn) -> bool:
    """Read META as it is now; False: what was redriven is over already, and this came late."""
    meta = await turn.engine.ports.metas.get(turn.execution)
    if meta is None or meta.status.is_end:
        await turn.perform_effects([Ack(turn.delivery)])
        return False
    turn.meta, turn.meta_at = meta, turn.engine.now()
    turn.program = await turn.engine.program(meta.digest)
    return True


async def is_open(turn: Turn) -> bool:
    """META says that the execution has ended, and the message goes on all the same.

    If the head is a REDRIVE, META is behind: what it obliges to is done again.
    """
    if turn.state.phase == "ended":
        return True
    journal = turn.engine.ports.journal
    (record,) = await journal.read(turn.execution, turn.branch, turn.head - 1, 1)
    if record.kind is not Kind.REDRIVE:
        return True
    await turn.perform_effects(_reopening(turn, record.data, record.n))
    return await _runs_again(turn)


# ---------------------------------------------------------------- the outcome of the node
async def _outcome(
    turn: Turn, branch: str, records: Sequence[Record], visit: Visit, said: Json
) -> None:
    """Say in the state what the node at the position gives, where that is known already."""
    state, mode = turn.state, said["mode"]
    if mode in ("result", "skip"):
        _give(state, {"value": said.get("value"), "undone": mode == "result"})
        return
    record = records[visit.n - 1]
    if (number := record.data.get("kept")) is not None:  # it was kept before
        record = records[number - 1]
    before = records[record.n - 2].data.get("state", {}).get("wait") if record.n > 1 else None
    if before is not None and "width" in before and record.n == visit.n:
        scope = f"{branch}.{record.n - 1}"
        ends = await _ends(turn, before, branch, record.n - 1)
        past = Past.of(await turn.beginning(branch), records)
        plan = reforking.refork(before, ends, scope, past.undone_children(visit))
        if plan is not None:
            state.vars.set_stored(reforking.REFORK, plan)
            return
    if mode == "keep":
        await _keep(turn, branch, record, before)


async def _keep(turn: Turn, branch: str, record: Record, wait: Json) -> None:
    """The node had succeeded, and the workflow failed on what came of it: keep its outcome."""
    given: Json = None
    if "result" in record.data:
        given = {"value": record.data["result"], "undone": "step" in record.data}
    elif wait is not None and "width" in wait:
        given = {"fork": record.n - 1, "branch": branch}
    elif record.data.get("by") == "timer":
        given = {"value": None, "undone": False}
    elif record.data.get("by") == "child":
        child = ids.child_execution_id(turn.execution, branch, record.n - 1)
        last = await turn.engine.ports.journal.last(child, ids.ROOT)
        if last is not None and last.kind is Kind.END and "error" not in last.data["end"]:
            given = {"child": child, "end": undoing.told(last.data["end"], last.n)}
    if given is not None:
        _give(turn.state, {**given, "kept": record.n})


def _give(state: State, given: Json) -> None:
    state.vars.set_stored(GIVEN, given)


async def given(turn: Turn, need: Perform | Fork | Wait) -> bool:
    """The outcome of the node at hand is known: record it in place of performing the node."""
    state, now = turn.state, turn.engine.now()
    said: Json = state.vars.inline(state.vars.encoded(GIVEN))
    state.vars.discard(GIVEN)
    data = {**names(need), **({"kept": said["kept"]} if "kept" in said else {})}
    if "fork" in said:
        return await turn.settle(Kind.OK, data, await _joined(turn, said))
    if "child" in said:
        state.wait = {}
        after = pure.woke_by_child(turn.program, state, now, said["child"], said["end"])
        return await turn.settle(Kind.OK, data, after)
    known = turn.engine.named(need) if isinstance(need, Perform) and said["undone"] else None
    if "kept" not in said:
        data["result"] = said["value"]
    node: Any = turn.program.nodes[state.at[-1]]
    after = pure.supplied(turn.program, state, now, said["value"], known)
    plain = getattr(node, "plain", None) if "result" in data else None
    return await turn.settle(Kind.OK, data, after, plain, said["value"])


async def _joined(turn: Turn, said: Json) -> Any:
    """Join once more what was joined: the children are kept, their values come from their ENDs."""
    branch, fork = said["branch"], said["fork"]
    (record,) = await turn.engine.ports.journal.read(turn.execution, branch, fork - 1, 1)
    turn.state.phase, turn.state.wait = "fork", record.data["state"]["wait"]
    ends = await _ends(turn, turn.state.wait, branch, fork)
    scope = f"{branch}.{fork}"
    return pure.joined(turn.program, turn.state, turn.engine.now(), scope, ends)


# ---------------------------------------------------------------- children of forks
async def _ends(turn: Turn, plan: Json, branch: str, fork: int) -> list[Json]:
    """How the children of a fork ended, of all that were declared, in order."""
    journal = turn.engine.ports.journal
    found = await journal.ends(turn.execution, branch, fork, plan["width"])
    ended = [forking.end_of(turn, record) for record in found]
    return await with_kept(turn, plan, f"{branch}.{fork}", ended)


async def with_kept(turn: Turn, plan: Json, scope: str, ended: list[Json]) -> list[Json]:
    """The ENDs of a fork with those that it kept of earlier ones, each saying where it lies."""
    if "again" not in plan:
        return ended
    kept = sum(run[-1] for run in plan["kept"])
    whole: list[Json] = [None] * (kept + len(ended))
    for number, end in enumerate(ended):
        whole[reforking.original(plan, number)] = {**end, "at": (scope, number)}
    for i, place, j, count in plan["kept"]:
        branch, _, fork = place.rpartition(".")
        journal = turn.engine.ports.journal
        records = await journal.ends(turn.execution, branch, int(fork), j + count)
        for number in range(count):
            end = forking.end_of(turn, records[j + number])
            whole[i + number] = {**end, "at": (place, j + number)}
    return whole


async def child(turn: Turn, fork: Forked, number: int) -> State:
    """The state in which a child of a fork begins that is forked again.

    Where the one before it stood, if there was one and nothing of it was undone.
    """
    plan = fork.plan
    fresh = pure.restore(fork.node.child(plan, fork.state["vars"], number), turn.fetch)
    source = reforking.source(plan, number)
    if source is None:
        return fresh
    records = await turn.engine.ports.journal.read(turn.execution, source)
    if not records:
        return fresh
    old = await turn.beginning(source)
    past = Past.of(pure.restore(old.snapshot(), turn.fetch), records)
    visit = past.last()
    if visit is None or past.missing(visit):
        again.remember(fresh, past)
        return fresh
    return await _goes_on(turn, source, records, (old, fresh), visit)


async def _goes_on(
    turn: Turn, source: str, records: Sequence[Record], begins: tuple[State, State], visit: Visit
) -> State:
    """The state of `source` at a visit, with what its parent gives to it now."""
    old, fresh = begins
    handed = {
        name: value
        for name, value in fresh.vars.stored.items()
        if name.startswith("$") or old.vars.stored.get(name) != value
    }
    past = Past.of(pure.restore(old.snapshot(), turn.fetch), records)
    state = again.before(old, records, visit)
    again.change(state, handed)
    again.remember(state, past)
    turn.state = state
    await _outcome(turn, source, records, visit, {"mode": "keep"})
    return state
