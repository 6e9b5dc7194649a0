"""Who types a command that changes an execution: the history keeps it, with the time and why."""

from __future__ import annotations

import getpass

import click

from vivido.runtime.operating import By

note = click.option("--note", metavar="TEXT", help="Why, for the history.")


def by(why: str | None) -> By:
    """Name the user of this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # no such user, as in a container
        name = "unknown"
    return By(name, why)
