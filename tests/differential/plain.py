"""What does the plain call of a workflow give? Value or error, effects in order, log lines."""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.differential import library
from tests.differential.script import Script, playing_plainly

from vivido import values
from vivido.authoring import Workflow


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be seen of a run. `outcome`: ("value", text) or ("error", type, message)."""

    outcome: tuple[str, ...]
    effects: Sequence[str]
    logs: Sequence[str]


def shown(effect: library.Effect) -> str:
    """An effect as a line."""
    return f"{effect.step}({effect.arguments})"


def value_outcome(value: object) -> tuple[str, ...]:
    """A value, so that what is equal reads the same and what differs in any way does not."""
    return "value", values.dumps(value).decode()


def error_outcome(error: BaseException) -> tuple[str, ...]:
    """An error, with what it was raised from."""
    cause = error.__cause__
    from_what = () if cause is None else (type(cause).__name__, str(cause))
    return "error", type(error).__name__, str(error), *from_what


class _Lines(logging.Handler, io.TextIOBase):  # type: ignore[misc]  # both call it `close` and `flush`
    """Takes what a plain run prints and logs, line by line."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.lines: list[str] = []
        self._open = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "asyncio":
            self.lines.append(f"{record.levelname.lower()} {record.getMessage()}")

    def write(self, text: str) -> int:
        self._open += text
        while "\n" in self._open:
            line, _, self._open = self._open.partition("\n")
            self.lines.append(f"info {line}")
        return len(text)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Catch what is printed and logged meanwhile."""
    lines = _Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(lines):
            yield lines.lines
    finally:
        root.removeHandler(lines)
        root.setLevel(level)


def run(
    workflow: Workflow[..., Any], arguments: dict[str, Any], module: ModuleType, script: Script
) -> Seen:
    """Call a workflow as the function it is."""
    library.TRACE.clear()
    with listening() as lines, playing_plainly(script, module):
        try:
            result = workflow(**arguments)
            if workflow.is_async:
                result = asyncio.run(result)
            outcome = value_outcome(result)
        except Exception as error:  # noqa: BLE001  it is the outcome
            outcome = error_outcome(error)
    return Seen(outcome, [shown(effect) for effect in library.TRACE], lines)
