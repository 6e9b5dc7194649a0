"""Errors in workflows: caught by class and bases, raised, gone, and no Exception at all."""

import asyncio
import threading
from typing import Any

import pytest

from vivido import RecordedError, StepError, parallel, step, workflow
from vivido.engine.load import GoneClass
from vivido.errors import ValueNotStorable
from vivido.runtime.steps import Limit, attempt, context_of
from vivido.testing import simulate


class Declined(Exception):
    """With an attribute."""

    def __init__(self, reason: str, amount: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.amount = reason, amount


class Blocked(Declined):
    """Derived."""


class Hard(BaseException):
    """No Exception."""


class Mute(Exception):
    """Cannot be shown."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Knot(Exception):
    """Refers to itself."""

    def __init__(self) -> None:
        super().__init__("knot")
        self.me = self


class Locked(Exception):
    """Holds what cannot be stored."""

    def __init__(self) -> None:
        super().__init__("locked", threading.Lock())
        self.lock = threading.Lock()


def raised(how: str) -> BaseException | None:
    """Make the error of that name."""
    return {
        "declined": Declined("limit", 5),
        "blocked": Blocked("card", 7),
        "key": KeyError("k"),
        "missing": FileNotFoundError(2, "gone", "f.txt"),
        "zero": ZeroDivisionError("by zero"),
        "exit": SystemExit(3),
        "hard": Hard("h"),
        "cancelled": asyncio.CancelledError("c"),
        "mute": Mute("m"),
        "knot": Knot(),
        "locked": Locked(),
        "memory": MemoryError("m"),
        "group": ExceptionGroup("g", [ValueError("a"), Locked()]),
    }.get(how)


@step
def work(how: str) -> str:
    """Raise, or not."""
    error = raised(how)
    if error is not None:
        raise error
    return how


@workflow
def handled(how: str) -> str:
    """Catch in several ways."""
    try:
        work(how)
    except Blocked as error:
        return f"Blocked {error} {error.reason} {error.amount}"
    except (KeyError, Declined) as error:
        return f"{type(error).__name__} {error} {error.args}"
    except OSError as error:
        return f"OSError {error.errno} {error.filename}"
    except Exception as error:
        return f"{type(error).__name__}"
    else:
        return "no error"
    finally:
        work("fine")


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("fine", "no error"),
        ("declined", "Declined limit ('limit',)"),
        ("blocked", "Blocked card card 7"),
        ("key", "KeyError 'k' ('k',)"),
        ("missing", "OSError 2 f.txt"),
        ("zero", "ZeroDivisionError"),
        ("memory", "MemoryError"),
        ("group", "ExceptionGroup"),
        ("knot", "Knot"),
        ("locked", "Locked"),
        ("mute", "Mute"),
    ],
)
def test_errors_of_steps_are_caught_as_in_python(how: str, expected: str) -> None:
    """By their classes and bases, the first handler that fits; attributes are there."""
    run = simulate(handled, how)
    assert (run.status, run.output) == ("succeeded", expected)
    assert handled(how) == expected


@pytest.mark.parametrize("how", ["exit", "hard", "cancelled"])
def test_what_is_no_exception_ends_the_attempt_and_not_the_engine(how: str) -> None:
    """A step that calls `sys.exit` fails with a StepError that says so."""
    run = simulate(handled, how)
    assert (run.status, run.output) == ("succeeded", "StepError")
    failed = simulate(unhandled, how)
    assert failed.error is not None
    assert (failed.status, failed.error.type) == ("failed", "StepError")
    assert repr(raised(how)) in failed.error.message


@workflow
def unhandled(how: str) -> str:
    """Catch nothing."""
    return work(how)


@pytest.mark.parametrize("error", [KeyboardInterrupt("^C"), GeneratorExit("closed")])
def test_who_ends_the_process_ends_it(error: BaseException) -> None:
    """Ctrl-C in the middle of a step is for the process, not for the workflow."""

    @step(inline=True)
    def ends() -> None:
        """Raise it."""
        raise error

    limit = Limit(None)
    trying = attempt(ends, {}, context_of("ends", "x", "key", 1, 0.0, limit), limit)
    with pytest.raises(type(error)):
        trying.send(None)


# ------------------------------------------------------------------ raising
@workflow
def raises(what: str) -> str:
    """Raise in every way."""
    try:
        try:
            match what:
                case "class":
                    raise KeyError
                case "instance":
                    raise Declined("no", 3)
                case "from none":
                    raise Declined("no") from None
                case "hard":
                    raise Hard("x")
            work(what)
        except Declined as error:
            return f"{error} {error.amount}"
        except KeyError as error:
            raise Declined(f"was {error!r}") from error
    except Declined as error:
        return f"outer {error}"
    except BaseException as error:
        return f"base {error!r}"
    return "fine"


@workflow
def raises_from(n: int) -> None:
    """Raise one error from another."""
    try:
        work("key")
    except KeyError as error:
        raise Declined("no", n) from error


@pytest.mark.parametrize("what", ["fine", "class", "instance", "from none", "hard", "key"])
def test_raising_is_as_in_python(what: str) -> None:
    """Classes, instances, causes; also what is no Exception."""
    assert simulate(raises, what).output == raises(what)


def test_causes_are_kept() -> None:
    """An error that was raised from another says so, with its attributes."""
    run = simulate(raises_from, 3)
    assert run.error is not None
    error = run.error.exception
    assert isinstance(error, Declined)
    assert (error.reason, error.amount, repr(error.__cause__)) == ("no", 3, "KeyError('k')")


@workflow
def raised_again(n: int) -> str:
    """Raise again what is handled: in a handler, in a block that it calls, in a finally."""
    found = []

    def again() -> None:
        raise  # noqa: PLE0704

    for where in ("handler", "block", "nothing"):
        try:
            try:
                if where != "nothing":
                    work("declined")
                again()
            except Declined as error:
                if where == "block":
                    again()
                found.append(f"{where} {error}")
                raise
        except RuntimeError as error:
            found.append(str(error))
        except Declined as error:
            found.append(f"again {error}")
    return ", ".join(found)


def test_a_bare_raise_finds_what_is_handled() -> None:
    """Also in a block that a handler calls; where nothing is handled it is a RuntimeError."""
    assert simulate(raised_again, 1).output == (
        "handler limit, again limit, again limit, No active exception to reraise"
    )


def test_a_base_exception_that_a_workflow_raises_ends_it() -> None:
    """As an error like any other."""
    run = simulate(hard, 1)
    assert run.error is not None
    assert (run.status, run.error.type, run.error.message) == ("failed", "Hard", "x")
    forked = simulate(hard_branches, 1)
    assert forked.error is not None
    assert (forked.status, forked.error.type) == ("failed", "Hard")


@workflow
def hard(n: int) -> None:
    """Raise what is no Exception."""
    try:
        raise Hard("x")
    except Exception:
        work("fine")


@workflow
def hard_branches(n: int) -> None:
    """Raise it in a branch."""

    def one(i: int) -> None:
        raise Hard(str(i))

    parallel(one(1), one(2))


def leaves() -> int:
    """Stand for a helper that ends the process."""
    raise SystemExit(4)


@workflow
def helped(n: int) -> str:
    """Call a helper of the author's own that calls `sys.exit`."""
    try:
        return str(leaves())
    except BaseException as error:
        return f"{type(error).__name__} {error}"


def test_a_helper_that_exits_does_not_end_the_engine() -> None:
    """The workflow gets the error as plain Python would."""
    assert simulate(helped, 1).output == "SystemExit 4"
    assert helped(1) == "SystemExit 4"


# ------------------------------------------------------------------ wrong handlers
NOT_A_CLASS: Any = "Declined"


@workflow
def wrongly_caught(how: str) -> str:
    """Catch what is no class."""
    try:
        try:
            work(how)
        except NOT_A_CLASS:
            return "not reached"
        finally:
            work("fine")
    except TypeError as error:
        return str(error)
    return "nothing to catch"


def test_catching_what_is_no_class_is_a_type_error() -> None:
    """It replaces the error, as in Python, and only where there is one to be caught."""
    assert simulate(wrongly_caught, "fine").output == "nothing to catch"
    assert simulate(wrongly_caught, "key").output == wrongly_caught("key")


# ------------------------------------------------------------------ classes that are gone
GONE = "shop.errors:Declined"


def recorded(name: str, *bases: str) -> RecordedError:
    """Make what stands in for an error whose class is gone."""
    return RecordedError(name, "no", bases=bases, attributes={"reason": "limit"})


@pytest.mark.parametrize(
    ("error", "matches"),
    [
        (recorded(GONE), True),
        (recorded("shop.errors:Blocked", GONE, "Exception"), True),
        (recorded("shop.errors:Other", "Exception"), False),
        (ValueError("no"), False),
        (None, False),
    ],
)
def test_a_class_that_is_gone_still_catches(error: BaseException | None, *, matches: bool) -> None:
    """By its name and the names of the bases that the record has kept."""
    assert GoneClass(GONE).matches(error) == matches


def test_a_class_that_is_gone_makes_nothing() -> None:
    """The message says how to get it back."""
    with pytest.raises(StepError, match=r"'shop.errors:Declined' is not there: install") as caught:
        GoneClass(GONE)("x")
    assert caught.value.acts == "workflow"


# ------------------------------------------------------------------ what cannot be kept
def lock(n: int) -> object:
    """Stand for a helper that gives what cannot be stored."""
    return threading.Lock() if n else [threading.Lock()]


@step
def takes(thing: object) -> int:
    """Take anything."""
    return 1


@step
def gives() -> object:
    """Give what cannot be stored."""
    return threading.Lock()


@workflow
def unstorable(where: str) -> str:
    """Keep, pass or return what cannot be stored."""
    rows: list[object] = []
    try:
        match where:
            case "variable":
                kept = lock(1)
                takes(1)
                rows.append(kept)
            case "item":
                rows.append(lock(1))
            case "unpacked":
                (kept,) = lock(0)
            case "loop":
                for kept in lock(0):
                    takes(kept)
            case "argument":
                takes(lock(1))
            case "result":
                gives()
            case "return":
                return lock(1)
    except ValueNotStorable as error:
        return str(error).partition(" is of")[0]
    return "kept"


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("variable", "kept"),
        ("item", "rows[0]"),
        ("unpacked", "kept"),
        ("loop", "for.items[0]"),
        ("argument", "_lock"),
        ("result", "result"),
    ],
)
def test_what_cannot_be_stored_is_raised_where_it_arises(where: str, named: str) -> None:
    """The workflow can catch it there; the message names the way to it."""
    run = simulate(unstorable, where)
    assert run.status == "succeeded"
    assert run.output == named


