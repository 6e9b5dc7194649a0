"""``vivido resume ID``: go on with an execution that was stopped or killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vivido.cli import operators, sources, stores, switching
from vivido.cli.commands.run import prepare_logging, told
from vivido.cli.driving import Begun, Drive
from vivido.errors import UsageError
from vivido.model.definition import Definition
from vivido.model.journal import Meta
from vivido.ports import Ports
from vivido.runtime.library import Library
from vivido.runtime.local import LocalRuntime
from vivido.runtime.operating import Operations


@click.command("resume", short_help="Go on with an execution that was stopped or killed.")
@click.argument("execution", metavar="[ID]", required=False)
@switching.workflow
@switching.everything
@switching.rate
@operators.note
@stores.option
@click.option(
    "--file", "file", metavar="FILE", help="The file of the workflow, if it is elsewhere now."
)
@click.option(
    "--no-wait",
    is_flag=True,
    help="Leave (exit 3) when nothing is to be done before some time comes.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines for machines on standard output.")
@click.pass_obj
def command(
    debug: bool,  # noqa: FBT001
    /,
    execution: str | None,
    store: str,
    file: str | None,
    **options: Any,
) -> int:
    """Go on with an execution until its end. It keeps the definition that it was started with.

    With --workflow or --all: let go on what `vivido pause` holds back; workers take it from there.
    Exit codes: 0 succeeded, 1 failed, 2 wrong use, 3 still waiting or stopped before its end.
    """
    prepare_logging(debug=debug)
    named, as_json = options["workflow"], options["as_json"]
    if switching.asked(execution, named, all_of_them=options["everything"]):
        return switching.resume(store, named, options["rate"], as_json=as_json)
    assert execution is not None  # noqa: S101  `asked` has seen to it
    meta, definition = stores.reading(store, lambda ports: _stored(ports, execution, store))
    root = execution.partition("~")[0]
    if root != execution:
        raise UsageError(f"{execution!r} is a child execution: resume the whole, {root!r}")
    library = Library()
    if not meta.status.is_end:
        _load(definition, file, store)

    async def begin(runtime: LocalRuntime) -> Begun:
        if (await stores.meta_of(runtime.ports, execution, store)).paused:
            by = operators.by(options["note"])
            await Operations(runtime.ports).resume(execution, by)
        return Begun(await stores.meta_of(runtime.ports, execution, store))

    what = Drive(execution, store, begin, library, patient=not options["no_wait"])
    return told(what, as_json=as_json)


def library_of(execution: str, file: str | None, store: str) -> Library:
    """Import the code of an execution, ended or not, so that it can go on here."""
    _, definition = stores.reading(store, lambda ports: _stored(ports, execution, store))
    _load(definition, file, store)
    return Library()


async def _stored(ports: Ports, execution: str, store: str) -> tuple[Meta, Definition]:
    meta = await stores.meta_of(ports, execution, store)
    definition = await ports.registry.get(meta.digest)
    if definition is None:
        raise UsageError(
            f"the definition of {execution!r} is not in {store!r}: the store is not whole"
        )
    return meta, definition


def _load(definition: Definition, file: str | None, store: str) -> None:
    """Import the file of the steps: as given, or where it was, seen from here or from the store."""
    if file is not None:
        places = [Path(file)]
    elif definition.source is not None:
        written = Path(definition.source.file)
        places = [written, Path(store).absolute().parent.parent / written]
    else:
        places = []
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        where = definition.source.file if file is None and definition.source else file
        raise UsageError(f"the workflow's file {where!r} is not there: say where it is with --file")
    loaded = sources.loaded(str(found))
    if loaded.module is None:
        raise UsageError(sources.report(loaded.diagnostics, loaded.lines))
