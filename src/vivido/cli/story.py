"""What a record says, as rows that people read: the same in `vivido run` and `vivido show`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vivido.cli import texts
from vivido.model.journal import Json, Kind, Record

Tone = Literal["good", "bad", "wait", "undo", "quiet", "plain"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `time`: seconds since 1970; `took`: seconds; `inside`: of so many child executions."""

    time: float
    branch: str
    sign: str
    tone: Tone
    what: str
    text: str = ""
    took: float | None = None
    inside: int = 0

    @property
    def depth(self) -> int:
        """How far it is indented: by forks and child executions around it."""
        return self.branch.count(":") + self.inside


def rows(branch: str, record: Record, now: float) -> Iterator[Row]:
    """Yield the rows of a record; `now` (seconds since 1970) says how to write times."""
    for level, logger, text in record.data.get("logs", ()):
        source = f"{logger}: " if logger else ""
        tone: Tone = "bad" if level in ("error", "critical") else "quiet"
        sign = "!" if level in ("warning", "error", "critical") else "|"
        yield Row(record.time, branch, sign, tone, "", f"{source}{text}")
    yield from _happened(branch, record, now)


def _happened(branch: str, record: Record, now: float) -> Iterator[Row]:
    match record.kind:
        case Kind.OK | Kind.ERROR | Kind.ATTEMPT | Kind.UNDONE | Kind.ATTENTION:
            yield _outcome(branch, record, now)
        case Kind.FORK | Kind.JOIN:
            yield _fork(branch, record)
        case Kind.WAIT | Kind.WOKE:
            yield _wait(branch, record, now)
        case Kind.END:
            yield from _end(branch, record, now)
        case _:
            yield _note(branch, record)


def _place(data: dict[str, Json]) -> str:
    return str(data.get("path", data.get("node", "")))


def _outcome(branch: str, record: Record, now: float) -> Row:
    """An attempt and what came of it."""
    data = record.data
    attempt = data.get("attempt", 1)
    took = record.time - data["began"] if "began" in data else None
    failure = texts.error(data.get("raised") or data.get("error"))
    what = _place(data)
    tried = f" (attempt {attempt})" if attempt > 1 else ""
    match record.kind:
        case Kind.ATTEMPT:
            again = texts.moment(data.get("again_at", record.time), now)
            text = f"attempt {attempt} failed: {failure}; again at {again}"
            return Row(record.time, branch, "↻", "wait", what, text, took)
        case Kind.ERROR:
            return Row(record.time, branch, "✘", "bad", what, f"failed: {failure}{tried}", took)
        case Kind.UNDONE:
            text = f"undone by {data.get('step', 'its compensation')}{tried}"
            return Row(record.time, branch, "↩", "undo", what.removesuffix("/undo"), text, took)
        case Kind.ATTENTION:
            text = f"cannot be undone: {failure}{tried}; a person must decide"
            return Row(record.time, branch, "⚠", "bad", what.removesuffix("/undo"), text, took)
        case _:
            result = f"→ {texts.brief(data['result'])}" if data.get("result") is not None else ""
            return Row(record.time, branch, "✔", "good", what, f"{result}{tried}".strip(), took)


def _fork(branch: str, record: Record) -> Row:
    what = _place(record.data)
    if record.kind is Kind.JOIN:
        return Row(record.time, branch, "┴", "plain", what, "all branches have ended")
    plan = record.data.get("state", {}).get("wait") or {}
    width, lanes = plan.get("width", "?"), plan.get("lanes")
    text = f"{width} branches side by side"
    text += f", {lanes} at once" if lanes is not None and lanes != width else ""
    return Row(record.time, branch, "┬", "plain", what, text)


def _wait(branch: str, record: Record, now: float) -> Row:
    data = record.data
    if record.kind is Kind.WOKE:
        by = {"timer": "the time has come", "child": "the child execution has ended"}
        text = by.get(data.get("by", ""), f"woken by {data.get('by')}")
        return Row(record.time, branch, "▶", "wait", _place(data), text)
    wait = data.get("state", {}).get("wait") or {}
    return Row(record.time, branch, "⏱", "wait", _place(data), awaited(wait, record.time, now))


def awaited(wait: dict[str, Json], since: float, now: float) -> str:
    """Say what is waited for; `since` and `now` are seconds since 1970."""
    child, timer = wait.get("child"), wait.get("timer")
    if child is not None:
        name = child.get("workflow", "") if isinstance(child, dict) else child
        return f"waits for the child execution of {name}"
    if timer is not None:
        return f"waits until {texts.moment(timer, now)} ({texts.took(timer - since)})"
    return "waits"


def _end(branch: str, record: Record, now: float) -> Iterator[Row]:
    """The end of a branch; an END record may hold the outcome of the last step as well."""
    data, end = record.data, record.data["end"]
    if "attempt" in data:
        kind = Kind.ERROR if "result" not in data else Kind.OK
        inner = {"error": end.get("error"), **data}
        yield _outcome(branch, Record(record.n, kind, "", "", record.time, inner), now)
    status, failure = end["status"], end.get("error")
    if branch != "r":
        if failure is not None and "attempt" not in data:
            yield Row(record.time, branch, "✘", "bad", "branch", texts.error(failure))
        elif status == "stopped":
            yield Row(record.time, branch, "■", "quiet", "branch", "stopped")
        return
    if status == "succeeded":
        value = texts.brief(end.get("value")) if end.get("value") is not None else ""
        yield Row(record.time, branch, "●", "good", "succeeded", f"→ {value}" if value else "")
    else:
        text = "" if failure is None else texts.error(failure)
        yield Row(record.time, branch, "●", "bad", status.replace("_", " "), text)


def _note(branch: str, record: Record) -> Row:
    data = record.data
    what = _place(data)
    match record.kind:
        case Kind.CLAIM:
            text = "begins, at most once"
        case Kind.RESUMED:
            text = "is run again: it may have begun before its process ended"
        case Kind.SET:
            what, text = ", ".join(sorted(data.get("vars", {}))) or "computed", "recorded"
        case Kind.CANCEL:
            what, text = "stop", f"reached the execution: {data.get('how', '')}"
        case Kind.REDRIVE:
            what, text = "redrive", "goes on from where it failed"
        case _:
            what, text = what or record.kind.lower(), str(data.get("decision", ""))
    return Row(record.time, branch, "·", "quiet", what, text)
