"""How an execution gets on, for people: a row for each thing that happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from vivido.cli import texts
from vivido.cli.driving import Begun
from vivido.cli.story import Row, Tone, awaited, rows
from vivido.ids import scope_of, scopes_of
from vivido.model.journal import Json, Kind, Meta, Record, Status
from vivido.ports.notes import Progress as Said
from vivido.ports.sets import Wait
from vivido.runtime.local import Began
from vivido.visible import shortened

LONG = 500  # characters of the error at the end
WIDE = 12  # from so many branches on, those that go well are counted, not listed


Key = tuple[str, str, str]  # execution, branch, step path


class Screen(Protocol):
    """Where rows go."""

    def row(self, row: Row) -> None:
        """Print a row."""

    def line(self, text: str, tone: Tone = "plain") -> None:
        """Print a sentence."""

    def begins(self, began: Began) -> None:
        """Print that an attempt begins, where rows are all there is."""

    def running(self, key: Key, began: Began | None) -> None:
        """An attempt is under way, or (None) is over."""

    def said(self, key: Key, text: str) -> None:
        """What an attempt under way says of how far it is."""

    def below(self, text: str) -> None:
        """What stands below the rows until it is replaced."""

    def close(self) -> None:
        """Take down what is not to stay."""


class Progress:
    """A `Teller` for people. `again` is the command that goes on with the execution."""

    def __init__(self, screen: Screen, now: Callable[[], float], again: str | None) -> None:
        self._screen = screen
        self._now = now
        self._again = again
        self._began = now()
        self._idle = False  # nothing but waiting
        self._over = False  # it had ended before this process began
        self._forks: dict[tuple[str, str], _Wide] = {}  # by execution and scope
        self._waits: set[tuple[str, int]] = set()

    def started(self, begun: Begun) -> None:
        """Say what runs."""
        meta = begun.meta
        name = f"{meta.workflow} (version {meta.version})"
        how = "runs as" if begun.anew else "goes on as"
        if meta.status.is_end:
            how, self._over = "has ended before as", True
        self._screen.line(f"{name} {how} {meta.execution}", "quiet")
        if begun.changed and not self._over:
            self._screen.line("it keeps the definition with which it was started", "wait")

    def began(self, began: Began) -> None:
        """A step begins."""
        self._awake()
        if not self._is_wide(began.execution, began.branch):
            self._screen.begins(began)
        self._screen.running((began.execution, began.branch, began.node), began)

    def said(self, execution: str, progress: Said) -> None:
        """A running step has said how far it is."""
        share = "" if progress.fraction is None else f"{progress.fraction:.0%}"
        text = " ".join(part for part in (share, progress.text) if part)
        self._screen.said((execution, progress.branch, progress.path), text)

    def _awake(self) -> None:
        """Something happens: it is not only waited any more."""
        if self._idle:
            self._idle = False
            self._screen.below("")

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:
        """Print what the record says."""
        self._awake()
        data = record.data
        if "attempt" in data:
            place = str(data.get("path", data.get("node", "")))
            self._screen.running((meta.execution, branch, place), None)
        if record.kind is Kind.WAIT:
            self._waits.add((branch, record.n))
        self._count(meta.execution, branch, record)
        quiet = self._is_wide(meta.execution, branch)
        for row in rows(meta.execution, branch, record, self._now()):
            if row.what in _ENDS or (quiet and row.tone in ("good", "plain")):
                continue
            if row.tone == "quiet" and record.kind is Kind.SET and row.sign != "|":
                continue  # computing is not worth a line here
            self._screen.row(replace(row, inside=meta.execution.count("~")))

    def _count(self, execution: str, branch: str, record: Record) -> None:
        if record.kind is Kind.FORK:
            width = record.data["state"]["wait"]["width"]
            if width >= WIDE:
                place = str(record.data.get("path", record.data["node"]))
                self._forks[execution, f"{branch}.{record.n}"] = _Wide(place, width)
        elif record.kind is Kind.END and (wide := self._forks.get((execution, scope_of(branch)))):
            wide.ended += 1
            self._screen.below(f"{wide.place}: {wide.ended} of {wide.width}")

    def _is_wide(self, execution: str, branch: str) -> bool:
        """Whether the branch is inside a wide fork."""
        return any((execution, scope) in self._forks for scope in scopes_of(branch))

    def waiting(self, waits: Sequence[Wait]) -> None:
        """Say what is waited for, also where that was recorded by another process."""
        now = self._now()
        for wait in waits:
            if (wait.branch, wait.n) not in self._waits:
                self._waits.add((wait.branch, wait.n))
                text = awaited(wait.timer, wait.child, now, now)
                self._screen.row(Row(now, wait.branch, "⏱", "wait", "", text))
        self._idle = True
        timers = [wait.timer for wait in waits if wait.timer is not None]
        if timers:
            left = texts.took(max(0.0, min(timers) - now))
            leave = f"; Ctrl-C leaves it, `{self._again}` goes on" if self._again else ""
            self._screen.below(f"waiting for {left} more{leave}")

    def stopping(self, running: int) -> None:
        """Say why it does not stop at once."""
        steps = "the running step" if running == 1 else f"{running} running steps"
        self._screen.line(f"stopping after {steps}; Ctrl-C again to end at once", "wait")

    def ended(self, meta: Meta, end: Json) -> None:
        """Not told: `rests` follows."""

    def rests(self, meta: Meta) -> None:
        """Say how it ended; the output goes to standard output."""
        self._screen.below("")
        took = "" if self._over else f" ({texts.took(self._now() - self._began)})"
        failure = "" if meta.error is None else f": {shortened(texts.error(meta.error), LONG)}"
        status = str(meta.status).replace("_", " ")
        good = meta.status is Status.SUCCEEDED
        self._screen.line(f"{status}{failure}{took}", "good" if good else "bad")
        if not good and self._again is not None:
            self._screen.line(
                f"all that happened: {self._again.replace(' resume ', ' show ')}", "quiet"
            )

    def left(self, meta: Meta) -> None:
        """Say how to go on."""
        self._screen.below("")
        if self._again is None:
            self._screen.line(
                f"{meta.workflow} was stopped; it was kept in memory only, and is gone", "wait"
            )
        else:
            self._screen.line(f"{meta.workflow} was stopped; go on with: {self._again}", "wait")

    def close(self) -> None:
        """Take down what is not to stay."""
        self._screen.close()


_ENDS = frozenset(str(status).replace("_", " ") for status in Status)


class _Wide:
    """A fork of many branches, counted."""

    def __init__(self, place: str, width: int) -> None:
        self.place = place
        self.width = width
        self.ended = 0
