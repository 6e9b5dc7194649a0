"""Which findings the compiler can make: one stable code for each, with a page in docs/diagnostics.

A code never changes its meaning and is never used again. The first digit says what is at stake: 1
reading the source, 2 what is not compiled, 3 names and types, 4 the flow, 5 who owns a value, 6
steps, 9 notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "note"]


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a code stands for: `title` is the heading of its page, one plain clause."""

    code: str
    title: str
    severity: Severity = "error"

    @property
    def page(self) -> str:
        """Where the code is explained, relative to the documentation's root."""
        return f"diagnostics/{self.code}.md"


_ERRORS = {
    "V101": "The file is not valid Python",
    "V102": "Importing the file failed",
    "V103": "The source of the workflow cannot be read",
    "V201": "A generator cannot be a workflow",
    "V202": "A name of another scope cannot be rebound",
    "V203": "A class cannot be defined inside a workflow",
    "V204": "An import cannot stand inside a workflow",
    "V205": "This context manager is not compiled",
    "V206": "An asynchronous loop or block is not compiled",
    "V207": "A nested function cannot call itself",
    "V208": "A step cannot be called inside a lambda",
    "V209": "This builtin cannot be used in a workflow",
    "V210": "An effect belongs into a step",
    "V211": "This expression is not compiled",
    "V212": "A step or workflow is no value",
    "V213": "An asynchronous call must be awaited",
    "V214": "This statement is not compiled",
    "V215": "This kind of nested function is not compiled",
    "V301": "The name is not known",
    "V302": "The variable has no value here",
    "V303": "The attribute does not exist",
    "V304": "The arguments do not fit",
    "V305": "The value has the wrong type",
    "V306": "The duration cannot be read",
    "V307": "The option has no such value",
    "V401": "The statement is never reached",
    "V402": "The loop makes no progress",
    "V403": "The wait has no timeout",
    "V501": "A shared value is changed",
    "V502": "The value being looped over is changed",
    "V503": "A captured variable is changed from a parallel branch",
    "V504": "A value of the module is changed",
    "V505": "A function changes what it is given",
    "V506": "The identity of a value is asked for",
    "V507": "The value cannot be stored",
    "V601": "A step or workflow is declared wrongly",
}
_NOTES = {
    "V901": "Steps in a comprehension run one after another",
    "V902": "The expression has no effect",
    "V903": "This version cannot run it",
}

CODES: dict[str, CodeInfo] = {
    **{code: CodeInfo(code, title) for code, title in _ERRORS.items()},
    **{code: CodeInfo(code, title, "note") for code, title in _NOTES.items()},
}
