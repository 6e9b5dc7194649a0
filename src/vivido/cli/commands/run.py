"""``vivido run FILE[:NAME] --input …``: one execution, from where it is to its end."""

from __future__ import annotations

import logging
import secrets
import sys
from shlex import quote
from typing import Any

import click

from vivido import ids
from vivido.cli import console, sources, stores
from vivido.cli.driving import Begun, Drive, Teller, drive
from vivido.cli.events import Events
from vivido.cli.progress import Progress
from vivido.cli.screens import screen
from vivido.cli.texts import plain
from vivido.model.journal import Meta
from vivido.ports import Ports
from vivido.runtime.library import Library
from vivido.runtime.local import LocalRuntime
from vivido.visible import visible


@click.command("run", short_help="Run a workflow to its end, with live progress.")
@click.argument("place", metavar="FILE[:NAME]")
@click.option(
    "--input", "given", metavar="JSON", help="A file of JSON, JSON itself, or - for standard input."
)
@stores.option
@click.option(
    "--id",
    "execution",
    metavar="ID",
    help="Name of the execution; one that exists goes on where it was.",
)
@click.option(
    "--no-store", is_flag=True, help="Keep it in memory only: quick, and gone with the process."
)
@click.option(
    "--no-wait",
    is_flag=True,
    help="Leave (exit 3) when nothing is to be done before some time comes.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines for machines on standard output.")
@click.pass_obj
def command(debug: bool, /, place: str, given: str | None, **options: Any) -> int:  # noqa: FBT001
    """Run one workflow: live progress on standard error, its result as JSON on standard output.

    The same --id and --store go on with an execution that was stopped or killed.

    Exit codes: 0 succeeded, 1 failed, 2 wrong use, 3 still waiting or stopped before its end.
    """
    store = None if options["no_store"] else options["store"]
    value = sources.value_of(given)
    prepare_logging(debug=debug)
    compiled = sources.compiled(place)
    sources.refuse_unready(compiled)
    arguments = compiled.workflow.bind_input(value)
    execution = options["execution"]
    execution = new_id() if execution is None else ids.chosen_execution_id(execution)
    library = Library()
    library.put(compiled.workflow.ref, compiled.workflow)

    async def begin(runtime: LocalRuntime) -> Begun:
        there = await runtime.ports.metas.get(execution)
        meta = await runtime.start(compiled.definition, arguments, execution=execution)
        return Begun(meta, there is None, meta.digest != compiled.definition.digest)

    what = Drive(execution, store, begin, library, patient=not options["no_wait"])
    return told(what, as_json=options["as_json"])


def new_id() -> str:
    """Return a new id that sorts by time."""
    from vivido.backends.world import SystemClock  # noqa: PLC0415

    return ids.new_execution_id(round(SystemClock().now() * 1000), secrets.randbits(80))


def told(what: Drive, *, as_json: bool) -> int:
    """Drive it, telling machines or people, and print the result; returns the exit code."""
    again = None if what.store is None else resume_command(what.execution, what.store)
    with console.output_of_our_own() as out:
        if as_json:
            return drive(what, lambda _: Events(out, again))
        final: list[Meta] = []

        def teller(ports: Ports) -> Teller:
            now = ports.clock.now
            return _Final(screen(now), now, again, final.append)

        code = drive(what, teller)
        if code == 0:
            out.write(console.json_text(plain(final[-1].output), indent=True) + "\n")
            out.flush()
        return code


class _Final(Progress):
    """Progress that hands over META at the end."""

    def __init__(self, *given: Any) -> None:
        *rest, self._keep = given
        super().__init__(*rest)

    def rests(self, meta: Meta) -> None:
        """Say how it ended, and keep it."""
        super().rests(meta)
        self._keep(meta)


def resume_command(execution: str, store: str) -> str:
    """Return the command that goes on with an execution."""
    where = "" if store == stores.DEFAULT else f" --store {quote(store)}"
    return f"vivido resume {execution}{where}"


def prepare_logging(*, debug: bool) -> None:
    """Send what steps and libraries log to standard error; what workflows log, records show."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(lambda record: not hasattr(record, "vivido_execution"))
    handler.setFormatter(_Visible("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, handlers=[handler])
    logging.getLogger("vivido.step").setLevel(logging.DEBUG if debug else logging.INFO)


class _Visible(logging.Formatter):
    """A format in which nothing steers the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Write out control characters."""
        return visible(super().format(record))
