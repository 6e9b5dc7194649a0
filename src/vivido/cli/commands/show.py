"""``vivido show ID``: one execution, as people read it, a page at a time."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from typing import Any

import click

from vivido.bootstrap import open_local
from vivido.cli import console, stores, texts
from vivido.cli.events import error_json, facts, record_json
from vivido.cli.screens import COLOURS, text_of
from vivido.cli.story import rows
from vivido.ids import ROOT, child_branch
from vivido.model.journal import Kind, Meta, Record
from vivido.ports import Ports, Progress
from vivido.visible import visible

_PAGE = 200  # records read at once


@click.command("show", short_help="Show an execution: input, history, result.")
@click.argument("execution", metavar="ID")
@stores.option
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def command(debug: bool, /, execution: str, store: str, as_json: bool) -> int:  # noqa: FBT001
    """Show an execution: input, what happened (branches are indented), result."""
    with closing(open_local(stores.existing(store))) as local, asyncio.Runner() as runner:
        found = runner.run(stores.meta_of(local.ports, execution, store))
        meta = stores.whole(local.ports, found, given=as_json)  # else a line of it is printed
        story = _pulled(runner, history(local.ports, execution))
        if as_json:
            for part in _json(meta, story):
                click.echo(part, nl=False)
        else:
            running = runner.run(local.ports.notes.running(execution))
            lines = _text(meta, story, local.ports.clock.now(), debug=debug)
            lines = itertools.chain(lines, _progress(meta, running, local.ports.clock.now()))
            if sys.stdout.isatty():
                click.echo_via_pager(f"{line}\n" for line in lines)
            else:
                for line in lines:
                    click.echo(line)
    return 0


async def history(ports: Ports, execution: str) -> AsyncIterator[tuple[str, Record]]:
    """Yield all records, branches after their FORK; one page is held for each fork around."""
    async for found in _branch(ports, execution, ROOT):
        yield found


async def _branch(ports: Ports, execution: str, branch: str) -> AsyncIterator[tuple[str, Record]]:
    after = 0
    while True:
        page = await ports.journal.read(execution, branch, after, _PAGE)
        for record in page:
            yield branch, record
            if record.kind is Kind.FORK:
                for child in range(record.data["state"]["wait"]["width"]):
                    inner = child_branch(branch, record.n, child)
                    async for found in _branch(ports, execution, inner):
                        yield found
        if len(page) < _PAGE:
            return
        after = page[-1].n


def _pulled(
    runner: asyncio.Runner, source: AsyncIterator[tuple[str, Record]]
) -> Iterator[tuple[str, Record]]:
    """Yield from an asynchronous iterator, one at a time."""

    async def following() -> tuple[str, Record] | None:
        return await anext(source, None)

    while (found := runner.run(following())) is not None:
        yield found


def _json(meta: Meta, story: Iterator[tuple[str, Record]]) -> Iterator[str]:
    """One object, written as it is read: however long the history, little is held."""
    head: dict[str, Any] = {
        **facts(meta),
        "input": {name: texts.plain(value) for name, value in meta.input.items()},
        "created": meta.created,
        "updated": meta.updated,
        "paused": meta.paused,
        "tags": meta.tags,
        "digest": meta.digest,
    }
    if meta.status.is_end:
        head["output"] = texts.plain(meta.output)
    if meta.error is not None:
        head["error"] = error_json(meta.error)
    yield console.json_text(head)[:-1] + ',"history":['
    for place, (branch, record) in enumerate(story):
        yield (",\n" if place else "\n") + console.json_text(record_json(branch, record))
    yield "\n]}\n"


def _text(
    meta: Meta, story: Iterator[tuple[str, Record]], now: float, *, debug: bool
) -> Iterator[str]:
    name = click.style(visible(meta.workflow), bold=True)
    yield f"{name} (version {visible(meta.version)})  {meta.execution}"
    status = str(meta.status).replace("_", " ") + (", paused" if meta.paused else "")
    took = texts.took(meta.updated - meta.created)
    colour = {"succeeded": "green", "running": "cyan"}.get(str(meta.status), "red")
    started = texts.moment(meta.created, now)
    yield f"{click.style(status, fg=colour)}, started {started}, last change {took} later"
    for name, value in meta.input.items():
        yield visible(f"{name} = {texts.brief(value, 200)}")
    yield ""
    for branch, record in story:
        for row in rows(meta.execution, branch, record, now):
            clock = click.style(texts.moment(row.time, now), dim=True)
            yield f"{clock}  {click.style(text_of(row), fg=COLOURS[row.tone])}"
    if meta.error is not None:
        yield ""
        yield visible(f"error: {texts.error(meta.error)}")
        if debug:
            yield visible(str(meta.error.get("traceback", "")))
    elif meta.status.is_end:
        yield ""
        yield f"output: {console.json_text(texts.plain(meta.output), indent=True)}"


def _progress(meta: Meta, running: Sequence[Progress], now: float) -> Iterator[str]:
    """What running steps have said of how far they are."""
    for said in () if meta.status.is_end else running:
        share = "alive" if said.fraction is None else f"{said.fraction:.0%}"
        text = f" {said.text}" if said.text else ""
        yield visible(f"… {said.path} {share}{text} ({texts.took(now - said.time)} ago)")
