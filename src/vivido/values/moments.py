"""How are dates, times and zones written, so that nothing of them is lost?

ISO 8601, with what Python knows beyond it in brackets behind, as RFC 9557 does:
``2026-10-25T02:30:00[Europe/Berlin]`` (a zone), ``…[fold=1][Europe/Berlin]`` (the second of two
equal hours), ``…+02:00[name=CEST]`` (a fixed offset with a name), ``…+02:00[pydantic]`` (the offset
class of pydantic, which prints differently; for UTC it is ``…Z``).
"""

import re
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from pydantic_core import TzInfo

from vivido.values.wire import Refused

_FOLD: Final = "[fold=1]"
_PYDANTIC: Final = "[pydantic]"
_NAME: Final = "[name="
_ZULU: Final = TzInfo(0)
_DATETIME_WIDTH: Final = len("2026-10-25T02:30:00")
_TIME_WIDTH: Final = len("02:30:00")
_FRACTION_WIDTH: Final = len(".000000")
_DURATION: Final = re.compile(r"P(-?\d+)DT(\d+)(?:\.(\d{6}))?S")


def datetime_text(value: datetime) -> str:
    """Return a moment as text; raises `Refused` for a zone of a class that cannot be stored."""
    zone = value.tzinfo
    if zone is None:
        return value.isoformat() + (_FOLD if value.fold else "")
    fold = _FOLD if value.fold else ""
    return value.replace(tzinfo=None).isoformat() + fold + zone_text(zone)


def read_datetime(text: str) -> datetime:
    """Return the moment that `datetime_text` wrote."""
    width = _width(text, _DATETIME_WIDTH)
    value = datetime.fromisoformat(text[:width])
    zone, fold = _read_tail(text[width:])
    return value.replace(tzinfo=zone, fold=fold) if zone is not None or fold else value


def time_text(value: time) -> str:
    """Return a time of day as text; raises `Refused` as `datetime_text` does."""
    zone = "" if value.tzinfo is None else zone_text(value.tzinfo)
    return value.replace(tzinfo=None).isoformat() + (_FOLD if value.fold else "") + zone


def read_time(text: str) -> time:
    """Return the time of day that `time_text` wrote."""
    width = _width(text, _TIME_WIDTH)
    zone, fold = _read_tail(text[width:])
    return time.fromisoformat(text[:width]).replace(tzinfo=zone, fold=fold)


def timedelta_text(value: timedelta) -> str:
    """Return a length of time as days and seconds: ``P1DT3600S``; a negative one is ``P-1DT…``."""
    fraction = f".{value.microseconds:06}" if value.microseconds else ""
    return f"P{value.days}DT{value.seconds}{fraction}S"


def read_timedelta(text: str) -> timedelta:
    """Return the length of time that `timedelta_text` wrote."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time such as 'P1DT3600S'")
    days, seconds, fraction = match.groups(default="0")
    return timedelta(days=int(days), seconds=int(seconds), microseconds=int(fraction))


def zone_text(zone: tzinfo) -> str:
    """Return a zone as the text that follows a moment in it; raises `Refused` for other classes."""
    kind = type(zone)
    if kind is timezone:
        name = zone.tzname(None)
        unnamed = timezone(_offset_of(zone)).tzname(None)
        return _offset_text(zone) + ("" if name == unnamed else f"{_NAME}{name}]")
    if kind is TzInfo:
        return "Z" if zone == _ZULU else _offset_text(zone) + _PYDANTIC
    if isinstance(zone, ZoneInfo) and kind is ZoneInfo and zone.key is not None:
        return f"[{zone.key}]"
    raise Refused(
        f"has a time zone of the type {kind.__module__}.{kind.__qualname__}, which cannot be"
        " stored: use zoneinfo.ZoneInfo('Area/City') or datetime.timezone"
    )


def read_zone(text: str) -> tzinfo:
    """Return the zone that `zone_text` wrote."""
    if text == "Z":
        return _ZULU
    if text.startswith("["):
        return ZoneInfo(text[1:-1])
    offset, bracket, rest = text.partition("[")
    fixed = time.fromisoformat("00:00" + offset).tzinfo
    if fixed is None:
        raise ValueError(f"{text!r} is no offset such as '+02:00'")
    if not bracket:
        return fixed
    if bracket + rest == _PYDANTIC:
        return TzInfo(_offset_of(fixed).total_seconds())
    return timezone(_offset_of(fixed), text[len(offset) + len(_NAME) : -1])


def _width(text: str, width: int) -> int:
    """Return how much of a text is the moment itself: `width`, or more with microseconds."""
    return width + _FRACTION_WIDTH if text[width : width + 1] == "." else width


def _read_tail(tail: str) -> tuple[tzinfo | None, int]:
    """Return zone and fold from what follows the moment itself."""
    if not tail:
        return None, 0
    fold = 1 if tail.startswith(_FOLD) else 0
    zone = tail[len(_FOLD) :] if fold else tail
    return (read_zone(zone) if zone else None), fold


def _offset_of(zone: tzinfo) -> timedelta:
    return zone.utcoffset(None) or timedelta(0)  # never None: only asked of fixed offsets


def _offset_text(zone: tzinfo) -> str:
    return time(0, tzinfo=zone).isoformat()[_TIME_WIDTH:]
