"""How what is stored and sent is written as JSON, and read back: the same for every backend.

Only plain JSON is taken: `vivido.values` has encoded what lies inside.
"""

from dataclasses import fields, replace
from typing import Any, TypeVar, cast

import orjson

from vivido.errors import ValueNotStorable
from vivido.model.journal import Cause, Json, Message, Meta, ParentWait, Record, Status
from vivido.ports.sets import Wait

_STRICT = (
    orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_META, _PARENT, _WAIT = (
    tuple(field.name for field in fields(kind)) for kind in (Meta, ParentWait, Wait)
)
_Stored = TypeVar("_Stored")


def dumps(value: Json, what: str) -> bytes:
    """Write plain JSON; `what` names the thing in the error. Raises ValueNotStorable."""
    try:
        return orjson.dumps(value, option=_STRICT)
    except orjson.JSONEncodeError as error:
        raise ValueNotStorable(
            f"{what} holds what JSON does not: {error}; encode values with vivido.values first"
        ) from None


def loads(text: bytes | str) -> Json:
    """Read what `dumps` wrote."""
    return orjson.loads(text)


def message_body(message: Message) -> bytes:
    """Write all of a message but its id, pool and execution, which backends keep beside it."""
    body: dict[str, Json] = {"branch": message.branch, "n": message.n, "cause": message.cause.value}
    if message.state is not None:
        body["state"] = message.state
    if message.line:
        body["line"] = list(message.line)
    if message.doubt:
        body["doubt"] = True
    if message.data is not None:
        body["data"] = message.data
    return dumps(body, f"message {message.id!r} of {message.execution!r}")


def message_of(id: str, pool: str, execution: str, body: bytes | str) -> Message:  # noqa: A002  (its name)
    """Read a message."""
    found = loads(body)
    return Message(
        id,
        execution,
        found["branch"],
        found["n"],
        Cause(found["cause"]),
        found.get("state"),
        tuple(found.get("line", ())),
        found.get("doubt", False),
        pool,
        found.get("data"),
    )


def meta_body(meta: Meta) -> bytes:
    """Write a META."""
    present = _present(meta, _META)
    if meta.parent is not None:
        present["parent"] = _present(meta.parent, _PARENT)
    return dumps(present, f"META of {meta.execution!r}")


def meta_of(body: bytes | str) -> Meta:
    """Read a META."""
    found: dict[str, Any] = loads(body)
    parent = found.pop("parent", None)
    status = Status(found.pop("status"))
    return Meta(**found, status=status, parent=None if parent is None else ParentWait(**parent))


def wait_body(wait: Wait) -> bytes:
    """Write a wait item."""
    return dumps(_present(wait, _WAIT), f"the wait of {wait.branch!r} of {wait.execution!r}")


def _present(thing: Meta | ParentWait | Wait, names: tuple[str, ...]) -> dict[str, Json]:
    """The fields that hold something."""
    # dataclasses.asdict would copy all that lies in them, which takes ten times as long.
    found = ((name, getattr(thing, name)) for name in names)
    return {name: value for name, value in found if value is not None}


def wait_of(body: bytes | str) -> Wait:
    """Read a wait item."""
    return Wait(**loads(body))


def copied(thing: _Stored) -> _Stored:
    """Copy a Record, Message, Meta, Wait or plain JSON by way of JSON: the copy shares nothing.

    Raises ValueNotStorable, also where JSON would quietly lose something: a tuple becomes a list,
    nan null, a UUID text.
    """
    copy = _through_json(thing)
    if copy != thing:
        raise ValueNotStorable(
            f"{thing!r} is not plain JSON inside: it would come back as {copy!r}"
        )
    return cast("_Stored", copy)


def _through_json(
    thing: Record | Message | Meta | Wait | Json,
) -> Record | Message | Meta | Wait | Json:
    match thing:
        case Record():
            return replace(
                thing, data=loads(dumps(thing.data, f"record {thing.n!r} ({thing.kind.value})"))
            )
        case Message():
            return message_of(thing.id, thing.pool, thing.execution, message_body(thing))
        case Meta():
            return meta_of(meta_body(thing))
        case Wait():
            return wait_of(wait_body(thing))
        case _:
            return loads(dumps(thing, "a value"))
