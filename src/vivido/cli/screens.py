"""Rows on standard error; on a terminal, what is running just now is below them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import click

from vivido.cli import texts
from vivido.cli.progress import Key, Screen
from vivido.cli.story import Row, Tone
from vivido.runtime.local import Began
from vivido.visible import visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

COLOURS: Final[dict[Tone, str]] = {
    "good": "green",
    "bad": "red",
    "wait": "cyan",
    "undo": "yellow",
    "quiet": "bright_black",
    "plain": "blue",
}
_LISTED = 6  # running steps


def screen(now: Callable[[], float]) -> Screen:
    """Return the screen that standard error is fit for; `now` gives seconds since 1970."""
    return Live(now) if sys.stderr.isatty() else Lines()


def depth(began: Began) -> int:
    """Return how far a running step is indented."""
    return began.branch.count(":") + began.execution.count("~")


def name_of(began: Began) -> str:
    """Return the step path; of a compensation what it is, and of which step."""
    undone = began.node.removesuffix("/undo")
    return began.node if undone == began.node else f"{began.step} (undoes {undone})"


def text_of(row: Row) -> str:
    """Return a row as one plain line."""
    took = "" if row.took is None else f" ({texts.took(row.took)})"
    parts = (f"{'  ' * row.depth}{row.sign}", row.what + took, row.text)
    return visible(" ".join(part for part in parts if part), keep="")


class Lines:
    """One line for each thing, for files and pipes."""

    def row(self, row: Row) -> None:
        """Print a row."""
        click.echo(text_of(row), err=True)

    def line(self, text: str, tone: Tone = "plain") -> None:  # noqa: ARG002  (no colours here)
        """Print a sentence."""
        click.echo(visible(text, keep=""), err=True)

    def begins(self, began: Began) -> None:
        """Print that a step begins."""
        again = f" (attempt {began.number})" if began.number > 1 else ""
        click.echo(visible(f"{'  ' * depth(began)}… {name_of(began)}{again}", keep=""), err=True)

    def running(self, key: Key, began: Began | None) -> None:
        """Nothing: the rows say it."""

    def said(self, key: Key, text: str) -> None:
        """Nothing, for the same reason."""

    def below(self, text: str) -> None:
        """Nothing: it would be a line each time."""

    def close(self) -> None:
        """Nothing to take down."""


class Live:
    """Rows that stay, and below them what is running, with its time."""

    def __init__(self, now: Callable[[], float]) -> None:
        from rich.console import Console  # noqa: PLC0415  (only a terminal pays for it)
        from rich.live import Live as RichLive  # noqa: PLC0415

        self._running: dict[Key, Began] = {}
        self._said: dict[Key, str] = {}
        self._below = ""
        self._now = now
        self._console = Console(stderr=True, highlight=False)
        self._live = RichLive(self, console=self._console, refresh_per_second=10, transient=True)
        self._live.start()

    def row(self, row: Row) -> None:
        """Print a row above what is running."""
        self._console.print(_styled(row), soft_wrap=True)

    def line(self, text: str, tone: Tone = "plain") -> None:
        """Print a sentence."""
        from rich.text import Text  # noqa: PLC0415

        style = "" if tone == "plain" else COLOURS[tone]
        self._console.print(Text(visible(text, keep=""), style=style), soft_wrap=True)

    def begins(self, began: Began) -> None:
        """Nothing: it is shown below while it runs."""

    def running(self, key: Key, began: Began | None) -> None:
        """Show a step with its time, or take it down."""
        if began is None:
            self._running.pop(key, None)
            self._said.pop(key, None)
        else:
            self._running[key] = began

    def said(self, key: Key, text: str) -> None:
        """Show how far a step is, behind its time."""
        if key in self._running:
            self._said[key] = text

    def below(self, text: str) -> None:
        """Show a sentence below."""
        self._below = text

    def close(self) -> None:
        """Take down what is running."""
        self._running.clear()
        self._below = ""
        self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """What stands below the rows: asked for by another thread, ten times a second."""
        from rich.text import Text  # noqa: PLC0415

        now = self._now()
        running = list(self._running.items())
        for key, began in running[:_LISTED]:
            again = f" attempt {began.number}" if began.number > 1 else ""
            indent = "  " * depth(began)
            what = f"{indent}… {name_of(began)}{again} {texts.took(now - began.time)}"
            what += f" {self._said.get(key, '')}"
            yield Text(visible(what, keep=""), style="blue", no_wrap=True, overflow="ellipsis")
        if len(running) > _LISTED:
            yield Text(f"… and {len(running) - _LISTED} more", style="bright_black")
        if self._below:
            yield Text(
                visible(self._below, keep=""), style="cyan", no_wrap=True, overflow="ellipsis"
            )


def _styled(row: Row) -> Text:
    from rich.text import Text  # noqa: PLC0415

    text = Text("  " * row.depth)
    text.append(row.sign, style=COLOURS[row.tone])
    if row.what:
        text.append(f" {visible(row.what, keep='')}", style="bold")
    if row.took is not None:
        text.append(f" ({texts.took(row.took)})", style="bright_black")
    if row.text:
        dim = row.tone in ("good", "quiet", "plain")
        text.append(
            f" {visible(row.text, keep='')}", style="bright_black" if dim else COLOURS[row.tone]
        )
    return text
