"""What starts executions: triggers only describe; deploying them is another's business.

@workflow(on=[Http("POST /orders"), Schedule("cron(0 6 * * ? *)")])
def order_fulfilment(order: Order) -> Receipt: ...
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from vivido.errors import DefinitionError

_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
_SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%-]+|\{[A-Za-z_][A-Za-z0-9_]*\+?\}")
_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((.+)\)")
_CRON_FIELD = re.compile(r"[A-Za-z0-9*?,/#LW-]+")
_CRON_FIELDS = 6
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_EVENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,127}")
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,80}(\.fifo)?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BATCH = 10_000  # the most messages that SQS hands over at once


@dataclass(frozen=True, slots=True)
class Http:
    """Starts an execution for each request: ``Http("POST /orders")``, ``Http("GET /orders/{id}")``.

    The body is the input. Raises `DefinitionError` for what is no route.
    """

    route: str
    kind: ClassVar[str] = "http"

    def __post_init__(self) -> None:
        match = _ROUTE.fullmatch(_text(self, "route", self.route))
        segments = [] if match is None else [part for part in match[2].split("/") if part]
        if match is None or "//" in match[2] or not all(map(_SEGMENT.fullmatch, segments)):
            raise DefinitionError(
                f"{self!r}: write a method and a path, such as 'POST /orders' or"
                " 'GET /orders/{id}'"
            )

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.route.split(" ")[0]

    @property
    def path(self) -> str:
        """The path, with its parameters in braces."""
        return self.route.split(" ")[1]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Starts an execution at set times: ``Schedule("rate(5 minutes)")``, ``Schedule("cron(…)")``.

    `cron` has the six fields of EventBridge: minutes, hours, day of month, month, day of week,
    year, one of the days being ``?``. `timezone` is a name such as ``"Europe/Berlin"``; `input`
    is the input. Raises `DefinitionError` for what is no schedule.
    """

    expression: str
    timezone: str = "UTC"
    input: Any = None
    kind: ClassVar[str] = "schedule"

    def __post_init__(self) -> None:
        expression = _text(self, "expression", self.expression)
        if not (_is_rate(expression) or _is_cron(expression)):
            raise DefinitionError(
                f"{self!r}: write 'rate(5 minutes)', or 'cron(0 6 * * ? *)': six fields, with '?'"
                " for the day of the month or of the week"
            )
        if _ZONE.fullmatch(_text(self, "timezone", self.timezone)) is None:
            raise DefinitionError(f"{self!r}: timezone is a name such as 'Europe/Berlin'")


@dataclass(frozen=True, slots=True)
class Event:
    """Starts an execution for each event of that name on the bus.

        Event("cart.checked_out", where={"detail.total": [{"numeric": [">", 0]}]})

    `where` is an EventBridge pattern: paths with dots, and lists of what is accepted there.
    `source` is who sent it. Raises `DefinitionError` for what is no pattern.
    """

    name: str
    where: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    kind: ClassVar[str] = "event"

    def __post_init__(self) -> None:
        if _EVENT.fullmatch(_text(self, "name", self.name)) is None:
            raise DefinitionError(f"{self!r}: write a name such as 'order.shipped'")
        if not isinstance(self.where, Mapping) or not all(map(_is_accepted, self.where.items())):
            raise DefinitionError(
                f"{self!r}: where maps each path to a list of what is accepted there, such as"
                " {'detail.state': ['paid']}"
            )


@dataclass(frozen=True, slots=True)
class Queue:
    """Starts an execution for each message of an SQS queue: ``Queue("orders")``.

    `batch_size` is how many messages are taken at once; each starts an execution of its own.
    Raises `DefinitionError` for what is no queue.
    """

    name: str
    batch_size: int = 10
    kind: ClassVar[str] = "queue"

    def __post_init__(self) -> None:
        if _QUEUE.fullmatch(_text(self, "name", self.name)) is None:
            raise DefinitionError(f"{self!r}: write the name of a queue, without its address")
        size = self.batch_size
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= _BATCH:
            raise DefinitionError(f"{self!r}: batch_size is a whole number from 1 to {_BATCH}")


@dataclass(frozen=True, slots=True)
class S3:
    """Starts an execution for each object that appears in a bucket: ``S3("scans", suffix=".pdf")``.

    Raises `DefinitionError` for what is no bucket.
    """

    bucket: str
    prefix: str = ""
    suffix: str = ""
    kind: ClassVar[str] = "s3"

    def __post_init__(self) -> None:
        if _BUCKET.fullmatch(_text(self, "bucket", self.bucket)) is None or ".." in self.bucket:
            raise DefinitionError(f"{self!r}: write the name of a bucket, without 's3://'")
        _text(self, "prefix", self.prefix)
        _text(self, "suffix", self.suffix)


Trigger = Http | Schedule | Event | Queue | S3


def _text(trigger: object, field_name: str, value: object) -> str:
    if not isinstance(value, str):
        raise DefinitionError(f"{type(trigger).__name__}: {field_name}={value!r} is no text")
    return value


def _is_rate(expression: str) -> bool:
    match = _RATE.fullmatch(expression)
    return match is not None and (match[1] == "1") == (match[3] == "")


def _is_cron(expression: str) -> bool:
    match = _CRON.fullmatch(expression)
    fields = match[1].split(" ") if match is not None else []
    return (
        len(fields) == _CRON_FIELDS
        and all(map(_CRON_FIELD.fullmatch, fields))
        and (fields[2] == "?") != (fields[4] == "?")
        and "?" not in "".join(fields[:2] + fields[3:4] + fields[5:])
    )


def _is_accepted(entry: tuple[object, object]) -> bool:
    path, accepted = entry
    return (
        isinstance(path, str)
        and bool(path)
        and isinstance(accepted, list | tuple)
        and bool(accepted)
    )
