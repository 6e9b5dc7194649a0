"""Asking for a redrive: what is refused before anything is sent, and the message that asks.

All of it is read from the journal of an execution that has ended. That cannot change but by another
redrive, and then this message finds another head and is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vivido import engine as pure
from vivido import ids, values
from vivido.engine import fitting
from vivido.engine import redrive as again
from vivido.engine.handles import JOB, open_jobs
from vivido.engine.redrive import Past, Visit
from vivido.engine.state import State
from vivido.errors import UsageError
from vivido.model.definition import Definition
from vivido.model.journal import Cause, Json, Kind, Meta, Record, Status
from vivido.runtime.operating import By, Operations

NOTHING: Final = object()  # no result is given: the node is performed


@dataclass(frozen=True, slots=True)
class Redrive:
    """What to do again.

    `from_node`: the id of a node (its last visit), a step path, or the number of a record; None:
    where the execution did not go on. `variables`: new values by name. `result`: what that node
    gave, supplied in place of performing it; `skip`: it gives None, and is not undone later.
    `definition`: the newer one on which to go on; None: that of the execution.
    """

    from_node: str | int | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    result: Any = NOTHING
    skip: bool = False
    definition: Definition | None = None


async def ask(operations: Operations, execution: str, redrive: Redrive, by: By) -> Visit:
    """Have an ended execution go on, and return from where. Raises UsageError with the reason."""
    meta = await operations.known(execution)
    _refuse_status(meta, redrive)
    records = await operations.ports.journal.read(execution, ids.ROOT)
    if not records or records[-1].kind is not Kind.END:
        raise UsageError(f"execution {execution!r} is being redriven just now")
    past = Past.of(_begin(operations, meta), records)
    visit = past.last() if redrive.from_node is None else past.find(redrive.from_node)
    if visit is None:
        raise UsageError(f"execution {execution!r} ended before its first node: start another")
    past.refuse_missing(visit)
    state = again.before(_begin(operations, meta), records, visit)
    await _refuse_jobs(operations, execution, state, visit)
    data = {"from": visit.n, **_given(redrive), **operations.said(by)}
    definition = await _definition(operations, meta)
    if redrive.definition is not None and redrive.definition.digest != meta.digest:
        again.change(state, data.get("vars", {}))
        forked = _forked(records, visit)
        _refuse_unsure(
            state, visit, known=forked or visit.done or data["mode"] in ("result", "skip")
        )
        _refuse_misfits(definition, redrive.definition, state, forked=forked)
        definition = redrive.definition
        data |= {"digest": definition.digest, "version": definition.version}
    _refuse_names(definition, state, redrive.variables)
    if "digest" in data:
        await operations.ports.registry.put(definition)
    message = operations.control.message(execution, Cause.REDRIVE, n=records[-1].n, data=data)
    await operations.send(message)
    return visit


def _begin(operations: Operations, meta: Meta) -> State:
    return pure.begin(meta.input, operations.payloads.fetch)


async def _definition(operations: Operations, meta: Meta) -> Definition:
    definition = await operations.ports.registry.get(meta.digest)
    if definition is None:
        raise UsageError(f"the definition of {meta.execution!r} is not in the store")
    return definition


def _forked(records: Sequence[Record], visit: Visit) -> bool:
    """Whether the node has forked, so that what its children did is kept."""
    return visit.kind is Kind.OK or (visit.n > 1 and records[visit.n - 2].kind is Kind.FORK)


def _given(redrive: Redrive) -> dict[str, Json]:
    """What the message says of the node and the variables."""
    data: dict[str, Json] = {"mode": "keep" if redrive.from_node is None else "perform"}
    if redrive.skip:
        data["mode"] = "skip"
    elif redrive.result is not NOTHING:
        data |= {"mode": "result", "value": values.encode(redrive.result, name="result")}
    if redrive.variables:
        data["vars"] = {
            name: values.encode(value, name=name) for name, value in redrive.variables.items()
        }
    return data


# ---------------------------------------------------------------- what is refused
def _refuse_status(meta: Meta, redrive: Redrive) -> None:
    what = f"execution {meta.execution!r}"
    if not meta.status.is_end:
        if meta.status is Status.NEEDS_ATTENTION:
            raise UsageError(f"{what} has not ended, a person must decide: retry, skip or resolve")
        raise UsageError(f"{what} is {meta.status}: only one that has ended can be redriven")
    if meta.parent is not None:
        root = meta.execution.partition("~")[0]
        raise UsageError(f"{what} is a child execution: redrive the whole, {root!r}")
    if meta.status is Status.SUCCEEDED and redrive.from_node is None:
        raise UsageError(f"{what} has succeeded: name the node from which it is to be done again")
    if redrive.skip and redrive.result is not NOTHING:
        raise UsageError("a node that is skipped gives no result: give one, or skip it")


async def _refuse_jobs(operations: Operations, execution: str, state: State, visit: Visit) -> None:
    """A job that was started before and came to no value would come to none again."""
    for scope in open_jobs(state.vars):
        last = await operations.ports.journal.last(execution, f"{scope}:0")
        if last is None or last.kind is not Kind.END or last.data["end"]["status"] != "ok":
            node = state.vars[JOB + scope]["path"]
            raise UsageError(
                f"it cannot go on from {visit.path!r}: the job that was started at {node!r} came "
                f"to no value; go on from {node!r}, where it is started anew, or from before"
            )


def _refuse_unsure(state: State, visit: Visit, *, known: bool) -> None:
    """What is computed before the node might lead to another one, which would get its outcome."""
    if known and state.at[-1] != visit.node:
        raise UsageError(
            f"it cannot go on on a newer definition with the outcome of {visit.path!r}: that "
            "computes anew what lies before, and might come to another node; go on from an "
            "earlier step, or on the same definition"
        )


def _refuse_misfits(old: Definition, new: Definition, state: State, *, forked: bool) -> None:
    """All reasons at once: nothing is sent if there is one."""
    programs = fitting.structure(old), fitting.structure(new)
    reasons = fitting.misfits(*programs, state, forked=forked)
    if reasons:
        listed = "".join(f"\n- {reason}" for reason in reasons)
        raise UsageError(f"it cannot go on on the newer definition of {new.name!r}:{listed}")


def _refuse_names(definition: Definition, state: State, variables: Mapping[str, Any]) -> None:
    """Only variables that the workflow has can be edited."""
    main = definition.blocks["main"]
    known = {*(param.name for param in main.params), *main.locals}
    known |= {name for name in state.vars.names() if not name.startswith("$")}
    unknown = [name for name in variables if name not in known]
    if unknown:
        raise UsageError(
            f"{definition.name} has no variable {unknown[0]!r}: it has {', '.join(sorted(known))}"
        )
