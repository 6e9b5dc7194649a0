"""``vivido resolve ID --result JSON``: a person has done by hand what failed."""

from __future__ import annotations

from typing import Any

import click

from vivido.cli import requests


@click.command("resolve", short_help="Take what failed for done by hand, and go on.")
@click.option("--result", metavar="JSON", default="null", help="What it gave.")
@requests.options
def command(debug: bool, /, **given: Any) -> int:  # noqa: FBT001
    """Take the compensation that failed for done; of an ended execution, the node that failed.

    Exit codes: those of `vivido run`; with --detach 0.
    """
    return requests.decide(debug, "resolve", given)
