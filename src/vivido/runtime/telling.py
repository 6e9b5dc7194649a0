"""What an attempt says while it runs, on its way to the notes: at most one write in a second.

A step calls from a thread or from the event loop and never waits; its words are collected here and
written by the loop. What cannot be written is dropped: no step fails for what it says.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from vivido.ports.notes import Line, Notes, Progress

logger = logging.getLogger("vivido.notes")

_SECONDS: Final = 1.0  # between two writes of one attempt
_LONGEST: Final = 8_192  # characters of a line
_MOST: Final = 1_000  # lines between two writes; more are counted, not kept


class Attempt(NamedTuple):
    """Which attempt of which step speaks."""

    execution: str
    branch: str
    path: str
    step: str
    number: int


class Telling:
    """The words of one attempt. Made in the event loop; `close` when the attempt is over.

    `said` is told what is stored of progress. Nearly all attempts say nothing, so what is the same
    for all of them lies in the class.
    """

    _missed: int = 0
    _progress: Progress | None = None
    _shown: bool = False  # progress was stored, and has to be removed
    _timer: asyncio.Handle | None = None
    _writing: asyncio.Task[None] | None = None
    _wrote_at: float = -_SECONDS
    spoke: bool = False
    _closed: bool = False

    def __init__(
        self,
        notes: Notes,
        now: Callable[[], float],
        attempt: Attempt,
        said: Callable[[str, Progress], None] | None = None,
    ) -> None:
        self.notes, self.now, self.attempt, self.said = notes, now, attempt, said
        self.loop = asyncio.get_running_loop()
        self._lines: list[Line] = []

    # ------------------------------------------------------------- what the step calls, anywhere
    def progress(self, fraction: float | None, text: str | None) -> None:
        """Say how far it is."""
        one = self.attempt
        said = Progress(
            self.now(), one.branch, one.path, one.step, one.number, fraction, text and _cut(text)
        )
        self._call(self._set_progress, said)

    def heartbeat(self) -> None:
        """Say that it is alive: how far it is stays as it was."""
        self._call(self._beat, self.now())

    def line(self, level: int, text: str) -> None:
        """Say a line."""
        one = self.attempt
        word = logging.getLevelName(level).lower()
        line = Line(self.now(), one.branch, one.path, one.step, one.number, word, _cut(text))
        self._call(self._add, line)

    def _call(self, function: Callable[..., None], given: Any) -> None:
        self.spoke = True
        try:
            self.loop.call_soon_threadsafe(function, given)
        except RuntimeError:  # a thread that outlived its loop: nobody listens any more
            return

    # ------------------------------------------------------------- in the loop
    def _set_progress(self, progress: Progress) -> None:
        self._progress = progress
        self._schedule()

    def _beat(self, time: float) -> None:
        one, last = self.attempt, self._progress
        fraction, text = (None, None) if last is None else (last.fraction, last.text)
        self._set_progress(
            Progress(time, one.branch, one.path, one.step, one.number, fraction, text)
        )

    def _add(self, line: Line) -> None:
        if len(self._lines) < _MOST:
            self._lines.append(line)
        else:
            self._missed += 1
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None and not self._closed:  # a thread that was given up speaks on
            due = max(0.0, self._wrote_at + _SECONDS - self.loop.time())
            self._timer = self.loop.call_later(due, self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._wrote_at = self.loop.time()
        if self._writing is None or self._writing.done():
            self._writing = self.loop.create_task(self._write())
        else:
            self._schedule()

    async def _write(self) -> None:
        try:
            await self._write_lines()
            if self._progress is not None:
                self._shown = True
                if self.said is not None:
                    self.said(self.attempt.execution, self._progress)
                await self.notes.progress(self.attempt.execution, self._progress)
        except Exception as error:  # noqa: BLE001  whatever it is, the step goes on
            logger.warning("what step %r said is lost: %s", self.attempt.step, error)

    async def _write_lines(self) -> None:
        lines, self._lines = self._lines, []
        if self._missed:
            text = f"{self._missed:,} more lines in this second were dropped"
            lines.append(_said_of(lines[-1], text))
            self._missed = 0
        if lines:
            await self.notes.log(self.attempt.execution, lines)

    async def close(self) -> None:
        """Write what is left, and remove the progress of what is over."""
        await asyncio.sleep(0)  # what was said last is on its way
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        if not (self._lines or self._shown):
            return
        try:
            await self._write_lines()
            if self._shown:
                one = self.attempt
                await self.notes.done(one.execution, one.branch, one.path)
        except Exception as error:  # noqa: BLE001  whatever it is, the step is over
            logger.warning("what step %r said is lost: %s", self.attempt.step, error)


class StepLog(logging.LoggerAdapter[logging.Logger]):
    """The logger of a step: what it is told goes to Python's logging, and to the notes."""

    def __init__(self, telling: Telling | None, attempt: Attempt) -> None:
        known = {"execution": attempt.execution, "step": attempt.step, "attempt": attempt.number}
        super().__init__(logging.getLogger(f"vivido.step.{attempt.step}"), known)
        self._telling = telling

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log; from INFO on it is kept, whatever Python's logging makes of it."""
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
        super().log(level, msg, *args, **kwargs)
        if self._telling is not None and (level >= logging.INFO or self.isEnabledFor(level)):
            self._telling.line(level, _text(msg, args, kwargs.get("exc_info")))


def _text(msg: object, args: tuple[object, ...], exc_info: object) -> str:
    """The line that Python's logging would write; an error in it is part of the line."""
    record = logging.LogRecord("", 0, "", 0, str(msg), args, None)
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):
        text = f"{msg} {args!r}"
    if not exc_info:
        return text
    error = exc_info if isinstance(exc_info, BaseException) else sys.exception()
    return text if error is None else f"{text}\n{type(error).__name__}: {error}"


def _said_of(line: Line, text: str) -> Line:
    return Line(line.time, line.branch, line.path, line.step, line.attempt, "warning", text)


def _cut(text: str) -> str:
    text = str(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
