"""How many failures a fork endures, and when it has seen enough: counts in, verdict out."""

import math
from dataclasses import dataclass
from typing import Literal

from vivido.authoring.batch import Reason

OnError = Literal["fail", "collect"]
Rest = Literal["stop", "finish"]
NOISE = 1e-9  # of floats: 29 % of 100 are 29, not 28.999…


@dataclass(frozen=True, slots=True)
class Limits:
    """When a fork of `total` branches ends early: `allowed` failures, `need` successes."""

    total: int
    allowed: int
    need: int | None

    def verdict(self, succeeded: int, failed: int) -> Reason | None:
        """Say why the fork ends after so many outcomes; None: it goes on."""
        if self.need is not None and succeeded >= self.need:
            return "need_met"
        if failed > self.allowed:
            return "tolerance_exceeded"
        if succeeded + failed < self.total:
            return None
        return "all_done" if self.need is None else "need_missed"


def limits(total: int, *, on_error: OnError, tolerate: float | None, need: int | None) -> Limits:
    """Return the limits that the options mean for `total` branches.

    `tolerate` is a count of failures, or a share of the branches below 1 (rounded down). Without
    it, "fail" endures none, or as many as leave `need` successes possible; "collect" endures all.
    Raises `TypeError` or `ValueError` for options that mean nothing.
    """
    if on_error not in ("fail", "collect"):
        raise ValueError(f'on_error={on_error!r}: it is "fail" or "collect"')
    checked_count("need", need)
    if tolerate is not None:
        allowed = _tolerated(total, tolerate)
    elif on_error == "collect":
        allowed = total
    else:
        allowed = 0 if need is None else max(total - need, 0)
    return Limits(total, allowed, need)


def checked_count(option: str, value: int | None) -> None:
    """Refuse what is neither None nor a whole number from 1."""
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{option}={value!r}: give a whole number from 1, or leave it out")
    if value < 1:
        raise ValueError(f"{option}={value!r}: give a whole number from 1, or leave it out")


def checked_rest(rest: str) -> None:
    """Refuse what says nothing about those that are not needed any more."""
    if rest not in ("stop", "finish"):
        raise ValueError(f'rest={rest!r}: it is "stop" or "finish"')


def _tolerated(total: int, tolerate: float) -> int:
    what = "give a count of failures, or a share of all below 1"
    if isinstance(tolerate, bool) or not isinstance(tolerate, int | float):
        raise TypeError(f"tolerate={tolerate!r}: {what}")
    if isinstance(tolerate, int) and tolerate >= 0:
        return tolerate
    if 0 <= tolerate < 1:
        return math.floor(tolerate * total + NOISE)
    raise ValueError(f"tolerate={tolerate!r}: {what}")
