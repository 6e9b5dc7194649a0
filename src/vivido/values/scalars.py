"""How are scalars stored that JSON has not? Each is one text that says all, as people write it.

``Decimal("1.50")`` is ``{"$": "decimal", "v": "1.50"}``, in a field declared as Decimal ``"1.50"``.
"""

import ipaddress
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic_core import MultiHostUrl, TzInfo, Url

from vivido.values import moments
from vivido.values.natives import same
from vivido.values.plan import Codec, Plan
from vivido.values.text import write_text
from vivido.values.wire import TAG, VALUE, Copier, Json, Room


@dataclass(frozen=True, slots=True)
class Scalar:
    """Values that are one text. `copy` is given for what can change."""

    tag: str
    cls: type
    to_text: Callable[[Any], str]
    from_text: Callable[[str], Any]
    copy: Copier = same


def _bytes_text(value: bytes | bytearray) -> str:
    return b64encode(value).decode("ascii")


def _copy_bytearray(value: bytearray, _depth: int, _room: Room) -> bytearray:
    return bytearray(value)


SCALARS: Final = (
    Scalar("bytes", bytes, _bytes_text, b64decode),
    Scalar(
        "bytearray",
        bytearray,
        _bytes_text,
        lambda text: bytearray(b64decode(text)),
        _copy_bytearray,
    ),
    Scalar("decimal", Decimal, str, Decimal),
    Scalar("datetime", datetime, moments.datetime_text, moments.read_datetime),
    Scalar("date", date, date.isoformat, date.fromisoformat),
    Scalar("time", time, moments.time_text, moments.read_time),
    Scalar("timedelta", timedelta, moments.timedelta_text, moments.read_timedelta),
    Scalar("timezone", timezone, moments.zone_text, moments.read_zone),
    Scalar("zone", ZoneInfo, moments.zone_text, moments.read_zone),
    Scalar("offset", TzInfo, moments.zone_text, moments.read_zone),
    Scalar("uuid", UUID, str, UUID),
    # The class of this platform: a path means the same file system wherever it is read.
    Scalar("path", type(Path()), str, Path),
    Scalar("posixpath", PurePosixPath, str, PurePosixPath),
    Scalar("windowspath", PureWindowsPath, str, PureWindowsPath),
    Scalar("url", Url, str, Url),
    Scalar("multihosturl", MultiHostUrl, str, MultiHostUrl),
    *(
        Scalar(cls.__name__.lower(), cls, str, cls)
        for cls in (
            ipaddress.IPv4Address,
            ipaddress.IPv6Address,
            ipaddress.IPv4Network,
            ipaddress.IPv6Network,
            ipaddress.IPv4Interface,
            ipaddress.IPv6Interface,
        )
    ),
)


def scalar_plans(codec: Codec) -> Mapping[type, Plan]:
    """Return the plans of these scalars."""
    return {kind.cls: scalar_plan(kind, codec) for kind in SCALARS}


def scalar_plan(kind: Scalar, codec: Codec) -> Plan:
    """Return the plan of one such kind."""
    to_text, from_text = kind.to_text, kind.from_text

    def tagged(value: Any, depth: int, room: Room) -> Json:
        return {TAG: kind.tag, VALUE: write_text(to_text(value), depth, room)}

    def bare(value: Any, depth: int, room: Room) -> Json:
        written = write_text(to_text(value), depth, room)
        # Escaped text is an object with a tag of its own, so the whole must be tagged.
        return written if type(written) is str else {TAG: kind.tag, VALUE: written}

    def from_tagged(data: Json) -> Any:
        return from_text(codec.read(data[VALUE]))

    return Plan(kind.tag, str, bare, tagged, from_text, from_tagged, kind.copy)
