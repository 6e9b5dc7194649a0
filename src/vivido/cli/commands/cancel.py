"""``vivido cancel ID``: nothing new begins, and what was done is undone."""

from __future__ import annotations

from typing import Any

import click

from vivido.cli import operators, requests
from vivido.runtime.operating import Operations


@click.command("cancel", short_help="Cancel an execution; what was done is undone.")
@click.option("--no-compensate", is_flag=True, help="Leave what was done as it is.")
@requests.options
def command(debug: bool, /, *, no_compensate: bool, **given: Any) -> int:  # noqa: FBT001
    """Cancel: nothing new begins, what was done is undone, then it has ended.

    Exit codes: those of `vivido run` (1: it was cancelled); with --detach 0.
    """

    async def what(operations: Operations) -> None:
        by = operators.by(given["note"])
        await operations.cancel(given["execution"], by, compensate=not no_compensate)

    return requests.asked(debug, given, what, moves=False)
