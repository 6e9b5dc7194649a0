"""``vivido show ID``: one execution, as people read it, a page at a time."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from math import inf
from typing import Any

import click

from vivido.bootstrap import open_local
from vivido.cli import console, stores, texts
from vivido.cli.events import error_json, facts, record_json
from vivido.cli.history import Entry, Place, history
from vivido.cli.screens import COLOURS, text_of
from vivido.cli.story import rows
from vivido.ids import ROOT
from vivido.model.journal import Meta
from vivido.model.payloads import is_reference
from vivido.ports import Progress
from vivido.ports.actions import Action
from vivido.visible import visible

_LIMIT = 1_000  # records shown at once where no pager reads them
_VALUE_FOR_PEOPLE, _VALUE_FOR_MACHINES = 64_000, 1_000_000  # bytes of input or output that are read


@click.command("show", short_help="Show an execution: input, history, result.")
@click.argument("execution", metavar="ID")
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help=f"Records at most; {_LIMIT:,} unless a pager reads them.",
)
@click.option("--all", "everything", is_flag=True, help="All records, however many.")
@click.option("--after", metavar="PLACE", help="Go on behind a record: where a page has ended.")
@stores.option
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def command(
    debug: bool,  # noqa: FBT001
    /,
    execution: str,
    limit: int | None,
    after: str | None,
    store: str,
    *,
    everything: bool,
    as_json: bool,
) -> int:
    """Show an execution: input, what happened (branches are indented), result.

    A long history comes in pages: the end of each says how to read on.
    """
    paged = sys.stdout.isatty() and not as_json
    most = None if everything or (limit is None and paged) else limit or _LIMIT
    with closing(open_local(stores.existing(store))) as local, asyncio.Runner() as runner:
        found = runner.run(stores.meta_of(local.ports, execution, store))
        bound = inf if everything else _VALUE_FOR_MACHINES if as_json else _VALUE_FOR_PEOPLE
        meta = stores.whole(local.ports, found, given=as_json, most=bound)
        begin = Place(ROOT, 0) if after is None else Place.of(after)
        story = Page(_pulled(runner, history(local.ports, execution, begin)), most)
        if as_json:
            for part in _json(meta, story):
                click.echo(part, nl=False)
        else:
            running = runner.run(local.ports.notes.running(execution))
            lines = _text(meta, story, local.ports.clock.now(), debug=debug)
            acted = runner.run(local.ports.actions.read(execution))
            now = local.ports.clock.now()
            lines = itertools.chain(lines, _asked(acted, now), _progress(meta, running, now))
            if paged:
                click.echo_via_pager(f"{line}\n" for line in lines)
            else:
                for line in lines:
                    click.echo(line)
    return 0


class Page:
    """At most so many entries of a history; afterwards `next` is the place of the last one.

    None: nothing is left.
    """

    def __init__(self, story: Iterator[Entry], most: int | None) -> None:
        self._story, self._most = story, most
        self.next: Place | None = None

    def __iter__(self) -> Iterator[Entry]:
        last: Place | None = None
        for count, (branch, record) in enumerate(self._story):
            if count == self._most:
                self.next = last
                return
            last = Place(branch, record.n)
            yield branch, record


def _pulled(runner: asyncio.Runner, source: AsyncIterator[Entry]) -> Iterator[Entry]:
    """Yield from an asynchronous iterator, one at a time."""

    async def following() -> Entry | None:
        return await anext(source, None)

    while (found := runner.run(following())) is not None:
        yield found


def _json(meta: Meta, story: Page) -> Iterator[str]:
    """One object, written as it is read: however long the history, little is held."""
    head: dict[str, Any] = {
        **facts(meta),
        "input": {
            name: value if is_reference(value) else texts.plain(value)
            for name, value in meta.input.items()
        },
        "created": meta.created,
        "updated": meta.updated,
        "paused": meta.paused,
        "tags": meta.tags,
        "digest": meta.digest,
    }
    if meta.status.is_end:
        large = is_reference(meta.output)
        head["output"] = meta.output if large else texts.plain(meta.output)
    if meta.error is not None:
        head["error"] = error_json(meta.error)
    yield console.json_text(head)[:-1] + ',"history":['
    for place, (branch, record) in enumerate(story):
        yield (",\n" if place else "\n") + console.json_text(record_json(branch, record))
    following = console.json_text(None if story.next is None else str(story.next))
    yield f'\n],"next":{following}}}\n'


def _text(meta: Meta, story: Page, now: float, *, debug: bool) -> Iterator[str]:
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
    if story.next is not None:
        yield f"… and more: vivido show {meta.execution} --after {story.next}"
    if meta.error is not None:
        yield ""
        yield visible(f"error: {texts.error(meta.error)}")
        if debug:
            yield visible(str(meta.error.get("traceback", "")))
    elif meta.status.is_end:
        yield ""
        if is_reference(meta.output):
            yield visible(f"output: {texts.brief(meta.output, 200)}; all of it: --all")
        else:
            yield f"output: {console.json_text(texts.plain(meta.output), indent=True)}"


def _asked(acted: Sequence[Action], now: float) -> Iterator[str]:
    """Who has paused, resumed or cancelled it, when and why."""
    if acted:
        yield ""
    for action in acted:
        why = f": {action.note}" if action.note else ""
        yield visible(f"{texts.moment(action.time, now)}  {action.what} by {action.who}{why}")


def _progress(meta: Meta, running: Sequence[Progress], now: float) -> Iterator[str]:
    """What running steps have said of how far they are."""
    for said in () if meta.status.is_end else running:
        share = "alive" if said.fraction is None else f"{said.fraction:.0%}"
        text = f" {said.text}" if said.text else ""
        yield visible(f"… {said.path} {share}{text} ({texts.took(now - said.time)} ago)")
