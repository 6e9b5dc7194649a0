"""Standard output and error: what goes where, and what can do no harm there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any, NoReturn, TextIO

import click

from vivido.visible import visible


def prepare() -> None:
    """Make output possible in any locale: what an encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def say(text: str, *, dim: bool = False, colour: str | None = None) -> None:
    """Print a line for people on standard error; control characters in it are written out."""
    styled = click.style(visible(text), dim=dim or None, fg=colour)
    click.echo(styled, err=True)


def complain(message: str) -> None:
    """Print an error for people."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {visible(message)}", err=True)


def put(text: str) -> None:
    """Print a line of output; control characters in it are written out."""
    click.echo(visible(text))


def put_json(value: Any, *, indent: bool = True) -> None:
    """Print JSON; what cannot be seen is escaped as JSON does, so the value is the same."""
    click.echo(json_text(value, indent=indent))


def json_text(value: Any, *, indent: bool = False) -> str:
    """Return JSON of which every character can be seen."""
    import orjson  # noqa: PLC0415  (not every command needs it)

    options = orjson.OPT_INDENT_2 if indent else 0
    text = orjson.dumps(value, option=options).decode()
    return text if text.isascii() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    if character == "\n" or visible(character) == character:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    pairs = (units[place : place + 2].hex() for place in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs)


@contextmanager
def output_of_our_own() -> Iterator[TextIO]:
    """Give the real standard output; whatever else prints meanwhile goes to standard error."""
    sys.stdout.flush()
    ours = os.dup(1)
    try:
        os.dup2(2, 1)  # for what does not go through Python, as the processes that steps start
        out = os.fdopen(ours, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        with redirect_stdout(sys.stderr), out:
            yield out
    finally:
        sys.stdout.flush()
        os.dup2(ours, 1)
        os.close(ours)


def drop_output() -> None:
    """Send what is still printed nowhere, after its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


class CutShort(Exception):
    """Steps were left running in threads: the process must end without waiting for them."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def end_now(code: int) -> NoReturn:
    """End the process although threads are running."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)
