"""Side by side: `parallel` and `map_each`, and what they do in plain Python.

In plain Python everything runs one after another, in the order written. An `async` function is
awaited: then `parallel` and `map_each` return an awaitable of what they return otherwise.
"""

import inspect
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
)
from typing import (
    Any,
    Generic,
    Literal,
    Required,
    TypedDict,
    TypeVar,
    TypeVarTuple,
    Unpack,
    cast,
    overload,
)

from vivido import values as codec
from vivido.authoring.batch import STOPPED, Batch, Collected, How, Outcome, Reason
from vivido.authoring.tolerance import Limits, OnError, Rest, checked_count, checked_rest, limits
from vivido.errors import StepError

T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
Ts = TypeVarTuple("Ts")


class _Bounds(TypedDict, total=False):
    """What every fork may be told."""

    need: int | None
    tolerate: float | None
    max_concurrency: int | None
    rest: Rest


class _Failing(_Bounds, total=False):
    """The options of a `map_each` that raises."""

    on_error: Literal["fail"]


class _Collecting(_Bounds, total=False):
    """The options of a `map_each` that collects errors."""

    on_error: Required[Literal["collect"]]


class _Strict(TypedDict, total=False):
    """The options of a `parallel` in which every branch has a value, or there is no tuple."""

    on_error: Literal["fail"]
    max_concurrency: int | None
    rest: Rest


class _Lenient(_Bounds, total=False):
    """The options of a `parallel` in which a branch may have an error in place of a value."""

    on_error: OnError


# An awaitable is a value too, and strict options are lenient ones, so overloads overlap: that the
# first that fits counts is what is meant. `asyncio.gather` knows more of several types.
@overload
def parallel(  # type: ignore[overload-overlap]
    *values: Awaitable[T], **options: Unpack[_Strict]
) -> Awaitable[tuple[T, ...]]: ...
@overload
def parallel(  # type: ignore[overload-overlap]
    *values: Awaitable[T], **options: Unpack[_Lenient]
) -> Awaitable[Collected[*tuple[T | Exception, ...]]]: ...
@overload
def parallel(*values: *Ts, **options: Unpack[_Strict]) -> tuple[*Ts]: ...
@overload
def parallel(
    a: A, b: B, /, **options: Unpack[_Lenient]
) -> Collected[A | Exception, B | Exception]: ...
@overload
def parallel(
    a: A, b: B, c: C, /, **options: Unpack[_Lenient]
) -> Collected[A | Exception, B | Exception, C | Exception]: ...
@overload
def parallel(
    a: A, b: B, c: C, d: D, /, **options: Unpack[_Lenient]
) -> Collected[A | Exception, B | Exception, C | Exception, D | Exception]: ...
@overload
def parallel(
    a: A, b: B, c: C, d: D, e: E, /, **options: Unpack[_Lenient]
) -> Collected[A | Exception, B | Exception, C | Exception, D | Exception, E | Exception]: ...
@overload
def parallel(*values: T, **options: Unpack[_Lenient]) -> Collected[*tuple[T | Exception, ...]]: ...
def parallel(  # type: ignore[misc]
    *values: Any,
    on_error: OnError = "fail",
    need: int | None = None,
    tolerate: float | None = None,
    max_concurrency: int | None = None,
    rest: Rest = "stop",
) -> Any:
    """Run several calls side by side and return their values as a tuple, in the order written.

        label, _ = parallel(create_label(order), notify(order, "paid"))
        quotes = parallel(*[quote(supplier, order) for supplier in suppliers])

    The first error stops the others and is raised. `tolerate` endures that many failures (a count,
    or a share below 1), `need` stops the rest after that many successes, and with
    ``on_error="collect"`` nothing is raised. Then each place of the tuple holds a value or an
    error, and the tuple is a `Collected`: it says how many failed, and why it ended.
    `max_concurrency` bounds how many run at once. With ``rest="finish"`` branches that have begun
    when enough have succeeded are left to end; those that have not, never begin.

    In plain Python the arguments have run, one after another, before `parallel` begins. So the
    first error raises there whatever the options say; `vivido.testing.simulate` follows them.
    """
    checked_count("max_concurrency", max_concurrency)
    checked_rest(rest)
    bounds = limits(len(values), on_error=on_error, tolerate=tolerate, need=need)
    lenient = on_error == "collect" or tolerate is not None or need is not None
    if any(map(inspect.isawaitable, values)):
        return _awaited(values, bounds, collect=on_error == "collect", lenient=lenient)
    if not lenient:
        return tuple(codec.copy(value) for value in values)
    reason = bounds.verdict(len(values), 0) or "all_done"
    return Collected.of(map(codec.copy, values), ("ok" for _ in values), reason)


async def _awaited(
    values: tuple[Any, ...], bounds: Limits, *, collect: bool, lenient: bool
) -> tuple[Any, ...]:
    found: list[Any] = []
    how: list[How] = []
    try:
        for value in values:
            try:
                found.append(codec.copy(await value if inspect.isawaitable(value) else value))
                how.append("ok")
            except Exception as error:  # noqa: BLE001  the author's, to be collected
                found.append(error)
                how.append("failed")
            if (reason := bounds.verdict(how.count("ok"), how.count("failed"))) is not None:
                break
    finally:
        close(values[len(found) :])
    if not collect and reason in ("tolerance_exceeded", "need_missed"):
        raise found[how.index("failed")]
    if not lenient:
        return tuple(found)
    while len(found) < len(values):
        found.append(StepError(STOPPED))
        how.append("unbegun")
    return Collected.of(found, how, reason or "all_done")


