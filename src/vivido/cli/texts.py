"""Times, durations and values in few words."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

import orjson

from vivido import values
from vivido.errors import VividoError
from vivido.model.payloads import is_reference
from vivido.visible import shortened

RESULT = 72  # characters of a value in a line
_DAY = 86_400.0


def took(seconds: float) -> str:
    """Return a duration as people read it: "0.04 s", "3.2 s", "2 min 5 s", "2 d 4 h"."""
    if seconds < 9.95:  # noqa: PLR2004
        return f"{max(seconds, 0.0):.2f} s" if seconds < 0.095 else f"{seconds:.1f} s"  # noqa: PLR2004
    whole = round(seconds)
    for size, name, smaller, small in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {name}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def moment(seconds: float, now: float, zone: tzinfo | None = None) -> str:
    """Return a time of `zone` (None: this machine's): "14:03:05", with the date on other days."""
    when = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    today = datetime.fromtimestamp(now, UTC).astimezone(zone).date()
    return f"{when:%H:%M:%S}" if when.date() == today else f"{when:%Y-%m-%d %H:%M:%S}"


def plain(data: Any) -> Any:
    """Return an encoded value as JSON for others; as it is stored where that cannot be."""
    try:
        return values.plain(values.decode(data))
    except VividoError:
        return data


def brief(data: Any, bound: int = RESULT) -> str:
    """Return an encoded value as one line of at most `bound` characters."""
    if is_reference(data):
        return shortened(f"{data['preview']} ({data['size']:,} bytes)", bound)
    return shortened(orjson.dumps(plain(data)).decode(), bound)


def error(data: Any) -> str:
    """Return an encoded exception as "CardDeclined: over the limit"."""
    if is_reference(data):
        return str(data["preview"])
    if not isinstance(data, dict):
        return str(data)
    name = str(data.get("type", "Error")).rpartition(":")[2].rpartition(".")[2]
    message = str(data.get("message", ""))
    return f"{name}: {message}" if message else name
