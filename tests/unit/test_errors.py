"""Do errors say who acts, what happened, and what they were before their class was lost?"""

import inspect
from dataclasses import dataclass

import pytest

from vivido import errors
from vivido.errors import (
    ConflictError,
    DeadlineExceeded,
    DefinitionError,
    ExecutionStopped,
    ExpressionError,
    ExpressionLimit,
    InvariantError,
    NeedsAttention,
    PoisonMessage,
    RecordedError,
    ResultInvalid,
    StepError,
    StepInterrupted,
    StepTimeout,
    Throttled,
    TransientError,
    Unavailable,
    UsageError,
    ValueNotStorable,
    VividoError,
)

ACTORS = {
    DefinitionError: "author",
    StepError: "workflow",
    StepTimeout: "workflow",
    DeadlineExceeded: "workflow",
    StepInterrupted: "workflow",
    PoisonMessage: "workflow",
    ValueNotStorable: "workflow",
    ResultInvalid: "workflow",
    ExpressionError: "workflow",
    ExpressionLimit: "workflow",
    RecordedError: "workflow",
    TransientError: "nobody",
    ConflictError: "nobody",
    Throttled: "nobody",
    Unavailable: "nobody",
    UsageError: "caller",
    ExecutionStopped: "caller",
    NeedsAttention: "operator",
    InvariantError: "us",
}


@dataclass(frozen=True)
class Found:
    """A finding as the compiler would make one."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


def test_every_class_says_who_acts() -> None:
    """The table above names every error of the module but the root, and the one who acts."""
    classes = {
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, VividoError) and found is not VividoError
    }
    assert {found: found.acts for found in classes} == ACTORS


def test_every_class_says_what_it_means() -> None:
    """No error lacks a docstring."""
    assert [found for found in ACTORS if not found.__doc__] == []


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (StepTimeout, TimeoutError),
        (DeadlineExceeded, TimeoutError),
        (ValueNotStorable, TypeError),
        (ResultInvalid, TypeError),
    ],
)
def test_errors_of_the_engine_are_caught_by_the_builtin_name(
    error: type[Exception], builtin: type[Exception]
) -> None:
    """A workflow that catches Python's own class catches ours, with its message intact."""
    with pytest.raises(builtin) as caught:
        raise error("after 30 s")
    assert (str(caught.value), caught.value.args) == ("after 30 s", ("after 30 s",))


def test_a_definition_error_prints_all_its_findings() -> None:
    """An error without a message of its own shows every finding, a blank line between them."""
    error = DefinitionError(diagnostics=[Found("V101", "no such name"), Found("V205", "no await")])
    assert str(error) == "V101: no such name\n\nV205: no await"
    assert [finding.code for finding in error.diagnostics] == ["V101", "V205"]


def test_a_definition_error_may_have_a_message() -> None:
    """A message of its own is what a definition error prints, with or without findings."""
    assert str(DefinitionError("format 9 is newer than this release")) == (
        "format 9 is newer than this release"
    )
    assert str(DefinitionError("unreadable", diagnostics=[Found("V101", "x")])) == "unreadable"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("timed_out", "the execution was stopped: its time ran out"),
        ("cancelled", "the execution was stopped: it was cancelled"),
    ],
)
def test_a_stop_says_why(how: str, message: str) -> None:
    """A stopped execution tells its time limit from a cancel, and keeps how it was asked."""
    error = ExecutionStopped(how)
    assert (str(error), error.how) == (message, how)


def test_a_recorded_error_reads_like_the_original() -> None:
    """Message, args and attributes are those of the exception whose class is gone."""
    error = RecordedError(
        "shop:Declined",
        "card declined: 51",
        bases=("shop:PaymentError", "Exception"),
        args=("card declined", 51),
        attributes={"code": 51, "message": "shadowed"},
    )
    assert str(error) == "card declined: 51"
    assert repr(error) == "RecordedError('shop:Declined', 'card declined: 51')"
    assert error.args == ("card declined", 51)
    assert error.code == 51
    assert error.message == "card declined: 51"
    assert error.attributes["message"] == "shadowed"
    assert error.bases == ("shop:PaymentError", "Exception")


def test_a_recorded_error_names_what_it_lacks() -> None:
    """A missing attribute names the class of the original, not the stand-in."""
    error = RecordedError("shop:Declined")
    with pytest.raises(AttributeError) as caught:
        _ = error.cod
    assert str(caught.value) == "the recorded error 'shop:Declined' has no attribute 'cod'"
    assert (caught.value.name, caught.value.obj) == ("cod", error)


def test_a_bare_recorded_error_can_be_rebuilt() -> None:
    """The codec makes instances with ``__new__``: attribute access on one does not recurse."""
    bare = RecordedError.__new__(RecordedError)
    assert hasattr(bare, "code") is False
