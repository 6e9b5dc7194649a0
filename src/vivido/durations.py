"""How long is ``"1h30m"``: durations as people write them, to and from `timedelta`.

A duration is text of numbers with units, the larger first (``"2h"``, ``"1d 12h"``, ``"1.5s"``,
``"500ms"``), a number of seconds, a `timedelta`, or keywords (``days=2, hours=3``).
It is never negative.
"""

import re
from datetime import timedelta

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
}
_KEYWORDS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")
# One optional group a unit keeps them single and in order; every group begins with a digit, and
# their number is bounded, so that no text takes long to be refused.
_TEXT = re.compile(
    "".join(rf"(?:(?P<{unit}>[0-9]{{1,12}}(?:\.[0-9]{{1,12}})?){unit}\s*)?" for unit in _UNITS)
)
_HOW = "write it like '30s', '2h', '1d', '1h30m' or '500ms'"


def parse(
    value: str | float | timedelta | None = None,  # float: type checkers take int for float
    **keywords: float,
) -> timedelta:
    """Return the duration that `value` or the keywords describe; a bare number means seconds.

    Keywords: weeks, days, hours, minutes, seconds, milliseconds. Raises `TypeError` for the wrong
    kind of argument and `ValueError` for one that names no duration, so that a workflow can catch
    them as it would catch those of ``time.sleep``.
    """
    if keywords:
        if value is not None:
            raise TypeError(f"a duration is given once: either {value!r} or keywords, not both")
        return _checked(_sum_of(keywords), keywords)
    if isinstance(value, timedelta):
        return _checked(value, value)
    if isinstance(value, str):
        return _read(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _checked(_times(value, _UNITS["s"], value), value)
    raise TypeError(
        f"{value!r} is no duration: {_HOW}, or give a timedelta or keywords such as hours=2"
    )


def text(duration: timedelta) -> str:
    """Return the one canonical text of a duration: 90 seconds are ``"1m30s"``.

    ``parse(text(d)) == d``; weeks are written as days. Raises `ValueError` for a negative one.
    """
    rest = _checked(duration, duration)
    parts: list[str] = []
    for unit, size in _UNITS.items():
        if unit == "w":
            continue
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _read(value: str) -> timedelta:
    match = _TEXT.fullmatch(value.strip())
    parts = {} if match is None else {u: n for u, n in match.groupdict().items() if n is not None}
    if not parts:
        raise ValueError(f"{value!r} is no duration: {_HOW}")
    total = timedelta()
    for unit, number in parts.items():
        total = _plus(total, _times(float(number), _UNITS[unit], value), value)
    return total


def _sum_of(keywords: dict[str, float]) -> timedelta:
    total = timedelta()
    for name, number in keywords.items():
        if name not in _KEYWORDS:
            raise TypeError(f"a duration has no {name!r}: use {', '.join(_KEYWORDS)}")
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{name}={number!r} is no number")
        total = _plus(total, _times(number, timedelta(**{name: 1}), keywords), keywords)
    return total


def _times(number: float, unit: timedelta, given: object) -> timedelta:
    try:
        return number * unit
    except (OverflowError, ValueError) as error:  # past timedelta.max; infinite or not a number
        raise ValueError(f"{given!r} is no duration that can be counted: {_HOW}") from error


def _plus(one: timedelta, other: timedelta, given: object) -> timedelta:
    try:
        return one + other
    except OverflowError as error:
        raise ValueError(f"{given!r} is no duration that can be counted: {_HOW}") from error


def _checked(duration: timedelta, given: object) -> timedelta:
    if duration < timedelta():
        raise ValueError(f"{given!r} is negative: a duration is zero or more")
    return duration
