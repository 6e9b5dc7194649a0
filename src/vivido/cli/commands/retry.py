"""``vivido retry ID``: a person decides on what failed."""

from __future__ import annotations

from typing import Any

import click

from vivido.cli import requests


@click.command("retry", short_help="Try again what failed, and go on.")
@requests.options
def command(debug: bool, /, **given: Any) -> int:  # noqa: FBT001
    """Try the compensation again that failed for good; of an ended execution, the node that failed.

    Exit codes: those of `vivido run`; with --detach 0.
    """
    return requests.decide(debug, "retry", given)
