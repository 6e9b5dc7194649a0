"""Do the parts of a definition fit together, before any of them is compiled?"""

from __future__ import annotations

from vivido import durations
from vivido.engine.program import MAIN
from vivido.errors import DefinitionError
from vivido.model.definition import Block, Definition, StepSpec


def hold_together(definition: Definition) -> None:
    """Raise DefinitionError where a block or step names another that is not there.

    Also where a text that should be a duration is none.
    """
    if MAIN not in definition.blocks:
        raise DefinitionError(
            f"{definition.name}: there is no block {MAIN!r}, in which an execution begins"
        )
    _durations(f"{definition.name}: timeout", definition.timeout)
    for name in definition.blocks:
        _around(definition.name, name, definition.blocks)
    for name in definition.steps:
        _step(definition.name, name, definition.steps)
    for name in (*definition.steps, *definition.workflows):
        if not name.isprintable():
            raise DefinitionError(f"{definition.name}: {name!r} cannot be the name of a step")


def _around(workflow: str, name: str, blocks: dict[str, Block]) -> None:
    around, at = [name], blocks[name].within
    while at is not None:
        around.append(at)
        if at not in blocks or at in around[:-1]:
            way = " in ".join(around)
            raise DefinitionError(f"{workflow}: blocks lie within one another: {way}")
        at = blocks[at].within


def _step(workflow: str, name: str, steps: dict[str, StepSpec]) -> None:
    step = steps[name]
    backoffs = (step.retry.backoff, step.retry.max_backoff) if step.retry else ()
    _durations(f"{workflow}, step {name!r}", step.timeout, *backoffs)
    if step.compensate not in (None, *steps):
        raise DefinitionError(
            f"{workflow}: {step.compensate!r}, which undoes {name!r}, is not in `steps`"
        )


def _durations(where: str, *times: str | None) -> None:
    for text in times:
        try:
            durations.parse(text or "0s")
        except ValueError as error:
            raise DefinitionError(f"{where}: {error}") from None
