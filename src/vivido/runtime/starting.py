"""How executions start: what is put into the store, and what it means that one is there already.

The same id with the same workflow and input is the same execution: it is started once, however
often it is asked for. With another workflow or input it is a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from reprlib import Repr
from typing import TYPE_CHECKING, Any, Final

from vivido import durations, ids, values
from vivido.errors import Unavailable, UsageError
from vivido.model.definition import Definition
from vivido.model.journal import Cause, Json, Meta, ParentWait, Status
from vivido.ports import Effect, PutMeta, Send

if TYPE_CHECKING:
    from vivido.runtime.engine import Engine

_EXCERPT: Final = Repr()


@dataclass(frozen=True, slots=True)
class Start:
    """An execution to be started, with arguments by name."""

    definition: Definition
    arguments: Mapping[str, Any]
    execution: str
    tags: Mapping[str, str] = field(default_factory=dict)


async def start_many(engine: Engine, starts: Sequence[Start]) -> list[Meta | UsageError]:
    """Start executions, in one transaction where the backend can; answers in the same order.

    The same id with the same workflow and input is the same execution: it is started once,
    however often it is asked for. With another workflow or input it is a conflict, which
    stands in the answers and keeps none of the others from being started.
    """
    for definition in {id(start.definition): start.definition for start in starts}.values():
        await engine.ports.registry.put(definition)
    metas = [_new(engine, start) for start in starts]
    there = [await engine.ports.metas.get(meta.execution) for meta in metas]
    effects = [
        effect
        for meta, old in zip(metas, there, strict=True)
        if old is None or _may_lack_message(engine, old)
        for effect in _effects(engine, meta)
    ]
    if effects:
        await engine.put(effects)
    return [await _answer(engine, meta) for meta in metas]


def _new(engine: Engine, start: Start) -> Meta:
    given = {name: values.encode(value) for name, value in start.arguments.items()}
    return _meta(engine, start.definition, given, start.execution, tags=start.tags)


def _may_lack_message(engine: Engine, meta: Meta) -> bool:
    """Whether who started it may have crashed before the first message; twice is no harm."""
    return engine.ports.atomic is None and meta.status is Status.RUNNING and not meta.as_of


async def _answer(engine: Engine, meta: Meta) -> Meta | UsageError:
    """META as it is, if it is of the same workflow and input."""
    there = await engine.ports.metas.get(meta.execution)
    if there is None:
        raise Unavailable(f"execution {meta.execution!r} was started, and is gone already")
    if there.workflow != meta.workflow:
        return UsageError(
            f"execution {meta.execution!r} exists, of the workflow {there.workflow!r} and not "
            f"of {meta.workflow!r}: choose another id"
        )
    differ = [
        name
        for name in sorted({*there.input, *meta.input})
        if engine.payloads.inline(there.input.get(name)) != meta.input.get(name)
    ]
    if differ:
        return UsageError(
            f"execution {meta.execution!r} of {meta.workflow!r} exists with another input: "
            f"{_both(differ[0], there, meta)}; choose another id, or give the same input"
        )
    return there


def _meta(
    engine: Engine,
    definition: Definition,
    given: dict[str, Json],
    execution: str,
    *,
    tags: Mapping[str, str] | None = None,
) -> Meta:
    """META of a new execution."""
    now = engine.now()
    time = durations.parse(definition.timeout).total_seconds() if definition.timeout else None
    return Meta(
        execution=execution,
        workflow=definition.name,
        version=definition.version,
        digest=definition.digest,
        input=given,
        created=now,
        updated=now,
        deadline=None if time is None else now + time,
        tags={**definition.tags, **(tags or {})},
    )


def _effects(engine: Engine, meta: Meta, *, doubt: bool = False) -> list[Effect]:
    """META first, then the first message and the alarm of the execution's time limit.

    `doubt`: it may have begun, and its message been lost.
    """
    first = engine.message(meta.execution, doubt=doubt)
    effects: list[Effect] = [PutMeta(meta), Send([first])]
    if meta.deadline is not None:
        effects.append(
            Send([engine.message(meta.execution, Cause.TIMEOUT)], meta.deadline - meta.created)
        )
    return effects


async def child_start(
    engine: Engine,
    parent: Meta,
    branch: str,
    n: int,
    child: Json,
    deadline: float | None,
    *,
    doubt: bool = False,
) -> list[Effect]:
    """Start the child execution of a wait.

    Its id comes from the wait, so starting twice starts once. `doubt`: it may have begun.
    """
    program = await engine.program(parent.digest)
    ref = program.definition.workflows[child["workflow"]].ref
    definition = engine.library.definition(ref)
    await engine.ports.registry.put(definition)
    named = engine.library.workflow(ref).interface.named(
        {
            name: values.decode(engine.payloads.inline(value))
            for name, value in child["input"].items()
        }
    )
    meta = _meta(
        engine,
        definition,
        {name: values.encode(value) for name, value in named.items()},
        ids.child_execution_id(parent.execution, branch, n),
    )
    nearest = min(
        (time for time in (meta.deadline, deadline, parent.deadline) if time is not None),
        default=None,
    )
    meta = replace(meta, parent=ParentWait(parent.execution, branch, n), deadline=nearest)
    return _effects(engine, meta, doubt=doubt)


def _both(name: str, there: Meta, meta: Meta) -> str:
    """How an argument differs."""
    old, new = (_EXCERPT.repr(one.input.get(name)) for one in (there, meta))
    return f"{name!r} is {old} there and {new} now"
