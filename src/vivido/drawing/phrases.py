"""How the parts of a node read in a drawing: arguments, durations, policies, first sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping

from vivido.model.definition import Retry, StepSpec
from vivido.model.nodes import Policy

_BRIEF = 28
_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")


def first_sentence(doc: str | None) -> str:
    """Return the first sentence of a docstring or comment, without its full stop."""
    paragraph = " ".join((doc or "").strip().partition("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s", paragraph, maxsplit=1)[0].rstrip(".")


def spoken(expression: str) -> str:
    """Return the text of a literal text as people say it; other expressions as they are written."""
    try:
        value = ast.literal_eval(expression)
    except (ValueError, SyntaxError):
        return expression
    return value if isinstance(value, str) else expression


def joined(notes: Iterable[str]) -> str:
    """Return notes as one line; an arrow separates by itself."""
    return " · ".join(notes).replace(" · →", " →")


def brief(expression: str) -> str:
    """Return an expression, a long call without its arguments: "Receipt(…)"."""
    name, bracket, _ = expression.partition("(")
    if len(expression) <= _BRIEF or not bracket or not expression.endswith(")"):
        return expression
    return f"{name}(…)" if name.replace(".", "").isidentifier() else expression


def arguments(args: Mapping[str, str]) -> str:
    """Return arguments as in a call; a variable passed under its own name once."""
    return ", ".join(_argument(name, text) for name, text in args.items())


def _argument(name: str, text: str) -> str:
    if name in ("*", "**"):
        return f"{name}{text}"
    return text if name == text else f"{name}={text}"


def duration(args: Mapping[str, str]) -> str:
    """Return what `sleep` or `deadline` is told: "2 days", "30s", "until order.due"."""
    if "until" in args:
        return f"until {spoken(args['until'])}"
    args = {"seconds" if name == "delay" else name: text for name, text in args.items()}
    parts = [_counted(args[unit], unit) for unit in _UNITS if unit in args]
    parts += [spoken(text) for name, text in args.items() if name not in _UNITS]
    return " ".join(parts)


def _counted(count: str, unit: str) -> str:
    return f"{count} {unit.removesuffix('s') if count == '1' else unit}"


def policy(given: Policy) -> tuple[str, ...]:
    """Return the notes of a fork's policy, none where it is the usual one."""
    notes = []
    if given.max_concurrency is not None:
        notes.append(f"at most {given.max_concurrency} at once")
    if given.need is not None:
        notes.append(f"{given.need} are enough")
    if given.tolerate is not None:
        notes.append(f"endures {_share(given.tolerate)} failed")
    if given.on_error == "collect":
        notes.append("errors are collected")
    return tuple(notes)


def _share(tolerate: str) -> str:
    try:
        number = float(tolerate)
    except ValueError:
        return tolerate
    return f"{number:.3%}".replace(".000", "").rstrip("0") if 0 < number < 1 else tolerate


def step_notes(spec: StepSpec | None) -> tuple[str, ...]:
    """Return how a step is run: retries, timeout, pool."""
    if spec is None:
        return ()
    notes = [] if spec.retry is None else [_retry(spec.retry)]
    if spec.timeout is not None:
        notes.append(f"within {spec.timeout}")
    if spec.at_most_once:
        notes.append("at most once")
    if spec.pool is not None:
        notes.append(f"pool {spec.pool}")
    return tuple(notes)


def _retry(retry: Retry) -> str:
    return f"up to {retry.max_attempts} attempts"
