"""Which errors Vivido raises, and who must act on each: the class answers, the message says how.

=============  ================================================================
who acts       errors
=============  ================================================================
the author     `DefinitionError`
the workflow   `StepError` and what is below it; `RecordedError`
nobody         `TransientError`: `ConflictError`, `Throttled`, `Unavailable`
the caller     `UsageError`, `ExecutionStopped`
an operator    `NeedsAttention`
us             `InvariantError`
=============  ================================================================

What a step raises by itself (`CardDeclined`, `KeyError`) is not wrapped in any of these: a workflow
catches its own classes, as in plain Python. `StepError` is for what only an engine can know.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, Protocol

Actor = Literal["author", "workflow", "nobody", "caller", "operator", "us"]


class VividoError(Exception):
    """The root of all errors that Vivido raises; `acts` says who must do something about it."""

    acts: ClassVar[Actor] = "us"


class Finding(Protocol):
    """One thing wrong with a definition: ``str()`` gives file, line, caret, sentence and hint."""

    @property
    def code(self) -> str:
        """The stable code of the rule, with a page of its own in the documentation."""


class DefinitionError(VividoError):
    """A definition cannot be compiled or loaded: its author must change it.

    `diagnostics` holds every finding at once; without a message of its own the error prints them.
    """

    acts = "author"

    def __init__(self, message: str = "", *, diagnostics: Iterable[Finding] = ()) -> None:
        self.diagnostics: Sequence[Finding] = tuple(diagnostics)
        super().__init__(message or "\n\n".join(str(finding) for finding in self.diagnostics))


class StepError(VividoError):
    """A node failed in a way that the engine, not the step, found: the workflow may catch it."""

    acts = "workflow"


class StepTimeout(StepError, TimeoutError):
    """An attempt took longer than its step's timeout; its effect may or may not have happened."""


class DeadlineExceeded(StepError, TimeoutError):
    """The time given by ``with deadline(...)`` ran out before its block ended."""


class StepInterrupted(StepError):
    """An `at_most_once` step began and its outcome is lost: only a `retry` runs it again."""


class PoisonMessage(StepError):
    """A node was begun as often as the bound allows and never came to an outcome.

    The usual cause is a step that kills its process: out of memory, a crash in native code.
    """


class ValueNotStorable(StepError, TypeError):
    """A value cannot be kept in the journal; the message names the path to it and its type."""


class ResultInvalid(StepError, TypeError):
    """A step returned what its annotation does not allow."""


class ExpressionError(StepError):
    """An expression asked at run time for what the evaluator does not do."""


class ExpressionLimit(ExpressionError):
    """An expression would have gone past a bound on work, size or depth."""


class RecordedError(VividoError):
    """Stands in for an exception whose class is gone, with all that its record has kept of it.

    The attributes of the original read as before (``e.code``); where one of them has the name of a
    parameter below, it is found in `attributes`.
    """

    acts = "workflow"

    def __init__(
        self,
        type_name: str,
        message: str = "",
        *,
        bases: Iterable[str] = (),
        args: Iterable[Any] = (),
        attributes: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Take the parts of a recorded exception.

        `type_name` and `bases` are the names under which handlers look for it (``"shop:Declined"``,
        built-in classes bare), the nearest base first; `message` is what ``str()`` gave.
        """
        super().__init__(*args)
        self.type_name = type_name
        self.message = message
        self.bases = tuple(bases)
        self.attributes = dict(attributes)

    def __str__(self) -> str:
        """Read as the original did."""
        return self.message

    def __repr__(self) -> str:
        """Name the class that is gone."""
        return f"RecordedError({self.type_name!r}, {self.message!r})"

    def __getattr__(self, name: str) -> Any:  # whatever the original had
        """Find an attribute of the original; called only for what is not found the usual way."""
        kept: Mapping[str, Any] = self.__dict__.get("attributes", {})
        if name in kept:
            return kept[name]
        raise AttributeError(
            f"the recorded error {self.__dict__.get('type_name')!r} has no attribute {name!r}",
            name=name,
            obj=self,
        )


class TransientError(VividoError):
    """Something that passes: nobody acts, the message comes back and is tried again."""

    acts = "nobody"


class ConflictError(TransientError):
    """A conditional write found that another delivery was first."""


class Throttled(TransientError):
    """A service asked for less haste."""


class Unavailable(TransientError):
    """A service did not answer, or a resource is not there yet."""


class UsageError(VividoError):
    """A call of the API, the command line or the library was wrong: its caller must change it."""

    acts = "caller"


UNDONE: Final = "undone"
"""How a child execution is stopped that had succeeded and whose parent is undone."""


class ExecutionStopped(VividoError):
    """The execution was stopped as a whole, by a cancel or its time limit; no workflow catches it.

    `how` is the way it was asked to stop, as in META's `stops`. Whoever stopped it may redrive it.
    """

    acts = "caller"

    def __init__(self, how: str) -> None:
        self.how = how
        why = {"timed_out": "its time ran out", UNDONE: "the execution that called it was undone"}
        super().__init__(f"the execution was stopped: {why.get(how, 'it was cancelled')}")


class NeedsAttention(VividoError):
    """An execution stands still until an operator decides: retry, skip, or supply the result."""

    acts = "operator"


class InvariantError(VividoError):
    """Vivido found itself in a state that its own rules exclude: our bug, never to be swallowed."""

    acts = "us"
