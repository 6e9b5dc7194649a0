"""``vivido prune``: delete what has ended long ago."""

from __future__ import annotations

import click

from vivido import durations
from vivido.cli import console, stores, texts
from vivido.errors import UsageError
from vivido.model.journal import Meta
from vivido.ports import Ports, Swept
from vivido.settings import Settings
from vivido.visible import visible

_AT_ONCE = 500  # executions in one sweep
_LISTED = 20


@click.command("prune", short_help="Delete executions that ended long ago.")
@click.option(
    "--older-than",
    metavar="TIME",
    help='How long ago they ended, as "30d" or "36h"; a day at least.  [default: 30d]',
)
@click.option("--dry-run", is_flag=True, help="Only list what would be deleted.")
@stores.option
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
def command(older_than: str | None, store: str, *, dry_run: bool, as_json: bool) -> int:
    """Delete executions that ended long ago: history, logs, and values that nobody else uses.

    What runs, waits or needs attention stays, and so do the child executions of what stays.
    """
    seconds = _seconds(older_than)

    async def list_old(ports: Ports) -> list[Meta]:
        return list(await ports.retention.expired(ports.clock.now() - seconds, 1_000_000))

    async def delete(ports: Ports) -> Swept:
        return await swept(ports, ports.clock.now() - seconds)

    if dry_run:
        _list(stores.reading(store, list_old), as_json=as_json)
    else:
        _tell(stores.reading(store, delete), as_json=as_json)
    return 0


async def swept(ports: Ports, ended_before: float) -> Swept:
    """Sweep until nothing more goes: children go after their parents."""
    total = Swept()
    while (part := await ports.retention.sweep(ended_before, _AT_ONCE)) != Swept():
        total += part
    return total


def _seconds(older_than: str | None) -> float:
    if older_than is None:
        return Settings().retention_seconds
    try:
        seconds = durations.parse(older_than).total_seconds()
    except ValueError as error:
        raise UsageError(f"--older-than {older_than!r}: {error}") from error
    Settings(retention_seconds=seconds)  # refuses less than a day
    return seconds


def _list(found: list[Meta], *, as_json: bool) -> None:
    if as_json:
        old = [{"execution": meta.execution, "updated": meta.updated} for meta in found]
        console.put_json({"executions": old})
        return
    for meta in found[:_LISTED]:
        ended = texts.moment(meta.updated, 0.0)
        console.put(visible(f"{meta.execution}  {meta.workflow}  {meta.status}  {ended}"))
    if len(found) > _LISTED:
        console.put(f"… and {len(found) - _LISTED:,} more")
    console.say(f"{_executions(len(found))} would be deleted, and their child executions")


def _tell(deleted: Swept, *, as_json: bool) -> None:
    if as_json:
        facts = {"executions": deleted.executions, "blobs": deleted.blobs, "bytes": deleted.bytes}
        console.put_json(facts)
        return
    console.say(
        f"{_executions(deleted.executions)} deleted, with {deleted.blobs:,} large "
        f"{'value' if deleted.blobs == 1 else 'values'} of {deleted.bytes:,} bytes"
    )


def _executions(count: int) -> str:
    return "1 execution" if count == 1 else f"{count:,} executions"
