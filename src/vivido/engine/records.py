"""What a record says, and reading it back: `fold` of a journal is the state that wrote it."""

from __future__ import annotations

from vivido import values
from vivido.engine.handles import ASKED
from vivido.engine.needs import End
from vivido.engine.state import State, Variables, restore
from vivido.engine.undoing import above, kept, source_of
from vivido.errors import UNDONE, ExecutionStopped
from vivido.model.journal import Json, Kind, Record


def follows(state: State, target: str | None = None, result: Json = None) -> dict[str, Json]:
    """The state after an outcome, as a difference to the record before.

    A result is not written twice.
    """
    data: dict[str, Json] = {"at": list(state.at)}
    variables = state.vars
    if target is not None and variables.stored.get(target) is result and target in variables.dirty:
        data["to"] = target
    changed: dict[str, Json] = {}
    more: dict[str, list[Json]] = {}
    for name, base in variables.dirty.items():
        if name not in variables or name == data.get("to"):
            continue
        if base is None:
            changed[name] = variables.encoded(name)
        else:
            more[name] = [values.encode(item) for item in variables[name][base:]]
    gone = sorted(name for name in variables.gone if name not in variables)
    parts = (("vars", changed), ("more", more), ("gone", gone))
    data.update((name, part) for name, part in parts if part)
    data.update(said(state))
    if len(state.stack) > state.depth:
        data["push"] = state.stack[state.depth :]
    if state.popped:
        data["pop"] = state.popped
    data.update(state.small())
    return data


def said(state: State) -> dict[str, Json]:
    """What was logged and published since the last record."""
    data: dict[str, Json] = {}
    if state.logs:
        data["logs"] = state.logs
    if state.publishing:
        data["shown"] = state.publishing
    return data


def whole(state: State) -> dict[str, Json]:
    """All of the state: for records that a join or a wake reads without what came before."""
    data: dict[str, Json] = {"state": state.snapshot()}
    if state.logs:
        data["logs"] = state.logs
    return data


def fold(state: State, record: Record) -> State:
    """The state after a record, from the state before it."""
    data = record.data
    if "state" in data:
        return restore(data["state"], state.vars.fetch)
    state.owes, state.sends = data.get("unstop"), data.get("begins")
    if record.kind is Kind.END:
        state.phase = "ended"
        state.wait = data["end"]
        return state
    variables = state.vars
    for name in data.get("gone", ()):
        variables.discard(name)
    for name, value in data.get("vars", {}).items():
        variables.set_stored(name, value, written=True)
    for name, items in data.get("more", {}).items():
        whole_list = [*variables.inline(variables.encoded(name)), *map(variables.inline, items)]
        variables.set_stored(name, whole_list, written=True)
    if "to" in data:
        variables.set_stored(data["to"], data["result"], written=True)
    state.at = list(data["at"])
    state.take_small(data)
    state.stack = state.stack[: len(state.stack) - data.get("pop", 0)] + list(data.get("push", ()))
    state.wait = None
    state.shown.update(data.get("shown", {}))
    state.written()
    return state


def end_of_root(state: State, need: End, *, has_parent: bool = False) -> dict[str, Json]:
    """The `end` part of the root's END: how the execution ended.

    That of a child execution keeps what its parent may have it undo, and that it has passed a
    point of no return, also where it failed behind it.
    """
    end: dict[str, Json]
    if need.error is None:
        end = {"status": "succeeded", "value": values.encode(need.value)}
    else:
        end = {"status": _status(state, need.error), "error": values.encode(need.error)}
    return {**end, **kept(state.stack)} if has_parent else end


def _status(state: State, error: BaseException) -> str:
    if isinstance(error, ExecutionStopped) and error.how != UNDONE:
        return "timed_out" if error.how == "timed_out" else "cancelled"
    return "compensated" if state.undone else "failed"


def end_of_child(state: State, need: End) -> dict[str, Json]:
    """The `end` part of a child's END; its stack is the parent's to compensate."""
    if isinstance(need.error, ExecutionStopped):  # it had jobs, which had to end first
        return end_of_stopped(state)
    end: dict[str, Json]
    if need.error is None:
        value = values.encode(need.value) if need.stored is None else need.stored
        end = {"status": "ok", "value": value}
    else:
        end = {"status": "failed", "error": values.encode(need.error)}
    if ASKED in state.vars:
        end["asked"] = state.vars.get(ASKED)
    if not state.stack:
        return end
    left = list(state.stack) if source_of(state) is None else above(state.stack)
    return {**end, "stack": left} if left else end


def end_of_stopped(state: State) -> dict[str, Json]:
    """The `end` part of a child that a stop has reached."""
    return {"status": "stopped", **({"stack": list(state.stack)} if state.stack else {})}


__all__ = ["Variables", "end_of_child", "end_of_root", "end_of_stopped", "fold", "follows", "whole"]
