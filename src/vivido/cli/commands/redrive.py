"""``vivido redrive ID``: an ended execution goes on from where it failed, or an earlier node."""

from __future__ import annotations

from typing import Any

import click

from vivido.cli import operators, requests, sources
from vivido.errors import UsageError
from vivido.runtime.asking import NOTHING, Redrive, ask
from vivido.runtime.operating import Operations


@click.command("redrive", short_help="Let an ended execution go on from where it failed.")
@click.option("--from", "from_node", metavar="NODE", help="A node, a step path, or a record.")
@click.option("--set", "edits", metavar="NAME=JSON", multiple=True, help="A new value; repeatable.")
@click.option("--result", metavar="JSON", help="What the node gave, in place of running it.")
@click.option(
    "--newer", metavar="FILE[:NAME]", help="Go on on the workflow as this file has it now."
)
@requests.options
def command(
    debug: bool,  # noqa: FBT001
    /,
    *,
    from_node: str | None,
    edits: tuple[str, ...],
    result: str | None,
    newer: str | None,
    **given: Any,
) -> int:
    """Go on from the failed node, or an earlier one; what came before it is kept.

    Of a fork only the branches that did not succeed run again. With --newer it goes on on another
    definition, if that fits; else it is refused with all reasons.
    Exit codes: those of `vivido run`; with --detach 0.
    """
    place = int(from_node) if from_node is not None and from_node.isdecimal() else from_node
    known = NOTHING if result is None else requests.value_of(result)
    definition = None
    if newer is not None:
        definition = sources.compiled(newer).definition
        given["file"] = given["file"] or sources.split(newer)[0]
    variables = dict(_edit(text) for text in edits)
    request = Redrive(place, variables, known, definition=definition)

    async def what(operations: Operations) -> None:
        await ask(operations, given["execution"], request, operators.by(given["note"]))

    return requests.asked(debug, given, what)


def _edit(text: str) -> tuple[str, Any]:
    name, is_there, value = text.partition("=")
    if not is_there:
        raise UsageError(f"--set {text!r} sets nothing: write NAME=JSON")
    return name, requests.value_of(value)
