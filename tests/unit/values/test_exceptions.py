"""How are exceptions stored, whatever their authors did to them?"""

import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

import pytest
from pydantic import BaseModel, ValidationError

from vivido import values
from vivido.errors import RecordedError, StepTimeout


class ShopError(Exception):
    """A root of errors."""


class Declined(ShopError, ValueError):
    """An error with attributes and a signature of its own."""

    def __init__(self, *, code: int, lock: Any = None) -> None:
        super().__init__("declined", code)
        self.code = code
        self.lock = lock


class Chatty(Exception):
    """An error whose text needs what cannot be stored."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response

    def __str__(self) -> str:
        """Show the response."""
        return f"got {self.response.status}"


class Response:
    """What a library hands out."""

    status = 500


class Mute(Exception):
    """An error whose text cannot be had."""

    def __str__(self) -> str:
        """Fail."""
        raise RuntimeError


class New(Exception):
    """An error that does not let itself be made without arguments."""

    def __new__(cls, *, needed: int) -> Self:
        """Take a keyword."""
        return super().__new__(cls, needed)

    def __init__(self, *, needed: int) -> None:
        super().__init__()
        self.needed = needed


@dataclass
class Structured(Exception):
    """An error that is a dataclass."""

    code: int
    reason: str = ""


class Model(BaseModel):
    """A model with a condition."""

    n: int


def raised(error: BaseException) -> BaseException:
    """Return an error that was raised."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_what_an_exception_is_stored_as() -> None:
    """Its class and bases by name, what it was made of, and where it was raised."""
    error = raised(Declined(code=4))
    error.add_note("a note")
    data = values.encode(error)
    traceback = data.pop("traceback")
    assert data == {
        "$": "error",
        "type": f"{__name__}:Declined",
        "bases": [f"{__name__}:ShopError", "ValueError", "Exception", "BaseException"],
        "message": "('declined', 4)",
        "args": ["declined", 4],
        "attributes": {"code": 4, "lock": None},
        "notes": ["a note"],
    }
    assert f'File "{__file__}", line ' in traceback
    assert ", in raised\n" in traceback


def test_names_are_those_of_all_bases() -> None:
    """Handlers compare names, so every base is named, nearest first, without `object`."""
    expected = [
        f"{__name__}:Declined",
        f"{__name__}:ShopError",
        "ValueError",
        "Exception",
        "BaseException",
    ]
    assert values.type_names(Declined) == expected
    assert values.type_names(Declined(code=1)) == expected
    assert values.type_names(TimeoutError) == [
        "TimeoutError",
        "OSError",
        "Exception",
        "BaseException",
    ]
    assert values.type_names(StepTimeout)[:2] == [
        "vivido.errors:StepTimeout",
        "vivido.errors:StepError",
    ]
    recorded = RecordedError("gone:A", bases=["gone:B", "Exception"])
    assert values.type_names(recorded) == ["gone:A", "gone:B", "Exception"]


def test_what_cannot_be_stored_is_left_out_and_named() -> None:
    """An exception with a lock in it is known without the lock."""
    error = Declined(code=4, lock=threading.Lock())
    error.args = (error.lock, 1)
    data = values.encode(error)
    assert data["omitted"] == ["args[0]", "lock"]
    assert data["attributes"] == {"code": 4}
    found = values.decode(data)
    assert type(found) is Declined
    assert found.args == (f"<unlocked _thread.lock object at {hex(id(error.lock))}>", 1)
    assert not hasattr(found, "lock")


def test_an_exception_that_cannot_print_without_it_is_recorded() -> None:
    """Where the text needs what was left out, a stand-in keeps the text."""
    found = values.copy(Chatty(Response()))
    assert type(found) is RecordedError
    assert str(found) == "got 500"
    assert found.type_name == f"{__name__}:Chatty"


def test_a_name_that_json_cannot_hold_is_left_out() -> None:
    """Storing an exception never fails, whatever its attributes are called."""
    error = ValueError()
    setattr(error, "\ud800", 1)
    assert type(values.loads(values.dumps(error))) is ValueError


def test_exceptions_of_strange_make_come_back() -> None:
    """Neither their `__new__` nor their `__init__` runs."""
    new = values.copy(New(needed=3))
    assert (type(new), new.needed, new.args) == (New, 3, ())
    structured = values.copy(Structured(3, "r"))
    assert (type(structured), structured.code, structured.reason) == (Structured, 3, "r")
    mute = values.encode(Mute(1))
    assert mute["message"] == "<str() of this error raised RuntimeError>"
    assert type(values.decode(mute)) is Mute


def test_an_error_of_validation_is_recorded_with_its_details() -> None:
    """Nobody can make one again, so a stand-in tells what was wrong where."""
    with pytest.raises(ValidationError) as caught:
        Model(n="x")
    found = values.copy(caught.value)
    assert type(found) is RecordedError
    assert str(found) == str(caught.value)
    assert values.type_names(found) == values.type_names(ValidationError)
    assert values.type_names(found)[1:] == ["ValueError", "Exception", "BaseException"]
    assert found.title == "Model"
    assert [(each["type"], each["loc"]) for each in found.details] == [("int_parsing", ["n"])]


def test_an_exception_in_itself_is_cut_there() -> None:
    """Storing an exception ends, even if it holds itself, many times over."""
    error = Declined(code=1)
    error.args = (error, [error], {"e": error})
    error.lock = error
    error.__cause__ = Declined(code=2, lock=error)
    data = values.encode(error)
    assert data["omitted"] == ["args[0]", "args[1]", "args[2]", "lock"]
    assert data["cause"]["omitted"] == ["lock"]
    assert values.decode(data).code == 1


def test_a_chain_without_end_is_cut_at_the_bound() -> None:
    """A very long chain of causes is stored as far as the bound allows."""
    error: BaseException = ValueError(0)
    for at in range(500):
        outer = ValueError(at)
        outer.__cause__ = error
        error = outer
    found = values.loads(values.dumps(error))
    assert (found.args, found.__cause__.args) == ((499,), (498,))
    length = 0
    while found is not None:
        found, length = found.__cause__, length + 1
    assert length == 101


def test_the_traceback_is_text_that_stays() -> None:
    """Text that was given is stored in place of frames, and survives being stored again."""
    error = raised(ValueError("x"))
    values.keep_traceback(error, "with lines of source")
    again = values.copy(values.copy(error))
    assert values.traceback_text(again) == "with lines of source"
    assert again.__traceback__ is None
    assert values.traceback_text(ValueError("never raised")) == ""


def test_a_long_traceback_keeps_both_ends() -> None:
    """Of a recursion without end the beginning and the end are kept."""

    def deeper(n: int) -> None:
        if n:
            deeper(n - 1)
        raise ValueError("deep")

    with pytest.raises(ValueError, match="deep") as caught:
        deeper(200)
    lines = values.traceback_text(caught.value).splitlines()
    assert len(lines) == 51
    assert lines[10] == "  … 152 more"


def test_an_exception_in_a_value_is_a_value() -> None:
    """Errors that were collected are part of a result like any other value."""
    result = {"errors": [Declined(code=Decimal("1.0")), KeyError("k")]}  # type: ignore[arg-type]
    found = values.copy(result)
    assert [type(error) for error in found["errors"]] == [Declined, KeyError]
    assert repr(found["errors"][0].code) == "Decimal('1.0')"
    assert found["errors"][0] is not result["errors"][0]
