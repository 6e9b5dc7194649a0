"""``vivido skip ID``: a person decides on what failed."""

from __future__ import annotations

from typing import Any

import click

from vivido.cli import requests


@click.command("skip", short_help="Leave undone what failed, and go on.")
@requests.options
def command(debug: bool, /, **given: Any) -> int:  # noqa: FBT001
    """Go on without the compensation that failed for good; of an ended execution, the failed node.

    Exit codes: those of `vivido run`; with --detach 0.
    """
    return requests.decide(debug, "skip", given)
