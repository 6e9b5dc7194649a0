"""What a record says, as rows that people read: the same in `vivido run` and `vivido show`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vivido.cli import texts
from vivido.ids import ROOT, child_execution_id
from vivido.model.journal import Json, Kind, Record

Tone = Literal["good", "bad", "wait", "undo", "quiet", "plain"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `time`: seconds since 1970; `took`: seconds; `inside`: so many child executions."""

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


def rows(execution: str, branch: str, record: Record, now: float) -> Iterator[Row]:
    """Yield the rows of a record; `now` (seconds since 1970) says how to write times.

    Lines for the log stand after an outcome that they follow, and before what begins or ends then.
    """
    match record.kind:
        case Kind.OK | Kind.ERROR | Kind.ATTEMPT | Kind.UNDONE | Kind.ATTENTION:
            yield _outcome(branch, record, now)
            yield from _logs(branch, record)
        case Kind.JOIN:
            yield _joined(branch, record)
            yield from _logs(branch, record)
        case Kind.SPAWN:
            text = f"the job {branch}.{record.n} is started"
            yield Row(record.time, branch, "┬", "plain", _place(record.data), text)
            yield from _logs(branch, record)
        case Kind.WOKE:
            yield _woke(branch, record)
            yield from _logs(branch, record)
        case Kind.FORK:
            yield from _logs(branch, record)
            yield _fork(branch, record)
        case Kind.WAIT:
            yield from _logs(branch, record)
            yield _wait(execution, branch, record, now)
        case Kind.END:
            if "attempt" in record.data:
                yield _last_outcome(branch, record, now)
            if "job" in record.data:
                yield _joined(branch, record)
            yield from _logs(branch, record)
            yield from _end(branch, record)
        case _:
            yield from _logs(branch, record)
            yield _note(branch, record)


def _logs(branch: str, record: Record) -> Iterator[Row]:
    for level, logger, text in record.data.get("logs", ()):
        source = "" if logger in (None, "", "print") else f"{logger}: "
        tone: Tone = "bad" if level in ("error", "critical") else "quiet"
        sign = "!" if level in ("warning", "error", "critical") else "|"
        yield Row(record.time, branch, sign, tone, "", f"{source}{text}")


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
            by = f"the child execution {data['child']}" if "child" in data else data.get("step")
            text = f"undone by {by or 'its compensation'}{tried}"
            return Row(record.time, branch, "↩", "undo", what.removesuffix("/undo"), text, took)
        case Kind.ATTENTION:
            text = f"cannot be undone: {failure}{tried}; a person must decide"
            return Row(record.time, branch, "⚠", "bad", what.removesuffix("/undo"), text, took)
        case _:
            result = f"→ {texts.brief(data['result'])}" if data.get("result") is not None else ""
            return Row(record.time, branch, "✔", "good", what, f"{result}{tried}".strip(), took)


def _fork(branch: str, record: Record) -> Row:
    what = _place(record.data)
    plan = record.data.get("state", {}).get("wait") or {}
    width, lanes = plan.get("width", "?"), plan.get("lanes")
    text = "1 branch" if width == 1 else f"{width} branches side by side"
    text += f", {lanes} at once" if lanes is not None and lanes != width else ""
    if "undo" in plan:
        return Row(record.time, branch, "┬", "undo", what.removesuffix("/undo"), f"undone: {text}")
    return Row(record.time, branch, "┬", "plain", what, text)


def _joined(branch: str, record: Record) -> Row:
    job = record.data.get("job")
    text = "all have ended" if job is None else f"the job {job} has ended"
    return Row(record.time, branch, "┴", "plain", _place(record.data), text)


def _woke(branch: str, record: Record) -> Row:
    by = record.data.get("by", "")
    texts_ = {"timer": "the time has come", "child": "the child execution has ended"}
    text = texts_.get(by, f"woken by {by}")
    return Row(record.time, branch, "▶", "wait", _place(record.data), text)


def _wait(execution: str, branch: str, record: Record, now: float) -> Row:
    wait = record.data.get("state", {}).get("wait") or {}
    if "undo" in wait:
        what, text = _place(record.data).removesuffix("/undo"), "waits until it has undone itself: "
        return Row(record.time, branch, "⏱", "undo", what, text + wait["undo"])
    child = child_execution_id(execution, branch, record.n) if "child" in wait else None
    text = awaited(wait.get("timer"), child, record.time, now)
    if "job" in wait:
        text = f"waits for the job {wait['job']}"
    return Row(record.time, branch, "⏱", "wait", _place(record.data), text)


def awaited(timer: float | None, child: str | None, since: float, now: float) -> str:
    """Say what is waited for: a time, a child execution; times are seconds since 1970."""
    if child is not None:
        return f"waits for the child execution {child}"
    if timer is not None:
        return f"waits until {texts.moment(timer, now)} ({texts.took(timer - since)})"
    return "waits"


def _last_outcome(branch: str, record: Record, now: float) -> Row:
    """The outcome of the last step, which its END record holds as well."""
    data = record.data
    if "step" in data and str(data.get("path", "")).endswith("/undo"):
        kind = Kind.UNDONE
    else:
        kind = Kind.OK if "result" in data else Kind.ERROR
    inner = {"error": data["end"].get("error"), **data}
    return _outcome(branch, Record(record.n, kind, "", "", record.time, inner), now)


def _end(branch: str, record: Record) -> Iterator[Row]:
    data, end = record.data, record.data["end"]
    status, failure = end["status"], end.get("error")
    if branch != ROOT:
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
        case Kind.UNDO:
            what, text = "undo", "the execution that called it is undone, and so is this"
        case Kind.REDRIVE:
            where = f"goes on from {what}" if what else "goes on from where it failed"
            what, text = "redrive", f"{where}{_newer(data)}{_by(data)}"
        case _:
            text = f"{data.get('decision', '')}{_by(data)}"
            what = what or record.kind.lower()
    return Row(record.time, branch, "·", "quiet", what, text)


def _newer(data: dict[str, Json]) -> str:
    """On which definition it goes on, if that is another one."""
    if "was" not in data:
        return ""
    was, now = data["was"][:12], data["digest"][:12]
    return f" on another definition, {now} (version {data['version']}) in place of {was}"


def _by(data: dict[str, Json]) -> str:
    """Who asked for it, what they changed, and why."""
    parts = [f", by {data['who']}"] if data.get("who") else []
    if data.get("set"):
        parts.append(f", with other values of {', '.join(data['set'])}")
    if data.get("note"):
        parts.append(f": {data['note']}")
    return "".join(parts)
