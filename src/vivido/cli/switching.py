"""Pause and resume of a workflow, or of all: what `vivido pause` and `resume` do without an ID."""

from __future__ import annotations

from typing import Any, Final

import click

from vivido.cli import console, stores
from vivido.errors import UsageError
from vivido.ports import Ports
from vivido.runtime.switching import Switching
from vivido.visible import visible

workflow = click.option("--workflow", metavar="NAME", help="All executions of this workflow.")
everything = click.option("--all", "everything", is_flag=True, help="All executions.")
rate = click.option(
    "--rate",
    type=click.FloatRange(0.0, min_open=True),
    metavar="N",
    help="With --workflow or --all: let so many go on in a second.",
)
_ONE: Final = "name one execution, or use either --workflow NAME or --all"


def asked(execution: str | None, named: str | None, *, all_of_them: bool) -> bool:
    """Say whether a switch is meant, not one execution. Raises UsageError for none and several."""
    if [execution is not None, named is not None, all_of_them].count(True) != 1:
        raise UsageError(_ONE)
    return execution is None


def pause(store: str, named: str | None, *, as_json: bool) -> int:
    """Pause a workflow, or all (None)."""

    async def work(ports: Ports) -> None:
        await Switching(ports).pause(named)

    stores.reading(store, work)
    _tell(
        {"paused": True, "workflow": named},
        f"{_whose(named)} is paused: no step begins, running ones finish, starts wait",
        as_json=as_json,
    )
    return 0


def resume(store: str, named: str | None, per_second: float | None, *, as_json: bool) -> int:
    """Let a workflow, or all (None), go on."""

    async def work(ports: Ports) -> tuple[int, list[str]]:
        switching = Switching(ports)
        count = await switching.resume(named, per_second)
        return count, sorted((await ports.switches.read()).workflows)

    count, still = stores.reading(store, work)
    held = "1 execution" if count == 1 else f"{count:,} executions"
    text = f"{_whose(named)} goes on: {held} had been held back"
    if per_second is not None:
        text += f", {per_second:g} of them begin in a second"
    if named is None and still:
        text += f"; still paused by name: {', '.join(still)}"
    _tell(
        {"paused": False, "workflow": named, "held": count, "still_paused": still},
        text,
        as_json=as_json,
    )
    return 0


def _whose(named: str | None) -> str:
    return "every workflow" if named is None else f"workflow {named!r}"


def _tell(facts: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        console.put_json(facts)
    else:
        console.say(visible(text))
