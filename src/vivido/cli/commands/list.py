"""``vivido list``: the executions of a store, the newest first."""

from __future__ import annotations

from typing import Any

import click

from vivido.backends.world import SystemClock
from vivido.cli import console, stores, texts
from vivido.cli.events import error_json, facts
from vivido.model.journal import Meta, Status
from vivido.ports import MetaFilter, Ports
from vivido.visible import shortened, visible

_WIDEST = 44


@click.command("list", short_help="List executions, the newest first.")
@click.option("--workflow", metavar="NAME", help="Only those of this workflow.")
@click.option(
    "--status",
    type=click.Choice([str(status) for status in Status]),
    help="Only those with this status.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="How many at most.",
)
@stores.option
@click.option("--json", "as_json", is_flag=True, help="JSON lines for machines.")
def command(
    workflow: str | None, status: str | None, limit: int, store: str, *, as_json: bool
) -> int:
    """List executions, the newest first."""
    which = MetaFilter(workflow, None if status is None else Status(status), limit=limit)

    async def find(ports: Ports) -> Any:
        return await ports.metas.list(which)

    found: list[Meta] = list(stores.reading(store, find))
    if as_json:
        for meta in found:
            click.echo(console.json_text(_json(meta)))
    elif not found:
        console.say(
            "no execution is like that" if workflow or status else "no execution has run yet"
        )
    else:
        _table(found)
    return 0


def _json(meta: Meta) -> dict[str, Any]:
    times = {"created": meta.created, "updated": meta.updated, "deadline": meta.deadline}
    more: dict[str, Any] = {"paused": meta.paused, "tags": meta.tags, **times}
    if meta.error is not None:
        more["error"] = error_json(meta.error)
    return {**facts(meta), **more}


def _table(found: list[Meta]) -> None:
    now = SystemClock().now()
    rows = [("ID", "WORKFLOW", "STATUS", "STARTED", "")]
    for meta in found:
        status = f"{meta.status}, paused" if meta.paused else str(meta.status)
        why = "" if meta.error is None else shortened(texts.error(meta.error), _WIDEST)
        rows.append((meta.execution, meta.workflow, status, texts.moment(meta.created, now), why))
    widths = [max(len(visible(row[place])) for row in rows) for place in range(4)]
    for row in rows:
        cells = [visible(cell).ljust(width) for cell, width in zip(row, widths, strict=False)]
        console.put("  ".join((*cells, row[4])).rstrip())
