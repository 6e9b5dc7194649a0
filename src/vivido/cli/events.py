"""How an execution gets on, as JSON lines on standard output: one object a line, nothing else.

`started`, `record` (one for each record that this process writes), `progress`, `waiting`,
`stopping`, and last `ended`, `attention` or `left`. Results are JSON for others
(`vivido.values.plain`); what is inside a record is as the store keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from vivido.cli import console, texts
from vivido.model.journal import Json, Meta, Record
from vivido.model.payloads import is_reference
from vivido.ports.notes import Progress
from vivido.ports.sets import Wait

if TYPE_CHECKING:  # `vivido list` needs no engine
    from vivido.cli.driving import Begun
    from vivido.runtime.local import Began


class Events:
    """A `Teller` for machines. `again` is the command that goes on with the execution."""

    def __init__(self, out: TextIO, again: str | None) -> None:
        self._out = out
        self._again = again
        self._waits: list[tuple[str, int]] = []

    def _put(self, event: str, **fields: Any) -> None:
        self._out.write(console.json_text({"event": event, **fields}) + "\n")
        self._out.flush()

    def started(self, begun: Begun) -> None:
        """It begins, or goes on."""
        self._put("started", anew=begun.anew, changed=begun.changed, **facts(begun.meta))

    def began(self, began: Began) -> None:
        """Not told: the record says when the attempt began."""

    def said(self, execution: str, progress: Progress) -> None:
        """How far a running step is, told once a second at most."""
        self._put("progress", execution=execution, **asdict(progress))

    def recorded(self, meta: Meta, branch: str, record: Record) -> None:
        """One record."""
        self._put("record", execution=meta.execution, **record_json(branch, record))

    def waiting(self, waits: Sequence[Wait]) -> None:
        """What is waited for, when that has changed."""
        which = [(wait.branch, wait.n) for wait in waits]
        if which and which != self._waits:
            self._waits = which
            self._put("waiting", waits=[wait_json(wait) for wait in waits])

    def stopping(self, running: int) -> None:
        """Somebody asked to stop; `left` follows, or `ended`."""
        self._put("stopping", running=running)

    def ended(self, meta: Meta, end: Json) -> None:
        """Not told: `rests` follows."""

    def rests(self, meta: Meta) -> None:
        """The last line."""
        self._put("ended" if meta.status.is_end else "attention", **facts(meta), **outcome(meta))

    def left(self, meta: Meta) -> None:
        """The last line of a process that was stopped."""
        self._put("left", **facts(meta), resume=self._again)

    def close(self) -> None:
        """Every line is out."""


def facts(meta: Meta) -> dict[str, Any]:
    """Return what identifies an execution, and its status."""
    return {
        "execution": meta.execution,
        "workflow": meta.workflow,
        "version": meta.version,
        "status": str(meta.status),
    }


def outcome(meta: Meta) -> dict[str, Any]:
    """Return the output or the error of an execution that has ended."""
    if meta.error is not None:
        return {"error": error_json(meta.error)}
    return {"output": texts.plain(meta.output)} if meta.status.is_end else {}


def error_json(data: Json) -> dict[str, Any]:
    """Return an encoded exception as type and message."""
    if is_reference(data):  # a very long message, in the blob store
        name, _, message = str(data["preview"]).partition(": ")
        return {"type": name, "message": message}
    if not isinstance(data, dict):
        return {"type": "Error", "message": str(data)}
    return {"type": data.get("type"), "message": data.get("message")}


def record_json(branch: str, record: Record) -> dict[str, Any]:
    """Return a record, without the state that a fork or a wait repeats."""
    data = dict(record.data)
    state = data.pop("state", None)
    if state is not None and state.get("wait") is not None:
        data["wait"] = state["wait"]
    fixed = {"branch": branch, "n": record.n, "kind": str(record.kind), "time": record.time}
    return {**fixed, **data}


def wait_json(wait: Wait) -> dict[str, Any]:
    """Return a wait: the branch, and until when or for what."""
    fields = {"branch": wait.branch, "until": wait.timer, "child": wait.child, "event": wait.event}
    return {name: value for name, value in fields.items() if value is not None}
