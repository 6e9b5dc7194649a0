"""``vivido logs ID``: what the workflow and its steps have logged, in the order of time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Final

import click

from vivido.bootstrap import open_local
from vivido.cli import console, stores, texts
from vivido.model.journal import Record
from vivido.ports import Ports
from vivido.visible import visible

_LOOK_SECONDS: Final = 0.5
_COLOURS: Final = {"warning": "yellow", "error": "red", "critical": "red"}


@dataclass(frozen=True, slots=True)
class Said:
    """A line. `step` None: the workflow said it; `where` is the step path, or the logger."""

    time: float
    branch: str
    step: str | None
    where: str
    attempt: int | None
    level: str
    text: str


@click.command("logs", short_help="Show what a workflow and its steps have logged.")
@click.argument("execution", metavar="ID")
@click.option("--step", metavar="NAME", help="Only what this step said.")
@click.option("--follow", "-f", is_flag=True, help="Go on until the execution has ended.")
@stores.option
@click.option("--json", "as_json", is_flag=True, help="JSON lines for machines.")
def command(execution: str, step: str | None, store: str, *, follow: bool, as_json: bool) -> int:
    """Show what the workflow and its steps have logged, in the order of time.

    Of what steps log, from INFO on, the newest 10,000 lines of an execution are kept.
    """
    with closing(open_local(stores.existing(store))) as local, asyncio.Runner() as runner:
        reader = Reader(local.ports, execution)
        while True:
            meta = runner.run(stores.meta_of(local.ports, execution, store))
            for said in runner.run(reader.new()):
                if step in (None, said.step):
                    _print(said, local.ports.clock.now(), as_json=as_json)
            if not follow or meta.status.is_end:  # META first: what follows its end was read
                return 0
            runner.run(asyncio.sleep(_LOOK_SECONDS))


class Reader:
    """Reads what is new since it was asked last."""

    def __init__(self, ports: Ports, execution: str) -> None:
        self._ports = ports
        self._execution = execution
        self._after: dict[str, int] = {}  # by branch: the last record that was read
        self._line = 0

    async def new(self) -> list[Said]:
        """Return new lines, the oldest first."""
        found: list[Said] = []
        for branch in await self._ports.journal.branches(self._execution):
            after = self._after.get(branch, 0)
            for record in await self._ports.journal.read(self._execution, branch, after):
                self._after[branch] = record.n
                found.extend(_of_workflow(branch, record))
        for number, line in await self._ports.notes.lines(self._execution, self._line):
            self._line = number
            what = (line.step, line.path, line.attempt, line.level, line.text)
            found.append(Said(line.time, line.branch, *what))
        return sorted(found, key=lambda said: said.time)


def _of_workflow(branch: str, record: Record) -> Iterator[Said]:
    for level, logger, text in record.data.get("logs", ()):
        yield Said(record.time, branch, None, logger or "", None, level, text)


def _print(said: Said, now: float, *, as_json: bool) -> None:
    if as_json:
        click.echo(console.json_text(asdict(said)))
        return
    clock = click.style(texts.moment(said.time, now), dim=True)
    level = click.style(said.level.ljust(8), fg=_COLOURS.get(said.level))
    again = f" (attempt {said.attempt})" if (said.attempt or 1) > 1 else ""
    branch = "" if said.branch == "r" else f" [{said.branch}]"
    where = said.where if said.step is None else f"{said.where}{branch}{again}"
    click.echo(f"{clock}  {level}  {visible(where)}: {visible(said.text, keep='')}")
