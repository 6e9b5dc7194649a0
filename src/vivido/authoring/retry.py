"""How often, when and for which errors a step is tried again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from vivido import durations, values
from vivido.authoring import options
from vivido.authoring.options import Duration
from vivido.errors import DefinitionError
from vivido.model import definition as model

_OWNER = "Retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When a failed attempt of a step is tried again.

        @step(retry=Retry(max_attempts=5, backoff="2s", factor=3, on=[Throttled, TimeoutError]))

    The first attempt counts: ``max_attempts=1`` never tries again. The wait before attempt 2 is
    `backoff`; each later one is `factor` times as long, never longer than `max_backoff`. `jitter`
    is the share of the wait that is random: 0 none, 1 all of it. `on` names the classes of
    exceptions that are tried again (none: every `Exception`), subclasses too; `give_up_on` names
    those among them that are not.

    Raises `DefinitionError` for values that make no policy.
    """

    max_attempts: int = 3
    backoff: Duration = "1s"
    factor: float = 2.0
    max_backoff: Duration = "1h"
    jitter: float = 0.0
    on: Iterable[type[Exception]] = ()
    give_up_on: Iterable[type[Exception]] = ()

    def __post_init__(self) -> None:
        if not _number(self.max_attempts, int) or self.max_attempts < 1:
            raise DefinitionError(
                f"{_OWNER}: max_attempts={self.max_attempts!r}: give a whole number from 1"
            )
        if not _number(self.factor, int, float) or not 1 <= self.factor < float("inf"):
            raise DefinitionError(f"{_OWNER}: factor={self.factor!r}: give a number from 1")
        if not _number(self.jitter, int, float) or not 0 <= self.jitter <= 1:
            raise DefinitionError(f"{_OWNER}: jitter={self.jitter!r}: give a share from 0 to 1")
        options.duration(_OWNER, "backoff", self.backoff, zero=True)
        options.duration(_OWNER, "max_backoff", self.max_backoff, zero=True)
        object.__setattr__(self, "on", _exceptions("on", self.on))
        object.__setattr__(self, "give_up_on", _exceptions("give_up_on", self.give_up_on))

    def matches(self, exception: BaseException) -> bool:
        """Whether another attempt may follow one that raised `exception`."""
        wanted = tuple(self.on) or (Exception,)
        return isinstance(exception, wanted) and not isinstance(exception, tuple(self.give_up_on))

    def delay(self, attempt: int, random: float) -> timedelta:
        """Return the wait after attempt number `attempt` (from 1) failed; `random` is in [0, 1)."""
        return delay(self.spec(), attempt, random)

    def spec(self) -> model.Retry:
        """Return the policy as a definition holds it: durations and classes as text."""
        return model.Retry(
            max_attempts=self.max_attempts,
            backoff=durations.text(durations.parse(self.backoff)),
            factor=float(self.factor),
            max_backoff=durations.text(durations.parse(self.max_backoff)),
            jitter=float(self.jitter),
            on=[type_tag(cls) for cls in self.on],
            give_up_on=[type_tag(cls) for cls in self.give_up_on],
        )


def delay(policy: model.Retry, attempt: int, random: float) -> timedelta:
    """Return the wait after attempt number `attempt` (from 1) failed; `random` is in [0, 1)."""
    longest = durations.parse(policy.max_backoff)
    try:
        wait = durations.parse(policy.backoff) * policy.factor ** (attempt - 1)
    except OverflowError:  # a factor to the power of many attempts
        wait = longest
    wait = min(wait, longest)
    return wait * (1 - policy.jitter) + wait * (policy.jitter * random)


def type_tag(cls: type[BaseException]) -> str:
    """Return the name under which recorded errors of a class are found."""
    return values.type_names(cls)[0]


def _number(value: object, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _exceptions(option: str, given: object) -> tuple[type[Exception], ...]:
    if isinstance(given, type):
        given = (given,)  # on=Throttled says what it means
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise DefinitionError(f"{_OWNER}: {option}={given!r}: give a list of exception classes")
    classes = tuple(given)
    for cls in classes:
        if not (isinstance(cls, type) and issubclass(cls, Exception)):
            raise DefinitionError(f"{_OWNER}: {option} holds {cls!r}: give classes of exceptions")
    return classes