def test_what_cannot_be_returned_is_the_error_of_the_workflow() -> None:
    """There is nobody left to catch it."""
    run = simulate(unstorable, "return")
    assert run.error is not None
    assert (run.status, run.error.type) == ("failed", "ValueNotStorable")


# ------------------------------------------------------------------ try, as plain Python does it
@workflow
def left_by_return(i: int) -> list[str]:
    """Leave a try by its body, a handler or its else."""
    seen: list[str] = []

    def leave() -> str:
        try:
            if i == 0:
                return "returned"
            if i == 1:
                work("key")
            if i == 2:
                work("declined")
        except KeyError:
            return "from handler"
        else:
            seen.append("else")
        finally:
            work("fine")
            seen.append("finally")
        return "after"

    def replaced() -> str:
        try:
            leave()
        finally:
            if i == 2:
                return "replaced"  # noqa: B012
        return "not replaced"

    found = replaced()
    seen.append(found)
    return seen


@workflow
def left_by_jump(n: int) -> list[str]:
    """Break and continue out of a try, with and without a finally."""
    seen: list[str] = []
    for i in range(n):
        try:
            try:
                if i == 1:
                    continue
                if i == 3:
                    break
                work("key")
            except KeyError:
                if i == 2:
                    continue
            finally:
                seen.append(f"inner {i}")
        finally:
            work("fine")
            seen.append(f"outer {i}")
    else:
        seen.append("no break")
    return seen


@pytest.mark.parametrize("i", range(4))
def test_returns_pass_finally_as_in_python(i: int) -> None:
    """What a `finally` returns replaces what was on its way."""
    assert simulate(left_by_return, i).output == left_by_return(i)


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_jumps_pass_finally_as_in_python(n: int) -> None:
    """Innermost first, and the else of the loop only without a break."""
    assert simulate(left_by_jump, n).output == left_by_jump(n)