def close(values: Iterable[Any]) -> None:
    """End coroutines that nobody will await any more, so that Python does not warn of them."""
    for value in values:
        if inspect.iscoroutine(value) or isinstance(value, Mapped):
            value.close()


class Mapped(Awaitable[T], Generic[T, R]):
    """What `map_each` of an `async` function gives: a list or `Batch` when it is awaited.

    ``async for`` awaits it and goes through what it gave, in the order of the items.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, T]:
        return self._coroutine.__await__()

    async def __aiter__(self) -> AsyncIterator[R]:
        for result in cast("Iterable[R]", await self._coroutine):
            yield result

    def close(self) -> None:
        """Give it up: nobody will await it."""
        self._coroutine.close()


@overload
def map_each(  # type: ignore[overload-overlap]
    function: Callable[[T], Awaitable[R]], items: Iterable[T], **options: Unpack[_Collecting]
) -> Mapped[Batch[R], R | Exception]: ...
@overload
def map_each(  # type: ignore[overload-overlap]
    function: Callable[[T], Awaitable[R]], items: Iterable[T], **options: Unpack[_Failing]
) -> Mapped[list[R], R]: ...
@overload
def map_each(
    function: Callable[[T], R], items: Iterable[T], **options: Unpack[_Collecting]
) -> Batch[R]: ...
@overload
def map_each(
    function: Callable[[T], R], items: Iterable[T], **options: Unpack[_Failing]
) -> list[R]: ...
def map_each(
    function: Callable[[Any], Any],
    items: Iterable[Any],
    *,
    on_error: OnError = "fail",
    max_concurrency: int | None = None,
    tolerate: float | None = None,
    need: int | None = None,
    rest: Rest = "stop",
) -> Any:
    """Run a step, workflow or function once for each item, side by side; results in their order.

        pages = map_each(ocr, document.pages, max_concurrency=50, tolerate=0.05)
        batch = map_each(enrich, rows, on_error="collect", need=8)

    The first error stops the others and is raised. `tolerate` endures that many failures (a count,
    or a share below 1): what failed is left out of the list, so zip it with nothing; past it, the
    first error of the items' order is raised. `need` stops the rest after that many successes.
    ``on_error="collect"`` raises nothing and returns a `Batch`: values, errors, and why it ended.
    `max_concurrency` bounds how many run at once. With ``rest="finish"`` items that have begun when
    enough have succeeded are left to end. An `async` function is awaited: the results are there
    after ``await map_each(...)``, or one by one in ``async for result in map_each(...)``.

    In plain Python the items run one after another.
    """
    checked_count("max_concurrency", max_concurrency)
    checked_rest(rest)
    given = [codec.copy(item) for item in items]
    bounds = limits(len(given), on_error=on_error, tolerate=tolerate, need=need)
    run = _Run(bounds, collect=on_error == "collect")
    if is_async(function):
        return Mapped(_each_awaited(cast("Callable[[Any], Awaitable[Any]]", function), given, run))
    for item in given:
        if run.ended is not None:
            break
        try:
            run.succeed(codec.copy(function(item)))
        except Exception as error:  # noqa: BLE001  the author's, to be collected
            run.fail(error)
    return run.outcome()


async def _each_awaited(
    function: Callable[[Any], Awaitable[Any]], items: list[Any], run: "_Run"
) -> Any:
    for item in items:
        if run.ended is not None:
            break
        try:
            run.succeed(codec.copy(await function(item)))
        except Exception as error:  # noqa: BLE001  the author's, to be collected
            run.fail(error)
    return run.outcome()


class _Run:
    """The outcomes so far of a `map_each` in plain Python."""

    def __init__(self, bounds: Limits, *, collect: bool) -> None:
        self._bounds = bounds
        self._collect = collect
        self._outcomes: list[Outcome[Any]] = []
        self._failed = 0
        self.ended: Reason | None = bounds.verdict(0, 0)

    def succeed(self, value: Any) -> None:
        self._add(Outcome(len(self._outcomes), value=value))

    def fail(self, error: Exception) -> None:
        self._failed += 1
        self._add(Outcome(len(self._outcomes), error=error))

    def _add(self, outcome: Outcome[Any]) -> None:
        self._outcomes.append(outcome)
        self.ended = self._bounds.verdict(len(self._outcomes) - self._failed, self._failed)

    def outcome(self) -> "Batch[Any] | list[Any]":
        batch: Batch[Any] = Batch(self._outcomes, self.ended or "all_done")
        if self._collect:
            return batch
        if batch.reason in ("need_missed", "tolerance_exceeded"):
            batch.raise_if_failed()
        return batch.results


def is_async(function: object) -> bool:
    """Whether calling it gives an awaitable, as a step or workflow says of itself."""
    own: bool | None = getattr(function, "is_async", None)
    return inspect.iscoroutinefunction(function) if own is None else own
