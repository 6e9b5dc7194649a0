"""``vivido repair``: send what should be in the queue, and is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import click

from vivido import durations
from vivido.cli import console, stores
from vivido.engine.repair import Due
from vivido.errors import UsageError
from vivido.ports import Ports
from vivido.runtime.repairing import Repaired, Repairs
from vivido.runtime.sweeping import Sweeper
from vivido.visible import visible


@click.command("repair", short_help="Send again what an execution lacks to go on.")
@click.argument("execution", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="All executions that have not ended.")
@click.option(
    "--stuck", metavar="TIME", help='Only those that have stood still for so long, as "10m".'
)
@stores.option
@click.option("--json", "as_json", is_flag=True, help="JSON lines for machines.")
def command(
    execution: str | None, stuck: str | None, store: str, *, everything: bool, as_json: bool
) -> int:
    """Send every message that an execution (with its child executions) may lack to go on.

    The journals say which. It is safe when nothing is missing; but a step that is just running
    may run twice, so prefer --stuck while workers are at work: it asks for what has not moved.
    """
    if [execution is not None, everything, stuck is not None].count(True) != 1:
        raise UsageError("name one execution, or use either --all or --stuck TIME")

    async def work(ports: Ports) -> list[Repaired]:
        if execution is not None:
            await stores.meta_of(ports, execution, store)
            return await Repairs(ports).repair(execution)
        return [one async for one in _many(ports, stuck)]

    found: list[Repaired] = stores.reading(store, work)
    for one in found:
        if as_json:
            click.echo(console.json_text(_json(one)))
        else:
            for line in _text(one):
                console.put(line)
    if not as_json:
        console.say(_summary(len(found)))
    return 0


def _many(ports: Ports, stuck: str | None) -> AsyncIterator[Repaired]:
    if stuck is None:
        return Repairs(ports).repair_all()
    try:
        bound = durations.parse(stuck).total_seconds()
    except ValueError as error:
        raise UsageError(f"--stuck {stuck!r}: {error}") from error
    return Sweeper(ports, bound=bound).sweep()


def _json(one: Repaired) -> dict[str, Any]:
    messages = [
        {"branch": due.branch, "n": due.n, "cause": due.cause, "at": due.at} for due in one.dues
    ]
    return {"execution": one.execution, "sent": messages}


def _text(one: Repaired) -> list[str]:
    return [visible(f"{one.execution}  {_sent(due)}") for due in one.dues]


def _sent(due: Due) -> str:
    at = "at its beginning" if due.n == 0 else f"at record {due.n}"
    return f"{due.branch} {at}: {due.cause}"


def _summary(count: int) -> str:
    if count == 0:
        return "nothing was to be repaired"
    what = "1 execution was" if count == 1 else f"{count:,} executions were"
    return f"{what} sent what it takes to go on: workers, or `vivido resume ID`, take it from here"
