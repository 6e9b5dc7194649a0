"""Whether a failed attempt is tried again, and when."""

from __future__ import annotations

from vivido import durations, values
from vivido.errors import (
    DeadlineExceeded,
    PoisonMessage,
    ResultInvalid,
    ValueNotStorable,
)
from vivido.model.definition import Retry, StepSpec

NEVER = (
    DeadlineExceeded,
    PoisonMessage,
    ResultInvalid,
    ValueNotStorable,
)  # trying again changes nothing


def delay(spec: StepSpec, attempt: int, error: BaseException, random: float) -> float | None:
    """Seconds until the next attempt after attempt number `attempt` (from 1) failed; None.

    It failed for good.

    Fixed or exponential: ``backoff * factor ** (attempt - 1)``, at most `max_backoff`; a jitter of
    j spreads it evenly
    over ``[1 - j, 1]`` of that, `random` in [0, 1) says where.
    """
    policy = spec.retry
    if policy is None or attempt >= policy.max_attempts or isinstance(error, NEVER):
        return None
    if not _wanted(policy, error):
        return None
    most = durations.parse(policy.max_backoff).total_seconds()
    first = durations.parse(policy.backoff).total_seconds()
    try:
        grown = first * policy.factor ** (attempt - 1)
    except OverflowError:
        grown = most
    return min(grown, most) * (1 - policy.jitter * random)


def _wanted(policy: Retry, error: BaseException) -> bool:
    """By the names of the error's class and all its bases.

    Full ("shop:Throttled") or just the class's own.
    """
    names = set(values.type_names(error))
    names |= {name.rpartition(":")[2] for name in names}
    if names & set(policy.give_up_on):
        return False
    return bool(names & set(policy.on)) if policy.on else isinstance(error, Exception)
