"""What would a language model say next? This one follows rules, so it says the same every time.

It takes a question apart at "; and", and each part goes through the tools that it needs: look up,
then convert, then calculate. It sees nothing but the conversation, and remembers nothing else.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from services.units import UNITS

Tool = Literal["search", "convert", "calculate"]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
MEASURE = re.compile(rf"({NUMBER.pattern}) ({'|'.join(UNITS)})\b")
WANTED = re.compile(rf"\bin ({'|'.join(UNITS)})\b")
PERCENT = re.compile(rf"({NUMBER.pattern})% of ({NUMBER.pattern})")
TWICE = "there and back"
SUM = re.compile(r"[\d(][\d\s.()+*/-]*[+*/-][\d\s.()+*/-]*[\d)]")


@dataclass(frozen=True)
class Wish:
    """A tool that the model wants to be used; its result is to come back under `id`."""

    id: str
    tool: Tool
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What came back: a result, or, if it `failed`, why there is none."""

    text: str
    failed: bool = False


def reply(question: str, seen: dict[str, Seen]) -> str | list[Wish]:
    """Return the answer, or the tools to use first; `seen` holds what came back so far, by id."""
    parts = question.rstrip("?. ").split("; and ")
    wishes: list[Wish] = []
    answers: list[str] = []
    for place, part in enumerate(parts, 1):
        known = [seen[name] for name in _names(place, len(seen)) if name in seen]
        wish = _next(f"{place}.{len(known) + 1}", part, known)
        if wish is None:
            answers.append(_answer(part, known[-1]))
        else:
            wishes.append(wish)
    return wishes or "\n".join(answers)


def _names(place: int, count: int) -> list[str]:
    return [f"{place}.{turn}" for turn in range(1, count + 1)]


def _next(name: str, part: str, known: list[Seen]) -> Wish | None:
    tools = _tools(part)
    if len(known) == len(tools) or (known and known[-1].failed):
        return None
    tool = tools[len(known)]
    return Wish(name, tool, _arguments(tool, part, known[-1].text if known else part))


def _tools(part: str) -> list[Tool]:
    """Say which tools a part of the question needs, one after another."""
    if PERCENT.search(part) or SUM.search(part):
        return ["calculate"]
    tools: list[Tool] = [] if MEASURE.search(part) else ["search"]
    if WANTED.search(part):
        tools.append("convert")
    if TWICE in part:
        tools.append("calculate")
    return tools


def _arguments(tool: Tool, part: str, last: str) -> dict[str, str]:
    """Say what a tool is to work on: the part itself, or the `last` thing that came back."""
    match tool:
        case "search":
            return {"question": part}
        case "convert":
            measure, wanted = MEASURE.search(last), WANTED.search(part)
            amount, unit = measure.groups() if measure else ("0", "nothing")
            return {"amount": amount, "unit": unit, "wanted": wanted[1] if wanted else unit}
        case "calculate":
            return {"sum": _sum(part, last)}


def _sum(part: str, last: str) -> str:
    if percent := PERCENT.search(part):
        share, whole = percent.groups()
        return f"{whole} * {share} / 100"
    if found := SUM.search(part):
        return found[0]
    number = NUMBER.search(last)
    return f"{number[0]} * 2" if number else last


def _answer(part: str, last: Seen) -> str:
    said = last.text.rstrip(".")
    return f"I cannot tell {part!r}: {said}." if last.failed else f"{part}: {said}."
