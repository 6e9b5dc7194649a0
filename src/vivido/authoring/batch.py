"""What became of each branch of a fork that collects: values, errors, and why it ended."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar, TypeVarTuple

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

STOPPED = "the branch was stopped: enough others had ended"
How = Literal["ok", "failed", "stopped", "unbegun"]
Reason = Literal["all_done", "need_met", "need_missed", "tolerance_exceeded"]


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What became of one item: `index` counts from 0; either `error` is set, or `value` counts."""

    index: int
    value: R | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Batch(Generic[R]):
    """The outcomes of `map_each(..., on_error="collect")`, in the order of the items.

        batch = map_each(enrich, rows, on_error="collect", need=8)
        log.info("%d of %d, because %s", batch.succeeded, len(rows), batch.reason)
        for result in batch.results: ...

    `outcomes` has one entry for each item that ended; items that were not needed any more are not
    in it. `reason` says why there are no more: ``"all_done"``, ``"need_met"`` (enough have
    succeeded), ``"need_missed"`` (all ended, too few succeeded) or ``"tolerance_exceeded"`` (too
    many failed). Iterating gives each value or error; truth is whether there is any.
    """

    outcomes: Sequence[Outcome[R]]
    reason: Reason = "all_done"
    stopped: int = 0  # how many had begun, and were not needed any more

    @property
    def results(self) -> list[R]:
        """The values of those that succeeded, in order."""
        return [outcome.value for outcome in self.outcomes if outcome.error is None]  # type: ignore[misc]

    @property
    def errors(self) -> list[Exception]:
        """The errors of those that failed, in order."""
        return [outcome.error for outcome in self.outcomes if outcome.error is not None]

    @property
    def succeeded(self) -> int:
        """How many succeeded."""
        return len(self.results)

    @property
    def failed(self) -> int:
        """How many failed."""
        return len(self.errors)

    @property
    def started(self) -> int:
        """How many began: those that ended, and those that were stopped on their way."""
        return len(self.outcomes) + self.stopped

    def raise_if_failed(self) -> None:
        """Raise the first error, if there is one and not enough have succeeded (`need_met`)."""
        if self.reason != "need_met":
            for error in self.errors:
                raise error

    def __iter__(self) -> Iterator[R | Exception]:
        for outcome in self.outcomes:
            yield outcome.value if outcome.error is None else outcome.error  # type: ignore[misc]

    def __len__(self) -> int:
        return len(self.outcomes)


class Collected(tuple[*Ts], Generic[*Ts]):  # noqa: SLOT001  a tuple's subclass may have no slots
    """What `parallel(..., on_error="collect")` gives: a value or an error for each branch.

        text, mood = found = parallel(extract(doc), sentiment(doc), on_error="collect")
        log.info("%d failed, because %s", found.failed, found.reason)

    It is a tuple, in the order written, with what a `Batch` tells: `reason`, `results`, `errors`,
    `succeeded`, `failed`, `started`. A branch that was stopped, or never began, has a `StepError`
    in its place.
    """

    __vivido_open__: Final = True  # expressions may read what is public
    how: tuple[How, ...]  # how each branch ended
    reason: Reason

    @classmethod
    def of(
        cls, places: Iterable[Any], how: Iterable[How], reason: Reason = "all_done"
    ) -> "Collected[*tuple[Any, ...]]":
        """Return what stands in each place, how it came to that, and why there is no more."""
        found = cls(places)
        found.how, found.reason = tuple(how), reason
        return found

    @property
    def results(self) -> list[Any]:
        """The values of those that succeeded, in order."""
        return self._those("ok")

    @property
    def errors(self) -> list[Any]:
        """The errors of those that failed, in order."""
        return self._those("failed")

    def _those(self, wanted: How) -> list[Any]:
        places: Iterable[Any] = tuple.__iter__(self)
        return [place for place, how in zip(places, self.how, strict=True) if how == wanted]

    @property
    def succeeded(self) -> int:
        """How many succeeded."""
        return self.how.count("ok")

    @property
    def failed(self) -> int:
        """How many failed."""
        return self.how.count("failed")

    @property
    def stopped(self) -> int:
        """How many had begun, and were not needed any more."""
        return self.how.count("stopped")

    @property
    def started(self) -> int:
        """How many began: those that ended, and those that were stopped on their way."""
        return len(self.how) - self.how.count("unbegun")

    def raise_if_failed(self) -> None:
        """Raise the first error, if there is one and not enough have succeeded (`need_met`)."""
        if self.reason != "need_met":
            for error in self.errors:
                raise error
